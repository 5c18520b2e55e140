/**
 * The Pledge widget's loader.
 *
 * One script tag puts a pledge form on any page:
 *   <script async src="https://pledge.example/pledge.js" data-campaign="care-dont-share"></script>
 * It defines <pledge-widget> once, inserts one after each tag that names a campaign (or into data-target), reserves its
 * space, and loads the other files from the site that the tag names. Until they are loaded, or if loading fails, the
 * element shows a link.
 *
 * Other scripts may delay this script, copy it, bundle it or evaluate its text, and tag managers drop data-*
 * attributes. So the script does not rely on being run by its own tag. It looks for tags when it runs and whenever the
 * page changes.
 */
(() => {
  const current = document.currentScript;
  /** @type {Pledge.Make} */
  const make = (name, properties) => Object.assign(document.createElement(name), properties);
  const warn = (text) => console.warn('pledge-widget: ' + text);
  const core = __CORE__;
  const resolve = (address) => new URL(address, document.baseURI);
  const baseUrl = (address) => new URL('.', resolve(address)).href;

  // Returns the address of the loader in a tag. Page optimisers move it from `src` to another attribute.
  const addressOf = (tag) => [...(tag?.attributes || [])].map((at) => at.value)
    .find((value) => /(^|\/)pledge\.js(\?|$)/.test(value));

  // The site from which this script was loaded, as far as can be determined. The script may have been copied, bundled
  // or evaluated as text, so `current` may be the tag of another script.
  const ownAddress = addressOf(current)
    || addressOf(document.querySelector('script[src*="pledge.js"],script[data-campaign]'));
  let ownSite = ownAddress && baseUrl(ownAddress);

  /** @param {HTMLScriptElement} tag */
  const placeTag = (tag) => {
    const address = addressOf(tag);
    // Tag managers can put attributes into the address (pledge.js?campaign=…).
    const parameters = resolve(address || 'about:blank').searchParams;
    const get = (name) => tag.getAttribute('data-' + name) ?? parameters.get(name);
    const campaign = get('campaign');
    const base = get('site')?.replace(/\/?$/, '/') || address || (tag === current && tag.src);
    if (tag.pledgePlaced || campaign === null || !base) return;
    // A consent manager sets this type until the visitor consents.
    if (/plain/.test(tag.type)) {
      return tag.pledgeSaid ||= !/** @type {undefined} */ (warn(campaign + ' waits: ' + tag.type));
    }
    const site = baseUrl(base);
    if (ownSite && site !== ownSite) {
      // This script may be older than the site's files, so let the site's loader place the tag. If that fails, place it
      // here.
      const onerror = () => placeTags(ownSite = site);
      const script = make('script', { src: site + 'pledge.js', onerror, nonce: current?.nonce });
      if (!tag.pledgeAsked) document.head.append(script);
      if ((tag.pledgeAsked ||= check) === check) return;
    }
    const selector = get('target');
    let target;
    try {
      target = selector && document.querySelector(selector);
    } catch (_) { /* an invalid selector gets the same warning as one without a match */ }
    const inBody = tag.closest('body');
    // The target or the body may still be added.
    if (selector ? !target && document.readyState !== 'complete' : !inBody && document.readyState === 'loading') return;
    if (selector && !target) warn(`target="${selector}" finds nothing`);
    tag.pledgePlaced = true;
    const container = target || !inBody && document.body;
    // A page restored from saved HTML, as some do for the Back button, contains the old element without its state.
    const before = (container ? [...container.children] : [tag.nextElementSibling])
      .find((node) => node?.getAttribute('data-placed') === campaign);
    if (before?.pledge) return;
    before?.remove();
    const element = core(site)(get, tag);
    element.setAttribute('data-placed', campaign);
    if (container) return container.append(element);
    // A page may display the tag itself (display: block; min-height: …) to reserve the space from the first paint on.
    // Its style sheet may load after this.
    if (tag.offsetHeight) element.style.setProperty('--pledge-min-height', tag.offsetHeight + 'px');
    tag.style.display = 'none';
    tag.after(element);
  };

  const TAGS = 'script[data-campaign],script[src*="pledge.js?"]';
  /** @type {(ignored?: unknown) => void} */
  const placeTags = () => document.querySelectorAll(TAGS).forEach(placeTag);
  const check = () => {
    placeTags();
    if (document.readyState !== 'complete' || document.querySelector('pledge-widget,' + TAGS)) return;
    console.info('pledge-widget: nothing to show: no data-campaign or ?campaign=');
  };

  // One observer serves all tags of the site.
  if (ownSite) (core(ownSite).sweeps ||= new MutationObserver(placeTags)).observe(document,
    { childList: true, subtree: true });
  document.addEventListener('readystatechange', check);
  check();
})();
