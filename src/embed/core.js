// What loads a widget, as a function of the address its files are at. `cargo xtask dist` puts it into pledge.js and
// pledge.mjs, which define `make` and `warn`.
(site) => {
  // Put in by `cargo xtask dist`: the hashes of code and strings, as they are in the names of the files, the languages
  // that there are strings in, and the address that the files are for, where it is known.
  const [build, strings, languages, home = site] = __ASSETS__;
  const file = (name) => `assets/${name.replace('.', `-${build}.`)}`;
  const quiet = { credentials: 'omit', referrerPolicy: 'no-referrer' };
  const running = new WeakMap(); // element → what starts and stops it, anew each time it is put on the page
  const isId = (id) => /^[a-z\d][a-z\d-]{0,63}$/.test(id);
  const fetched = {}; // shared by all widgets of this loader

  // The height is what the form needs at least; a host page that knows better sets --pledge-min-height.
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

  // What is fetched or made once for all widgets of this loader. An error says which part it was.
  const once = (part, key, start) => fetched[key] ||= start().catch((error) => {
    delete fetched[key]; // the next widget may have more luck
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
  const get = (part, path, read) => once(part, path, () => again((tries) =>
    fetch(site + path, { ...quiet, cache: tries ? 'reload' : 'default' }).then((response) => {
      const { status } = response;
      if (!response.ok) throw Object.assign(Error('HTTP status ' + status), { final: /^4(?!08|25|29)/.test(status) });
      if (/html/.test(response.headers.get('Content-Type'))) throw Error('it is HTML');
      return read(response);
    })));

  // A module in JavaScript. The browser remembers an address that failed, so each further try has one of its own.
  const script = (name) => once('script', name, () => again((tries) =>
    import(site + file(name) + (tries ? '?' + Math.random() : ''))));

  // A module in Wasm as a function from its imports to its exports. Where Wasm is missing, forbidden by the page's
  // policy or kept back, the same module in JavaScript takes its place.
  const code = (name) => once('wasm', name, async () => {
    const plain = () => script(name + '-script.js').then((module) => module.default);
    try {
      new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)); // the smallest one there is
      const module = await get('wasm', file(name + '.wasm'), (response) =>
        response.headers.get('Content-Type') === 'application/wasm'
          ? WebAssembly.compileStreaming(response) : response.arrayBuffer().then(WebAssembly.compile));
      return (imports) => WebAssembly.instantiate(module, imports)
        .then((instance) => instance.exports, () => plain().then((run) => run(imports)));
    } catch (_) {
      return plain();
    }
  });

  const adopt = (root, css) => {
    try {
      const sheet = new root.ownerDocument.defaultView.CSSStyleSheet();
      sheet.replaceSync(css);
      root.adoptedStyleSheets.push(sheet);
    } catch (_) { // Safari before 16.4, Chromium before 99
      root.append(make('style', { textContent: css }));
    }
  };

  // A page may hide what is `:empty`. Only then, as frameworks compare what they find with what they wrote.
  const fill = (element) => element.firstChild || getComputedStyle(element).display !== 'none' || element.append(' ');

  // Language tags in any of the ways that browsers and pages write them (`fr_FR`, `en-US@posix`); others are left out.
  const tags = (...given) => given.flat().map((tag) => `${tag}`.split(/[.@]/)[0].replace(/_/g, '-'))
    .filter((tag) => /^[a-z]{2,8}(-[a-z\d]{1,8})*$/i.test(tag));

  const preferred = () => tags(navigator.languages, navigator.language);

  // The language of a tag, where there are strings in it.
  const known = (tag) => languages.split(' ').find((language) => language === tag.toLowerCase().split('-')[0]);

  // English takes the place of strings that are not there or not whole. `kind` is empty, `share-` or `send-`.
  const words = (language, kind) => {
    const path = `assets/${language}-${kind}${strings}.json`;
    const whole = get('locale', path, async (response) => {
      const words = await response.json();
      if (!words.lang) throw Error('it is cut off');
      return words;
    });
    return language === 'en' ? whole : whole.catch((error) => {
      warn(`${site}${path}: ${error.message}`);
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
  // With the campaign come the answer's headers, which know the server's time, and the device's time as it came.
  const files = async (element) => {
    const id = (element.getAttribute('campaign') || '').trim();
    if (!isId(id)) {
      const error = Error(`campaign="${id.slice(0, 60)}" is not allowed; use a-z, 0-9, -`);
      throw Object.assign(error, { part: 'attribute' });
    }
    let wanted = tags(around(element) || '');
    if (!wanted[0]) wanted = preferred();
    const language = wanted.map(known).find(Boolean);
    const path = (tag) => `campaigns/${id}.${tag}.json`;
    const own = path(tags(element.lang)[0] || language || wanted[0] || 'en');
    const read = (path) => get('campaign', path, async (response) =>
      [await response.json(), response.headers, Date.now()]);
    const campaign = read(own).catch((error) => {
      if (error instanceof SyntaxError) {
        warn(`${site}${own}: ${error.message}`);
        return [];
      }
      return read(path('en'));
    });
    const spoken = language
      ? words(language, '') : campaign.then(([file]) => words(known('' + file?.locale) || 'en', ''));
    return Promise.all([campaign, spoken]);
  };

  const holdsFocus = (element) => element.contains(element.getRootNode().activeElement);

  const load = (element, focused) => {
    const before = running.get(element);
    if (before) return before.moved?.();
    const root = element.shadowRoot || element.attachShadow({ mode: 'open' });
    const stop = {};
    running.set(element, stop);
    const isStopped = () => stop.over || running.get(element) !== stop;
    root.textContent = '';
    root.adoptedStyleSheets = [];
    element.removeAttribute('failed');
    adopt(root, shell);
    const id = element.getAttribute('campaign');
    const href = isId(id) ? `${site}campaigns/${id}.html` : site;
    // What the page wrote inside the element is shown in place of our own words; white space is nothing written.
    const isWritten = element.firstElementChild || element.textContent.trim();
    const slot = make('slot', { className: 'wait', name: isWritten ? '' : '-' });
    // In the words of the English strings, until there are others. No link leads to the page that it is on.
    const sentence = make('p', { textContent: 'The pledge cannot be shown here at the moment.' });
    const link = make('a', { href, textContent: 'Sign on the campaign’s own page' });
    const button = make('button', { textContent: 'Try again', lang: 'en' });
    slot.append(sentence);
    if (href !== location.href.split(/[?#]/)[0]) slot.append(link);
    root.append(slot);
    fill(element);

    // Shows, in place of a widget that cannot be loaded or has failed, what the page wrote, or a link; and a button
    // that starts it again. `error.typed` is what was typed in a widget that has failed.
    const failed = (error) => {
      if (isStopped()) return;
      const { pledgeTag } = element;
      if (pledgeTag && site !== home) { // a plugin has made a copy of the loader: the tag is placed anew
        pledgeTag.dataset.site = home;
        pledgeTag.pledgePlaced = false;
        return element.remove();
      }
      stop.over = true;
      const { message, part = 'widget', typed } = error;
      const what = typed ? 'failed' : `could not be loaded from ${site} (copies need data-site)`;
      console.error(`pledge-widget: the ${part} ${what}: ${message}`);
      const hadFocus = holdsFocus(element);
      stop.now();
      root.querySelectorAll('div').forEach((box) => box.remove());
      slot.className = '';
      const retry = ({ type }) => {
        if (typed) (element.pledgeCalls ||= []).push(['prefill', typed]);
        const focused = type === 'click' || holdsFocus(element); // Safari gives no button the focus
        unload(element);
        load(element, focused);
      };
      button.onclick = retry;
      root.append(slot, button);
      element.setAttribute('failed', '');
      if (hadFocus) button.focus();
      if (!typed) {
        addEventListener('online', retry);
        stop.now = () => removeEventListener('online', retry);
      }
      const detail = { code: typed ? 'crashed' : 'load-failed', part, reason: message };
      element.dispatchEvent(new CustomEvent('pledge-error', { bubbles: true, composed: true, detail }));
    };

    const start = async () => {
      const loading = files(element).then((got) => {
        const [, words] = got;
        sentence.textContent = words['unavailable.text'];
        link.textContent = words['refused.link'];
        button.textContent = words['sign.again'];
        slot.lang = button.lang = words.lang;
        return got;
      });
      const css = get('style', file('widget.css'), (response) => response.text());
      const [[answer, strings], style, glue] = await Promise.all([loading, css, script('widget.js'), code('widget')]);
      if (isStopped()) return; // taken off the page meanwhile
      adopt(root, style);
      stop.moved = () => { // another document has no use for the style sheets of this one
        if (!root.adoptedStyleSheets?.length) [shell, style].map((css) => adopt(root, css));
      };
      const box = make('div');
      const show = () => {
        focused ||= holdsFocus(element);
        slot.replaceWith(box);
        return focused;
      };
      const given = { element, box, site, answer, strings, show, failed, script, code, words, preferred, files };
      const end = await glue.attach(given);
      if (isStopped()) return end();
      stop.now = end;
      fill(element);
    };

    const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && stop.start(),
      { rootMargin: '400px' });
    stop.now = () => observer.disconnect();
    stop.start = () => {
      observer.disconnect();
      stop.start = () => {};
      start().catch(failed);
    };
    if (element.getAttribute('load') === 'eager' || element.pledgeCalls) stop.start();
    else observer.observe(element);
  };

  const unload = (element) => {
    const stop = running.get(element);
    running.delete(element);
    stop?.now();
  };

  // What a script calls before the widget has loaded makes it load, and is done then.
  const wait = (element, call) => {
    (element.pledgeCalls ||= []).push(call);
    running.get(element)?.start();
  };

  const pledge = { load, unload, wait };
  if (!customElements.get('pledge-widget')) {
    class Widget extends HTMLElement {
      connectedCallback() {
        (this.pledge || pledge).load(this);
      }

      disconnectedCallback() {
        // A page that moves the element takes it off and puts it back at once; that is no reason to lose what is typed.
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

  // Makes an element for a tag, whose attributes `get` reads. Those that matter before the widget has loaded are copied
  // now, the others by the part that knows the attribute table. Another copy of this script may have defined the
  // element; this one's files still come from here.
  const create = (get = () => null, pledgeTag) => {
    const element = make('pledge-widget', { pledge, pledgeTag });
    for (const name of ['campaign', 'lang', 'layout', 'load']) {
      if (get(name) !== null) element.setAttribute(name, get(name));
    }
    return element;
  };
  // One for all tags of a site, so that they share what is fetched.
  const made = customElements.get('pledge-widget').made ||= {};
  return made[site + build] ||= create;
}
