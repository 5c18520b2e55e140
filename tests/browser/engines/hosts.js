/* Functions that hosts.rs runs in the pages of tests/hosts/. Hosts replace built-in functions, so these use few. */

const PROPERTIES = ['align-items', 'background-color', 'background-image', 'border-bottom-style', 'border-bottom-width',
  'border-top-color', 'border-top-style', 'border-top-width', 'clear', 'color', 'contain', 'content-visibility',
  'cursor', 'direction', 'display', 'filter', 'flex-direction', 'float', 'font-family', 'font-size', 'font-style', 'font-variant',
  'font-weight', 'letter-spacing', 'line-height', 'list-style-type', 'margin-bottom', 'margin-top', 'opacity',
  'overflow-x', 'overflow-y', 'padding-bottom', 'padding-top', 'pointer-events', 'position', 'text-align',
  'text-decoration-line', 'text-shadow', 'text-transform', 'user-select', 'vertical-align', 'visibility', 'white-space',
  'will-change', 'word-spacing', 'writing-mode', 'z-index', '--ink', '--radius', '--text-light'];

/** Returns a line for everything that belongs to the host, for comparison with a run without the widget. */
const snapshot = (afterSigning) => {
  const lines = [];
  const add = (kind, text) => { lines[lines.length] = kind + '\t' + ('' + text).replace(/\s+/g, ' '); };
  for (const name of Object.getOwnPropertyNames(window)) {
    // Globals of a WebDriver do not belong to the host.
    if (!/^\d+$|^\$?cdc_|^se_|^jQuery\d|^webdriver|^__wd/i.test(name)) add('global', name);
  }
  for (const name of ['Object', 'Array', 'Function', 'String', 'Promise', 'Node', 'Element', 'HTMLElement', 'Document',
    'EventTarget']) {
    for (const property of Object.getOwnPropertyNames(window[name].prototype)) add('builtin', name + '.' + property);
  }
  add('address', location.href);
  add('title', document.title);
  for (const pushed of window.__pushed || []) add('history', pushed);
  try {
    add('cookie', document.cookie);
    for (let at = 0; at < localStorage.length; at++) add('localStorage', localStorage.key(at));
    for (let at = 0; at < sessionStorage.length; at++) add('sessionStorage', sessionStorage.key(at));
  } catch (_) { /* a sandboxed frame has no storage */ }
  add('style sheets', document.styleSheets.length + ' and ' + (document.adoptedStyleSheets || '').length);
  if (!afterSigning) {
    const focus = document.activeElement;
    add('focus', focus && focus.localName + '#' + focus.id);
    add('scrolled', Math.round(scrollX) + ' ' + Math.round(scrollY));
  }
  for (const element of document.querySelectorAll('*')) {
    if (element.closest('pledge-widget')) continue;
    let line = element.localName + '#' + element.id + '.' + (element.getAttribute('class') || '');
    // The loader hides its own tags, which a page may show to reserve space. A tag may also load another.
    if (element.localName === 'script') {
      if (/pledge\.js/.test(element.src)) continue;
    } else {
      const style = getComputedStyle(element);
      for (const property of PROPERTIES) line += ' ' + property + ':' + style.getPropertyValue(property);
    }
    add('element', line);
  }
  return lines.join('\n');
};

/** Returns a line for each widget: whether it shows a form or the button that opens one, its campaign, its place. */
const forms = (places) => {
  const lines = [];
  for (const element of widgets()) {
    const n = lines.length;
    const root = element.shadowRoot;
    const shows = root && root.querySelector('form,[part=open]') ? 'form' : 'none';
    const parent = element.parentElement || element.getRootNode().host;
    const place = places[places.length > 1 ? n : 0];
    const isThere = !place || (parent && parent.matches(place));
    const position = isThere ? 'there' : 'in ' + (parent ? parent.outerHTML.slice(0, 80) : 'nothing');
    lines[n] = shows + ' ' + element.getAttribute('campaign') + ' ' + position;
  }
  return lines.join('\n');
};

/** Resolves with the result of `forms` once it is the expected one, or after `timeout` milliseconds. */
const settled = (expected, places, timeout) => {
  const isExpected = () => expected ? forms(places) === expected : !/^form/m.test(forms(places));
  return until(isExpected, timeout).then(() => expected, () => forms(places) || 'no widget');
};

/** Calls a function that the page may define, and resolves with the errors that it finds, one per line. */
const callPageFunction = (name) => !window[name] ? '' : Promise.resolve().then(() => window[name]()).then(
  (errors) => Array.isArray(errors) ? errors.join('\n') : '',
  (error) => name + '(): ' + (error && error.message || error));
