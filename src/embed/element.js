/**
 * The script of a <pledge-widget> element. It mounts the component, observes the attributes, defines properties and
 * methods for the host page, and reports when the widget becomes visible. Bundled with the glue of the Wasm module.
 */
import { open } from './widget.js';

const METHODS = ['open', 'reset', 'prefill'];

/**
 * Defines a property for each attribute, so that scripts can write `element.goal = 500`.
 *
 * @param {PledgeElement} element
 * @param {string[]} names
 */
const defineProperties = (element, names) => {
  for (const name of names) {
    const property = name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
    if (property in HTMLElement.prototype) continue; // the browser reflects title and lang
    const before = element[property];
    Object.defineProperty(element, property, {
      configurable: true,
      get: () => element.getAttribute(name),
      set: (value) => {
        if (value === null || value === undefined || value === false) element.removeAttribute(name);
        else element.setAttribute(name, value === true ? '' : value);
      },
    });
    if (before !== undefined) element[property] = before; // a script set it before the element was defined
  }
};

/** The names of languages for which Chromium only knows English names. */
const LANGUAGE_NAMES = { cy: 'Cymraeg', ps: 'پښتو', so: 'Soomaali', ti: 'ትግርኛ' };

/** Returns whether the browser can format numbers and dates in a language. An invalid tag is not an error. */
const canFormat = (tag) => {
  try {
    return Intl.NumberFormat.supportedLocalesOf(tag)[0];
  } catch (_) {
    return false;
  }
};

/**
 * Copies the attributes that the attribute table contains from the tag to the element. Attributes that other scripts
 * have added to the tag are not copied.
 */
const copyAttributes = (tag, element, names) => {
  const parameters = new URL(tag.src || 'about:blank').searchParams;
  for (const name of names) {
    const value = tag.getAttribute('data-' + name) ?? parameters.get(name);
    if (value !== null && !element.hasAttribute(name)) element.setAttribute(name, value);
  }
};

/** Returns the names of unknown attributes: data-* of the tag, and non-standard attributes of the element. */
const unknownAttributes = (tag, element, names) => [
  ...(tag?.getAttributeNames() || []).filter((name) => /^data-/.test(name) && !names.includes(name.slice(5))),
  ...element.getAttributeNames().filter((name) => !names.includes(name) && !/^(class$|data-|aria-|on)/.test(name)
    && !(name in element)),
];

/** Returns the tag that placed the element. For a copy that the page has made, returns the tag of the original. */
const findTag = (element) => {
  const campaign = element.getAttribute('data-placed');
  return 'pledgeTag' in element || !campaign ? element.pledgeTag
    : [.../** @type {NodeListOf<HTMLScriptElement>} */ (document.querySelectorAll('script[data-campaign]'))]
      .find((tag) => tag.dataset.campaign === campaign);
};

// Some routers remove scripts from inserted HTML, and run copies without attributes. If a tag is removed before the
// loader has seen it, put it back, unless another tag has replaced it.
new MutationObserver((records) => {
  for (const { removedNodes, target, nextSibling } of records) {
    // Nodes of other kinds fail the first condition below.
    for (const tag of /** @type {NodeListOf<HTMLScriptElement>} */ (removedNodes)) {
      const campaign = tag.localName === 'script' && tag.dataset.campaign;
      const isOurs = campaign && !tag.pledgePlaced && !tag.isConnected && target.isConnected
        && [...tag.attributes].some(({ value }) => /(^|\/)pledge\.js(\?|$)/.test(value));
      const isThere = (/** @type {HTMLElement} */ { dataset }) =>
        dataset.campaign === campaign || dataset.placed === campaign;
      if (isOurs && ![...document.querySelectorAll('script[data-campaign],[data-placed]')].some(isThere)) {
        target.insertBefore(tag, nextSibling && nextSibling.parentNode === target ? nextSibling : null);
      }
    }
  }
}).observe(document, { childList: true, subtree: true });

/** Parses an address from the page. Returns `null` if it is invalid. */
const parseUrl = (text) => {
  try {
    return new URL(text, location.href);
  } catch (_) {
    return null;
  }
};

/**
 * Returns the address of the page as stored with a signature. It excludes the query and the fragment, which may contain
 * personal data, except the keys that the embedder names. In a frame, it is the origin of the surrounding page.
 */
const pageAddress = (element) => {
  const { referrer } = document;
  if (window !== top && referrer) return new URL(referrer).origin + '/';
  const keys = (element.getAttribute('location-keys') || '').split(/[\s,]+/);
  const here = new URL(location.href);
  const named = [...here.searchParams].filter(([key]) => keys.includes(key));
  /** @type {HTMLLinkElement} */
  const link = document.querySelector('link[rel~=canonical][href]');
  const canonical = link && parseUrl(link.href);
  const route = keys.includes('#') && /^#!?\/[^?]*/.exec(here.hash);
  let page = here;
  // The canonical address identifies the page best. But some sites print the whole requested address as canonical, so
  // keep only short ids of its query.
  if (canonical?.origin === here.origin) {
    page = canonical;
    named.unshift(...[...page.searchParams]
      .filter(([key, value]) => !keys.includes(key) && /^[\w-]{1,24}$/.test(value)));
  }
  return page.origin + page.pathname + (named[0] ? '?' + new URLSearchParams(named) : '') + (route || '');
};

/**
 * Mounts the widget in `box`, and returns a function that unmounts it.
 *
 * Each widget has a separate instance of the Wasm module. If the instance fails, `failed` is called with what the
 * supporter has typed, and no other widget is affected. Unmounting leaves nothing behind.
 *
 * - `answer`: the campaign, the headers of its response, and the device's time when it arrived.
 * - `show`: inserts the box into the page, and returns whether the content that it replaces had the focus.
 * - `script`: imports a JavaScript file.
 * - `code`: loads a Wasm module.
 * - `files`: fetches campaign and strings for the element's current attributes.
 * - `words`: fetches the strings of a language and a kind.
 * - `preferred`: returns the visitor's languages.
 *
 * @param {Pledge.Context} context
 */
export const attach = async (
  { element, box, site, answer, strings, show, failed, script, code, files, words, preferred },
) => {
  const unmounting = new AbortController();
  // Selects and text areas also have a name, a type and a value.
  const controls = () => [.../** @type {NodeListOf<HTMLInputElement>} */ (
    box.querySelectorAll('form input,form select,form textarea'))];
  /** @type {Pledge.Widget} */
  const widget = await open(await code('widget'), ({ message }) => {
    const typed = {};
    for (const { name, type, value } of controls()) {
      if (!/checkbox|radio/.test(type)) typed[name] = value;
    }
    failed({ message, typed });
  });
  const names = widget.keys().map((key) => key.replaceAll('_', '-')); // the attributes of the attribute table
  const tag = findTag(element);
  element.pledgeTag = null;
  if (tag) copyAttributes(tag, element, names);
  const unknown = unknownAttributes(tag, element, names);
  let [campaign, headers, receivedAt] = answer;
  // The number of milliseconds that the server's clock is ahead of the device's. Multiplying turns the text of a header
  // into a number, which the type checker does not allow.
  const aheadMs = Date.parse(headers?.get('Date')) + 1000 * /** @type {any} */ (headers?.get('Age')) - receivedAt;
  const parts = {};
  /** Loads a part. If it fails, the next call loads it again. */
  const part = (name) => parts[name] ||= Promise.all([script(name + '.js'), code(name)])
    .then(([glue, run]) => glue.open(run))
    .catch((error) => {
      delete parts[name];
      throw error;
    });
  const warn = (error) => console.warn('pledge-widget: could not be loaded: ' + error.message);
  if (unknown[0]) script('unknown.js').then(({ report }) => report(unknown, names), warn);
  const draw = (text) => part('qr').then((qr) => qr.draw(text));
  /** @returns {Partial<Pledge.Config>} */
  const config = () => widget.config() || {}; // empty after unmounting
  let checkPromise; // set once the errors of this configuration are reported
  // Nobody sees this field, so only programs fill it in. What they send is not refused, but they must prove more work.
  const trap = element.shadowRoot.appendChild(document.createElement('input'));
  trap.hidden = true;
  trap.name = 'subject';
  unmounting.signal.addEventListener('abort', () => trap.remove());
  let proof = '';
  /** @type {Pledge.Bridge} */
  const bridge = {
    name: (tag) => LANGUAGE_NAMES[tag] || new Intl.DisplayNames(tag, { type: 'language' }).of(tag),
    paint: () => void Promise.resolve().then(() => paint()), // the component answers only after this task
    // Ignore differences below a minute.
    ahead: Math.abs(aheadMs) > 6e4 ? aheadMs : 0,
    exact: aheadMs || 0,
    framed: window !== top,
    page: () => pageAddress(element),
    get proof() {
      return [trap.value && 'trap', proof].filter(Boolean).join('&').replace(/^(?=.)/, '?');
    },
    /** Asks the Pledge server whether signatures must prove work now, and does the work. */
    prove: (url) => void Promise.resolve().then(async () => {
      const answer = await fetch(url.replace(/\w+$/, 'challenge') + (trap.value ? '?trap' : ''),
        { cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer' });
      const challenge = answer.status === 200 && await answer.json();
      proof = challenge ? await (await script('proof.js')).solve(challenge, unmounting.signal) : '';
    }).catch(() => {}), // what matters is whether the signature is accepted
    /** Navigates to another page. In a frame, navigates the top-level page if the browser allows it. */
    go: (url) => {
      try {
        top.location.href = url;
      } catch (_) {
        location.href = url;
      }
    },
    /** Makes every control report its value: form fillers set values without dispatching an event. */
    read: () => controls().forEach((control) => {
      if (control.type !== 'radio' || control.checked) control.dispatchEvent(new Event('change', { bubbles: true }));
    }),
    explain: () => void (checkPromise ||= part('check').then(({ explain }) => {
      for (const sentence of explain(element, site, campaign)) console.warn('pledge-widget: ' + sentence);
    }).catch(warn)),
    // The component answers `config` only after this task.
    share: (page, receipt) => void Promise.resolve().then(async () => {
      if (config().share?.length === 0 && !receipt) return;
      const [{ fill }, texts] = await Promise.all([part('share'), words(strings.lang, 'share-')]);
      const panel = box.querySelector('#p-share');
      if (panel) fill(panel, element, texts, config(), page, draw, receipt);
    }).catch(warn),
  };
  /** Loads what other backends need, and the part that shortens postcodes. Returns members for the bridge. */
  const prepareBackends = async ([campaign, strings]) => {
    if (/"first_half_only/.test(JSON.stringify(campaign))) bridge.half = (await part('half')).first_half;
    const setting = (name) => element.getAttribute(name) ?? campaign?.[name];
    if ((setting('backend') ?? 'pledge') === 'pledge' && !setting('also')?.length) return {};
    return (await script('send.js')).complete({ element, campaign, strings, words, config, part, widget });
  };
  /**
   * Applies campaign and strings, and updates the bridge.
   *
   * @returns {[Pledge.Campaign, Pledge.Strings]}
   */
  const apply = (newFiles, members) => {
    [campaign, strings] = [newFiles[0], members.strings || newFiles[1]];
    // Format numbers and dates for the campaign's regional variety of the language (for en-GB: 24 January), else the
    // visitor's, if the browser supports it, and in the digits of the strings.
    const regionalTags = [/-/.test(campaign?.locale) && campaign.locale, strings.lang === 'en' && 'en-GB', ...preferred(),
      strings.lang].map((tag) => `${tag}`.split('-u-')[0]).filter((tag) => tag.split('-')[0].toLowerCase() === strings.lang);
    strings.format = ([...regionalTags, 'en-GB'].find(canFormat) || 'en') + '-u-nu-' + strings.digits;
    checkPromise = null;
    Object.assign(bridge, { elsewhere: null, agreement: null, ready: false, counts: false }, members);
    if (members.wrong) bridge.explain();
    return [campaign, strings];
  };
  box.addEventListener('change', (/** @type {Event & { target: HTMLInputElement }} */ { target, isTrusted }) => {
    const place = isTrusted && target.type === 'email' && box.querySelector('.near');
    if (place) script('suggest.js').then(({ offer }) => offer(target, place, strings['email.meant']), warn);
  });
  box.addEventListener('click', (/** @type {Event & { target: Element }} */ { target }) => {
    const button = target.closest('.unfold');
    if (button) button.setAttribute('aria-expanded', `${!button.previousElementSibling.classList.toggle('fold')}`);
  });
  apply([campaign, strings], await prepareBackends([campaign, strings]));
  const hadFocus = show();
  widget.mount(element, box, site, bridge, campaign, strings);
  /** Applies colours and corner radius. Hides the widget until the colours are loaded, so that others do not flash. */
  const paint = () => {
    const { accent, radius, debug, layout } = config();
    if (layout === 'bar') barPromise ||= script('bar.js').then(({ keep }) => keep(element, unmounting.signal), warn);
    if (debug) console.log('pledge-widget: configuration', config());
    box.style.setProperty('--p-corner', radius >= 0 ? radius + 'px' : '');
    const style = getComputedStyle(element);
    if (!accent && !['', '-dark'].some((suffix) => style.getPropertyValue('--pledge-accent' + suffix))) {
      for (const name of paintedProperties) box.style.removeProperty(name);
      return restoreFocus();
    }
    if (!paintedProperties.length) box.style.visibility = 'hidden';
    part('look').then((look) => {
      paintedProperties = look.paint(element, box, accent);
    }).catch(warn).then(() => {
      box.style.visibility = '';
      restoreFocus();
    });
  };
  /** If the fallback had the focus, moves the focus to the widget's heading or to the button that opens the dialog. */
  const restoreFocus = () => {
    if (hadFocus && !element.shadowRoot.activeElement) {
      for (const target of /** @type {NodeListOf<HTMLElement>} */ (box.querySelectorAll('[part=open],#p-title'))) {
        target.focus({ preventScroll: true });
      }
    }
  };
  // The style sheet needs the height of the form's box, so that a box higher than the window sticks at its bottom.
  let card;
  const cardObserver = new ResizeObserver(() => {
    const current = /** @type {HTMLElement} */ (box.querySelector('.card'));
    if (current && current !== card) cardObserver.observe(card = current);
    if (current) box.style.setProperty('--p-card', current.offsetHeight + 'px');
  });
  cardObserver.observe(box);
  let paintedProperties = [];
  let barPromise; // for the code of the bar layout
  for (const name of METHODS) element[name] = (value) => void widget[name](value);
  Object.defineProperty(element, 'config', { configurable: true, get: widget.config });
  for (const [name, value] of element.pledgeCalls || []) element[name](value);
  delete element.pledgeCalls;

  let latest = 0;
  /** @type {Promise<[Pledge.Campaign, Pledge.Strings]>} */
  let loaded = Promise.resolve([campaign, strings]);
  const observer = new MutationObserver((changes) => {
    if (changes.every(({ attributeName }) => !names.includes(attributeName))) return;
    if (changes.some(({ attributeName }) => /^(campaign|lang)$/.test(attributeName))) {
      const previous = loaded;
      loaded = files(element).then(
        /** @returns {[Pledge.Campaign, Pledge.Strings]} */ ([[campaign], strings]) => [campaign, strings],
      ).catch((error) => {
        warn(error);
        return previous; // keep the previous campaign and strings
      });
    }
    const revision = ++latest;
    loaded.then(async (newFiles) => {
      if (revision !== latest || unmounting.signal.aborted) return;
      const members = await prepareBackends(newFiles);
      if (revision !== latest || unmounting.signal.aborted) return;
      const applied = apply(newFiles, members);
      // The language that the visitor chose may have failed to load.
      /** @type {HTMLSelectElement} */
      const select = box.querySelector('.language');
      if (select && campaign) select.value = campaign.locale;
      widget.configure(...applied);
    }).catch(warn);
  });
  observer.observe(element, { attributes: true });
  addEventListener('online', widget.online, unmounting);
  // Host pages may have single-letter shortcuts. They cannot tell that a letter is typed into a field, because the
  // target of events from the shadow root is the element. So hide keyboard events from the page.
  for (const type of /** @type {const} */ (['keydown', 'keypress', 'keyup'])) {
    addEventListener(type, (event) => {
      if (/** @type {Node} */ (event.composedPath()[0]).getRootNode?.() === element.shadowRoot
        && !/^(Escape|Tab)$/.test(event.key)) {
        event.stopImmediatePropagation();
      }
    }, { capture: true, signal: unmounting.signal });
  }
  // A signature in one widget also counts in the other widgets of that campaign. They answer only after this task.
  document.addEventListener('pledge-signed', (event) => {
    const [other] = /** @type {PledgeElement[]} */ (event.composedPath());
    const key = (/** @type {Partial<Pledge.Config>} */ { id, backend, endpoint, testing }) =>
      [id, backend, endpoint, testing].join();
    if (other !== element) Promise.resolve().then(() => key(other.config || {}) === key(config()) && widget.signed());
  }, unmounting);
  defineProperties(element, names);

  const viewObserver = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    viewObserver.disconnect();
    element.dispatchEvent(new CustomEvent('pledge-view', { bubbles: true, composed: true, detail: {} }));
  }, { threshold: 0.1 });
  viewObserver.observe(element);

  return () => {
    unmounting.abort();
    observer.disconnect();
    viewObserver.disconnect();
    cardObserver.disconnect();
    for (const name of METHODS) delete element[name]; // the methods of the prototype queue calls until the next mount
    widget.unmount();
  };
};
