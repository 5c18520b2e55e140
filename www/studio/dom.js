/**
 * Small tools for the page that Studio and Embed doctor share: making elements, waiting until somebody pauses, copying.
 * Nothing here reads HTML from a text.
 */

/** Finds an element by its id. */
export const byId = (id) => document.getElementById(id);

/** Makes an element: functions become listeners, true and false switch an attribute, texts become text nodes. */
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

/** Calls `run` once nothing has happened for so many milliseconds. */
export const paused = (wait, run) => {
  let timer = 0;
  const later = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...values), wait);
  };
  later.stop = () => clearTimeout(timer);
  return later;
};

/** "1 thing", "2 things". */
export const counted = (number, one, many) => `${number} ${number === 1 ? one : many}`;

/** A text without its ends' white space, at most so long. */
export const short = (text, most = 60) => {
  const letters = [...String(text).trim()];
  return letters.length > most ? letters.slice(0, most).join('') + '…' : letters.join('');
};

const waiting = new WeakMap();

/** Says something in a place that screen readers listen to, or takes back what stands there. The same words twice are said twice. */
export const say = (place, ...words) => {
  clearTimeout(waiting.get(place));
  place.textContent = '';
  // A screen reader hears a change only; emptying and filling in one turn is none.
  if (words.length) waiting.set(place, setTimeout(() => place.replaceChildren(...words), 30));
};

/**
 * Copies a text. Where the browser refuses, `fallback` (a text box, or an element whose words are to be selected) is
 * selected, so that two keys are left to press.
 */
export const copy = async (text, place, fallback) => {
  try {
    await navigator.clipboard.writeText(text);
    say(place, 'Copied. Paste it into your page.');
  } catch {
    if (fallback.select) {
      fallback.focus();
      fallback.select();
    } else {
      getSelection().selectAllChildren(fallback);
    }
    const key = /Mac|iP(hone|ad)/.test(navigator.platform) ? '⌘ C' : 'Ctrl+C';
    say(place, `Your browser does not let this page copy. The text is selected: press ${key}.`);
  }
};

/** A message with a heading, for something that went wrong or that somebody should know. */
export const note = (kind, heading, ...rest) =>
  el('div', { class: `note ${kind}` }, el('p', { class: 'note-head' }, heading), ...rest);

/** One finding of the doctor. `act` makes its place a button. */
export const finding = ({ severity, line, pointer, finding: what, remedy }, act) => {
  const word = severity === 'error' ? 'Wrong' : 'Look at this';
  const at = [line ? `line ${line}` : '', pointer && !what.includes(pointer) ? pointer : ''].filter(Boolean).join(', ');
  const where = at && act
    ? el('button', { type: 'button', class: 'where', click: act, 'aria-label': `Go to ${at}` }, at)
    : at && el('span', { class: 'where' }, at);
  return el('li', { class: `finding ${severity}` },
    el('p', {}, el('strong', { class: 'severity' }, word), ' ', what, where ? ' ' : null, where || null),
    remedy ? el('p', { class: 'remedy' }, remedy) : null);
};
