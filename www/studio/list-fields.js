/**
 * The lists of the campaign file that have forms, and the fields of their items. A field writes into the item where its
 * path says; everything else in the item is kept.
 */
import { wordName } from './controls.js';
import { el, fieldMessage, focusInPlace, inPlainWords } from './dom.js';
import { completeAddress, fixFor, isDoubtful, withScheme } from './fixes.js';

/** @type {Studio.ListField[]} */
const SOURCE = [
  { path: ['source', 'title'], label: 'Source: title and publisher', kind: 'line' },
  {
    path: ['source', 'url'],
    label: 'Source: address',
    kind: 'address',
    help: 'The page where people can read it themselves.',
  },
  {
    path: ['source', 'published_on'],
    label: 'Source: date of publication',
    kind: 'partial-date',
    isOptional: true,
    isMore: true,
    help: 'For example 2026-12-31, 2026-12 or 2026.',
  },
];

/** @type {Studio.ListField[]} */
const PARAGRAPH = [{ path: [], label: '', kind: 'text' }];

/** @type {Studio.ListSpec[]} */
export const LISTS = [
  {
    member: 'petition_text',
    title: 'The pledge',
    one: 'paragraph',
    many: 'paragraphs',
    help: 'The text that people sign. Press Enter to start a new paragraph.',
    fields: PARAGRAPH,
  },
  {
    member: 'facts',
    title: 'Facts',
    one: 'fact',
    many: 'facts',
    help: 'A fact is shown once it has a title, a text, and a source that people can check.',
    fields: [
      { path: ['title'], label: 'Title', kind: 'line' },
      {
        path: ['text'],
        label: 'Text',
        kind: 'text',
        help: 'Say who found it, for example “Example Housing Trust found that …”.',
      },
      ...SOURCE,
      {
        path: ['figure'],
        label: 'Number to highlight',
        kind: 'line',
        isOptional: true,
        isMore: true,
        help: 'For example 7 in 10.',
      },
      {
        path: ['figure_label'],
        label: 'What the number counts',
        kind: 'line',
        isOptional: true,
        isMore: true,
        help: 'For example patients in a survey.',
      },
      {
        path: ['sector'],
        label: 'What it is about',
        kind: 'sector',
        isOptional: true,
        isMore: true,
        help: 'This chooses the icon. A page can show only the facts about one subject.',
      },
      {
        path: ['review_by'],
        label: 'Review by',
        kind: 'date',
        help: 'After this day the fact is no longer shown, until someone checks it and sets a later day.',
      },
    ],
  },
  {
    member: 'asks',
    title: 'What the pledge asks for',
    one: 'demand',
    many: 'demands',
    help: 'The demands in short, one sentence each.',
    fields: PARAGRAPH,
  },
  {
    member: 'wins',
    title: 'What the campaign has won',
    one: 'win',
    many: 'wins',
    help: 'Each one needs a date and a source.',
    fields: [
      { path: ['date'], label: 'Date', kind: 'partial-date', help: 'For example 2026-12-31, 2026-12 or 2026.' },
      { path: ['text'], label: 'What was won, and by whom', kind: 'text' },
      ...SOURCE,
    ],
  },
  {
    member: 'help',
    title: 'Where people get help',
    one: 'help link',
    many: 'help links',
    help: 'Places that help people who are affected.',
    fields: [
      { path: ['title'], label: 'Title', kind: 'line' },
      { path: ['url'], label: 'Address', kind: 'address-or-path' },
    ],
  },
];

/**
 * The words that every campaign needs. In a campaign of one's own they are the first thing that is asked.
 * @type {Studio.ListField[]}
 */
export const WORDS = [
  { path: ['title'], label: 'Name of the campaign', kind: 'line' },
  {
    path: ['controller'],
    label: 'Your organisation',
    kind: 'line',
    isLeftOut: true,
    help: 'It keeps the signatures. The form says “Your details go to …”. If you act alone, write your own name.',
  },
  {
    path: ['summary'],
    label: 'In one sentence',
    kind: 'text',
    isLeftOut: true,
    help: 'Why should people sign?',
  },
  {
    path: ['petition_text'],
    label: 'The pledge',
    kind: 'paragraphs',
    help: 'The text that people sign. Press Enter for a new paragraph.',
  },
  {
    path: ['target_name'],
    label: 'Who it is addressed to',
    kind: 'line',
    isOptional: true,
    help: 'For example the town council.',
  },
  {
    path: ['id'],
    label: 'Short name for web addresses',
    kind: 'campaign',
    help: 'Made from the campaign’s name. Small letters, digits and hyphens.',
  },
  { path: ['locale'], label: 'Language you write in', kind: 'language' },
];

const paragraphs = (/** @type {string} */ text) =>
  text.split(/[\r\n]+/).map((line) => line.trim()).filter(Boolean);

/** @param {unknown} value */
const isRecord = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Returns whether the fields of a list can show an item.
 * @param {Studio.ListSpec} spec
 * @param {unknown} item
 */
export const isKnownItem = ({ fields }, item) => (fields === PARAGRAPH ? typeof item === 'string' : isRecord(item));

/**
 * Returns a new item of a list. A new fact has to be reviewed in a year.
 * @param {Studio.ListSpec} spec
 * @returns {Studio.ListItem}
 */
export const newItem = ({ fields }) => {
  if (fields === PARAGRAPH) return '';
  const day = new Date();
  // A year after 29 February is 28 February, not 1 March.
  const last = new Date(Date.UTC(day.getUTCFullYear() + 1, day.getUTCMonth() + 1, 0)).getUTCDate();
  day.setUTCFullYear(day.getUTCFullYear() + 1, day.getUTCMonth(), Math.min(day.getUTCDate(), last));
  /** @type {Record<string, unknown>} */
  const item = {};
  for (const field of fields.filter(({ isOptional }) => !isOptional)) {
    write(item, field, field.path[0] === 'review_by' ? day.toISOString().slice(0, 10) : '');
  }
  return item;
};

/**
 * Returns whether nobody has written anything into an item. The day of the review is there from the start.
 * @param {Studio.ListSpec} spec
 * @param {Studio.ListItem} item
 */
export const isUntouched = (spec, item) => isKnownItem(spec, item)
  && spec.fields.every((field) => field.path[0] === 'review_by' || !read(item, field).trim());

/**
 * Returns the text of a field in an item.
 * @param {Studio.ListItem} item
 * @param {Studio.ListField} field
 */
export const read = (item, { path, kind }) => {
  /** @type {any} */
  let value = item;
  for (const name of path) value = value?.[name];
  if (kind === 'paragraphs') {
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string').join('\n') : '';
  }
  return ['string', 'number'].includes(typeof value) ? String(value) : '';
};

/**
 * Writes the text of a field into an item. Empty optional members are left out.
 * @param {Record<string, any>} item
 * @param {Studio.ListField} field
 * @param {string} text
 */
export const write = (item, { path, kind, isOptional, isLeftOut }, text) => {
  let holder = item;
  for (const name of path.slice(0, -1)) {
    if (!isRecord(holder[name])) {
      if (text === '' && isOptional) return;
      holder[name] = {};
    }
    holder = holder[name];
  }
  const name = path.at(-1);
  if (text === '' && (isOptional || isLeftOut)) delete holder[name];
  else holder[name] = kind === 'paragraphs' ? paragraphs(text) : text;
};

/**
 * Says a finding of the doctor about a field in plain words. Returns its own words if it is not a common one.
 * @param {Studio.Finding} found
 */
export const plainly = ({ finding, remedy, pointer }) => {
  const what = finding.replace(/^campaign file: /i, '').replace(pointer || '/', '').trim();
  if (/^(is (empty|missing)\.$|"" )/.test(what)) return 'This is empty. Fill it in.';
  if (/is past its review_by date/.test(what)) {
    return 'This day has passed, so the fact is no longer shown. Check its source, then write a later day.';
  }
  const words = what.startsWith('is ') ? `This ${what}` : what;
  return inPlainWords(`${words.charAt(0).toUpperCase()}${words.slice(1)} ${remedy ?? ''}`.trim());
};

/**
 * Creates a field. `changed(text)` is called for each change.
 * @param {Studio.ListField} spec
 * @param {{ id: string, sectors: string[], changed: (text: string) => void }} options
 * @returns {Studio.ListControl}
 */
export const makeListField = (spec, { id, sectors, changed }) => {
  const { kind, label, help, isOptional } = spec;
  const described = [help ? `${id}-help` : '', `${id}-wrong`].filter(Boolean).join(' ');
  const common = { id, autocomplete: 'off', 'aria-describedby': described };
  const isArea = kind === 'text' || kind === 'paragraphs';
  const isWords = isArea || kind === 'line';
  const mistakes = isWords || kind === 'sector' || kind === 'language' ? null : kind;
  const input = isArea ? el('textarea', { ...common, rows: kind === 'text' ? '2' : '3' })
    : kind === 'language' ? el('select', common)
    : kind === 'sector' ? el('select', common, el('option', { value: '' }, 'Nothing in particular'))
    : el('input', {
      ...common,
      type: 'text',
      inputmode: /^address/.test(kind) ? 'url' : 'text',
      spellcheck: isWords ? 'true' : 'false',
      autocapitalize: isWords ? 'sentences' : 'none',
      ...(/date/.test(kind) ? { class: 'narrow' } : {}),
    });
  const wrong = el('div', { class: 'wrong', id: `${id}-wrong`, 'aria-live': 'polite' });
  const head = el('label', { for: id }, label, isOptional ? el('span', { class: 'quiet' }, ' (optional)') : null);
  const grow = () => {
    if (!isArea) return;
    input.style.blockSize = 'auto';
    if (input.scrollHeight) input.style.blockSize = `${Math.min(input.scrollHeight + 4, 480)}px`;
  };
  input.addEventListener('input', () => {
    grow();
    changed(input.value.trim());
  });
  /** @param {string} use */
  const apply = (use) => {
    input.value = use;
    focusInPlace(input);
    changed(use);
  };
  const full = () => withScheme(mistakes, input.value);
  const added = /^address/.test(kind) ? completeAddress(input, full, (address) => {
    input.value = address;
    changed(address);
  }) : null;
  /** @param {string[]} values */
  const addOptions = (values) => {
    if (!(input instanceof HTMLSelectElement)) return;
    const known = [...input.options].map(({ value }) => value);
    input.append(...values.filter((value) => !known.includes(value)).map((value) =>
      el('option', { value }, kind === 'language' ? value : wordName(value))));
  };
  const offer = () => { if (kind === 'sector') addOptions(sectors); };
  offer();
  return {
    spec,
    input,
    offer,
    box: el('div', { class: `field ${kind}` }, head,
      help ? el('p', { class: 'help', id: `${id}-help` }, help) : null, input, added, wrong),
    grow,
    set: (value) => {
      addOptions([value]); // the file may have another word
      input.value = value;
      added?.replaceChildren();
      grow();
    },
    name: (text) => { head.textContent = text; },
    show: (all) => {
      // Leaving the field adds what is missing.
      const findings = document.activeElement === input && full() ? [] : all;
      const isWrong = findings.some(({ severity }) => severity === 'error');
      if (isWrong) input.setAttribute('aria-invalid', 'true');
      else input.removeAttribute('aria-invalid');
      const isFixable = findings.length === 1 || (!all.length && isDoubtful(mistakes, input.value));
      const fix = isFixable ? fixFor(mistakes, input.value) : null;
      const key = JSON.stringify([findings.map(plainly), fix]);
      if ((wrong.dataset.key ?? '[[],null]') === key) return; // do not announce it again
      wrong.dataset.key = key;
      const hadFocus = wrong.contains(document.activeElement);
      if (fix) wrong.replaceChildren(fieldMessage(isWrong ? 'error' : 'warning', fix.say, { use: fix.use, apply }));
      else {
        wrong.replaceChildren(...findings.map((one) =>
          fieldMessage(one.severity === 'error' ? 'error' : 'warning', plainly(one))));
      }
      if (hadFocus) focusInPlace(input); // on a button that is gone
    },
  };
};
