/**
 * The page inside the preview. The widget on it is the real one, loaded the way any page loads it; but whatever it asks
 * of the network is answered here, so that nothing typed in the sample is ever sent.
 *
 * It speaks with the Studio around it by messages: `ready` when it stands, then `show` with the attributes and the edited
 * campaign file; back come `config`, `size` and `failed`. It runs before the loader, therefore it is a classic script.
 */
(() => {
  // The folder above this script's: the site may be below a path of its host.
  const site = new URL('..', document.currentScript.src).href;
  const studio = window.parent;
  const isFramed = studio !== window;
  const real = window.fetch.bind(window);
  const json = (status, body) => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
  let file = null; // { id, text } of the edited campaign file
  let element = null;
  let given = []; // names of the attributes that the Studio set; others are the widget's own

  const tell = (type, more) => isFramed && studio.postMessage({ from: 'preview', type, ...more }, location.origin);

  // The moment to the second: what the signature server writes.
  const now = () => new Date().toISOString().replace(/\.\d+/, '');

  window.fetch = async (asked, options = {}) => {
    const isRequest = asked instanceof Request;
    const url = new URL(isRequest ? asked.url : asked, document.baseURI);
    const method = (options.method || (isRequest ? asked.method : 'GET')).toUpperCase();
    if (method !== 'GET' && method !== 'HEAD') {
      let id = '';
      try {
        id = JSON.parse(options.body ?? (isRequest ? await asked.text() : '')).id ?? '';
      } catch { /* no JSON: the answer has no id either */ }
      await new Promise((done) => setTimeout(done, 400)); // as long as it would take, so that the waiting shows
      return json(201, { id, outcome: 'accepted' });
    }
    if (/\/v1\/campaigns\/[^/]+\/count$/.test(url.pathname)) return json(200, { signature_count: 1234, as_of: now() });
    if (url.origin !== location.origin) throw new TypeError('The sample sends nothing to other sites.');
    const campaign = url.href.startsWith(site) && /^campaigns\/([a-z\d-]+)\.[\w-]+\.json$/.exec(url.href.slice(site.length));
    if (campaign && file && campaign[1] === file.id) return new Response(file.text, { headers: { 'content-type': 'application/json' } });
    const answer = await real(asked, options);
    if (campaign && answer.status === 404) tell('missing', { address: url.pathname });
    return answer;
  };
  navigator.sendBeacon = () => true;
  window.XMLHttpRequest = class { open() {} send() {} setRequestHeader() {} addEventListener() {} };

  // The frame stays where it is: a redirect after signing is no more than said, and links open beside it.
  const canHold = 'navigation' in window;
  if (canHold) {
    navigation.addEventListener('navigate', (event) => {
      if (event.hashChange || event.navigationType === 'reload') return;
      const to = new URL(event.destination.url);
      if (to.origin === location.origin && to.pathname === location.pathname) return;
      if (event.cancelable) event.preventDefault();
      tell('left', { address: to.href });
    });
  }
  document.addEventListener('click', (event) => {
    const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement && node.href);
    if (!link || link.target || link.getAttribute('href').startsWith('#')) return;
    event.preventDefault();
    window.open(link.href, '_blank', 'noopener');
  }, true);

  const size = () => {
    if (!element) return;
    const box = element.getBoundingClientRect();
    // A dialog needs a window to open in.
    const least = /^(bar|button)$/.test(element.getAttribute('layout')) ? 620 : 0;
    tell('size', { height: Math.max(least, Math.ceil(box.height) + 24) });
  };

  const config = () => {
    if (element?.config) tell('config', { config: JSON.parse(JSON.stringify(element.config)) });
  };
  let timers = [];
  const configSoon = () => {
    timers.forEach(clearTimeout);
    timers = [60, 400, 1500].map((wait) => setTimeout(config, wait)); // another campaign or language takes its time
  };

  const show = (attributes) => {
    const wanted = new Map(attributes);
    // Where the browser cannot hold the frame back, it does not leave at all.
    if (!canHold) wanted.delete('redirect-url');
    wanted.delete('target'); // for the script tag only
    wanted.set('load', 'eager');
    const root = document.documentElement;
    root.dataset.theme = wanted.get('theme') ?? 'auto';
    root.dataset.layout = wanted.get('layout') ?? 'full';
    const isNew = !element;
    element ??= document.createElement('pledge-widget');
    for (const name of given) if (!wanted.has(name)) element.removeAttribute(name);
    if (!wanted.has('lang')) element.removeAttribute('lang'); // what was chosen in the sample itself
    given = [...wanted.keys()];
    for (const [name, value] of wanted) {
      if (element.getAttribute(name) !== value) element.setAttribute(name, value);
    }
    // It cannot mend itself after a failure: the Studio loads this page anew.
    if (isNew) {
      element.addEventListener('pledge-ready', () => { tell('stands'); config(); size(); });
      element.addEventListener('pledge-error', ({ detail }) => tell('failed', { detail: { code: detail.code, part: detail.part, reason: detail.reason } }));
      document.body.append(element);
      new ResizeObserver(size).observe(element);
    }
    configSoon();
    size();
  };

  window.addEventListener('message', (event) => {
    if (!isFramed || event.source !== studio || event.origin !== location.origin || event.data?.to !== 'preview') return;
    if (!element) file = event.data.file ?? null;
    show(event.data.attributes);
  });
  // The loader itself did not come.
  window.addEventListener('error', ({ target }) => {
    if (target instanceof HTMLScriptElement) tell('failed', { detail: { code: 'load-failed', part: 'script', reason: 'pledge.js did not come' } });
  }, true);
  document.addEventListener('DOMContentLoaded', () => {
    if (isFramed) tell('ready');
    else show([['campaign', 'care-dont-share']]);
  });
})();
