/**
 * The words that every campaign needs, as a form: name, organisation, sentence, pledge, target, id and language. It
 * writes them into the campaign file of a campaign of one's own.
 */
import { byId } from './dom.js';
import { idFrom } from './fixes.js';
import { makeListField, read, WORDS, write } from './list-fields.js';

/**
 * Sets up the form. `members()` returns the members of the file, and `changed()` is called after each change. `left()`
 * is called when the focus has left a field.
 * @param {{ members: () => Record<string, any>, changed: () => void, left: () => void }} options
 */
export const makeWords = ({ members, changed, left }) => {
  /** @type {string[]} */
  let taken = []; // the ids of the campaigns on the server
  /** @type {Set<Studio.ListControl>} */
  const visited = new Set(); // before a field has been left, its mistakes are not shown

  /**
   * @param {Studio.ListField} spec
   * @param {string} text
   */
  const edit = (spec, text) => {
    const own = members();
    const isTitle = spec.path[0] === 'title';
    // As long as nobody has written another one, the id follows the name.
    const isMade = !own.id || own.id === idFrom(String(own.title ?? ''), taken);
    write(own, spec, text);
    if (isTitle && isMade) {
      own.id = idFrom(text, taken);
      find('id').set(own.id);
    }
    changed();
  };
  /** @type {Studio.ListControl[]} */
  const fields = WORDS.map((spec) => makeListField(spec, {
    id: `own-${spec.path[0].replace('_', '-')}`,
    sectors: [],
    changed: (text) => edit(spec, text),
  }));
  const find = (/** @type {string} */ name) => fields.find(({ spec }) => spec.path[0] === name);
  for (const field of fields) {
    field.input.dataset.word = field.spec.path[0];
    field.box.addEventListener('focusout', ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && field.box.contains(relatedTarget)) return;
      visited.add(field);
      left();
    });
  }
  byId('own-fields').replaceChildren(...fields.map(({ box }) => box));
  // The warning that another campaign has the name is beside the name.
  const { input: id, box: idBox } = find('id');
  idBox.after(byId('own-taken'));
  id.setAttribute('aria-describedby', `${id.getAttribute('aria-describedby')} own-taken`);

  const fieldOf = (/** @type {string | undefined} */ pointer) =>
    fields.find(({ spec }) => pointer === `/${spec.path[0]}` || pointer?.startsWith(`/${spec.path[0]}/`));
  const isEmpty = (/** @type {Studio.ListControl} */ { input }) => !input.value.trim();
  /** Returns the fields that are still empty and have to be filled in. The name of the campaign makes the id. */
  const missing = () => [find('title'), find('petition_text'), find(isEmpty(find('title')) ? 'title' : 'id')]
    .filter((field, at, all) => isEmpty(field) && all.indexOf(field) === at);

  return {
    /** Shows the words in the file. Text that means the same is left as it was typed. */
    update: () => {
      for (const field of fields) {
        const text = read(members(), field.spec);
        /** @type {Record<string, any>} */
        const typed = {};
        write(typed, field.spec, field.input.value.trim());
        if (read(typed, field.spec) !== text) field.set(text);
      }
    },
    /** @param {Studio.Finding[]} findings */
    show: (findings) => {
      for (const field of fields) {
        const own = visited.has(field) ? findings.filter(({ pointer }) => fieldOf(pointer) === field) : [];
        const isMissing = visited.has(field) && missing().includes(field);
        if (isMissing) field.show([{ severity: 'error', finding: 'is empty.', pointer: '' }]);
        else field.show(isEmpty(field) ? [] : own);
      }
    },
    /** Returns the field that a finding is about, if there is one. */
    place: (/** @type {string} */ pointer) => {
      const field = fieldOf(pointer);
      return field ? { name: field.spec.label, isNew: true, go: () => field.input.focus() } : null;
    },
    /** Returns the labels of the fields that are still to be filled in. */
    missing: () => missing().map(({ spec }) => spec.label),
    /** Shows what is missing or wrong, and moves the focus to the first field that is missing. */
    demand: () => {
      for (const field of fields) visited.add(field);
      left();
      missing()[0]?.input.focus();
    },
    /** Forgets which fields have been visited, for another campaign. */
    renew: () => visited.clear(),
    grow: () => { for (const field of fields) field.grow(); },
    /** @param {string[]} ids */
    setTaken: (ids) => { taken = ids; },
    /** @param {Studio.Language[]} languages */
    setLanguages: (languages) => {
      const field = find('locale');
      const { input } = field;
      const { value } = input;
      input.replaceChildren(...languages.map(({ tag, name, english }) => {
        const option = document.createElement('option');
        option.value = tag;
        option.textContent = name === english ? name : `${name} (${english})`;
        return option;
      }));
      field.set(value || 'en');
    },
  };
};
