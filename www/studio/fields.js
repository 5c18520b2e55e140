/**
 * Builds the form from the table: groups that fold, and a field for each attribute with its help, control, Clear button
 * and the doctor's findings.
 */
import { controlFor } from './controls.js';
import { el, fieldMessage, focusInPlace, inPlainWords, pluralise, settled, truncate } from './dom.js';
import { completeAddress, fixFor, fixKind, isDoubtful, withScheme } from './fixes.js';

const FILE_TEXT_MAX = 160;

/**
 * Converts a value of the campaign file to the text that an empty control shows.
 * @param {unknown} value
 */
const textOf = (value) => {
  if (value === undefined || value === null || value === '') return '';
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string') ? value.join('\n') : '';
  return typeof value === 'object' ? '' : String(value);
};

/**
 * Says a finding of the doctor without the words of the code: the field is beside it.
 * @param {string} finding
 */
const plain = (finding) => inPlainWords(finding)
  .replace(/^Attribute [\w-]+="(.*)" is not allowed\.$/s, '“$1” is not allowed here.')
  .replace(/^Attribute [\w-]+ is required\.$/, 'This is required.');

/**
 * Descriptions that are easier than those for people who build sites.
 * @type {Record<string, { label?: string, doc: string }>}
 */
const EASIER = {
  campaign: {
    doc: 'The short name (id) that the campaign gives you. Texts and facts come from the campaign with this name.',
  },
  source: {
    doc: 'A short name for your site, such as example-clinic, so that the campaign knows where signatures come from. '
      + 'You choose it. It is stored with each signature made on your page, and added to the links that supporters '
      + 'share.',
  },
  controller: {
    label: 'Organisation',
    doc: 'The organisation that keeps the signatures and decides how they are used (the “data controller”). The form '
      + 'says “Your details go to …”.',
  },
  'opt-in-text': {
    doc: 'For example whether people want your newsletter. Answers are stored under your partner code, so fill that in '
      + 'too.',
  },
  consent: {
    doc: 'This matters only if there is a question about emails, here or in the campaign. It is a box that is not '
      + 'ticked, or a choice between yes and no with neither selected. Or it is not asked at all.',
  },
  theme: {
    doc: 'The colours: light, dark, or those of your page.',
  },
};

/**
 * Help that a campaign of one's own has instead.
 * @type {Record<string, string>}
 */
const OF_OWN = {
  consent: 'This matters only if there is a question about emails, above. It is a box that is not ticked, or a choice '
    + 'between yes and no with neither selected. Or it is not asked at all.',
  'privacy-url': 'The web address of your privacy notice, such as https://www.example.org/privacy.',
};

/** Fields that come before another one of their group, although they are after it in the table. */
const BEFORE = { 'consent-text': 'consent' };

/** @typedef {Studio.Field & { describe: (isOwn: boolean) => void }} FormField A field whose help can change. */

const sentence = (/** @type {string} */ text) => (/[.!?…]$/.test(text) ? text : `${text}.`);

/**
 * Returns the help: the purpose, and the allowed values if the control does not show them.
 * @param {Studio.Attribute} attribute
 */
const helpOf = ({ name, doc, kind, allowed }) => {
  const isShown = kind === 'form' && allowed;
  const rule = isShown ? sentence(` Write ${allowed.replace(/^a path/, 'the address of a path')}`) : '';
  return `${EASIER[name]?.doc ?? inPlainWords(doc)}${inPlainWords(rule)}`;
};

/**
 * Says what applies if the field is empty: what the campaign says, or else the default.
 * @param {Studio.Attribute} attribute
 * @param {string} text the campaign's own
 */
const ifEmpty = ({ name, kind, default: fallback }, text) => {
  // The control itself shows it.
  if (['flag', 'word'].includes(kind) || name === 'campaign') return '';
  const own = truncate(text.replaceAll('\n', kind === 'words' ? ', ' : ' '), FILE_TEXT_MAX);
  const isText = ['text', 'lines', 'form'].includes(kind);
  if (own) return `If empty: ${isText ? `“${own}”` : own}, as in the campaign.`;
  if (!fallback) return '';
  const isOfFile = /^the \w+ in the campaign file$/.test(fallback);
  if (isOfFile) return 'If empty: nothing, because the campaign has none.';
  return inPlainWords(sentence(`If empty: ${fallback}`));
};

/**
 * Creates a field. `changed(name)` is called when its value changes.
 * @param {Studio.Attribute} attribute
 * @param {(name: string) => void} changed
 * @returns {FormField}
 */
const makeField = (attribute, changed) => {
  const { name, kind } = attribute;
  const id = `f-${name}`;
  const label = EASIER[name]?.label ?? attribute.label;
  const mistakes = fixKind(attribute);
  const isSet = () => control.get().trim() !== '';
  const update = () => {
    const count = [...control.get().trim()].length;
    const isNear = attribute.max_chars && count > attribute.max_chars * 0.8;
    counter.textContent = isNear ? `${count} of ${attribute.max_chars} characters` : '';
    clear.hidden = !isSet();
    box.classList.toggle('is-set', isSet());
  };
  const control = controlFor(attribute, () => {
    update();
    changed(name);
  });
  /** @param {string} use the right text, to replace what was typed */
  const apply = (use) => {
    control.set(use);
    update();
    changed(name);
    focusInPlace(control.focus);
  };
  const full = () => withScheme(mistakes, control.get());
  const added = /^address/.test(mistakes ?? '') ? completeAddress(control.focus, full, (address) => {
    control.set(address);
    update();
    changed(name);
  }) : null;
  const empty = el('span', { class: 'if-empty' }, ifEmpty(attribute, ''));
  const about = el('span', {}, helpOf(attribute));
  const help = el('p', { class: 'help', id: `h-${name}` }, about, ' ', empty);
  const wrong = el('div', { class: 'wrong', id: `e-${name}`, 'aria-live': 'polite' });
  const counter = el('p', { class: 'counter' });
  const file = el('p', { class: 'help said', hidden: true });
  const clear = el('button', {
    type: 'button',
    class: 'small',
    'aria-label': `Clear ${label}`,
    hidden: true,
    click: () => apply(''),
  }, 'Clear');
  const isGroup = kind === 'words';
  const head = isGroup ? el('legend', {}, label) : el('label', { for: id }, label);
  const box = el(isGroup ? 'fieldset' : 'div', { class: `field ${kind}`, ...(isGroup ? { id } : {}) });
  if (kind === 'flag') box.append(el('div', { class: 'head' }, ...control.nodes, head, clear), help, file, wrong);
  else if (isGroup) box.append(head, help, file, ...control.nodes, clear, counter, wrong);
  else box.append(el('div', { class: 'head' }, head, clear), help, file, ...control.nodes, added ?? '', counter, wrong);
  const described = [`h-${name}`, attribute.unit ? `u-${name}` : '', `e-${name}`].filter(Boolean).join(' ');
  (isGroup ? box : control.focus).setAttribute('aria-describedby', described);

  /** @type {FormField} */
  const field = {
    attribute,
    box,
    isSet,
    get: control.get,
    focus: () => control.focus.focus(),
    set: (value) => {
      control.set(value);
      added?.replaceChildren();
      update();
    },
    describe: (isOwn) => { about.textContent = (isOwn && OF_OWN[name]) || helpOf(attribute); },
    grow: () => control.grow?.(),
    show: (findings) => {
      const errors = findings.filter(({ severity }) => severity === 'error');
      const isWrong = errors.length > 0;
      // With a correction, plainer words replace the doctor's, but only those about this mistake.
      const isAboutText = errors.every(({ finding }) => /is (not allowed|required|wrong)\b/.test(finding));
      const isFixable = isWrong ? isAboutText : isDoubtful(mistakes, control.get());
      // Leaving the field adds what is missing.
      const isUnfinished = document.activeElement === control.focus && full() !== '';
      const fix = isFixable && !isUnfinished ? fixFor(mistakes, control.get()) : null;
      const subject = isGroup ? control.boxes : [control.focus];
      for (const input of subject) {
        if (isWrong) input.setAttribute('aria-invalid', 'true');
        else input.removeAttribute('aria-invalid');
      }
      box.classList.toggle('is-wrong', isWrong);
      const key = JSON.stringify([findings, fix]);
      // do not announce it again
      if (wrong.dataset.key === key || (!findings.length && !fix && !wrong.firstChild)) return;
      wrong.dataset.key = key;
      const rest = fix ? findings.filter((one) => !errors.includes(one)) : findings;
      const messages = rest.map(({ severity, finding, remedy }) => fieldMessage(
        severity === 'error' ? 'error' : 'warning', `${plain(finding)} ${inPlainWords(remedy ?? '')}`.trim()));
      if (fix) messages.unshift(fieldMessage(isWrong ? 'error' : 'warning', fix.say, { use: fix.use, apply }));
      const hadFocus = wrong.contains(document.activeElement);
      wrong.replaceChildren(...messages);
      if (hadFocus) focusInPlace(control.focus); // on a button that is gone
    },
    config: (config) => {
      if (isSet()) return;
      // Only the lanes that the campaign has can be chosen.
      if (attribute.name === 'lanes') {
        const has = (config?.lanes ?? []).map(({ name: lane }) => lane);
        for (const one of control.boxes) one.closest('label').hidden = has.length > 0 && !has.includes(one.value);
      }
      if (!attribute.member) return;
      const text = textOf(config?.[attribute.member]);
      control.placeholder(text);
      empty.textContent = ifEmpty(attribute, text);
      if (kind === 'flag') file.textContent = text === 'true' ? 'The campaign file turns this on.' : '';
      file.hidden = !file.textContent;
    },
  };
  return field;
};

/**
 * Returns the paragraphs about a backend.
 * @param {Studio.Backend} backend
 */
const aboutBackend = (backend) => {
  const paragraph = (/** @type {Studio.Content[]} */ ...content) => el('p', {}, ...content);
  const code = (/** @type {string} */ text) => el('code', {}, text);
  /** @type {HTMLElement[]} */
  const nodes = [
    paragraph(backend.setup, ' ', backend.sees),
    paragraph('If a supporter answers no: ', backend.no),
  ];
  if (backend.experimental) nodes.push(paragraph('Experimental: its API is not documented.'));
  if (backend.subscribes) {
    nodes.push(paragraph('It subscribes everyone who signs, '
      + 'so the form asks for that consent as a required checkbox.'));
  }
  if (backend.emails) nodes.push(paragraph(`Further emails: ${backend.emails}.`));
  if (!backend.readable) nodes.push(paragraph('No page can read its answer: the form says “Sent”, never “signed”.'));
  if (backend.endpoint) {
    const label = backend.needs_endpoint ? 'Address, such as ' : 'Address, if any, such as ';
    nodes.push(paragraph(label, code(backend.endpoint)));
  }
  if (backend.options.length) {
    const items = backend.options.map(({ name, needed, help }) =>
      el('li', {}, code(name), needed ? ' (required): ' : ': ', help));
    nodes.push(paragraph('Options: '), el('ul', {}, ...items));
  }
  if (backend.example) nodes.push(paragraph('Backend options, such as ', code(backend.example)));
  nodes.push(paragraph(el('a', { href: `../guides/backends.html#${backend.name}` }, 'More in the guide')));
  return nodes;
};

/**
 * Shows, below the choice of a backend, what the chosen one requires and means.
 * @param {Map<string, Studio.Field>} fields
 * @param {Studio.Backend[]} backends
 */
const explainBackend = (fields, backends) => {
  const field = fields.get('backend');
  const about = el('div', { class: 'help about', 'aria-live': 'polite' });
  field.box.append(about);
  const explain = () => {
    const chosen = backends.find(({ name }) => name === field.get());
    about.replaceChildren(...(chosen ? aboutBackend(chosen) : []));
  };
  const { set } = field;
  field.set = (value) => { set(value); explain(); };
  field.explain = explain;
  explain();
};

/**
 * Builds the form in `place`. `changed(name)` is called for each change.
 * @param {HTMLElement} place
 * @param {Studio.Table} table
 * @param {(name: string) => void} changed
 */
export const makeForm = (place, table, changed) => {
  /** @type {Map<string, FormField>} */
  const fields = new Map();
  /** @type {(() => void)[]} */
  const tallies = [];
  const groups = table.groups.map(({ id, title }, at) => {
    const own = table.attributes.filter(({ group }) => group === id).map((attribute) => {
      const field = makeField(attribute, (name) => {
        tally();
        fields.get(name)?.explain?.();
        changed(name);
      });
      fields.set(attribute.name, field);
      return field;
    });
    if (!own.length) return null;
    if (id === 'backend') explainBackend(fields, table.backends);
    for (const [name, next] of Object.entries(BEFORE)) {
      const [from, to] = [name, next].map((one) => own.findIndex(({ attribute }) => attribute.name === one));
      if (from > to && to >= 0) own.splice(to, 0, ...own.splice(from, 1));
    }
    const boxes = own.map(({ box }) => box);
    if (at === 0) {
      const heading = el('h3', { id: `g-${id}` }, title);
      return el('section', { class: 'group first', 'aria-labelledby': `g-${id}` }, heading, ...boxes);
    }
    const count = el('span', { class: 'tally' });
    const summary = el('summary', {}, el('span', { class: 'summary-title' }, title), ' ', count);
    const details = el('details', { class: 'group', id: `g-${id}` }, summary, ...boxes);
    details.addEventListener('toggle', () => {
      for (const field of own) field.grow();
    });
    tallies.push(() => {
      const shown = [...fields.values()].filter(({ box }) => details.contains(box) && !box.hidden);
      const set = shown.filter((field) => field.isSet()).length;
      const wrong = shown.filter(({ box }) => box.classList.contains('is-wrong')).length;
      const parts = [set ? `${set} set` : '', wrong ? pluralise(wrong, 'error', 'errors') : ''].filter(Boolean);
      count.textContent = parts.join(', ') || pluralise(shown.length, 'field', 'fields');
      count.classList.toggle('some', set > 0);
      count.classList.toggle('bad', wrong > 0);
    });
    return details;
  });
  const tally = () => {
    for (const update of tallies) update();
  };
  place.replaceChildren(...groups.filter(Boolean));
  tally();
  return {
    names: table.attributes.map(({ name }) => name),
    /** @returns {Record<string, string>} */
    values: () => {
      const pairs = [...fields].map(([name, field]) => [name, field.get()]);
      return Object.fromEntries(pairs.filter(([, value]) => value !== ''));
    },
    /**
     * Sets every field. Fields without a value are cleared.
     * @param {Record<string, string>} values
     */
    set: (values) => {
      for (const [name, field] of fields) field.set(String(values[name] ?? ''));
      tally();
    },
    /**
     * Shows the findings beside each field. Returns the names of the fields with errors.
     * @param {Studio.Finding[]} findings
     */
    show: (findings) => {
      const wrong = [];
      for (const [name, field] of fields) {
        const own = findings.filter(({ attribute }) => attribute === name);
        field.show(own);
        if (own.some(({ severity }) => severity === 'error')) wrong.push(name);
      }
      tally();
      return wrong;
    },
    /**
     * Shows the values of the campaign file in empty fields.
     * @param {PledgeConfig} config
     */
    config: (config) => settled('config', () => {
      for (const field of fields.values()) field.config(config);
    }),
    /**
     * Adapts the form to a campaign of one's own, or to one of the server. Hides the fields of an own campaign whose
     * words are asked elsewhere. What they contain stays.
     * @param {boolean} isOwn
     * @param {string[]} names
     */
    setOwn: (isOwn, names) => {
      for (const [name, field] of fields) {
        field.box.hidden = isOwn && names.includes(name);
        field.describe(isOwn);
      }
      // Few campaigns of one's own need a partner code, so it comes last. For partners it is one of the first fields.
      const source = fields.get('source')?.box;
      if (source && isOwn) place.lastElementChild.append(source);
      else if (source) fields.get('campaign')?.box.after(source);
      for (const field of fields.values()) field.grow();
      tally();
    },
    /** Moves the focus to the first field with an error, and opens its group. */
    focusFirstError: () => {
      const field = [...fields.values()].find(({ box }) => !box.hidden && box.classList.contains('is-wrong'));
      if (!field) return;
      const group = field.box.closest('details');
      if (group) group.open = true;
      field.focus();
    },
    /** Moves the focus to a field, and opens its group. */
    focus: (/** @type {string} */ name) => {
      const field = fields.get(name);
      const group = field?.box.closest('details');
      if (group) group.open = true;
      field?.focus();
    },
    field: (/** @type {string} */ name) => fields.get(name),
  };
};
