// What loads a widget, as a function of the address its files are at. `cargo xtask dist` puts it into pledge.js and
// pledge.mjs.
(site) => {
  // Put in by `cargo xtask dist`: the hashes of code and strings, as they stand in the names of the files, and the
  // languages that there are strings in.
  const [code, strings, languages] = __ASSETS__;
  const file = (name) => `assets/${name.replace('.', `-${code}.`)}`;
  const quiet = { credentials: 'omit', referrerPolicy: 'no-referrer' };
  const running = new WeakMap(); // element → what starts and stops it, anew each time it is put on the page
  const isId = (id) => /^[a-z\d][a-z\d-]{0,63}$/.test(id);
  const fetched = {}; // shared by all widgets of this loader

  // The height is what the form needs at least; a host page that knows better sets --pledge-min-height.
  const shell = `:host{display:block;width:100%;min-height:var(--pledge-min-height,min(100vh,1000px))}
:host([layout=button]){display:inline-block;min-height:52px;width:auto}
:host([layout=bar]){bottom:0;min-height:76px;position:sticky;z-index:9999}
:host([yielding]){position:static}
:host([hidden]){display:none}
:host([failed]){min-height:0}
slot a{border:1px solid;border-radius:8px;display:block;padding:16px}
.wait{visibility:visible;animation:wait 2s step-end}
@keyframes wait{from{visibility:hidden}}`;

  const once = (name, make) => fetched[name] || (fetched[name] = make().catch((error) => {
    delete fetched[name]; // the next widget may have more luck
    throw error;
  }));

  // Says which part it was where something fails.
  const named = (part, promise) => promise.catch((error) => {
    error.part ||= part;
    throw error;
  });

  const get = (part, path) => named(part, fetch(site + path, quiet).then((response) => {
    if (!response.ok) throw Error('HTTP status ' + response.status);
    return response;
  }));

  const engine = () => once('engine', () => {
    const wasm = get('wasm', file('widget.wasm'));
    wasm.catch(() => {}); // reported once, below
    return named('script', import(site + file('widget.js'))).then(async (glue) => {
      await named('wasm', glue.init(() => wasm));
      return glue;
    });
  });

  const text = (part, path) => once(path, () => get(part, path).then((response) => response.text()));

  const adopt = (root, css) => {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    } catch (_) { // Safari before 16.4
      root.append(Object.assign(document.createElement('style'), { textContent: css }));
    }
  };

  const warn = (path, error) => console.warn(`pledge-widget: ${site}${path}: ${error.message}`);

  // The language of a tag, where there are strings in it.
  const known = (tag) => languages.split(' ').find((language) => language === tag.toLowerCase().split('-')[0]);

  // English stands in for strings that are not there or not whole. `kind` is empty, `share-` or `send-`.
  const words = (language, kind) => {
    const path = `assets/${language}-${kind}${strings}.json`;
    const whole = text('locale', path).then((json) => {
      const words = JSON.parse(json);
      if (!words.lang) throw Error('it is not whole');
      // Numbers and dates as the visitor's own variety of the language prints them (24 January for en-GB), where the browser can.
      const varieties = [...navigator.languages, words.lang].filter((tag) => known(tag) === words.lang);
      words.format = Intl.NumberFormat.supportedLocalesOf([...varieties, 'en-GB'])[0];
      return words;
    });
    return language === 'en' ? whole : whole.catch((error) => {
      warn(path, error);
      return words('en', kind);
    });
  };

  // Campaign and strings for what the element's attributes say now: the attribute's language, else the page's, else the
  // browser's; where there are no strings in it, the campaign's. The server gives the campaign in the nearest it has.
  const files = async (element) => {
    const id = (element.getAttribute('campaign') || '').trim();
    if (!isId(id)) return named('attribute', Promise.reject(Error(`campaign="${id.slice(0, 60)}" is not allowed; use 1 to 64 of a-z, 0-9 and -`)));
    const near = element.closest('[lang]');
    const wanted = near && near.lang ? [near.lang] : navigator.languages;
    const language = wanted.map(known).find(Boolean);
    const path = (tag) => `campaigns/${id}.${tag}.json`;
    const own = path(/^[a-z\d-]+/i.exec(element.lang || language || wanted[0]) || 'en');
    const campaign = text('campaign', own).catch(() => text('campaign', path('en'))).then((json) => {
      try {
        return JSON.parse(json);
      } catch (error) {
        warn(own, error);
      }
    });
    return Promise.all([campaign, language ? words(language, '') : campaign.then((file) => words(known('' + file?.locale) || 'en', ''))]);
  };

  const start = async (element, root, stop) => {
    const slot = root.querySelector('slot');
    try {
      const loading = files(element).then((both) => {
        Object.assign(slot.querySelector('a'), { textContent: both[1]['refused.link'], lang: both[1].lang });
        return both;
      });
      const [[campaign, spoken], glue, css] = await Promise.all([loading, engine(), text('style', file('widget.css'))]);
      if (running.get(element) !== stop) return; // taken off the page meanwhile
      adopt(root, css);
      const box = document.createElement('div');
      slot.replaceWith(box);
      const end = await glue.attach({ element, box, site, campaign, strings: spoken, file, get: (path) => get('part', path), files: () => files(element), words });
      if (running.get(element) !== stop) return end();
      stop.now = end;
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
    link.textContent = 'Sign on the campaign’s own page'; // as the English strings say it
    const slot = document.createElement('slot'); // what the page wrote inside the element stands in for the link
    slot.className = 'wait';
    slot.append(link);
    root.append(slot);
    const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && stop.start(), { rootMargin: '400px' });
    stop.now = () => observer.disconnect();
    stop.start = () => {
      observer.disconnect();
      stop.start = () => {};
      start(element, root, stop);
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
