/**
 * Helpers that the Studio and the Embed doctor share: creating elements, debouncing, messages, copying. Nothing here
 * parses HTML.
 */

/**
 * Finds an element by its id.
 * @template {string} Id
 * @param {Id} id
 * @returns {Studio.PageElements[Id]}
 */
export const byId = (id) => document.getElementById(id);

/**
 * Creates an element. Functions become listeners, booleans toggle an attribute, texts become text nodes.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string | boolean | ((event: Event) => void)>} [attributes]
 * @param {Studio.Content[]} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export const el = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(key, value);
    else if (typeof value === 'boolean') element.toggleAttribute(key, value);
    else if (value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
  return element;
};

/**
 * Creates a small button.
 * @param {string} label
 * @param {() => void} click
 */
export const smallButton = (label, click) => el('button', { type: 'button', class: 'small', click }, label);

/**
 * Returns a function that calls `run` once it has not been called for `wait` milliseconds.
 * @param {number} wait
 * @param {() => void} run
 */
export const debounce = (wait, run) => {
  let timer = 0;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = 0;
      run();
    }, wait);
  };
  later.stop = () => {
    clearTimeout(timer);
    timer = 0;
  };
  /** Whether a call is due. */
  later.isDue = () => timer !== 0;
  return later;
};

/** Where the pointer was last, if it is what the user last used. */
const pointer = { x: -1, y: -1, isDown: false };
/** @type {Map<string, () => void>} */
const waiting = new Map(); // what to do once the pointer is up

/** Returns whether the pointer was last at a place in a rectangle. */
export const isPointedAt = (/** @type {DOMRect} */ { left, right, top, bottom }) =>
  pointer.x >= left && pointer.x <= right && pointer.y >= top && pointer.y <= bottom;

/** Returns whether the pointer is down. */
export const isPressed = () => pointer.isDown;

/**
 * Changes the page in such a way that what the user points at, or else what has the focus, keeps its place in the
 * window.
 * @param {() => void} change
 */
export const steady = (change) => {
  const pointed = pointer.x >= 0 ? document.elementFromPoint(pointer.x, pointer.y) : null;
  // What is pointed at can be a button that the change removes.
  const anchors = [pointed, document.activeElement].filter(Boolean)
    .map((node) => ({ node, before: node.getBoundingClientRect() }));
  change();
  const { node, before } = anchors.find((anchor) => anchor.node.isConnected) ?? {};
  const after = node?.getBoundingClientRect();
  const isInView = before && before.bottom > 0 && before.top < innerHeight;
  if (isInView && after?.height && after.top !== before.top) scrollBy(0, after.top - before.top);
};

const flush = () => {
  if (pointer.isDown || !waiting.size) return;
  const changes = [...waiting.values()];
  waiting.clear();
  steady(() => changes.forEach((change) => { change(); }));
};
const released = () => {
  pointer.isDown = false;
  setTimeout(flush, 50); // after the click, which follows at once
};
for (const type of ['pointerdown', 'mousedown']) {
  addEventListener(type, () => { pointer.isDown = true; }, true);
}
for (const type of ['pointerup', 'mouseup', 'pointercancel', 'drop', 'dragend']) addEventListener(type, released, true);
addEventListener('pointermove', ({ buttons, clientX, clientY }) => {
  Object.assign(pointer, { x: clientX, y: clientY });
  if (pointer.isDown && !buttons) released(); // released outside the window
}, true);
addEventListener('pointerdown', ({ clientX, clientY }) => Object.assign(pointer, { x: clientX, y: clientY }), true);
addEventListener('keydown', () => {
  Object.assign(pointer, { x: -1, y: -1 });
  if (pointer.isDown) released();
}, true);

/**
 * Shows messages without moving the page under the pointer. Leaving a field by a press on a button shows the messages
 * about that field: if they moved the button before the pointer is up, the click would be lost.
 * @param {string} what the same for changes that replace each other
 * @param {() => void} change
 */
export const settled = (what, change) => {
  if (pointer.isDown) waiting.set(what, change);
  else steady(change);
};

/**
 * Moves the focus to an element. If all of it is in view above the bar, the page does not scroll.
 * @param {HTMLElement} element
 */
export const focusInPlace = (element) => {
  const { top, bottom } = element.getBoundingClientRect();
  const end = document.getElementById('copy-bar')?.getBoundingClientRect().top ?? innerHeight;
  element.focus({ preventScroll: top >= 0 && bottom <= end });
};

/**
 * Formats a number with a noun: "1 thing", "2 things".
 * @param {number} number
 * @param {string} one
 * @param {string} many
 */
export const pluralise = (number, one, many) => `${number} ${number === 1 ? one : many}`;

/**
 * Trims a text and shortens it to at most `max` characters.
 * @param {string} text
 */
export const truncate = (text, max = 60) => {
  const letters = [...String(text).trim()];
  return letters.length > max ? `${letters.slice(0, max).join('')}…` : letters.join('');
};

/** @type {WeakMap<HTMLElement, number>} */
const timers = new WeakMap();

/**
 * Shows a message in a live region, or removes it if there are no `words`. A repeated message is announced again.
 * @param {HTMLElement} place
 * @param {Studio.Content[]} words
 */
export const announce = (place, ...words) => {
  clearTimeout(timers.get(place));
  place.textContent = '';
  // Screen readers announce only changes. Emptying and filling the region in the same task is not a change.
  if (words.length) timers.set(place, setTimeout(() => place.replaceChildren(...words), 30));
};

/**
 * Says what the widget's own descriptions say without the words of people who build sites.
 * @param {string} text
 */
export const inPlainWords = (text) => text
  .replace(/1 to 64 of a-z, 0-9 and -/g, 'small letters, digits and hyphens, 64 at most')
  .replace(/an https address, or a path on the widget['’]s own site/g,
    'an https address, or a file on this server, such as /privacy.html')
  .replace(/a path on the widget['’]s own site/g, 'a file on this server')
  .replace(/an image on the widget['’]s own site/g, 'a file on this server')
  .replace(/\bopt-in question\b/gi, 'question')
  .replace(/\bdata controller\b/gi, 'organisation')
  .replace(/the controller['’]s/gi, 'your organisation’s')
  .replace(/\bunder your source, so you must also set source\b/g, 'under your partner code, so fill that in too')
  .replace(/\bYour source is added\b/g, 'Your partner code is added');

/**
 * Copies a text. If the browser does not allow it, selects `fallback` (a text box or another element), so that the user
 * can copy with the keyboard. The message is then shown in `beside`, which is near the selected text.
 * @param {string} text
 * @param {HTMLElement} place
 * @param {HTMLInputElement | HTMLTextAreaElement | HTMLPreElement} fallback
 */
export const copy = async (text, place, fallback, beside = place, done = 'Copied. Paste it into your page.') => {
  try {
    await navigator.clipboard.writeText(text);
    announce(place, done);
  } catch {
    if ('select' in fallback) {
      fallback.focus();
      fallback.select();
    } else {
      getSelection().selectAllChildren(fallback);
    }
    const key = /Mac|iP(hone|ad)/.test(navigator.platform) ? '⌘ C' : 'Ctrl+C';
    announce(beside, `Your browser does not let this page copy. The text is selected: press ${key}.`);
  }
};

/**
 * Creates a message with a heading, for an error or a warning.
 * @param {'error' | 'warning'} kind
 * @param {string} heading
 * @param {Studio.Content[]} rest
 */
export const note = (kind, heading, ...rest) =>
  el('div', { class: `note ${kind}` }, el('p', { class: 'note-head' }, heading), ...rest);

/**
 * Creates a message about a field, beside it. With a correction of the mistake, a button applies it.
 * @param {'error' | 'warning'} severity
 * @param {string} what
 * @param {{ use: string, apply: (use: string) => void }} [fix]
 */
export const fieldMessage = (severity, what, fix) => el('p', { class: severity },
  el('strong', {}, severity === 'error' ? 'Error: ' : 'Check this: '), what, fix ? ' ' : null,
  fix ? el('button', { type: 'button', class: 'fix', click: () => fix.apply(fix.use) }, `Use ${fix.use}`) : null);

/**
 * Creates a list item for a finding of the doctor. With `onClick`, its place is a button: the line and the pointer, or
 * "Go to it" if the place has a name.
 * @param {Studio.Finding} found
 * @param {() => void} [onClick]
 * @param {string} [name]
 */
export const findingItem = ({ severity, line, pointer, finding: what, remedy }, onClick, name) => {
  const word = severity === 'error' ? 'Error' : 'Check this';
  const ofFile = [line ? `line ${line}` : '', pointer && !what.includes(pointer) ? pointer : ''];
  const at = name ? 'Go to it' : ofFile.filter(Boolean).join(', ');
  const label = name ? `Go to it: ${name}` : `Go to ${at}`;
  const where = at && onClick
    ? el('button', { type: 'button', class: 'where', click: onClick, 'aria-label': label }, at)
    : at && el('span', { class: 'where' }, at);
  return el('li', { class: `finding ${severity}` },
    el('p', {}, el('strong', { class: 'severity' }, word), ' ', what, where ? ' ' : null, where || null),
    remedy ? el('p', { class: 'remedy' }, remedy) : null);
};
