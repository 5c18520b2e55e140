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
    timer = setTimeout(run, wait);
  };
  later.stop = () => clearTimeout(timer);
  return later;
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
 * Copies a text. If the browser does not allow it, selects `fallback` (a text box or another element), so that the user
 * can copy with the keyboard.
 * @param {string} text
 * @param {HTMLElement} place
 * @param {HTMLTextAreaElement | HTMLPreElement} fallback
 */
export const copy = async (text, place, fallback) => {
  try {
    await navigator.clipboard.writeText(text);
    announce(place, 'Copied. Paste it into your page.');
  } catch {
    if ('select' in fallback) {
      fallback.focus();
      fallback.select();
    } else {
      getSelection().selectAllChildren(fallback);
    }
    const key = /Mac|iP(hone|ad)/.test(navigator.platform) ? '⌘ C' : 'Ctrl+C';
    announce(place, `Your browser does not let this page copy. The text is selected: press ${key}.`);
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
 * Creates a list item for a finding of the doctor. With `onClick`, its place is a button.
 * @param {Studio.Finding} found
 * @param {() => void} [onClick]
 */
export const findingItem = ({ severity, line, pointer, finding: what, remedy }, onClick) => {
  const word = severity === 'error' ? 'Error' : 'Check this';
  const at = [line ? `line ${line}` : '', pointer && !what.includes(pointer) ? pointer : ''].filter(Boolean).join(', ');
  const where = at && onClick
    ? el('button', { type: 'button', class: 'where', click: onClick, 'aria-label': `Go to ${at}` }, at)
    : at && el('span', { class: 'where' }, at);
  return el('li', { class: `finding ${severity}` },
    el('p', {}, el('strong', { class: 'severity' }, word), ' ', what, where ? ' ' : null, where || null),
    remedy ? el('p', { class: 'remedy' }, remedy) : null);
};
