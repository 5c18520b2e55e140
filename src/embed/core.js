// Loads widgets, as a function of the address of their files. `cargo xtask dist` inserts it into pledge.js and
// pledge.mjs, which define `make` and `warn`.
(site) => {
  // Inserted by `cargo xtask dist`: the hashes of code and strings in the file names, the languages with strings, and
  // the address from which the files are served, if it is known.
  const [build, strings, languages, home = site] = __ASSETS__;
  const file = (name) => `assets/${name.replace('.', `-${build}.`)}`;
  /** @type {RequestInit} */
  const fetchOptions = { credentials: 'omit', referrerPolicy: 'no-referrer' };
  /** @type {WeakMap<PledgeElement, Pledge.State>} */
  const states = new WeakMap(); // element → its load state; a new one each time the element is added to the page
  const isId = (id) => /^[a-z\d][a-z\d-]{0,63}$/.test(id);
  let { hash } = location;
  const promises = {}; // by key, shared by all widgets of this loader

  // The minimum height of the form. A host page can override it with --pledge-min-height.
  const shell = `:host{display:block;width:100%;min-height:var(--pledge-min-height,min(100vh,1000px))}
:host([layout=button]){display:inline-block;min-height:52px;width:auto}
:host([layout=bar]){inset:auto 0 0;min-height:76px;position:fixed;z-index:9999}
:host([hidden]){display:none}
:host([failed]){min-height:0}
slot>*,slot~button{border:1px solid;display:block;font:inherit;margin:0;padding:16px}
slot>p{border:0}
slot~button{margin-top:8px}
.wait{visibility:visible;animation:wait 2s step-end}
.wait p{display:none}
@keyframes wait{from{visibility:hidden}}`;

  // Runs `start` once per key for all widgets of this loader. Errors name the part that failed.
  const once = (part, key, start) => promises[key] ||= start().catch((error) => {
    delete promises[key]; // let the next widget try again
    error.part ||= part;
    throw error;
  });

  // Retries a failed request three times, with growing random delays, so that visitors do not all retry at once.
  // `request` receives the number of earlier attempts: only the first attempt may use the cache.
  const withRetries = (request, retries = 0) => request(retries).catch((error) => {
    if (retries > 2 || error.final) throw error;
    const wait = (0.5 + Math.random()) * 300 * 2 ** retries;
    return new Promise((done) => setTimeout(done, wait)).then(() => withRetries(request, retries + 1));
  });

  // Fetches a file and parses the response with `read`. If `read` fails, the file counts as broken and is fetched
  // again.
  const get = (part, path, read) => once(part, path, () => withRetries((retries) =>
    fetch(site + path, { ...fetchOptions, cache: retries ? 'reload' : 'default' }).then((response) => {
      const { status } = response;
      if (!response.ok) throw Object.assign(Error('HTTP status ' + status), { final: /^4(?!08|25|29)/.test(status) });
      if (/html/.test(response.headers.get('Content-Type'))) throw Error('it is HTML');
      return read(response);
    })));

  // Imports a JavaScript module. Browsers cache failed imports by address, so every retry adds a random query.
  const script = (name) => once('script', name, () => withRetries((retries) =>
    import(site + file(name) + (retries ? '?' + Math.random() : ''))));

  // Returns a Wasm module as a function from its imports to its exports. If Wasm is unsupported, forbidden by the
  // page's policy or blocked on the way, the same module in JavaScript replaces it.
  const code = (name) => once('wasm', name, async () => {
    const loadScript = () => script(name + '-script.js').then((module) => module.default);
    try {
      new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)); // the smallest valid module
      /** @type {WebAssembly.Module} */
      const module = await get('wasm', file(name + '.wasm'), (response) =>
        response.headers.get('Content-Type') === 'application/wasm'
          ? WebAssembly.compileStreaming(response) : response.arrayBuffer().then(WebAssembly.compile));
      return (imports) => WebAssembly.instantiate(module, imports)
        .then((instance) => instance.exports, () => loadScript().then((run) => run(imports)));
    } catch (_) {
      return loadScript();
    }
  });

  const addStyle = (root, css) => {
    try {
      const sheet = new root.ownerDocument.defaultView.CSSStyleSheet();
      sheet.replaceSync(css);
      root.adoptedStyleSheets.push(sheet);
    } catch (_) { // Safari before 16.4, Chromium before 99
      root.append(make('style', { textContent: css }));
    }
  };

  // Adds a space if the page hides `:empty` elements. Only then, because frameworks compare the content with their own.
  const preventEmpty = (element) =>
    element.firstChild || getComputedStyle(element).display !== 'none' || element.append(' ');

  // Normalises language tags as browsers and pages write them (`fr_FR`, `en-US@posix`). Drops everything else.
  const tags = (...values) => values.flat().map((tag) => `${tag}`.split(/[.@]/)[0].replace(/_/g, '-'))
    .filter((tag) => /^[a-z]{2,8}(-[a-z\d]{1,8})*$/i.test(tag));

  const preferred = () => tags(navigator.languages, navigator.language);

  // Returns the language of a tag, if there are strings in it.
  const supportedLanguage = (tag) =>
    languages.split(' ').find((language) => language === tag.toLowerCase().split('-')[0]);

  // Fetches the strings of a language, or English if they are missing or truncated. `kind` is empty, `share-` or
  // `send-`.
  /** @type {Pledge.Words} */
  const words = (language, kind) => {
    const path = `assets/${language}-${kind}${strings}.json`;
    const requested = get('locale', path, async (response) => {
      const words = await response.json();
      if (!words.lang) throw Error('it is cut off');
      return words;
    });
    return language === 'en' ? requested : requested.catch((error) => {
      warn(`${site}${path}: ${error.message}`);
      return words('en', kind);
    });
  };

  // Returns the language of the page around a node, across shadow roots.
  const pageLanguage = (node) => {
    const ancestor = node && node.closest('[lang]');
    return ancestor ? ancestor.lang : node && pageLanguage(node.getRootNode().host);
  };

  // Fetches campaign and strings for the element's current attributes. The language is that of the attribute, the page
  // or the browser, in this order. If there are no strings in it, it is the campaign's. The server returns the campaign
  // in the closest language it has. The result includes the response headers, for the server's time, and the device's
  // time then.
  /** @type {Pledge.Context['files']} */
  const files = async (element) => {
    const id = (element.getAttribute('campaign') || '').trim();
    if (!isId(id)) {
      const error = Error(`campaign="${id.slice(0, 60)}" is not allowed; use a-z, 0-9, -`);
      throw Object.assign(error, { part: 'attribute' });
    }
    let candidates = tags(pageLanguage(element) || '');
    if (!candidates[0]) candidates = preferred();
    const language = candidates.map(supportedLanguage).find(Boolean);
    const path = (tag) => `campaigns/${id}.${tag}.json`;
    const campaignPath = path(tags(element.lang)[0] || language || candidates[0] || 'en');
    const read = (path) => get('campaign', path, async (response) =>
      [await response.json(), response.headers, Date.now()]);
    const campaign = read(campaignPath).catch((error) => {
      if (error instanceof SyntaxError) {
        warn(`${site}${campaignPath}: ${error.message}`);
        return [];
      }
      return read(path('en'));
    });
    const localeStrings = language
      ? words(language, '') : campaign.then(([file]) => words(supportedLanguage('' + file?.locale) || 'en', ''));
    return Promise.all([campaign, localeStrings]);
  };

  const hasFocus = (element) => element.contains(element.getRootNode().activeElement);

  /** @type {Pledge.Loader['load']} */
  const load = (element, focused) => {
    const before = states.get(element);
    if (before) return before.moved?.();
    const root = element.shadowRoot || element.attachShadow({ mode: 'open' });
    /** @type {Pledge.State} */
    const state = {};
    states.set(element, state);
    const isCancelled = () => state.over || states.get(element) !== state;
    root.textContent = '';
    root.adoptedStyleSheets = [];
    element.removeAttribute('failed');
    addStyle(root, shell);
    const id = element.getAttribute('campaign');
    const href = isId(id) ? `${site}campaigns/${id}.html` : site;
    // If the page has content inside the element, that is the fallback. White space does not count as content.
    const hasFallback = element.firstElementChild || element.textContent.trim();
    const slot = make('slot', { className: 'wait', name: hasFallback ? '' : '-' });
    // These are the English strings, until others are loaded. The page of the campaign itself gets no link to it.
    const sentence = make('p', { textContent: 'We can’t show the pledge here right now.' });
    const link = make('a', { href, textContent: 'Sign on the campaign’s own page' });
    const button = make('button', { textContent: 'Try again', lang: 'en' });
    slot.append(sentence);
    if (href !== location.href.split(/[?#]/)[0]) slot.append(link);
    root.append(slot);
    preventEmpty(element);

    // Replaces a widget that could not be loaded or has crashed with the fallback and a button that loads it again.
    // `error.typed` contains what the supporter typed before a crash.
    /** @param {Pledge.Failure} error */
    const failed = (error) => {
      if (isCancelled()) return;
      const { pledgeTag } = element;
      if (pledgeTag && site !== home) { // a plugin has copied the loader: place the tag again, from the original
        pledgeTag.dataset.site = home;
        pledgeTag.pledgePlaced = false;
        return element.remove();
      }
      state.over = true;
      const { message, part = 'widget', typed } = error;
      const problem = typed ? 'failed' : `could not be loaded from ${site} (copies need data-site)`;
      console.error(`pledge-widget: the ${part} ${problem}: ${message}`);
      const hadFocus = hasFocus(element);
      state.now();
      root.querySelectorAll('div').forEach((box) => box.remove());
      slot.className = '';
      const retry = ({ type }) => {
        if (typed) (element.pledgeCalls ||= []).push(['prefill', typed]);
        const focused = type === 'click' || hasFocus(element); // Safari does not focus buttons on click
        unload(element);
        load(element, focused);
      };
      button.onclick = retry;
      root.append(slot, button);
      element.setAttribute('failed', '');
      if (hadFocus) button.focus();
      if (!typed) {
        addEventListener('online', retry);
        state.now = () => removeEventListener('online', retry);
      }
      const detail = { code: typed ? 'crashed' : 'load-failed', part, reason: message };
      element.dispatchEvent(new CustomEvent('pledge-error', { bubbles: true, composed: true, detail }));
    };

    const start = async () => {
      const loading = files(element).then((result) => {
        const [, words] = result;
        sentence.textContent = words['unavailable.text'];
        link.textContent = words['refused.link'];
        button.textContent = words['sign.again'];
        slot.lang = button.lang = words.lang;
        return result;
      });
      const css = get('style', file('widget.css'), (response) => response.text());
      const [[answer, strings], style, glue] = await Promise.all([loading, css, script('widget.js'), code('widget')]);
      if (isCancelled()) return; // removed from the page in the meantime
      addStyle(root, style);
      state.moved = () => { // a new document drops the style sheets of the old one
        if (!root.adoptedStyleSheets?.length) [shell, style].map((css) => addStyle(root, css));
      };
      const box = make('div');
      const show = () => {
        focused ||= hasFocus(element);
        slot.replaceWith(box);
        return focused;
      };
      /** @type {Pledge.Context} */
      const context = { element, box, site, answer, strings, show, failed, script, code, words, preferred, files };
      const unmount = await glue.attach(context);
      if (isCancelled()) return unmount();
      state.now = unmount;
      preventEmpty(element);
    };

    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && state.start(), { rootMargin: '400px' });
    state.now = () => observer.disconnect();
    state.start = () => {
      observer.disconnect();
      state.start = () => {};
      start().catch(failed);
    };
    if (element.getAttribute('load') === 'eager' || element.pledgeCalls) state.start();
    else observer.observe(element);
    if (hash === '#pledge-' + id) { // a shared link leads to the form, but only once
      hash = '';
      wait(element, ['open']);
    }
  };

  /** @type {Pledge.Loader['unload']} */
  const unload = (element) => {
    const state = states.get(element);
    states.delete(element);
    state?.now();
  };

  // A call before the widget has loaded starts loading, and runs afterwards.
  /** @type {Pledge.Loader['wait']} */
  const wait = (element, call) => {
    (element.pledgeCalls ||= []).push(call);
    states.get(element)?.start();
  };

  const pledge = { load, unload, wait };
  if (!customElements.get('pledge-widget')) {
    class Widget extends /** @type {new () => PledgeElement} */ (HTMLElement) {
      connectedCallback() {
        (this.pledge || pledge).load(this);
      }

      disconnectedCallback() {
        // Moving the element removes it and inserts it again at once. Do not lose what was typed.
        Promise.resolve().then(() => this.isConnected || (this.pledge || pledge).unload(this));
      }
    }
    for (const name of ['open', 'reset', 'prefill']) {
      Widget.prototype[name] = function (value) {
        (this.pledge || pledge).wait(this, [name, value]);
      };
    }
    customElements.define('pledge-widget', Widget);
  }

  // Creates an element for a tag. `get` reads the tag's attributes. Copies the attributes needed for loading;
  // element.js, which knows the attribute table, copies the rest. If another copy of this script has defined the
  // element, this element still loads its files from here.
  /** @type {Pledge.Create} */
  const create = (get = () => null, pledgeTag) => {
    const element = make('pledge-widget', { pledge, pledgeTag });
    for (const name of ['campaign', 'lang', 'layout', 'load']) {
      if (get(name) !== null) element.setAttribute(name, get(name));
    }
    return element;
  };
  // One loader for all tags of a site, so that they share the files.
  const creators = customElements.get('pledge-widget').made ||= {};
  return creators[site + build] ||= create;
}
