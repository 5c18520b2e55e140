/**
 * Says which attributes are one of ours misspelt. Loaded only where a tag or an element has attributes that are not
 * ours.
 */

/** Letters to add, drop or change to make one word of the other (Levenshtein distance). */
const apart = (a, b) => {
  let row = [...b, ''].map((_, at) => at);
  [...a].forEach((letter, i) => {
    const next = [i + 1];
    [...b].forEach((other, at) => next.push(Math.min(row[at + 1] + 1, next[at] + 1, row[at] + (letter !== other))));
    row = next;
  });
  return row[b.length];
};

/**
 * Warns of each name in `strays` that looks like one of `names`. Optimisers, consent managers and frameworks put
 * attributes of their own on every tag, which is nobody's mistake: a short name must be nearer than a long one.
 */
export const report = (strays, names) => {
  for (const stray of strays) {
    const plain = stray.replace(/^data-/, '').replace(/^pledge-/, '').replace(/_/g, '-');
    const isNear = (name) => apart(plain, name) <= (name.length > 5 ? 2 : 1);
    const meant = names.find((name) => name === plain) || names.find(isNear);
    if (meant) console.warn(`pledge-widget: attribute ${stray} is not known; did you mean ${meant}?`);
  }
};
