/**
 * The form, made from the table: groups that fold, a field for each attribute with its help, its control, its "Clear"
 * and what the doctor finds wrong with it.
 */
import { controlFor } from './controls.js';
import { byId, counted, el, short } from './dom.js';

const SAID_MAX = 160;

/** What the campaign file says, as the text that an empty control would show. */
const said = (value) => {
  if (value === undefined || value === null || value === '') return '';
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string') ? value.join('\n') : '';
  return typeof value === 'object' ? '' : String(value);
};

const sentence = (text) => (/[.!?…]$/.test(text) ? text : text + '.');

/** What it is for; what it takes, where that is not plain from the control; what holds without it. */
const helpOf = ({ name, doc, kind, allowed, default: without }) => {
  const parts = [doc];
  const isTold = ['flag', 'word'].includes(kind) || name === 'campaign' || without.startsWith('the campaign file');
  if (without && !isTold) parts.push(sentence(`If empty: ${without}`));
  if (kind === 'form' && allowed) parts.push(sentence(`Write ${allowed}`));
  return parts.join(' ');
};

/** Makes a field; `changed(name)` is called whenever its value has changed. */
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
  const clear = el('button', { type: 'button', class: 'small', 'aria-label': `Clear ${attribute.label}`, hidden: true }, 'Clear');
  clear.addEventListener('click', () => {
    control.set('');
    update();
    control.focus.focus();
    changed(name);
  });
  const isGroup = kind === 'words';
  const head = isGroup ? el('legend', {}, attribute.label) : el('label', { for: id }, attribute.label);
  const box = el(isGroup ? 'fieldset' : 'div', { class: `field ${kind}`, ...(isGroup ? { id } : {}) });
  if (kind === 'flag') box.append(el('div', { class: 'head' }, ...control.nodes, head, clear), help, file, wrong);
  else box.append(isGroup ? head : el('div', { class: 'head' }, head, clear), help, file, ...control.nodes, ...(isGroup ? [clear] : []), counter, wrong);
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
      if (wrong.dataset.key === key || (!findings.length && !wrong.firstChild)) return; // say nothing twice
      wrong.dataset.key = key;
      wrong.replaceChildren(...findings.map(({ severity, finding, remedy }) =>
        el('p', { class: severity }, el('strong', {}, severity === 'error' ? 'Wrong: ' : 'Look at this: '), finding, ' ', remedy)));
    },
    config: (config) => {
      if (isSet()) return;
      // Only the lanes that the campaign has can be chosen.
      if (attribute.name === 'lanes') {
        const has = (config?.lanes ?? []).map(({ name: lane }) => lane);
        for (const one of control.boxes) one.closest('label').hidden = has.length > 0 && !has.includes(one.value);
      }
      if (!attribute.member) return;
      const text = said(config?.[attribute.member]);
      control.placeholder(text);
      if (kind === 'flag') file.textContent = text === 'true' ? 'The campaign file has it switched on.' : '';
      if (kind === 'words') file.textContent = text ? `The campaign file says: ${short(text.replaceAll('\n', ', '), SAID_MAX)}` : '';
      file.hidden = !file.textContent;
    },
  };
};

/** Below the choice of a backend, what the one chosen needs and means. */
const explainBackend = (fields, backends) => {
  const field = fields.get('backend');
  const about = el('div', { class: 'help about', 'aria-live': 'polite' });
  field.box.append(about);
  const explain = () => {
    const chosen = backends.find(({ name }) => name === field.get());
    about.replaceChildren(...(!chosen ? [] : [
      el('p', {}, chosen.setup, ' ', chosen.sees),
      el('p', {}, 'A no to a question: ', chosen.no),
      ...(chosen.experimental ? [el('p', {}, 'Experimental: its contract is not published.')] : []),
      ...(chosen.subscribes ? [el('p', {}, 'It subscribes everybody who signs, so the form asks for that as a box without which nobody can sign.')] : []),
      ...(chosen.emails ? [el('p', {}, `Further e-mails: ${chosen.emails}.`)] : []),
      ...(chosen.readable ? [] : [el('p', {}, 'No page can read its answer: the form says “Sent”, never “signed”.')]),
      ...(chosen.endpoint ? [el('p', {}, chosen.needs_endpoint ? 'Address, such as ' : 'Address, if any, such as ', el('code', {}, chosen.endpoint))] : []),
      ...(chosen.options.length ? [el('p', {}, 'Options: ')] : []),
      ...(chosen.options.length ? [el('ul', {}, ...chosen.options.map(({ name, needed, help }) => el('li', {}, el('code', {}, name), needed ? ' (needed): ' : ': ', help)))] : []),
      ...(chosen.example ? [el('p', {}, 'What it needs to know, such as ', el('code', {}, chosen.example))] : []),
      el('p', {}, el('a', { href: `../guides/backends.html#${chosen.name}` }, 'More in the guide')),
    ]));
  };
  const { set } = field;
  field.set = (value) => { set(value); explain(); };
  field.explain = explain;
  explain();
};

/** Makes the form in `place`; `changed(name)` is called for each change. */
export const makeForm = (place, table, changed) => {
  const fields = new Map();
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
    if (at === 0) return el('section', { class: 'group first', 'aria-labelledby': `g-${id}` }, el('h3', { id: `g-${id}` }, title), ...boxes);
    const count = el('span', { class: 'tally' });
    const details = el('details', { class: 'group', id: `g-${id}` }, el('summary', {}, el('span', { class: 'summary-title' }, title), ' ', count), ...boxes);
    details.addEventListener('toggle', () => own.forEach((field) => field.grow()));
    tallies.push(() => {
      const set = own.filter((field) => field.isSet()).length;
      const wrong = own.filter(({ box }) => box.classList.contains('is-wrong')).length;
      count.textContent = [set ? `${set} set` : '', wrong ? `${wrong} wrong` : ''].filter(Boolean).join(', ') || counted(own.length, 'field', 'fields');
      count.classList.toggle('some', set > 0);
      count.classList.toggle('bad', wrong > 0);
    });
    return details;
  });
  const tally = () => tallies.forEach((update) => update());
  place.replaceChildren(...groups.filter(Boolean));
  tally();
  return {
    names: table.attributes.map(({ name }) => name),
    values: () => Object.fromEntries([...fields].map(([name, field]) => [name, field.get()]).filter(([, value]) => value !== '')),
    /** Sets every field; those without a value are emptied. */
    set: (values) => {
      for (const [name, field] of fields) field.set(String(values[name] ?? ''));
      tally();
    },
    /** Shows what is wrong beside each field; returns the names of the fields that are wrong. */
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
    /** Shows what the campaign file says in the fields that are empty. */
    config: (config) => fields.forEach((field) => field.config(config)),
    /** Puts the focus on the first field that is wrong, unfolding its group. */
    toWrong: () => {
      const field = [...fields.values()].find(({ box }) => box.classList.contains('is-wrong'));
      if (!field) return;
      const group = field.box.closest('details');
      if (group) group.open = true;
      field.focus();
    },
    focus: (name) => byId(`f-${name}`)?.focus(),
  };
};
