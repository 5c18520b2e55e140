/**
 * One control for each kind of attribute. Each is { nodes, focus, get, set, placeholder }: the nodes on the page, the
 * node that the label is for, and functions for the value. The value is the attribute's text, or '' if it is not set.
 */
import { el } from './dom.js';

/**
 * Readable names for words of the table.
 * @type {Record<string, string>}
 */
const NAMES = {
  whatsapp: 'WhatsApp',
  linkedin: 'LinkedIn',
  qr: 'QR code',
  x: 'X',
  native: 'The device’s share menu',
  copy: 'Copy the link',
  auto: 'Follow the visitor’s device',
  json: 'JSON',
  bar: 'Bar at the bottom of the window',
  button: 'Button that opens the form',
};

/** Words that cannot be combined with others. */
const EXCLUSIVE = ['all', 'none'];

/**
 * Returns the readable name of a word of the table.
 * @param {string} word
 */
export const wordName = (word) => NAMES[word] ?? word.charAt(0).toUpperCase() + word.slice(1).replaceAll('-', ' ');

/** @typedef {(attribute: Studio.Attribute, changed: () => void) => Studio.Control} MakeControl */

const base = (/** @type {Studio.Attribute} */ { name }) => ({ id: `f-${name}`, name, autocomplete: 'off' });

/**
 * @param {HTMLInputElement | HTMLTextAreaElement} input
 * @param {() => void} changed
 * @returns {Studio.Control}
 */
const textControl = (input, changed) => {
  input.addEventListener('input', () => changed());
  return {
    nodes: [input],
    focus: input,
    get: () => input.value,
    set: (value) => { input.value = value; },
    placeholder: (text) => { input.placeholder = text.slice(0, 300); },
  };
};

/** @type {MakeControl} */
const text = (attribute, changed) => textControl(el('input', {
  ...base(attribute),
  type: 'text',
  spellcheck: attribute.kind === 'text' ? 'true' : 'false',
  autocapitalize: attribute.kind === 'text' ? 'sentences' : 'none',
}), changed);

/**
 * A text area that grows with its content.
 * @type {MakeControl}
 */
const area = (attribute, changed) => {
  const input = el('textarea', { ...base(attribute), rows: attribute.kind === 'lines' ? '4' : '3' });
  const control = textControl(input, changed);
  if (attribute.kind === 'text') {
    input.addEventListener('keydown', (event) => { // the value is a single line
      if (event.key === 'Enter') event.preventDefault();
    });
    control.get = () => input.value.replace(/\s*[\r\n]+\s*/g, ' ');
  }
  const grow = () => {
    input.style.blockSize = 'auto';
    if (input.scrollHeight) input.style.blockSize = `${Math.min(input.scrollHeight + 4, 480)}px`;
  };
  input.addEventListener('input', grow);
  return {
    ...control,
    set: (value) => { input.value = value; grow(); },
    placeholder: (fileText) => { control.placeholder(fileText); grow(); },
    grow,
  };
};

/**
 * A text input with a numeric keyboard. A number input would hide invalid text from the doctor.
 * @type {MakeControl}
 */
const whole = (attribute, changed) => {
  const input = el('input', {
    ...base(attribute),
    type: 'text',
    inputmode: 'numeric',
    class: 'narrow',
    spellcheck: 'false',
  });
  const unit = attribute.unit ? el('span', { class: 'unit', id: `u-${attribute.name}` }, attribute.unit) : null;
  return { ...textControl(input, changed), nodes: [el('span', { class: 'beside' }, input, unit)] };
};

/** @type {MakeControl} */
const flag = (attribute, changed) => {
  const input = el('input', { ...base(attribute), type: 'checkbox', change: () => changed() });
  return {
    nodes: [input],
    focus: input,
    get: () => (input.checked ? 'true' : ''),
    set: (value) => { input.checked = value === 'true'; },
    placeholder: () => {},
  };
};

/** @type {MakeControl} */
const word = (attribute, changed) => {
  const standard = `Default: ${wordName(attribute.default)}`;
  const first = el('option', { value: '' }, standard);
  const options = attribute.choices.map((choice) =>
    el('option', { value: choice }, attribute.names?.[choice] ?? wordName(choice)));
  const input = el('select', { ...base(attribute), change: () => changed() }, first, ...options);
  return {
    nodes: [input],
    focus: input,
    get: () => input.value,
    set: (value) => { input.value = value; },
    placeholder: (fileText) => { first.textContent = fileText ? `Campaign file: ${wordName(fileText)}` : standard; },
  };
};

/** @type {MakeControl} */
const words = (attribute, changed) => {
  // If the list may be empty, there is an extra choice for that.
  const isNone = /\bnone$/.test(attribute.allowed ?? '') && !attribute.choices.includes('none');
  const boxes = [...attribute.choices, ...(isNone ? ['none'] : [])].map((choice) =>
    el('input', { type: 'checkbox', value: choice, id: `f-${attribute.name}-${choice}` }));
  const labels = boxes.map((box) => el('label', { class: 'choice' }, box, el('span', {}, wordName(box.value))));
  const list = el('div', { class: 'choices' }, ...labels);
  list.addEventListener('change', (event) => {
    const chosen = /** @type {HTMLInputElement} */ (event.target);
    if (chosen.checked) {
      const isExclusive = EXCLUSIVE.includes(chosen.value);
      for (const box of boxes) {
        if (box !== chosen && (isExclusive || EXCLUSIVE.includes(box.value))) box.checked = false;
      }
    }
    changed();
  });
  return {
    nodes: [list],
    focus: boxes[0],
    boxes,
    get: () => boxes.filter((box) => box.checked).map((box) => box.value).join(' '),
    set: (value) => {
      const wanted = value.split(/[\s,]+/);
      for (const box of boxes) box.checked = wanted.includes(box.value);
    },
    placeholder: () => {},
  };
};

const HEX = /^#([\da-f])([\da-f])([\da-f])$/i;

/**
 * Converts a colour to #rrggbb. Returns '' if it is not a colour.
 * @param {string} value
 */
const fullHex = (value) => {
  const long = value.trim().replace(HEX, '#$1$1$2$2$3$3').toLowerCase();
  return /^#[\da-f]{6}$/.test(long) ? long : '';
};

/** @type {MakeControl} */
const colour = (attribute, changed) => {
  const control = text(attribute, changed);
  const picker = el('input', { type: 'color', class: 'picker', 'aria-label': `${attribute.label}: pick a colour` });
  let defaultColour = fullHex(attribute.default) || '#4a2594';
  const updatePicker = () => { picker.value = fullHex(control.get()) || defaultColour; };
  control.focus.addEventListener('input', updatePicker);
  control.focus.classList.add('narrow');
  // People often leave out the #.
  control.focus.addEventListener('change', () => {
    if (!/^([\da-f]{3}){1,2}$/i.test(control.get().trim())) return;
    control.set(`#${control.get().trim()}`);
    updatePicker();
    changed();
  });
  picker.addEventListener('input', () => {
    control.set(picker.value);
    changed();
  });
  updatePicker();
  return {
    ...control,
    nodes: [el('span', { class: 'beside' }, control.focus, picker)],
    set: (value) => { control.set(value); updatePicker(); },
    placeholder: (fileText) => {
      control.placeholder(fileText || attribute.default);
      defaultColour = fullHex(fileText) || fullHex(attribute.default) || '#4a2594';
      updatePicker();
    },
  };
};

/** @type {Record<string, MakeControl>} */
const KINDS = { text, form: text, whole, flag, word, words, lines: area, colour };

/**
 * Returns the control of an attribute. Unknown kinds get a line of text.
 * @type {MakeControl}
 */
export const controlFor = (attribute, changed) => {
  const isLong = attribute.kind === 'text' && attribute.max_chars > 200;
  return (isLong ? area : KINDS[attribute.kind] ?? text)(attribute, changed);
};
