/**
 * What one <pledge-widget> does once its parts are there: it mounts the component, hears of changed attributes, offers
 * properties and methods to the host page, and tells when it is seen. Loaded with the glue, never by itself.
 */
import { open } from './widget.js';

const METHODS = ['open', 'reset', 'prefill'];

/** A property for each attribute, so that a script may write `element.goal = 500`. */
const offer = (element, names) => {
  for (const name of names) {
    const property = name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
    if (property in HTMLElement.prototype) continue; // title and lang reflect by themselves
    const before = element[property];
    Object.defineProperty(element, property, {
      configurable: true,
      get: () => element.getAttribute(name),
      set: (value) => {
        if (value === null || value === undefined || value === false) element.removeAttribute(name);
        else element.setAttribute(name, value === true ? '' : value);
      },
    });
    if (before !== undefined) element[property] = before; // set before the element was defined
  }
};

/** What Chromium calls by their English names. */
const UNNAMED = { cy: 'Cymraeg', ps: 'پښتو', so: 'Soomaali', ti: 'ትግርኛ' };

/** Whether numbers and dates can be printed in a language; a tag that is none is no error. */
const isSupported = (tag) => {
  try {
    return Intl.NumberFormat.supportedLocalesOf(tag)[0];
  } catch (_) {
    return false;
  }
};

/**
 * Copies onto the element what its tag says in the attributes of our table. What others put on the tag for their own
 * ends stays there.
 */
const copy = (tag, element, names) => {
  const inAddress = new URL(tag.src || 'about:blank').searchParams;
  for (const name of names) {
    const value = tag.getAttribute('data-' + name) ?? inAddress.get(name);
    if (value !== null && !element.hasAttribute(name)) element.setAttribute(name, value);
  }
};

/** The names of attributes that are not ours: those of the tag that have our form, and those that no element has. */
const straysOf = (tag, element, names) => [
  ...(tag?.getAttributeNames() || []).filter((name) => /^data-/.test(name) && !names.includes(name.slice(5))),
  ...element.getAttributeNames().filter((name) => !names.includes(name) && !/^(class$|data-|aria-|on)/.test(name)
    && !(name in element)),
];

/** The tag that placed the element; or placed the one of which this is a copy that the page has kept. */
const tagOf = (element) => {
  const campaign = element.getAttribute('data-placed');
  return 'pledgeTag' in element || !campaign ? element.pledgeTag
    : [...document.querySelectorAll('script[data-campaign]')].find((tag) => tag.dataset.campaign === campaign);
};

// Some routers take the scripts out of what they put on the page, and run copies without attributes. A tag that is gone
// before the loader has seen it is put back, unless another is in its place.
new MutationObserver((records) => {
  for (const { removedNodes, target, nextSibling } of records) {
    for (const tag of removedNodes) {
      const campaign = tag.localName === 'script' && tag.dataset.campaign;
      const isOurs = campaign && !tag.pledgePlaced && !tag.isConnected && target.isConnected
        && [...tag.attributes].some(({ value }) => /(^|\/)pledge\.js(\?|$)/.test(value));
      const isThere = ({ dataset }) => dataset.campaign === campaign || dataset.placed === campaign;
      if (isOurs && ![...document.querySelectorAll('script[data-campaign],[data-placed]')].some(isThere)) {
        target.insertBefore(tag, nextSibling && nextSibling.parentNode === target ? nextSibling : null);
      }
    }
  }
}).observe(document, { childList: true, subtree: true });

/** What a page has written as an address; nothing where it is none. */
const address = (text) => {
  try {
    return new URL(text, location.href);
  } catch (_) {
    return null;
  }
};

/**
 * The address of the page, as it is kept with a signature: without its query and fragment, which may tell more than
 * where the form is; but with the keys that the embedder names. In a frame, the origin of the page around it.
 */
const pageOf = (element) => {
  const { referrer } = document;
  if (window !== top && referrer) return new URL(referrer).origin + '/';
  const keys = (element.getAttribute('location-keys') || '').split(/[\s,]+/);
  const here = new URL(location.href);
  const named = [...here.searchParams].filter(([key]) => keys.includes(key));
  const link = document.querySelector('link[rel~=canonical][href]');
  const canonical = link && address(link.href);
  const route = keys.includes('#') && /^#!?\/[^?]*/.exec(here.hash);
  let page = here;
  // A site knows best what names its page. Some print the whole of the address that was asked for: what is no short id
  // in its query is left out.
  if (canonical?.origin === here.origin) {
    page = canonical;
    named.unshift(...[...page.searchParams].filter(([key, value]) => !keys.includes(key) && /^[\w-]{1,24}$/.test(value)));
  }
  return page.origin + page.pathname + (named[0] ? '?' + new URLSearchParams(named) : '') + (route || '');
};

/**
 * Puts the widget into `box` and returns what takes it off the page. It has an instance of the module of its own: should
 * that fail, `failed` is called with what was typed, and no other widget is affected; once it is taken off, nothing of
 * it is left.
 *
 * `answer` is the campaign, the headers it came with and the device's time then. `show` puts the box on the page, and
 * says whether the focus was in what it replaces. `script` loads a part in JavaScript by its file's name, `code` one in
 * Wasm;
 * `files` fetches campaign and strings for the element's present campaign and language, `words` the strings of a
 * language and a kind; `preferred` gives the visitor's languages.
 */
export const attach = async ({ element, box, site, answer, strings, show, failed, script, code, files, words, preferred }) => {
  const stop = new AbortController();
  const controls = () => [...box.querySelectorAll('form input,form select,form textarea')];
  const widget = await open(await code('widget'), ({ message }) => {
    const typed = {};
    for (const { name, type, value } of controls()) {
      if (!/checkbox|radio/.test(type)) typed[name] = value;
    }
    failed({ message, typed });
  });
  const names = widget.keys().map((key) => key.replaceAll('_', '-')); // those of the attribute table
  const tag = tagOf(element);
  element.pledgeTag = null;
  if (tag) copy(tag, element, names);
  const strays = straysOf(tag, element, names);
  let [campaign, headers, at] = answer;
  // How many milliseconds the server's clock is ahead of the device's; less than a minute is no matter.
  const ahead = Date.parse(headers?.get('Date')) + 1000 * headers?.get('Age') - at;
  const parts = {};
  /** A part that is loaded only where it is needed. One that failed is loaded again the next time. */
  const part = (name) => parts[name] ||= Promise.all([script(name + '.js'), code(name)])
    .then(([glue, run]) => glue.open(run))
    .catch((error) => {
      delete parts[name];
      throw error;
    });
  const warn = (error) => console.warn('pledge-widget: could not be loaded: ' + error.message);
  if (strays[0]) script('strays.js').then(({ report }) => report(strays, names), warn);
  const draw = (text) => part('qr').then((qr) => qr.draw(text));
  const config = () => widget.config() || {}; // nothing once it is taken off the page
  let explained; // once for each configuration
  const bridge = {
    name: (tag) => UNNAMED[tag] || new Intl.DisplayNames(tag, { type: 'language' }).of(tag),
    paint: () => void Promise.resolve().then(() => paint()), // the component can be asked after this turn
    ahead: Math.abs(ahead) > 6e4 ? ahead : 0,
    exact: ahead || 0,
    framed: window !== top,
    page: () => pageOf(element),
    /** Leaves the page, from a frame too where the browser lets it. */
    go: (url) => {
      try {
        top.location.href = url;
      } catch (_) {
        location.href = url;
      }
    },
    /** What is on screen counts, however it came there: form fillers set a value and tell nobody. */
    read: () => controls().forEach((control) => {
      if (control.type !== 'radio' || control.checked) control.dispatchEvent(new Event('change', { bubbles: true }));
    }),
    explain: () => void (explained ||= part('check').then(({ explain }) => {
      for (const sentence of explain(element, site, campaign)) console.warn('pledge-widget: ' + sentence);
    }).catch(warn)),
    share: (shared) => void Promise.all([part('share'), words(strings.lang, 'share-')]).then(([{ fill }, words]) => {
      const place = box.querySelector('#p-share');
      if (place) fill(place, element, words, shared, draw);
    }).catch(warn),
  };
  /** What other backends than our own server need, and fields of which half is kept; they have parts of their own. */
  const complete = async ([campaign, strings]) => {
    if (/"first_half_only/.test(JSON.stringify(campaign))) bridge.half = (await part('half')).first_half;
    const set = (name) => element.getAttribute(name) ?? campaign?.[name];
    if ((set('backend') ?? 'pledge') === 'pledge' && !set('also')?.length) return {};
    return (await script('send.js')).complete({ element, campaign, strings, words, config, part, widget });
  };
  /** Campaign and strings as they are to hold. */
  const use = (fresh, made) => {
    [campaign, strings] = [fresh[0], made.strings || fresh[1]];
    // Numbers and dates as the visitor's own variety of the language prints them (24 January for en-GB), where the
    // browser can.
    const varieties = [...preferred(), strings.lang].filter((tag) => tag.split('-')[0].toLowerCase() === strings.lang);
    strings.format = [...varieties, 'en-GB'].find(isSupported);
    explained = null;
    Object.assign(bridge, { elsewhere: null, agreement: null, ready: false, counts: false }, made);
    if (made.wrong) bridge.explain();
    return [campaign, strings];
  };
  box.addEventListener('change', ({ target, isTrusted }) => {
    const place = isTrusted && target.type === 'email' && box.querySelector('.near');
    if (place) script('meant.js').then(({ offer }) => offer(target, place, strings['email.meant']), warn);
  });
  use([campaign, strings], await complete([campaign, strings]));
  const hadFocus = show();
  widget.mount(element, box, site, bridge, campaign, strings);
  /** Colours and corners. Until the colours are there, the place stays empty rather than flashing in others. */
  const paint = () => {
    const { accent, radius, debug, layout } = config();
    if (layout === 'bar') bar ||= script('bar.js').then(({ keep }) => keep(element, stop.signal), warn);
    if (debug) console.log('pledge-widget: configuration', config());
    box.style.setProperty('--p-corner', radius >= 0 ? radius + 'px' : '');
    const style = getComputedStyle(element);
    if (!accent && !['', '-dark'].some((end) => style.getPropertyValue('--pledge-accent' + end))) {
      for (const name of painted) box.style.removeProperty(name);
      return keepFocus();
    }
    if (!painted.length) box.style.visibility = 'hidden';
    part('look').then((look) => {
      painted = look.paint(element, box, accent);
    }).catch(warn).then(() => {
      box.style.visibility = '';
      keepFocus();
    });
  };
  /** The focus that was in what the widget replaces goes to its heading, or to the button that opens it. */
  const keepFocus = () => {
    if (hadFocus && !element.shadowRoot.activeElement) {
      for (const at of box.querySelectorAll('[part=open],#p-title')) at.focus({ preventScroll: true });
    }
  };
  let painted = [];
  let bar; // what a bar needs besides
  for (const name of METHODS) element[name] = (value) => void widget[name](value);
  Object.defineProperty(element, 'config', { configurable: true, get: widget.config });
  for (const [name, value] of element.pledgeCalls || []) element[name](value);
  delete element.pledgeCalls;

  let newest = 0;
  let loaded = Promise.resolve([campaign, strings]);
  const observer = new MutationObserver((changes) => {
    if (changes.every(({ attributeName }) => !names.includes(attributeName))) return;
    if (changes.some(({ attributeName }) => /^(campaign|lang)$/.test(attributeName))) {
      const before = loaded;
      loaded = files(element).then(([[campaign], strings]) => [campaign, strings]).catch((error) => {
        warn(error);
        return before; // what stood before stands
      });
    }
    const turn = ++newest;
    loaded.then(async (fresh) => {
      if (turn !== newest || stop.signal.aborted) return;
      const made = await complete(fresh);
      if (turn !== newest || stop.signal.aborted) return;
      const whole = use(fresh, made);
      // Another may have been chosen than could be fetched.
      const select = box.querySelector('.language');
      if (select && campaign) select.value = campaign.locale;
      widget.configure(...whole);
    }).catch(warn);
  });
  observer.observe(element, { attributes: true });
  addEventListener('online', widget.online, stop);
  // Pages have shortcuts of one letter, and cannot see that it is typed in a field: events from here name the element.
  for (const type of ['keydown', 'keypress', 'keyup']) {
    addEventListener(type, (event) => {
      if (event.composedPath()[0].getRootNode?.() === element.shadowRoot && !/^(Escape|Tab)$/.test(event.key)) {
        event.stopImmediatePropagation();
      }
    }, { capture: true, signal: stop.signal });
  }
  // Who signs in one widget is counted in the others of that campaign, too. They can be asked after this turn.
  document.addEventListener('pledge-signed', (event) => {
    const [other] = event.composedPath();
    const key = ({ id, backend, endpoint, testing }) => [id, backend, endpoint, testing].join();
    if (other !== element) Promise.resolve().then(() => key(other.config || {}) === key(config()) && widget.signed());
  }, stop);
  offer(element, names);

  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    element.dispatchEvent(new CustomEvent('pledge-view', { bubbles: true, composed: true, detail: {} }));
  }, { threshold: 0.1 });
  seen.observe(element);

  return () => {
    stop.abort();
    observer.disconnect();
    seen.disconnect();
    for (const name of METHODS) delete element[name]; // those of the prototype wait for the next time
    widget.unmount();
  };
};
