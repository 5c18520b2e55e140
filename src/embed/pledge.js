/**
 * The Pledge widget's loader.
 *
 * One script tag puts a pledge form on any page:
 *   <script async src="https://pledge.example/pledge.js" data-campaign="care-dont-share"></script>
 * Finds its own tag, defines <pledge-widget> once, puts one where the tag stands (or in data-target), keeps the place
 * free, and loads the rest from the site it came from. Until then, and if anything fails, a link stands in the place.
 */
(() => {
  const script = document.currentScript || [...document.querySelectorAll('script[src*="pledge.js"]')].pop();
  if (!script) return console.error('pledge-widget: cannot find its script tag');
  const site = new URL('.', script.src).href;
  const assets = __ASSETS__; // names with content hashes, put in by `cargo xtask dist`
  const quiet = { credentials: 'omit', referrerPolicy: 'no-referrer' };
  const running = new WeakMap(); // element → what stops it, anew each time it is put on the page
  const isId = (id) => /^[a-z\d][a-z\d-]{0,63}$/.test(id);
  const fetched = {}; // shared by all widgets of this loader

  // The height is what the form needs at least; a host page that knows better sets --pledge-min-height.
  const shell = `:host{display:block;width:100%;min-height:var(--pledge-min-height,min(100vh,1000px))}
:host([hidden]){display:none}
:host([failed]){min-height:0}
slot p{border:1px solid;border-radius:8px;margin:0;padding:16px}
.wait{visibility:visible;animation:wait 2s step-end}
@keyframes wait{from{visibility:hidden}}`;

  const once = (name, make) => fetched[name] || (fetched[name] = make().catch((error) => {
    delete fetched[name]; // the next widget may have more luck
    throw error;
  }));

  const get = (part, path) => fetch(site + path, quiet).then((response) => {
    if (!response.ok) throw Error('HTTP status ' + response.status);
    return response;
  }).catch((error) => {
    error.part = part;
    throw error;
  });

  const engine = () => once('engine', () => {
    const wasm = get('wasm', assets.wasm);
    wasm.catch(() => {}); // reported once, below
    return import(site + assets.glue).catch((error) => {
      error.part = 'script';
      throw error;
    }).then(async (glue) => {
      await glue.default({ module_or_path: await wasm }).catch((error) => {
        error.part = 'wasm';
        throw error;
      });
      return glue;
    });
  });

  const text = (part, path) => once(path, () => get(part, path).then((response) => response.text()));

  const campaignFile = (path) => text('campaign', path).then((json) => {
    try {
      return JSON.parse(json);
    } catch (error) {
      console.warn('pledge-widget: ' + site + path + ' is not JSON: ' + error.message);
    }
  });

  const adopt = (root, css) => {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    } catch (_) { // Safari before 16.4
      root.append(Object.assign(document.createElement('style'), { textContent: css }));
    }
  };

  const language = (element) => {
    const near = element.closest('[lang]');
    const wanted = [near && near.lang, ...(navigator.languages || [])].filter(Boolean);
    for (const tag of wanted.map((tag) => tag.toLowerCase())) {
      const found = [tag, tag.split('-')[0]].find((known) => assets.locales[known]);
      if (found) return found;
    }
    return 'en';
  };

  const start = async (element, root, stop) => {
    const slot = root.querySelector('slot');
    try {
      const id = element.getAttribute('campaign') || '';
      if (!isId(id)) {
        throw Object.assign(Error(`campaign="${id.slice(0, 60)}" is not allowed; use 1 to 64 of a-z, 0-9 and -`), { part: 'attribute' });
      }
      const lang = language(element);
      const [glue, campaign, strings, css] = await Promise.all([
        engine(),
        campaignFile(`campaigns/${id}.${lang}.json`),
        text('locale', assets.locales[lang]).then(JSON.parse),
        text('style', assets.style),
      ]);
      if (running.get(element) !== stop) return; // taken off the page meanwhile
      adopt(root, css);
      const box = document.createElement('div');
      slot.replaceWith(box);
      const number = glue.mount(element, box, site, campaign, strings);
      stop.now = () => glue.unmount(number);
    } catch (error) {
      if (running.get(element) !== stop) return;
      const part = error.part || 'widget';
      console.error(`pledge-widget: the ${part} could not be loaded: ${error.message}`);
      root.querySelectorAll('div').forEach((box) => box.replaceWith(slot));
      slot.className = '';
      element.setAttribute('failed', '');
      const detail = { code: 'load-failed', part, reason: error.message };
      element.dispatchEvent(new CustomEvent('pledge-error', { bubbles: true, composed: true, detail }));
    }
  };

  const load = (element) => {
    if (running.has(element)) return; // only moved
    const stop = {};
    running.set(element, stop);
    const root = element.shadowRoot || element.attachShadow({ mode: 'open' });
    root.textContent = '';
    root.adoptedStyleSheets = [];
    element.removeAttribute('failed');
    adopt(root, shell);
    const link = document.createElement('a');
    const id = element.getAttribute('campaign');
    link.href = isId(id) ? `${site}campaigns/${id}.html` : site;
    link.textContent = 'Sign the pledge on the campaign’s own page';
    const line = document.createElement('p');
    line.append(link);
    const slot = document.createElement('slot'); // what the page wrote inside the element stands in for the link
    slot.className = 'wait';
    slot.append(line);
    root.append(slot);
    if (element.getAttribute('load') === 'eager' || !window.IntersectionObserver) return start(element, root, stop);
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) {
        observer.disconnect();
        start(element, root, stop);
      }
    }, { rootMargin: '400px' });
    stop.now = () => observer.disconnect();
    observer.observe(element);
  };

  const unload = (element) => {
    const stop = running.get(element);
    running.delete(element);
    if (stop && stop.now) stop.now();
  };

  if (!customElements.get('pledge-widget')) {
    customElements.define('pledge-widget', class extends HTMLElement {
      connectedCallback() {
        (this.pledgeLoad || load)(this);
      }

      disconnectedCallback() {
        // A page that moves the element takes it off and puts it back at once; that is no reason to lose what is typed.
        Promise.resolve().then(() => this.isConnected || (this.pledgeUnload || unload)(this));
      }
    });
  }

  const place = () => {
    const element = document.createElement('pledge-widget');
    // Another copy of the script may have defined the element; this one's files still come from here.
    element.pledgeLoad = load;
    element.pledgeUnload = unload;
    for (const { name, value } of script.attributes) {
      if (/^data-(?!on)./.test(name)) element.setAttribute(name.slice(5), value);
    }
    const selector = script.dataset.target;
    let target;
    try {
      target = selector && document.querySelector(selector);
    } catch (_) { /* not a selector: reported with the one that finds nothing */ }
    if (target) return target.append(element);
    const inBody = document.body && document.body.contains(script);
    if ((selector || !inBody) && document.readyState === 'loading') {
      return document.addEventListener('DOMContentLoaded', place, { once: true });
    }
    if (selector) console.warn(`pledge-widget: target="${selector}" finds nothing; use a CSS selector of an element on this page`);
    if (!inBody) return document.body.append(element);
    // A page may show the tag itself (display: block; min-height: …) to keep the place free from its first paint on.
    const height = script.offsetHeight;
    if (height && getComputedStyle(script).display !== 'inline') {
      element.style.setProperty('--pledge-min-height', height + 'px');
      script.style.display = 'none';
    }
    script.after(element);
  };

  if (script.dataset.campaign !== undefined) place();
})();
