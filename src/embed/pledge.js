/**
 * The Pledge widget's loader.
 *
 * One script tag puts a pledge form on any page:
 *   <script async src="https://pledge.example/pledge.js" data-campaign="care-dont-share"></script>
 * Finds its own tag, defines <pledge-widget> once, puts one where the tag stands (or in data-target), keeps the place
 * free, and loads the rest from the site it came from. Until then, and if anything fails, a link stands in the place.
 */
(() => {
  const script = document.currentScript || [...document.querySelectorAll('script[src*="pledge.js"]')].pop();
  if (!script) return console.error('pledge-widget: cannot find its script tag');
  const create = (__CORE__)(new URL('.', script.src).href);

  const place = () => {
    const element = create();
    for (const { name, value } of script.attributes) {
      if (/^data-(?!on)./.test(name)) element.setAttribute(name.slice(5), value);
    }
    const selector = script.dataset.target;
    let target;
    try {
      target = selector && document.querySelector(selector);
    } catch (_) { /* not a selector: reported with the one that finds nothing */ }
    if (target) return target.append(element);
    const inBody = document.body && document.body.contains(script);
    if ((selector || !inBody) && document.readyState === 'loading') {
      return document.addEventListener('DOMContentLoaded', place, { once: true });
    }
    if (selector) console.warn(`pledge-widget: target="${selector}" finds nothing; use a CSS selector of an element on this page`);
    if (!inBody) return document.body.append(element);
    // A page may show the tag itself (display: block; min-height: …) to keep the place free from its first paint on. Its
    // style sheet may come only after this.
    if (script.offsetHeight) element.style.setProperty('--pledge-min-height', script.offsetHeight + 'px');
    script.style.display = 'none';
    script.after(element);
  };

  if (script.dataset.campaign !== undefined) place();
})();
