/**
 * One control for each kind of attribute. Each is { nodes, focus, get, set, placeholder }: what stands on the page, what
 * has the focus when its label is meant, and its value as the text that the attribute would have ('' where it is not set).
 */
import { el } from './dom.js';

/** Words of the table that people know by another name. */
const NAMES = {
  whatsapp: 'WhatsApp', linkedin: 'LinkedIn', qr: 'QR code', x: 'X', native: 'The phone’s own way', copy: 'Copy the link',
  auto: 'As the visitor’s device asks', json: 'JSON', bar: 'Bar at the lower edge', button: 'Button that opens the form',
};

/** Words that cannot stand beside others. */
const ALONE = ['all', 'none'];

/** A word of the table as people read it. */
export const wordName = (word) => NAMES[word] ?? word.charAt(0).toUpperCase() + word.slice(1).replaceAll('-', ' ');

const base = (attribute) => ({ id: `f-${attribute.name}`, name: attribute.name, autocomplete: 'off' });

const typed = (input, changed) => {
  input.addEventListener('input', () => changed());
  return {
    nodes: [input],
    focus: input,
    get: () => input.value,
    set: (value) => { input.value = value; },
    placeholder: (text) => { input.placeholder = text.slice(0, 300); },
  };
};

const text = (attribute, changed) => typed(el('input', {
  ...base(attribute),
  type: 'text',
  spellcheck: attribute.kind === 'text' ? 'true' : 'false',
  autocapitalize: attribute.kind === 'text' ? 'sentences' : 'none',
}), changed);

/** Grows with what is in it. */
const area = (attribute, changed) => {
  const input = el('textarea', { ...base(attribute), rows: attribute.kind === 'lines' ? '4' : '3' });
  const control = typed(input, changed);
  if (attribute.kind === 'text') {
    input.addEventListener('keydown', (event) => { // one line, however long
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
    placeholder: (said) => { control.placeholder(said); grow(); },
    grow,
  };
};

/** Not a number input: those hide what is wrong from everybody but the browser. It asks phones for digits all the same. */
const whole = (attribute, changed) => {
  const input = el('input', { ...base(attribute), type: 'text', inputmode: 'numeric', class: 'narrow', spellcheck: 'false' });
  const unit = attribute.unit ? el('span', { class: 'unit', id: `u-${attribute.name}` }, attribute.unit) : null;
  return { ...typed(input, changed), nodes: [el('span', { class: 'beside' }, input, unit)] };
};

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

const word = (attribute, changed) => {
  const first = el('option', { value: '' }, `Default: ${wordName(attribute.default)}`);
  const options = attribute.choices.map((choice) => el('option', { value: choice }, attribute.names?.[choice] ?? wordName(choice)));
  const input = el('select', { ...base(attribute), change: () => changed() }, first, ...options);
  return {
    nodes: [input],
    focus: input,
    get: () => input.value,
    set: (value) => { input.value = value; },
    placeholder: (said) => { first.textContent = said ? `Campaign file: ${wordName(said)}` : `Default: ${wordName(attribute.default)}`; },
  };
};

const words = (attribute, changed) => {
  // For some a list may be empty, which is a word of its own.
  const isNone = /\bnone$/.test(attribute.allowed ?? '') && !attribute.choices.includes('none');
  const boxes = [...attribute.choices, ...(isNone ? ['none'] : [])].map((choice) => el('input', { type: 'checkbox', value: choice, id: `f-${attribute.name}-${choice}` }));
  const list = el('div', { class: 'choices' }, ...boxes.map((box) => el('label', { class: 'choice' }, box, el('span', {}, wordName(box.value)))));
  list.addEventListener('change', ({ target }) => {
    if (target.checked) {
      const isAlone = ALONE.includes(target.value);
      for (const box of boxes) if (box !== target && (isAlone || ALONE.includes(box.value))) box.checked = false;
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

/** A colour as #rrggbb, where it is one. */
const full = (value) => {
  const long = value.trim().replace(HEX, '#$1$1$2$2$3$3').toLowerCase();
  return /^#[\da-f]{6}$/.test(long) ? long : '';
};

const colour = (attribute, changed) => {
  const control = text(attribute, changed);
  const picker = el('input', { type: 'color', class: 'picker', 'aria-label': `${attribute.label}: pick a colour` });
  let unset = full(attribute.default) || '#4a2594';
  const follow = () => { picker.value = full(control.get()) || unset; };
  control.focus.addEventListener('input', follow);
  control.focus.classList.add('narrow');
  // People leave the # out.
  control.focus.addEventListener('change', () => {
    if (!/^([\da-f]{3}){1,2}$/i.test(control.get().trim())) return;
    control.set(`#${control.get().trim()}`);
    follow();
    changed();
  });
  picker.addEventListener('input', () => {
    control.set(picker.value);
    changed();
  });
  follow();
  return {
    ...control,
    nodes: [el('span', { class: 'beside' }, control.focus, picker)],
    set: (value) => { control.set(value); follow(); },
    placeholder: (said) => {
      control.placeholder(said || attribute.default);
      unset = full(said) || full(attribute.default) || '#4a2594';
      follow();
    },
  };
};

const KINDS = { text, form: text, whole, flag, word, words, lines: area, colour };

/** The control of an attribute. A kind that this page does not know yet is a line of text. */
export const controlFor = (attribute, changed) => {
  const isLong = attribute.kind === 'text' && attribute.max_chars > 200;
  return (isLong ? area : KINDS[attribute.kind] ?? text)(attribute, changed);
};
