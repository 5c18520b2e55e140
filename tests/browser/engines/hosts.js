/* What the runner of tests/hosts/ asks of a page. Hosts replace functions of the browser, so all of it is plain. */

const PROPERTIES = ['align-items', 'background-color', 'background-image', 'border-bottom-style', 'border-bottom-width',
  'border-top-color', 'border-top-style', 'border-top-width', 'clear', 'color', 'contain', 'content-visibility', 'cursor',
  'direction', 'display', 'filter', 'flex-direction', 'float', 'font-family', 'font-size', 'font-style', 'font-variant',
  'font-weight', 'letter-spacing', 'line-height', 'list-style-type', 'margin-bottom', 'margin-top', 'opacity',
  'overflow-x', 'overflow-y', 'padding-bottom', 'padding-top', 'pointer-events', 'position', 'text-align',
  'text-decoration-line', 'text-shadow', 'text-transform', 'user-select', 'vertical-align', 'visibility', 'white-space',
  'will-change', 'word-spacing', 'writing-mode', 'z-index', '--ink', '--radius', '--text-light'];

/** A line for all that is the host's and not ours: what to compare with a run without us. */
const snapshot = (touched) => {
  const lines = [];
  const say = (kind, text) => { lines[lines.length] = kind + '\t' + ('' + text).replace(/\s+/g, ' '); };
  for (const name of Object.getOwnPropertyNames(window)) {
    // Those of a WebDriver are not the host's.
    if (!/^\d+$|^\$?cdc_|^se_|^jQuery\d|^webdriver|^__wd/i.test(name)) say('global', name);
  }
  for (const name of ['Object', 'Array', 'Function', 'String', 'Promise', 'Node', 'Element', 'HTMLElement', 'Document', 'EventTarget']) {
    for (const property of Object.getOwnPropertyNames(window[name].prototype)) say('builtin', name + '.' + property);
  }
  say('address', location.href);
  say('title', document.title);
  for (const pushed of window.__pushed || []) say('history', pushed);
  try {
    say('cookie', document.cookie);
    for (let at = 0; at < localStorage.length; at++) say('localStorage', localStorage.key(at));
    for (let at = 0; at < sessionStorage.length; at++) say('sessionStorage', sessionStorage.key(at));
  } catch (_) { /* a frame in a sandbox has none */ }
  say('style sheets', document.styleSheets.length + ' and ' + (document.adoptedStyleSheets || '').length);
  if (!touched) {
    const focus = document.activeElement;
    say('focus', focus && focus.localName + '#' + focus.id);
    say('scrolled', Math.round(scrollX) + ' ' + Math.round(scrollY));
  }
  for (const element of document.querySelectorAll('*')) {
    if (element.closest('pledge-widget')) continue;
    let line = element.localName + '#' + element.id + '.' + (element.getAttribute('class') || '');
    // Our tags are hidden by us, as a page may show them to keep the place free, and one may load another.
    if (element.localName === 'script') {
      if (/pledge\.js/.test(element.src)) continue;
    } else {
      const style = getComputedStyle(element);
      for (const property of PROPERTIES) line += ' ' + property + ':' + style.getPropertyValue(property);
    }
    say('element', line);
  }
  return lines.join('\n');
};

/** For each widget: whether it shows a form or the button that opens one, its campaign, and whether it is in its place. */
const forms = (places) => {
  const lines = [];
  for (const element of widgets()) {
    const n = lines.length;
    const root = element.shadowRoot;
    const shows = root && root.querySelector('form,[part=open]') ? 'form' : 'none';
    const parent = element.parentElement || element.getRootNode().host;
    const place = places[places.length > 1 ? n : 0];
    const is = !place || (parent && parent.matches(place)) ? 'there' : 'in ' + (parent ? parent.outerHTML.slice(0, 80) : 'nothing');
    lines[n] = shows + ' ' + element.getAttribute('campaign') + ' ' + is;
  }
  return lines.join('\n');
};

/** What `forms` says once it says what is wanted, or after that many milliseconds. */
const settled = (wanted, places, patience) => {
  const isRight = () => wanted ? forms(places) === wanted : !/^form/m.test(forms(places));
  return until(isRight, patience).then(() => wanted, () => forms(places) || 'no widget');
};

/** What the page's own function finds wrong, one a line. */
const ask = (name) => !window[name] ? '' : Promise.resolve().then(() => window[name]()).then(
  (wrong) => Array.isArray(wrong) ? wrong.join('\n') : '',
  (error) => name + '(): ' + (error && error.message || error));
