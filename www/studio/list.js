/**
 * One list of the campaign file as a list of small forms: add, remove (with Undo), move, edit. The items themselves are
 * in the file's own array, which the forms change in place.
 */
import { announce, el, fieldMessage, isPointedAt, pluralise, smallButton, steady, truncate } from './dom.js';
import { isKnownItem, isUntouched, makeListField, newItem, plainly, read, write } from './list-fields.js';

let serial = 0; // for ids that stay the same when items move

/**
 * @param {Studio.ListSpec} spec
 * @param {{
 *   sectors: string[],
 *   items: () => Studio.ListItem[],
 *   changed: () => void,
 *   left: () => void,
 * }} options `items()` returns the array in the file, and creates it if needed. `changed()` is called after each
 *   change, and `left()` when the focus leaves a new item that something has been written into.
 */
export const makeList = (spec, { sectors, items, changed, left }) => {
  const { member, one, title } = spec;
  const isText = spec.fields.length === 1 && !spec.fields[0].path.length;
  const name = (/** @type {number} */ at) => `${one} ${at + 1}`;
  const capital = (/** @type {string} */ text) => text.charAt(0).toUpperCase() + text.slice(1);
  /** @type {Studio.ListForm[]} */
  let forms = [];
  /** @type {{ at: number, item: Studio.ListItem, box: HTMLElement } | null} */
  let gone = null; // the removed item, until the next one is removed
  const list = el('ul', { role: 'list', class: 'items', id: `list-${member}` });
  const status = el('p', { class: 'help', role: 'status' });
  const wrong = el('div', { class: 'wrong', 'aria-live': 'polite' });
  const count = el('span', { class: 'tally' });
  const add = el('button', { type: 'button', click: () => insert(forms.length, newItem(spec)) }, `Add a ${one}`);
  const summary = el('summary', {}, el('span', { class: 'summary-title' }, title), ' ', count);
  const details = el('details', { class: 'group', id: `words-${member}` }, summary,
    el('p', { class: 'help' }, spec.help), wrong, list, el('p', { class: 'actions' }, add), status);
  const grow = () => {
    for (const form of forms) for (const field of form.fields) field.grow();
  };
  details.addEventListener('toggle', grow);

  const forget = () => {
    gone?.box.remove();
    gone = null;
  };

  /** Updates what depends on the positions of the items. */
  const renumber = () => {
    forms.forEach((form, at) => {
      form.at = at;
      form.label();
      for (const field of form.fields) field.input.dataset.pointer = ['', member, at, ...field.spec.path].join('/');
      for (const [button, words] of form.buttons) button.setAttribute('aria-label', `${words} ${name(at)}`);
      const [up, down] = form.buttons.keys();
      up.disabled = at === 0;
      down.disabled = at === forms.length - 1;
    });
    tally();
  };

  const tally = () => {
    const errors = details.querySelectorAll('.wrong .error').length;
    count.textContent = errors ? pluralise(errors, 'error', 'errors') : pluralise(forms.length, one, spec.many);
    count.classList.toggle('bad', errors > 0);
  };

  /**
   * Creates the form of an item.
   * @param {Studio.ListItem} item
   * @param {boolean} isNew
   * @returns {Studio.ListForm}
   */
  const makeForm = (item, isNew) => {
    const id = `w-${member}-${++serial}`;
    const isKnown = isKnownItem(spec, item);
    const fields = isKnown ? spec.fields.map((field, at) => makeListField(field, {
      id: at ? `${id}-${field.path.at(-1)}` : id,
      sectors,
      changed: (text) => edit(form, field, text),
    })) : [];
    const move = (/** @type {number} */ by) => moveBy(form, by);
    /** @type {Map<HTMLButtonElement, string>} */
    const buttons = new Map([
      [smallButton('Move up', () => move(-1)), 'Move up'],
      [smallButton('Move down', () => move(1)), 'Move down'],
      [smallButton('Remove', () => remove(form)), 'Remove'],
    ]);
    const own = el('div', { class: 'wrong', 'aria-live': 'polite' });
    const strange = el('p', { class: 'help' }, 'This entry has an unusual form. Change it in the part for developers.');
    const heading = el('span', { class: 'item-title' });
    const boxesOf = (/** @type {boolean} */ isMore) =>
      fields.filter(({ spec: { isMore: is = false } }) => is === isMore).map(({ box: one }) => one);
    const boxes = isKnown ? boxesOf(false) : [strange];
    const more = boxesOf(true);
    if (more.length) {
      const unfold = el('details', { class: 'more' }, el('summary', {}, `More about this ${one}`), ...more);
      unfold.addEventListener('toggle', grow);
      boxes.push(unfold);
    }
    const inside = isText || !isKnown ? el('div', {}, ...boxes, own)
      : el('details', { ...(isNew ? { open: true } : {}) }, el('summary', {}, heading), own, ...boxes);
    inside.addEventListener('toggle', grow);
    const box = el('li', { class: 'item' }, inside, el('div', { class: 'item-actions' }, ...buttons.keys()));
    /** @type {Studio.ListForm} */
    const form = {
      at: 0,
      box,
      fields,
      buttons,
      isNew: isNew || isUntouched(spec, item), // its mistakes are not shown yet
      label: () => {
        const text = isText ? '' : fields[0] && read(items()[form.at], titleField()) || '';
        heading.textContent = `${capital(name(form.at))}${text ? `: ${truncate(text, 70)}` : ''}`;
        if (isText) fields[0]?.name(capital(name(form.at)));
      },
      show: (findings) => {
        const start = `/${member}/${form.at}`;
        /** @type {Studio.Finding[]} */
        const rest = [];
        /** @type {Map<Studio.ListControl, Studio.Finding[]>} */
        const byField = new Map(fields.map((field) => [field, []]));
        for (const found of findings) {
          const field = fieldOf(form, found.pointer);
          if (field) byField.get(field).push(found);
          else if (found.pointer === start || found.pointer.startsWith(`${start}/`)) rest.push(found);
        }
        for (const [field, found] of byField) field.show(form.isNew ? [] : found);
        const messages = form.isNew ? [] : rest.map((found) =>
          fieldMessage(found.severity === 'error' ? 'error' : 'warning', plainly(found)));
        if (messages.length || own.firstChild) own.replaceChildren(...messages);
      },
    };
    fields.forEach((field, at) => field.set(read(item, spec.fields[at])));
    box.addEventListener('focusout', ({ relatedTarget }) => {
      if (!form.isNew || !forms.includes(form)) return;
      // The focus can go to another window, for example to look up the source, and come back.
      const isInside = [relatedTarget, document.activeElement].some((to) => to instanceof Node && box.contains(to));
      if (isInside || isUntouched(spec, items()[form.at])) return;
      form.isNew = false; // from now on, its mistakes are shown
      left();
    });
    return form;
  };

  const titleField = () => spec.fields.find(({ path }) => path[0] === 'title') ?? spec.fields[1] ?? spec.fields[0];

  /**
   * Returns the field that a pointer is about: the field itself, or the first one in the part that it names.
   * @param {Studio.ListForm} form
   * @param {string} pointer
   */
  const fieldOf = (form, pointer) => {
    const own = form.fields.map((field) => ({ field, at: field.input.dataset.pointer }));
    const exact = own.find(({ at }) => at === pointer || pointer.startsWith(`${at}/`));
    const isInside = pointer.split('/').length > 3;
    return (exact ?? (isInside ? own.find(({ at }) => at.startsWith(`${pointer}/`)) : undefined))?.field;
  };

  /**
   * @param {Studio.ListForm} form
   * @param {Studio.ListField} field
   * @param {string} text
   */
  const edit = (form, field, text) => {
    if (!isText) {
      write(/** @type {Record<string, unknown>} */ (items()[form.at]), field, text);
      form.label();
      return changed();
    }
    const [input] = form.fields.map((one) => one.input);
    if (!/[\r\n]/.test(input.value)) {
      items()[form.at] = text;
      return changed();
    }
    // Each line is an item of its own: Enter starts a new one, and several can be pasted at once.
    const lines = input.value.split(/[\r\n]+/).map((line) => line.trim());
    const parts = lines.filter((line, at) => line || at === lines.length - 1);
    form.fields[0].set(parts[0]);
    items().splice(form.at, 1, ...parts);
    const added = parts.slice(1).map((part) => makeForm(part, part === ''));
    forms.splice(form.at + 1, 0, ...added);
    form.box.after(...added.map(({ box }) => box));
    finish();
    const last = /** @type {HTMLTextAreaElement} */ ((added.at(-1) ?? form).fields[0].input);
    last.focus();
    if (added.length === 1) last.setSelectionRange(0, 0);
  };

  const finish = () => {
    renumber();
    changed();
    grow();
  };

  /**
   * @param {number} at
   * @param {Studio.ListItem} item
   */
  const insert = (at, item, isNew = true) => {
    const form = makeForm(item, isNew);
    items().splice(at, 0, item);
    forms.splice(at, 0, form);
    if (forms[at + 1]) forms[at + 1].box.before(form.box);
    else list.append(form.box);
    finish();
    if (isNew) announce(status);
    const closed = form.box.querySelector(':scope > details:not([open]) > summary');
    (/** @type {HTMLElement | null} */ (closed) ?? form.fields[0]?.input ?? form.buttons.keys().next().value).focus();
  };

  /** @param {Studio.ListForm} form */
  const remove = (form) => {
    steady(forget);
    announce(status);
    const [item] = items().splice(form.at, 1);
    forms.splice(form.at, 1);
    const { at } = form;
    const undo = smallButton('Undo', () => {
      const there = Math.min(at, forms.length);
      forget();
      insert(there, item, false);
      announce(status, `${capital(name(there))} is back.`);
    });
    undo.setAttribute('aria-describedby', `gone-${member}`);
    const box = el('li', { class: 'item gone' },
      el('p', {}, el('span', { id: `gone-${member}` }, `${capital(name(at))} is removed.`), ' ', undo));
    gone = { at, item, box };
    // A second click on the same place must press neither Undo nor the next Remove.
    box.style.minBlockSize = `${Math.min(form.box.offsetHeight, 160)}px`;
    form.box.replaceWith(box);
    finish();
    undo.focus({ preventScroll: true });
    box.scrollIntoView({ block: 'nearest' });
    const place = undo.getBoundingClientRect();
    if (isPointedAt(place)) scrollBy(0, place.height + 16);
  };

  /**
   * @param {Studio.ListForm} form
   * @param {number} by
   */
  const moveBy = (form, by) => {
    const [from, to] = [form.at, form.at + by];
    const focused = document.activeElement;
    const own = items();
    own.splice(to, 0, ...own.splice(from, 1));
    forms.splice(to, 0, ...forms.splice(from, 1));
    const next = forms[to + 1];
    if (next) next.box.before(form.box);
    else forms[to - 1].box.after(form.box);
    finish();
    // At the end of the list, the button that was pressed is disabled.
    const [up, down] = form.buttons.keys();
    const button = focused === up ? up : down;
    (button.disabled ? [up, down].find((other) => !other.disabled) : button)?.focus();
    announce(status, `${capital(one)} ${from + 1} is now ${one} ${to + 1} of ${forms.length}.`);
  };

  return {
    details,
    member,
    /** Offers further subjects in the forms that are there already. */
    offer: () => {
      for (const form of forms) for (const field of form.fields) field.offer();
    },
    /**
     * Shows the items of the file. Forms that can show the new items keep their place and the focus.
     * @param {Studio.ListItem[]} own
     */
    update: (own) => {
      const isSame = own.length === forms.length
        && own.every((item, at) => isKnownItem(spec, item) === forms[at].fields.length > 0);
      if (isSame) {
        own.forEach((item, at) => {
          for (const field of forms[at].fields) {
            const text = read(item, field.spec);
            if (field.input.value.trim() !== text) field.set(text);
          }
        });
      } else {
        forget();
        announce(status);
        forms = own.map((item) => makeForm(item, false));
        list.replaceChildren(...forms.map(({ box }) => box));
      }
      renumber();
      grow();
    },
    /** From now on, the mistakes of every item are shown, also of those that nobody has filled in. */
    demand: () => {
      for (const form of forms) form.isNew = false;
    },
    /**
     * Shows the findings about this list beside what they are about.
     * @param {Studio.Finding[]} findings
     */
    show: (findings) => {
      const own = findings.filter(({ pointer }) => pointer === `/${member}` || pointer?.startsWith(`/${member}/`));
      for (const form of forms) form.show(own);
      const whole = own.filter(({ pointer }) => pointer === `/${member}`);
      const messages = whole.map((one) =>
        fieldMessage(one.severity === 'error' ? 'error' : 'warning', plainly(one)));
      if (messages.length || wrong.firstChild) wrong.replaceChildren(...messages);
      tally();
    },
    /**
     * Returns the place of a pointer into this list: its name and how to get there. Returns null if there is no form.
     * @param {string} pointer
     * @returns {Studio.ListPlace | null}
     */
    place: (pointer) => {
      if (details.hidden) return null;
      const form = forms[Number(pointer.split('/')[2])];
      if (!form || !pointer.startsWith(`/${member}/`)) return null;
      const field = fieldOf(form, pointer);
      const words = [capital(name(form.at)), isText ? '' : field?.spec.label ?? ''].filter(Boolean).join(', ');
      const go = () => {
        details.open = true;
        const inner = form.box.querySelector('details');
        if (inner) inner.open = true;
        const unfold = field?.box.closest('details');
        if (unfold) unfold.open = true;
        (field?.input ?? form.box.querySelector('summary') ?? form.buttons.keys().next().value).focus();
      };
      return { name: words, isNew: form.isNew, go };
    },
  };
};
