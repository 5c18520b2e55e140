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

/**
 * Puts the widget into `box` and returns what takes it off the page. It has an instance of the module of its own: should
 * that fail, `failed` is called with the error, and no other widget is affected; once it is taken off, nothing of it is
 * left.
 *
 * `show` puts the box on the page, and says whether the focus was in what it replaces. `ahead` is how many milliseconds
 * the server's clock is ahead of the device's. `script` loads a part in JavaScript by its file's name, `code` one in
 * Wasm; `files` fetches campaign and strings for the element's present campaign and language, `words` the strings of a
 * language and a kind.
 */
export const attach = async ({ element, box, site, campaign, strings, ahead, show, failed, script, code, files, words }) => {
  const stop = new AbortController();
  const { mount, tell, unmount } = await open(await code('widget'), failed);
  const parts = {};
  /** A part that is loaded only where it is needed. One that failed is loaded again the next time. */
  const part = (name) => parts[name] ||= Promise.all([script(name + '.js'), code(name)])
    .then(([glue, run]) => glue.open(run))
    .catch((error) => {
      delete parts[name];
      throw error;
    });
  const warn = (error) => console.warn('pledge-widget: could not be loaded: ' + error.message);
  const draw = (text) => part('qr').then((qr) => qr.draw(text));
  const config = () => tell('config') || {}; // nothing once it is taken off the page
  let explained; // once for each configuration
  const tools = {
    name: (tag) => UNNAMED[tag] || new Intl.DisplayNames(tag, { type: 'language' }).of(tag),
    paint: () => void Promise.resolve().then(() => paint()), // the component can be asked after this turn
    ahead,
    /** What is on screen counts, however it came there: form fillers set a value and tell nobody. */
    read: () => box.querySelectorAll('form input,form select,form textarea').forEach((control) => {
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
  /** What other backends than our own server need; they have a part of their own. */
  const complete = async ([campaign, strings]) => {
    const set = (name) => element.getAttribute(name) ?? campaign?.[name];
    if ((set('backend') ?? 'pledge') === 'pledge' && !set('also')?.length) return {};
    return (await part('send')).complete({ element, campaign, strings, words, config, tell: (...told) => tell(...told) });
  };
  /** Campaign and strings as they are to hold. */
  const use = (fresh, made) => {
    [campaign, strings] = [fresh[0], made.strings || fresh[1]];
    explained = null;
    Object.assign(tools, { elsewhere: null, agreement: null, ready: false, counts: false }, made);
    if (made.wrong) tools.explain();
    return [campaign, strings];
  };
  use([campaign, strings], await complete([campaign, strings]));
  const hadFocus = show();
  mount(element, box, site, tools, campaign, strings);
  const names = tell('keys').map((key) => key.replaceAll('_', '-')); // those of the attribute table
  /** Colours and corners. Until the colours are there, the place stays empty rather than flashing in others. */
  const paint = () => {
    const { accent, radius, debug, layout } = config();
    if (layout === 'bar') bar ||= script('bar.js').then(({ giveWay }) => giveWay(element, stop.signal), warn);
    if (debug) console.log('pledge-widget: configuration', config());
    box.style.setProperty('--corner', radius >= 0 ? radius + 'px' : '');
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
  for (const name of METHODS) element[name] = (value) => void tell(name, value);
  Object.defineProperty(element, 'config', { configurable: true, get: () => tell('config') });
  for (const [name, value] of element.pledgeCalls || []) element[name](value);
  delete element.pledgeCalls;

  let newest = 0;
  let loaded = Promise.resolve([campaign, strings]);
  const observer = new MutationObserver((changes) => {
    if (changes.every(({ attributeName }) => !names.includes(attributeName))) return;
    if (changes.some(({ attributeName }) => /^(campaign|lang)$/.test(attributeName))) {
      const before = loaded;
      loaded = files().catch((error) => {
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
      tell('configure', whole);
    }).catch(warn);
  });
  observer.observe(element, { attributes: true });
  addEventListener('online', () => tell('online'), stop);
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
    unmount();
  };
};
