/**
 * Reports misspelt attributes. Loaded only if a tag or an element has unknown attributes.
 */

/** Returns the Levenshtein distance between two words. */
const distance = (a, b) => {
  let row = [...b, ''].map((_, index) => index);
  [...a].forEach((letter, i) => {
    const next = [i + 1];
    [...b].forEach((other, index) =>
      // A different letter adds 1: `true` counts as 1 here. The type checker does not allow that sum.
      next.push(Math.min(row[index + 1] + 1, next[index] + 1, row[index] + /** @type {any} */ (letter !== other))));
    row = next;
  });
  return row[b.length];
};

/**
 * Warns about each name in `unknown` that is similar to one of `names`. Page optimisers, consent managers and
 * frameworks add attributes to every tag, and those are no mistakes. So a short name must be more similar than a long
 * one.
 */
export const report = (unknown, names) => {
  for (const attribute of unknown) {
    const plain = attribute.replace(/^data-/, '').replace(/^pledge-/, '').replace(/_/g, '-');
    const isSimilar = (name) => distance(plain, name) <= (name.length > 5 ? 2 : 1);
    const suggestion = names.find((name) => name === plain) || names.find(isSimilar);
    if (suggestion) console.warn(`pledge-widget: attribute ${attribute} is not known; did you mean ${suggestion}?`);
  }
};
