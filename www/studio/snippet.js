/**
 * Builds the snippet from the attributes, for each system that people paste it into. Only pure functions and texts:
 * nothing here touches the page.
 */

/** @type {Record<string, string>} */
const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;', '\r': '&#13;' };
/** @type {Record<string, string>} */
const BRACKETS = { '[': '&#91;', ']': '&#93;' };

/**
 * Escapes a value for use between double quotes.
 * @param {string} value
 */
export const escaped = (value, isWordPress = false) => value
  .replace(/\r\n?/g, '\n')
  .replace(/[&<>"\n]/g, (letter) => ENTITIES[letter])
  // WordPress looks for shortcodes in square brackets, even inside tags.
  .replace(/[[\]]/g, (letter) => (isWordPress ? BRACKETS[letter] : letter));

/**
 * The systems, in the order of the list: how the tag is wrapped, where to paste it, and what can stop it.
 * @type {{ id: string, name: string, how: string[], wrap?: (tag: string) => string }[]}
 */
export const TARGETS = [
  {
    id: 'html',
    name: 'Plain HTML',
    how: [
      'Paste it into your page’s HTML, where the form should appear.',
      'If the form does not show: some servers allow scripts only from sites that they list. '
        + 'The Embed doctor tells you the exact line to add.',
    ],
  },
  {
    id: 'wordpress',
    name: 'WordPress',
    how: [
      'In the editor, press +, choose the block “Custom HTML” and paste it there.',
      'WordPress keeps it only if your account can post unfiltered HTML: administrators and editors, '
        + 'and on a multisite network only super admins. '
        + 'If the code is gone after you save, ask one of them to paste it.',
      'WordPress.com needs a plan that allows it.',
    ],
  },
  {
    id: 'drupal',
    name: 'Drupal',
    how: [
      'Choose a text format that does not filter scripts, such as “Full HTML”, '
        + 'open the source view of the editor and paste it. A custom block in that format works too.',
      'Other formats remove the code when you save. Ask the person who manages the site for a format that keeps it.',
    ],
  },
  {
    id: 'squarespace',
    name: 'Squarespace',
    how: [
      'Add a “Code” block, choose HTML, and paste it there.',
      'Squarespace does not run scripts while you are logged in. '
        + 'To see the form, save and open the page in a private window.',
      'Your plan has to include scripts in code blocks.',
    ],
  },
  {
    id: 'ghost',
    name: 'Ghost',
    how: [
      'In the editor, type /html, choose the HTML card and paste it there.',
      'Newsletters remove scripts, so people who read the post as an email do not see the form. '
        + 'Add a plain link to the campaign’s page beside it.',
    ],
  },
  {
    id: 'markdown',
    name: 'Markdown',
    how: [
      'Paste it between two paragraphs, with an empty line before and after.',
      'Your site has to allow raw HTML in Markdown. In Hugo, set unsafe = true under [markup.goldmark.renderer].',
      'Hosts such as GitHub remove scripts from Markdown, so the form does not work there.',
    ],
    wrap: (tag) => `\n${tag}\n`,
  },
];

/**
 * Returns the attributes that are set, in the table's order, as pairs of name and value.
 * @param {string[]} names
 * @param {Record<string, string>} values
 * @returns {Studio.Attributes}
 */
export const nonEmpty = (names, values) => names
  .map((name) => /** @type {[string, string]} */ ([name, (values[name] ?? '').trim()]))
  .filter(([, value]) => value !== '');

/**
 * Returns the script tag. `site` is the address of the widget's files, with a slash at the end.
 * @param {string} site
 * @param {Studio.Attributes} attributes
 * @param {boolean} isWordPress
 */
export const tag = (site, attributes, isWordPress) => {
  const gap = attributes.length > 2 ? '\n  ' : ' ';
  const written = attributes.map(([name, value]) => `${gap}data-${name}="${escaped(value, isWordPress)}"`);
  return `<script async src="${escaped(site)}pledge.js"${written.join('')}></script>`;
};

/**
 * Returns the snippet for one of the systems.
 * @param {string} target
 * @param {string} site
 * @param {Studio.Attributes} attributes
 */
export const snippet = (target, site, attributes) => {
  const { wrap = (/** @type {string} */ text) => text } = TARGETS.find(({ id }) => id === target) ?? TARGETS[0];
  return wrap(tag(site, attributes, target === 'wordpress'));
};
