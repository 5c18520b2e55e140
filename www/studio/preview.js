/**
 * The page inside the preview. It loads the real widget as any page does, but answers the widget's requests itself, so
 * that nothing typed in the sample is ever sent.
 *
 * It communicates with the Studio by messages. It sends `ready` when it has loaded. The Studio then sends the
 * attributes and the edited campaign file, and this page sends `config`, `size`, `missing`, `failed` and `left`. It is
 * a classic script because it must run before the loader.
 */
(() => {
  // The parent folder, because the site can be below a path of its host.
  const site = new URL('..', /** @type {HTMLScriptElement} */ (document.currentScript).src).href;
  const studio = window.parent;
  const isFramed = studio !== window;
  const realFetch = window.fetch.bind(window);
  const headers = { 'content-type': 'application/json' };
  /**
   * @param {number} status
   * @param {object} body
   */
  const json = (status, body) => new Response(JSON.stringify(body), { status, headers });
  /** @type {{ id: string, text: string } | null} */
  let file = null; // the edited campaign file
  /** @type {PledgeWidget | null} */
  let element = null;
  /** @type {string[]} */
  let studioAttributes = []; // the names of the attributes that the Studio set; others are the widget's own

  /**
   * Sends a message to the Studio.
   * @param {string} type
   * @param {object} [more]
   */
  const post = (type, more) => isFramed && studio.postMessage({ from: 'preview', type, ...more }, location.origin);

  // The time to the second, as the signature server writes it.
  const now = () => new Date().toISOString().replace(/\.\d+/, '');

  window.fetch = async (input, options = {}) => {
    const isRequest = input instanceof Request;
    const url = new URL(isRequest ? input.url : input, document.baseURI);
    const method = (options.method || (isRequest ? input.method : 'GET')).toUpperCase();
    if (method !== 'GET' && method !== 'HEAD') {
      let id = '';
      try {
        // Of the bodies that fetch accepts, the widget sends only texts.
        const body = /** @type {string} */ (options.body ?? (isRequest ? await input.text() : ''));
        id = JSON.parse(body).id ?? '';
      } catch { /* not JSON, so the answer has no id either */ }
      await new Promise((done) => setTimeout(done, 400)); // a realistic delay, so that the waiting state shows
      return json(201, { id, outcome: 'accepted' });
    }
    if (/\/v1\/campaigns\/[^/]+\/count$/.test(url.pathname)) {
      return json(200, { signature_count: 1234, as_of: now() });
    }
    if (url.origin !== location.origin) throw new TypeError('The sample sends nothing to other sites.');
    const campaign = url.href.startsWith(site)
      && /^campaigns\/([a-z\d-]+)\.[\w-]+\.json$/.exec(url.href.slice(site.length));
    if (campaign && file && campaign[1] === file.id) return new Response(file.text, { headers });
    const answer = await realFetch(input, options);
    if (campaign && answer.status === 404) post('missing', { address: url.pathname });
    return answer;
  };
  navigator.sendBeacon = () => true;
  // Not a complete XMLHttpRequest: it only has to send nothing.
  window.XMLHttpRequest = /** @type {typeof XMLHttpRequest} */ (/** @type {unknown} */ (
    class { open() {} send() {} setRequestHeader() {} addEventListener() {} }));

  // The frame does not navigate: the Studio only reports a redirect after signing, and links open in a new tab.
  const canIntercept = 'navigation' in window;
  if (canIntercept) {
    navigation.addEventListener('navigate', (event) => {
      if (event.hashChange || event.navigationType === 'reload') return;
      const to = new URL(event.destination.url);
      if (to.origin === location.origin && to.pathname === location.pathname) return;
      if (event.cancelable) event.preventDefault();
      post('left', { address: to.href });
    });
  }
  document.addEventListener('click', (event) => {
    const link = /** @type {HTMLAnchorElement | undefined} */ (
      event.composedPath().find((node) => node instanceof HTMLAnchorElement && node.href));
    if (!link || link.target || link.getAttribute('href').startsWith('#')) return;
    event.preventDefault();
    window.open(link.href, '_blank', 'noopener');
  }, true);

  const PADDING = 24; // above and below the form
  /** The heights of the sample page in layouts that are not the form itself. */
  const PAGE_HEIGHTS = { bar: 500, button: 240 };
  const DIALOG_HEIGHT = 720;

  const opening = new MutationObserver(() => size());
  let isShown = false; // before that, the height is only that of an empty element

  const size = () => {
    if (!element || !isShown) return;
    const layout = element.getAttribute('layout');
    const page = PAGE_HEIGHTS[layout];
    const height = element.shadowRoot?.querySelector('dialog[open]') ? DIALOG_HEIGHT
      : page ?? Math.ceil(element.getBoundingClientRect().height) + PADDING;
    post('size', { height });
  };

  const config = () => {
    if (element?.config) post('config', { config: JSON.parse(JSON.stringify(element.config)) });
  };
  /** @type {number[]} */
  let timers = [];
  const configSoon = () => {
    timers.forEach(clearTimeout);
    // Loading another campaign or language takes time.
    timers = [60, 400, 1500].map((wait) => setTimeout(config, wait));
  };

  /** @param {Studio.Attributes} attributes */
  const show = (attributes) => {
    const wanted = new Map(attributes);
    // If the browser cannot intercept navigation, leave out the redirect.
    if (!canIntercept) wanted.delete('redirect-url');
    wanted.delete('target'); // applies only to script tags
    wanted.set('load', 'eager');
    const root = document.documentElement;
    root.dataset.theme = wanted.get('theme') ?? 'auto';
    root.dataset.layout = wanted.get('layout') ?? 'full';
    const isNew = !element;
    element ??= document.createElement('pledge-widget');
    for (const name of studioAttributes) if (!wanted.has(name)) element.removeAttribute(name);
    if (!wanted.has('lang')) element.removeAttribute('lang'); // remove a language chosen in the sample itself
    studioAttributes = [...wanted.keys()];
    for (const [name, value] of wanted) {
      if (element.getAttribute(name) !== value) element.setAttribute(name, value);
    }
    // The widget cannot recover from a failure, so the Studio reloads this page.
    if (isNew) {
      const shown = () => {
        isShown = true;
        size();
        // A dialog opens and closes without a change of the element's own size. Observing twice changes nothing.
        const all = { attributes: true, attributeFilter: ['open'], childList: true, subtree: true };
        if (element.shadowRoot) opening.observe(element.shadowRoot, all);
      };
      element.addEventListener('pledge-ready', () => {
        post('shown');
        config();
        shown();
      });
      element.addEventListener('pledge-error', ({ detail: { code, part, reason } }) => {
        post('failed', { detail: { code, part, reason } });
        shown();
      });
      document.body.append(element);
      new ResizeObserver(size).observe(element);
    }
    configSoon();
    size();
  };

  window.addEventListener('message', (event) => {
    if (!isFramed || event.source !== studio || event.origin !== location.origin) return;
    if (event.data?.to !== 'preview') return;
    if (!element) file = event.data.file ?? null;
    show(event.data.attributes);
  });
  // The loader itself failed to load.
  window.addEventListener('error', ({ target }) => {
    if (!(target instanceof HTMLScriptElement)) return;
    post('failed', { detail: { code: 'load-failed', part: 'script', reason: 'pledge.js could not be loaded' } });
  }, true);
  document.addEventListener('DOMContentLoaded', () => {
    if (isFramed) post('ready');
    else show([['campaign', 'care-dont-share']]);
  });
})();
