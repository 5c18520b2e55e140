/**
 * The snippet: from attributes to the tag, for each place where people paste it. Pure functions and words; nothing here
 * touches the page.
 */

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;', '\r': '&#13;' };
const BRACKETS = { '[': '&#91;', ']': '&#93;' };

/** A value as it stands between double quotes. */
export const escaped = (value, isWordPress = false) => value
  .replace(/\r\n?/g, '\n')
  .replace(/[&<>"\n]/g, (letter) => ENTITIES[letter])
  // WordPress looks for shortcodes in square brackets, also inside of tags.
  .replace(/[[\]]/g, (letter) => (isWordPress ? BRACKETS[letter] : letter));

/** The places, in the order of the list: how the tag is wrapped, where to paste it, what may stop it. */
export const TARGETS = [
  {
    id: 'html',
    name: 'Plain HTML',
    how: [
      'Paste it into your page’s HTML, at the place where the form should stand.',
      'The form does not show? Some servers allow scripts only from sites that they know. The embed doctor tells you the exact line to add.',
    ],
  },
  {
    id: 'wordpress',
    name: 'WordPress',
    how: [
      'In the editor press +, choose the block “Custom HTML” and paste it there.',
      'It only stays if your account may post unfiltered HTML: administrators and editors, and on a multisite network only super admins. If the code is gone after saving, ask one of them to paste it.',
      'WordPress.com needs a plan that allows it.',
    ],
  },
  {
    id: 'drupal',
    name: 'Drupal',
    how: [
      'Choose a text format that does not filter scripts, such as “Full HTML”, open the source view of the editor and paste it. A custom block in that format works too.',
      'Other formats take the code out when you save. Whoever manages the site can allow you a format that keeps it.',
    ],
  },
  {
    id: 'squarespace',
    name: 'Squarespace',
    how: [
      'Add a “Code” block, choose HTML, and paste it there.',
      'Squarespace runs no scripts while you are logged in. To see the form, save, and open the page in a private window.',
      'Your plan has to include scripts in code blocks.',
    ],
  },
  {
    id: 'ghost',
    name: 'Ghost',
    how: [
      'In the editor type /html, choose the HTML card and paste it there.',
      'Newsletters drop scripts: whoever reads the post as an email sees nothing in this place. Put a plain link to the campaign’s page beside it.',
    ],
  },
  {
    id: 'markdown',
    name: 'Markdown',
    how: [
      'Paste it between two paragraphs, with an empty line before and after.',
      'Your site has to allow raw HTML in Markdown. In Hugo set unsafe = true under [markup.goldmark.renderer].',
      'Hosts such as GitHub drop scripts from Markdown; the form cannot stand there.',
    ],
    wrap: (tag) => `\n${tag}\n`,
  },
];

/** The attributes that are set, in the table's order: pairs of name and value. */
export const chosen = (names, values) => names
  .map((name) => [name, (values[name] ?? '').trim()])
  .filter(([, value]) => value !== '');

/** The script tag; `site` is the address that the widget comes from, with a slash at its end. */
export const tag = (site, attributes, isWordPress) => {
  const gap = attributes.length > 2 ? '\n  ' : ' ';
  const written = attributes.map(([name, value]) => `${gap}data-${name}="${escaped(value, isWordPress)}"`);
  return `<script async src="${escaped(site)}pledge.js"${written.join('')}></script>`;
};

/** The snippet for one of the places. */
export const snippet = (target, site, attributes) => {
  const { wrap = (text) => text } = TARGETS.find(({ id }) => id === target) ?? TARGETS[0];
  return wrap(tag(site, attributes, target === 'wordpress'));
};
