/**
 * The Pledge widget's loader.
 *
 * One script tag puts a pledge form on any page:
 *   <script async src="https://pledge.example/pledge.js" data-campaign="care-dont-share"></script>
 * It defines <pledge-widget> once, puts one after each tag that names a campaign (or into data-target), keeps the place
 * free, and loads the rest from the site that the tag names. Until then, and if anything fails, it shows a link.
 *
 * Other scripts delay this one, copy it, join it with others or run its text, and tag managers drop data-*. So it does
 * not rely on being run by its own tag: it looks for tags, at once and whenever the page changes.
 */
(() => {
  const current = document.currentScript;
  const make = (name, properties) => Object.assign(document.createElement(name), properties);
  const warn = (text) => console.warn('pledge-widget: ' + text);
  const core = __CORE__;
  const whole = (address) => new URL(address, document.baseURI);
  const folder = (address) => new URL('.', whole(address)).href;

  // The address of the loader in a tag. Optimisers move it from `src` to an attribute of their own.
  const addressOf = (tag) => [...(tag?.attributes || [])].map((at) => at.value)
    .find((value) => /(^|\/)pledge\.js(\?|$)/.test(value));

  // The site that this text came from, as far as can be told: it may have been copied, joined with other scripts or run
  // as text, and `current` may be another's.
  const own = addressOf(current) || addressOf(document.querySelector('script[src*="pledge.js"],script[data-campaign]'));
  let from = own && folder(own);

  const place = (tag) => {
    const address = addressOf(tag);
    // Attributes may be in the address (pledge.js?campaign=…), for tag managers.
    const inAddress = whole(address || 'about:blank').searchParams;
    const get = (name) => tag.getAttribute('data-' + name) ?? inAddress.get(name);
    const campaign = get('campaign');
    const near = get('site')?.replace(/\/?$/, '/') || address || (tag === current && tag.src);
    if (tag.pledgePlaced || campaign === null || !near) return;
    // A consent manager's, until there is consent.
    if (/plain/.test(tag.type)) return tag.pledgeSaid ||= !warn(campaign + ' waits: ' + tag.type);
    const site = folder(near);
    if (from && site !== from) {
      // This text may be older than the site's files, so the site's own loader places the tag; failing that, this text.
      const onerror = () => sweep(from = site);
      const script = make('script', { src: site + 'pledge.js', onerror, nonce: current?.nonce });
      if (!tag.pledgeAsked) document.head.append(script);
      if ((tag.pledgeAsked ||= look) === look) return;
    }
    const selector = get('target');
    let target;
    try {
      target = selector && document.querySelector(selector);
    } catch (_) { /* not a selector: reported with the one that finds nothing */ }
    const inBody = tag.closest('body');
    // Target and body may come yet.
    if (selector ? !target && document.readyState !== 'complete' : !inBody && document.readyState === 'loading') return;
    if (selector && !target) warn(`target="${selector}" finds nothing`);
    tag.pledgePlaced = true;
    const home = target || !inBody && document.body;
    // A page that was kept as HTML, as for the Back button, has the widget of before, without what makes it work.
    const before = (home ? [...home.children] : [tag.nextElementSibling])
      .find((node) => node?.getAttribute('data-placed') === campaign);
    if (before?.pledge) return;
    before?.remove();
    const element = core(site)(get, tag);
    element.setAttribute('data-placed', campaign);
    if (home) return home.append(element);
    // A page may show the tag itself (display: block; min-height: …) to keep the place free from its first paint on. Its
    // style sheet may come only after this.
    if (tag.offsetHeight) element.style.setProperty('--pledge-min-height', tag.offsetHeight + 'px');
    tag.style.display = 'none';
    tag.after(element);
  };

  const TAGS = 'script[data-campaign],script[src*="pledge.js?"]';
  const sweep = () => document.querySelectorAll(TAGS).forEach(place);
  const look = () => {
    sweep();
    if (document.readyState !== 'complete' || document.querySelector('pledge-widget,' + TAGS)) return;
    console.info('pledge-widget: nothing to show: no data-campaign or ?campaign=');
  };

  // One observer for all tags of the site.
  if (from) (core(from).sweeps ||= new MutationObserver(sweep)).observe(document, { childList: true, subtree: true });
  document.addEventListener('readystatechange', look);
  look();
})();
