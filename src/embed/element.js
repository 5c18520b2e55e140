/**
 * What one <pledge-widget> does once its parts are there: it mounts the component, hears of changed attributes, offers
 * properties and methods to the host page, and tells when it is seen. Loaded with the glue, never by itself.
 */
import init, { mount, tell, unmount } from './widget.js';

export { init };

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
 * Puts the widget into `box` and returns what takes it off the page. `file` gives the path of a part that is
 * loaded only where it is needed; `files` fetches campaign and strings for the element's present campaign and language,
 * `words` the strings of a language and a kind, `get` a file.
 */
export const attach = async ({ element, box, site, file, campaign, strings, files, words, get }) => {
  const stop = new AbortController();
  const part = (name) => import(site + file(name + '.js')).then(async (part) => {
    await part.default(() => get(file(name + '.wasm')));
    return part;
  });
  const warn = (error) => console.warn('pledge-widget: could not be loaded: ' + error.message);
  const draw = (text) => part('qr').then((qr) => qr.draw(text));
  const config = () => tell(number, 'config') || {}; // nothing once it is taken off the page
  let explained; // once for each configuration
  const tools = {
    name: (tag) => UNNAMED[tag] || new Intl.DisplayNames(tag, { type: 'language' }).of(tag),
    paint: () => void Promise.resolve().then(() => paint()), // the component has its number after this turn
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
    return (await part('send')).complete({ element, campaign, strings, words, config, tell: (...told) => tell(number, ...told) });
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
  const number = mount(element, box, site, tools, campaign, strings);
  const names = tell(number, 'keys').map((key) => key.replaceAll('_', '-')); // those of the attribute table
  /** Colours and corners. Until the colours are there, the place stays empty rather than flashing in others. */
  const paint = () => {
    const { accent, radius, debug, layout } = config();
    if (layout === 'bar') bar ||= import(site + file('bar.js')).then(({ giveWay }) => giveWay(element, stop.signal), warn);
    if (debug) console.log('pledge-widget: configuration', config());
    box.style.setProperty('--corner', radius >= 0 ? radius + 'px' : '');
    const style = getComputedStyle(element);
    if (!accent && !['', '-dark'].some((end) => style.getPropertyValue('--pledge-accent' + end))) {
      for (const name of painted) box.style.removeProperty(name);
      return;
    }
    if (!painted.length) box.style.visibility = 'hidden';
    part('look').then((look) => {
      painted = look.paint(element, box, accent);
    }).catch(warn).then(() => { box.style.visibility = ''; });
  };
  let painted = [];
  let bar; // what a bar needs besides
  for (const name of METHODS) element[name] = (value) => void tell(number, name, value);
  Object.defineProperty(element, 'config', { configurable: true, get: () => tell(number, 'config') });
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
      tell(number, 'configure', whole);
    }).catch(warn);
  });
  observer.observe(element, { attributes: true });
  addEventListener('online', () => tell(number, 'online'), stop);
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
    unmount(number);
  };
};
