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
 * The systems, in the order of the list: how the tag is wrapped, where to paste it, and what can stop it. With `link`,
 * people who cannot paste it get a link to the campaign's page. With `isOnce`, the code is for every page of a site,
 * and a line in a page says where the form goes.
 * @type {{
 *   id: string, name: string, how: string[], link?: string, isOnce?: boolean, wrap?: (tag: string) => string,
 * }[]}
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
      'Publish, then open the page. If the form is not there, your account may not be allowed to paste scripts.',
    ],
    link: 'If you are not allowed to paste scripts, paste this link instead',
  },
  {
    id: 'once',
    name: 'A site whose administrator adds the code once',
    how: [
      'The administrator adds the code to every page once, for example to the footer of the theme, or with a plugin '
        + 'for footer code.',
      'Authors put their line into a page, where the form should appear. In WordPress, use the block “Custom HTML”. '
        + 'They do not have to be allowed to paste scripts.',
      'Pages without the line show no form.',
    ],
    isOnce: true,
    // If nothing on the page matches the target, the loader puts the form after the tag, where nobody must see it.
    wrap: (tag) => `<div hidden>\n${tag}\n</div>`,
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
    link: 'Link to the campaign’s page',
  },
  {
    id: 'markdown',
    name: 'Markdown',
    how: [
      'Paste it between two paragraphs, with an empty line before and after.',
      'Your site has to allow raw HTML in Markdown. In Hugo, set unsafe = true under [markup.goldmark.renderer].',
      'Hosts such as GitHub remove scripts from Markdown, so the form does not work there.',
    ],
    link: 'Where scripts are removed, paste this link instead',
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

/** Returns the system with this id. */
export const targetFor = (/** @type {string} */ id) => TARGETS.find((target) => target.id === id) ?? TARGETS[0];

/**
 * Returns the id of the element that the form goes into if the tag is on every page.
 * @param {Studio.Attributes} attributes
 */
const elementId = (attributes) => /^#([\w-]+)$/.exec(new Map(attributes).get('target') ?? '')?.[1] ?? 'pledge';

/**
 * Returns the line that says where the form goes.
 * @param {Studio.Attributes} attributes
 */
export const placeLine = (attributes) => `<div id="${elementId(attributes)}"></div>`;

/**
 * Returns the address of the campaign's own page.
 * @param {string} site
 * @param {Studio.Attributes} attributes
 */
export const pageLink = (site, attributes) => {
  const { campaign, source } = Object.fromEntries(attributes);
  if (!/^[a-z\d][a-z\d-]{0,63}$/.test(campaign ?? '')) return '';
  const isCode = /^[\w.-]{1,64}$/.test(source ?? '');
  return `${site}campaigns/${campaign}.html${isCode ? `?source=${source}` : ''}`;
};

/**
 * Returns the snippet for one of the systems.
 * @param {string} target
 * @param {string} site
 * @param {Studio.Attributes} attributes
 */
export const snippet = (target, site, attributes) => {
  const { wrap = (/** @type {string} */ text) => text, isOnce } = targetFor(target);
  /** @type {Studio.Attributes} */
  const own = isOnce ? [...attributes.filter(([name]) => name !== 'target'), ['target', `#${elementId(attributes)}`]]
    : attributes;
  return wrap(tag(site, own, target === 'wordpress'));
};
