// What loads a widget, as a function of the address its files are at. `cargo xtask dist` puts it into pledge.js and
// pledge.mjs.
(site) => {
  // Put in by `cargo xtask dist`: the hashes of code and strings, as they stand in the names of the files, and the
  // languages that there are strings in.
  const [build, strings, languages] = __ASSETS__;
  const file = (name) => `assets/${name.replace('.', `-${build}.`)}`;
  const quiet = { credentials: 'omit', referrerPolicy: 'no-referrer' };
  const running = new WeakMap(); // element → what starts and stops it, anew each time it is put on the page
  const styles = new WeakMap(); // shadow root → its style sheets, as text
  const isId = (id) => /^[a-z\d][a-z\d-]{0,63}$/.test(id);
  const make = (name, properties) => Object.assign(document.createElement(name), properties);
  const fetched = {}; // shared by all widgets of this loader

  // The height is what the form needs at least; a host page that knows better sets --pledge-min-height.
  const shell = `:host{display:block;width:100%;min-height:var(--pledge-min-height,min(100vh,1000px))}
:host([layout=button]){display:inline-block;min-height:52px;width:auto}
:host([layout=bar]){bottom:0;min-height:76px;position:sticky;z-index:9999}
:host([yielding]){position:static}
:host([hidden]){display:none}
:host([failed]){min-height:0}
slot>*,slot~button{border:1px solid;border-radius:8px;display:block;font:inherit;margin:0;padding:16px}
slot>p{border:0}
slot~button{margin-top:8px}
.wait{visibility:visible;animation:wait 2s step-end}
.wait p{display:none}
@keyframes wait{from{visibility:hidden}}`;

  const once = (name, start) => fetched[name] ||= start().catch((error) => {
    delete fetched[name]; // the next widget may have more luck
    throw error;
  });

  // Says which part it was where something fails.
  const named = (part, promise) => promise.catch((error) => {
    error.part ||= part;
    throw error;
  });

  // A lost or broken file is asked for three times more, each time a little later, and not by all visitors at once.
  // `ask` gets the number of the try: any but the first goes past what a cache may hold.
  const again = (ask, tries = 0) => ask(tries).catch((error) => {
    if (tries > 2 || error.final) throw error;
    const wait = (0.5 + Math.random()) * 300 * 2 ** tries;
    return new Promise((done) => setTimeout(done, wait)).then(() => again(ask, tries + 1));
  });

  // Fetches a file and makes of it what `read` says; where that fails, the file is broken.
  const get = (part, path, read) => named(part, again((tries) =>
    fetch(site + path, { ...quiet, cache: tries ? 'reload' : 'default' }).then((response) => {
      const { status } = response;
      if (!response.ok) throw Object.assign(Error('HTTP status ' + status), { final: /^4(?!08|25|29)/.test(status) });
      if (/html/.test(response.headers.get('Content-Type'))) throw Error('it is a web page');
      return read(response);
    })));

  // A module in JavaScript. The browser remembers an address that failed, so each further try has one of its own.
  let further = 0;
  const script = (name) => once(name, () => named('script', again((tries) =>
    import(site + file(name) + (tries ? '?' + ++further : '')))));

  // A module in Wasm as a function from its imports to its exports. Where Wasm is missing, forbidden by the page's
  // policy or kept back, the same module in JavaScript takes its place.
  const code = (name) => once(name, async () => {
    const plain = () => script(name + '-script.js').then((module) => module.default);
    try {
      new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])); // the smallest one there is
      const module = await get('wasm', file(name + '.wasm'), (response) =>
        response.headers.get('Content-Type') === 'application/wasm'
          ? WebAssembly.compileStreaming(response) : response.arrayBuffer().then(WebAssembly.compile));
      return (imports) => WebAssembly.instantiate(module, imports)
        .then((instance) => instance.exports, async () => (await plain())(imports));
    } catch (_) {
      return plain();
    }
  });

  const adopt = (root, css) => {
    try {
      const sheet = new root.ownerDocument.defaultView.CSSStyleSheet();
      sheet.replaceSync(css);
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    } catch (_) { // Safari before 16.4
      root.append(make('style', { textContent: css }));
    }
  };

  const dress = (root, css) => {
    styles.get(root).push(css);
    adopt(root, css);
  };

  // A page may hide what is `:empty`. Only then, as frameworks compare what they find with what they wrote.
  const fill = (element) => element.firstChild || getComputedStyle(element).display !== 'none' || element.append(' ');

  const warn = (path, error) => console.warn(`pledge-widget: ${site}${path}: ${error.message}`);

  // Language tags in any of the ways that browsers and pages write them (`fr_FR`, `en-US@posix`); others are left out.
  const isTag = (tag) => {
    try {
      return Intl.getCanonicalLocales(tag)[0];
    } catch (_) { /* not one */ }
  };
  const tags = (list) => [].concat(list || []).map((tag) => `${tag}`.split(/[.@]/)[0].replace(/_/g, '-')).filter(isTag);

  const preferred = () => tags(navigator.languages).concat(tags(navigator.language));

  // The language of a tag, where there are strings in it.
  const known = (tag) => languages.split(' ').find((language) => language === tag.toLowerCase().split('-')[0]);

  // English takes the place of strings that are not there or not whole. `kind` is empty, `share-` or `send-`.
  const words = (language, kind) => {
    const path = `assets/${language}-${kind}${strings}.json`;
    const whole = once(path, () => get('locale', path, async (response) => {
      const words = await response.json();
      if (!words.lang) throw Error('it is not whole');
      // Numbers and dates as the visitor's own variety of the language prints them (24 January for en-GB), where the browser can.
      const varieties = [...preferred(), words.lang].filter((tag) => known(tag) === words.lang);
      words.format = Intl.NumberFormat.supportedLocalesOf([...varieties, 'en-GB'])[0];
      return words;
    }));
    return language === 'en' ? whole : whole.catch((error) => {
      warn(path, error);
      return words('en', kind);
    });
  };

  // The language that the page gives the place, through any shadow roots.
  const around = (node) => {
    const near = node && node.closest('[lang]');
    return near ? near.lang : node && around(node.getRootNode().host);
  };

  // Campaign and strings for what the element's attributes say now: the attribute's language, else the page's, else the
  // browser's; where there are no strings in it, the campaign's. The server gives the campaign in the nearest it has.
  // The third is how many milliseconds the server's clock is ahead of the device's; less than a minute is no matter.
  const files = async (element) => {
    const id = (element.getAttribute('campaign') || '').trim();
    if (!isId(id)) return named('attribute', Promise.reject(Error(`campaign="${id.slice(0, 60)}" is not allowed; use 1 to 64 of a-z, 0-9 and -`)));
    let wanted = tags(around(element));
    if (!wanted[0]) wanted = preferred();
    const language = wanted.map(known).find(Boolean);
    const path = (tag) => `campaigns/${id}.${tag}.json`;
    const own = path(tags(element.lang)[0] || language || wanted[0] || 'en');
    let ahead;
    const parse = (response) => {
      ahead = Date.parse(response.headers.get('Date')) + 1000 * response.headers.get('Age') - Date.now();
      return response.json();
    };
    const read = (path) => once(path, () => get('campaign', path, parse).then((campaign) => [campaign, ahead]));
    const campaign = read(own).catch((error) => {
      if (error instanceof SyntaxError) {
        warn(own, error);
        return [];
      }
      return read(path('en'));
    });
    const spoken = language
      ? words(language, '') : campaign.then(([file]) => words(known('' + file?.locale) || 'en', ''));
    return Promise.all([campaign, spoken]).then(([[campaign, ahead], words]) =>
      [campaign, words, Math.abs(ahead) > 6e4 ? ahead : 0]);
  };

  const holdsFocus = (element) => element.contains(element.getRootNode().activeElement);

  // What is shown in place of a widget that cannot be loaded or has failed: what the page wrote, or a link; and a
  // button that starts it again with what was typed.
  const giveUp = (element, slot, stop, part, error, crashed) => {
    if (stop.over || running.get(element) !== stop) return;
    stop.over = true;
    console.error(`pledge-widget: the ${part} ${crashed ? 'failed' : 'could not be loaded'}: ${error.message}`);
    const root = element.shadowRoot;
    const typed = {};
    for (const { name, type, value } of root.querySelectorAll('form input,form select,form textarea')) {
      if (!/checkbox|radio/.test(type)) typed[name] = value;
    }
    const hadFocus = holdsFocus(element);
    stop.now();
    root.querySelectorAll('div').forEach((box) => box.remove());
    slot.className = '';
    const button = make('button', { textContent: stop.again || 'Try again', lang: stop.lang || 'en' });
    const retry = ({ type }) => {
      (element.pledgeCalls ||= []).push(['prefill', typed]);
      const focused = type === 'click' || holdsFocus(element); // Safari gives no button the focus
      unload(element);
      load(element, focused);
    };
    button.onclick = retry;
    root.append(slot, button);
    element.setAttribute('failed', '');
    if (hadFocus) button.focus();
    if (!crashed) {
      addEventListener('online', retry, { once: true });
      stop.now = () => removeEventListener('online', retry);
    }
    const detail = { code: crashed ? 'crashed' : 'load-failed', part, reason: error.message };
    element.dispatchEvent(new CustomEvent('pledge-error', { bubbles: true, composed: true, detail }));
  };

  const start = async (element, slot, stop) => {
    const root = element.shadowRoot;
    try {
      const loading = files(element).then((got) => {
        const words = got[1];
        const [sentence, link] = slot.children;
        sentence.textContent = words['unavailable.text'];
        if (link) link.textContent = words['refused.link'];
        slot.lang = stop.lang = words.lang;
        stop.again = words['sign.again'];
        return got;
      });
      const css = once('style', () => get('style', file('widget.css'), (response) => response.text()));
      const all = Promise.all([loading, css, script('widget.js'), code('widget')]);
      const [[campaign, strings, ahead], style, glue] = await all;
      if (running.get(element) !== stop) return; // taken off the page meanwhile
      dress(root, style);
      const box = make('div');
      const show = () => {
        stop.focused ||= holdsFocus(element);
        slot.replaceWith(box);
        return stop.focused;
      };
      const failed = (error) => giveUp(element, slot, stop, 'widget', error, true);
      const given = { element, box, site, campaign, strings, ahead, show, failed, script, code, words };
      const end = await glue.attach({ ...given, files: () => files(element) });
      if (stop.over || running.get(element) !== stop) return end();
      stop.now = end;
      fill(element);
    } catch (error) {
      giveUp(element, slot, stop, error.part || 'widget', error);
    }
  };

  const load = (element, focused) => {
    const before = running.get(element);
    const root = element.shadowRoot || element.attachShadow({ mode: 'open' });
    if (before) { // only moved; another document has no use for the style sheets of this one
      if (!root.adoptedStyleSheets?.length) styles.get(root).forEach((css) => adopt(root, css));
      return;
    }
    const stop = { focused };
    running.set(element, stop);
    root.textContent = '';
    root.adoptedStyleSheets = [];
    element.removeAttribute('failed');
    styles.set(root, []);
    dress(root, shell);
    const id = element.getAttribute('campaign');
    const href = isId(id) ? `${site}campaigns/${id}.html` : site;
    // What the page wrote inside the element is shown in place of our own words; white space is nothing written.
    const isWritten = element.firstElementChild || element.textContent.trim();
    const slot = make('slot', { className: 'wait', name: isWritten ? '' : '-' });
    // In the words of the English strings, until there are others. No link leads to the page that it is on.
    slot.append(make('p', { textContent: 'The pledge cannot be shown here at the moment.' }));
    const link = make('a', { href, textContent: 'Sign on the campaign’s own page' });
    if (href !== location.href.split(/[?#]/)[0]) slot.append(link);
    root.append(slot);
    fill(element);
    const near = (entries) => entries.some((entry) => entry.isIntersecting) && stop.start();
    const observer = new IntersectionObserver(near, { rootMargin: '400px' });
    stop.now = () => observer.disconnect();
    stop.start = () => {
      observer.disconnect();
      stop.start = () => {};
      start(element, slot, stop);
    };
    if (element.getAttribute('load') === 'eager' || element.pledgeCalls) stop.start();
    else observer.observe(element);
  };

  const unload = (element) => {
    const stop = running.get(element);
    running.delete(element);
    if (stop) stop.now();
  };

  // What a script calls before the widget has loaded makes it load, and is done then.
  const wait = (element, call) => {
    (element.pledgeCalls ||= []).push(call);
    const stop = running.get(element);
    if (stop) stop.start();
  };

  if (!customElements.get('pledge-widget')) {
    class Widget extends HTMLElement {
      connectedCallback() {
        (this.pledgeLoad || load)(this);
      }

      disconnectedCallback() {
        // A page that moves the element takes it off and puts it back at once; that is no reason to lose what is typed.
        Promise.resolve().then(() => this.isConnected || (this.pledgeUnload || unload)(this));
      }
    }
    for (const name of ['open', 'reset', 'prefill']) {
      Widget.prototype[name] = function (value) {
        (this.pledgeWait || wait)(this, [name, value]);
      };
    }
    customElements.define('pledge-widget', Widget);
  }

  // Another copy of the script may have defined the element; this one's files still come from here.
  return () => Object.assign(document.createElement('pledge-widget'), { pledgeLoad: load, pledgeUnload: unload, pledgeWait: wait });
}
