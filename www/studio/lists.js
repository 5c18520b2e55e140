/**
 * The forms for the campaign's own words: the pledge, the demands, the facts, the wins and the help links. They read
 * and write the text of the campaign file. Everything that has no form stays as it is in the file.
 */
import { byId, el, note, smallButton } from './dom.js';
import { makeList } from './list.js';
import { LISTS } from './list-fields.js';
import { makeWords } from './words.js';

/**
 * Parses the text. Returns null if it is not a JSON object.
 * @param {string} text
 * @returns {Record<string, unknown> | null}
 */
const parse = (text) => {
  try {
    const members = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof members === 'object' && !Array.isArray(members) ? members : null;
  } catch {
    return null;
  }
};

/**
 * Sets up the forms. `write(text)` replaces the text of the file. `left()` is called when the focus leaves a new item.
 * `toText()` shows the text to the user, and `isOwn()` returns whether it is a campaign of the user's own.
 * @param {{ write: (text: string) => void, left: () => void, toText: () => void, isOwn: () => boolean }} options
 */
export const makeLists = ({ write, left, toText, isOwn }) => {
  const [place, state] = [byId('lists'), byId('lists-state')];
  /** @type {Record<string, unknown> | null} */
  let model = null;
  let shown = ''; // the text that the forms show
  let indent = '  ';
  /** @type {string[]} */
  const sectors = []; // the subjects of facts

  const changed = () => {
    shown = `${JSON.stringify(model, null, indent)}\n`;
    write(shown);
  };
  const lists = LISTS.map((spec) => makeList(spec, {
    sectors,
    items: () => {
      if (!Array.isArray(model[spec.member])) model[spec.member] = [];
      return /** @type {Studio.ListItem[]} */ (model[spec.member]);
    },
    changed,
    left,
  }));
  place.replaceChildren(...lists.map(({ details }) => details));
  const words = makeWords({ members: () => model ?? {}, changed, left });

  /**
   * Returns a finding with the place of the field that it is about. The doctor names facts that are out of date by
   * their title.
   * @param {Studio.Finding} found
   * @returns {Studio.Finding}
   */
  const located = (found) => {
    const title = found.pointer === '/facts' && /the fact "(.+?)…?" is past/.exec(found.finding)?.[1];
    if (!title || !Array.isArray(model?.facts)) return found;
    const at = model.facts.findIndex((fact) => String(fact?.title ?? '').startsWith(title));
    return at < 0 ? found : { ...found, pointer: `/facts/${at}/review_by` };
  };

  const hideWords = () => {
    for (const { member, details } of lists) {
      const value = model?.[member];
      const isList = value === undefined || Array.isArray(value);
      // In a campaign of one's own, the pledge is among the first words.
      details.hidden = !isList || (isOwn() && member === 'petition_text');
    }
    if (isOwn() && model) words.update();
  };

  return {
    /**
     * Sets the subjects that a fact can be about, once they are known.
     * @param {string[]} words
     */
    setSectors: (words) => {
      sectors.splice(0, sectors.length, ...words);
      for (const list of lists) list.offer();
    },
    /**
     * Shows the lists in the text of the file. While it is broken, the forms keep their content and cannot be used.
     * @param {string} text
     */
    update: (text) => {
      const members = parse(text);
      const isEmpty = !text.trim();
      place.disabled = !members;
      place.hidden = !members && (isEmpty || !shown);
      const isBroken = !members && !isEmpty;
      const heading = isBroken ? 'The text of the file has an error'
        : isEmpty ? 'There is no campaign file yet' : '';
      byId('own-fields').disabled = !members;
      if ((state.dataset.words ?? '') !== heading) {
        state.dataset.words = heading;
        const button = smallButton('Go to the text', toText);
        state.replaceChildren(...(isBroken ? [note('error', heading,
          el('p', {}, 'The forms here can be used again when it is fixed. ', button))] : []),
        ...(isEmpty ? [note('warning', heading,
          el('p', {}, 'Choose a campaign above, import a file, or start with a copy.'))] : []));
      }
      if (!members || text === shown) return;
      model = members;
      shown = text;
      indent = /^\s*\{\s*?\n([ \t]+)"/.exec(text)?.[1] ?? '  ';
      for (const list of lists) {
        // Another kind of value is left alone: the doctor says what is wrong with it.
        const value = model[list.member];
        if (value === undefined || Array.isArray(value)) list.update(/** @type {Studio.ListItem[]} */ (value ?? []));
      }
      hideWords();
    },
    /** Shows the forms of a campaign of the other kind. */
    refresh: hideWords,
    /** The words that every campaign needs. */
    words,
    /** Returns the members of the file, as the forms show them. */
    members: () => model,
    /** Shows the mistakes of every entry. */
    demand: () => { for (const list of lists) list.demand(); },
    /** Opens the list of facts. */
    openFacts: () => { byId('words-facts').toggleAttribute('open', true); },
    /**
     * Shows the doctor's findings beside the fields.
     * @param {Studio.Finding[]} findings
     */
    show: (findings) => {
      for (const list of lists) list.show(findings.map(located));
      words.show(isOwn() ? findings : []);
    },
    /** Returns the pointer of the entry of a list that a finding is about, such as /facts/0, or ''. */
    entry: (/** @type {Studio.Finding} */ found) =>
      /^\/(facts|asks|wins|help)\/\d+/.exec(located(found).pointer ?? '')?.[0] ?? '',
    /**
     * Returns the form that a finding is about, if there is one.
     * @param {Studio.Finding} found
     */
    place: (found) => {
      const { pointer } = located(found);
      if (!pointer || place.disabled) return null;
      const word = isOwn() ? words.place(pointer) : null;
      if (word) return word;
      return lists.map((list) => list.place(pointer)).find(Boolean) ?? null;
    },
  };
};
