/**
 * Builds the form from the table: groups that fold, and a field for each attribute with its help, control, Clear button
 * and the doctor's findings.
 */
import { controlFor } from './controls.js';
import { byId, el, pluralise, truncate } from './dom.js';

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

const sentence = (/** @type {string} */ text) => (/[.!?…]$/.test(text) ? text : `${text}.`);

/**
 * Returns the help: the purpose, the allowed values if the control does not show them, and the default.
 * @param {Studio.Attribute} attribute
 */
const helpOf = ({ name, doc, kind, allowed, default: fallback }) => {
  const parts = [doc];
  const isKnown = ['flag', 'word'].includes(kind) || name === 'campaign'
    || /^the \w+ in the campaign file$/.test(fallback);
  if (fallback && !isKnown) parts.push(sentence(`If empty: ${fallback}`));
  if (kind === 'form' && allowed) parts.push(sentence(`Write ${allowed}`));
  return parts.join(' ');
};

/**
 * Creates a field. `changed(name)` is called when its value changes.
 * @param {Studio.Attribute} attribute
 * @param {(name: string) => void} changed
 * @returns {Studio.Field}
 */
const makeField = (attribute, changed) => {
  const { name, kind } = attribute;
  const id = `f-${name}`;
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
  const help = el('p', { class: 'help', id: `h-${name}` }, helpOf(attribute));
  const wrong = el('div', { class: 'wrong', id: `e-${name}`, 'aria-live': 'polite' });
  const counter = el('p', { class: 'counter' });
  const file = el('p', { class: 'help said', hidden: true });
  const clear = el('button', {
    type: 'button',
    class: 'small',
    'aria-label': `Clear ${attribute.label}`,
    hidden: true,
    click: () => {
      control.set('');
      update();
      control.focus.focus();
      changed(name);
    },
  }, 'Clear');
  const isGroup = kind === 'words';
  const head = isGroup ? el('legend', {}, attribute.label) : el('label', { for: id }, attribute.label);
  const box = el(isGroup ? 'fieldset' : 'div', { class: `field ${kind}`, ...(isGroup ? { id } : {}) });
  if (kind === 'flag') box.append(el('div', { class: 'head' }, ...control.nodes, head, clear), help, file, wrong);
  else if (isGroup) box.append(head, help, file, ...control.nodes, clear, counter, wrong);
  else box.append(el('div', { class: 'head' }, head, clear), help, file, ...control.nodes, counter, wrong);
  const described = [`h-${name}`, attribute.unit ? `u-${name}` : '', `e-${name}`].filter(Boolean).join(' ');
  (isGroup ? box : control.focus).setAttribute('aria-describedby', described);

  return {
    attribute,
    box,
    isSet,
    get: control.get,
    focus: () => control.focus.focus(),
    set: (value) => { control.set(value); update(); },
    grow: () => control.grow?.(),
    show: (findings) => {
      const isWrong = findings.some(({ severity }) => severity === 'error');
      const subject = isGroup ? control.boxes : [control.focus];
      for (const input of subject) {
        if (isWrong) input.setAttribute('aria-invalid', 'true');
        else input.removeAttribute('aria-invalid');
      }
      box.classList.toggle('is-wrong', isWrong);
      const key = JSON.stringify(findings);
      if (wrong.dataset.key === key || (!findings.length && !wrong.firstChild)) return; // do not announce it again
      wrong.dataset.key = key;
      wrong.replaceChildren(...findings.map(({ severity, finding, remedy }) => {
        const heading = el('strong', {}, severity === 'error' ? 'Error: ' : 'Check this: ');
        return el('p', { class: severity }, heading, finding, ' ', remedy);
      }));
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
      if (kind === 'flag') file.textContent = text === 'true' ? 'The campaign file turns this on.' : '';
      if (kind === 'words') {
        const list = truncate(text.replaceAll('\n', ', '), FILE_TEXT_MAX);
        file.textContent = list ? `The campaign file says: ${list}` : '';
      }
      file.hidden = !file.textContent;
    },
  };
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
  /** @type {Map<string, Studio.Field>} */
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
      const set = own.filter((field) => field.isSet()).length;
      const wrong = own.filter(({ box }) => box.classList.contains('is-wrong')).length;
      const parts = [set ? `${set} set` : '', wrong ? pluralise(wrong, 'error', 'errors') : ''].filter(Boolean);
      count.textContent = parts.join(', ') || pluralise(own.length, 'field', 'fields');
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
    config: (config) => {
      for (const field of fields.values()) field.config(config);
    },
    /** Moves the focus to the first field with an error, and opens its group. */
    focusFirstError: () => {
      const field = [...fields.values()].find(({ box }) => box.classList.contains('is-wrong'));
      if (!field) return;
      const group = field.box.closest('details');
      if (group) group.open = true;
      field.focus();
    },
    focus: (/** @type {string} */ name) => byId(`f-${name}`)?.focus(),
  };
};
