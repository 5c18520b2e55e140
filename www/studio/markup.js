/**
 * Collects the facts in a piece of markup for the doctor: each embed with its place, and each policy. The markup is
 * parsed into a separate document, in which nothing runs or loads, and is never added to the page.
 */

import { site } from './doctor-module.js';

const policy = globalThis.trustedTypes?.createPolicy('pledge-studio', { createHTML: (text) => text });

/** @param {string} text */
const parse = (text) => new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, 'text/html');

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Returns the path of an address, or the text itself if it is not an address.
 * @param {string} src
 */
const pathOf = (src) => {
  try {
    return new URL(src, 'https://pledge.invalid/').pathname;
  } catch {
    return src;
  }
};

/**
 * Returns the addresses of a script: its src, and addresses of pledge.js that plugins moved to other attributes.
 * @param {Studio.Attributes} attributes
 */
const sourcesOf = (attributes) => attributes
  .filter(([name, value]) => name === 'src' || /(^|\/)pledge\.js($|[?#])/.test(value.trim()))
  .map(([, value]) => value.trim());

/**
 * Returns the value of an embed's attribute, from the tag or from the query of its address.
 * @param {Pick<Studio.Embed, 'kind' | 'attributes'>} embed
 * @param {string} name
 * @returns {string | undefined}
 */
export const settingOf = ({ kind, attributes }, name) => {
  const own = new Map(attributes).get(kind === 'script' ? `data-${name}` : name);
  if (own !== undefined || kind !== 'script') return own;
  const query = /pledge\.js\?([^#]*)/.exec(sourcesOf(attributes).join('\n'));
  return new URLSearchParams(query?.[1] ?? '').get(name) ?? undefined;
};

/**
 * @param {Element} node
 * @returns {Studio.Attributes}
 */
const pairs = (node) => [...node.attributes].map(({ name, value }) => [name, value]);

const isLoader = (/** @type {Element} */ node) => node.localName === 'script'
  && sourcesOf(pairs(node)).some((src) => /pledge\.js$/.test(pathOf(src)));

/** Parts of the addresses of copies that plugins make of a script under another name. */
const COPY = /\/cache\/|\/wp-content\/|\/min\/|minif|autoptimize|optimi|litespeed|combine/i;

const isEmbed = (/** @type {Element} */ node) => {
  if (node.localName === 'pledge-widget') return true;
  if (node.localName !== 'script') return false;
  const sources = sourcesOf(pairs(node));
  // Curly quotation marks become part of the address, so search for the name anywhere in it.
  if (sources.some((src) => /pledge\.m?js/.test(src) || src.startsWith(site))) return true;
  // Scripts of other tools can have data-campaign and data-source too, but they have another address.
  if (sources.length) {
    return node.hasAttribute('data-campaign')
      && (node.hasAttribute('data-site') || sources.some((src) => COPY.test(src)));
  }
  return ['data-campaign', 'campaign'].some((name) => node.hasAttribute(name));
};

/**
 * Returns the place of a node, given that of its parent. An ancestor that keeps it from running takes precedence.
 * @param {Element} node
 * @param {string} place
 */
const placeIn = (node, place) => {
  if (['noscript', 'template', 'svg', 'math'].includes(place)) return place;
  if (node.localName === 'noscript' || node.localName === 'template') return node.localName;
  if (node.namespaceURI === SVG) return 'svg';
  if (node.localName === 'math') return 'math';
  return node.localName === 'head' ? 'head' : node.localName === 'body' ? 'body' : place;
};

/**
 * Returns how many elements the attribute `target` of a script selects, -1 if it is invalid.
 * @param {Document} document
 * @param {Element} node
 * @param {boolean} isPage
 */
const targetOf = (document, node, isPage) => {
  const selector = settingOf({ kind: 'script', attributes: pairs(node) }, 'target');
  if (!isPage || node.localName !== 'script' || selector === undefined) return null;
  try {
    return document.querySelectorAll(selector).length;
  } catch {
    return -1;
  }
};

/**
 * Returns the embed that a comment or a piece of text contains as text, if any.
 * @param {string} text
 * @param {string} place
 * @returns {Studio.Embed[]}
 */
const embedInText = (text, place) => {
  const isScript = /<script/i.test(text) && /pledge\.js/.test(text);
  if (!isScript && !/<pledge-widget/i.test(text)) return [];
  return [{ kind: isScript ? 'script' : 'element', attributes: [], place, target_matches: null }];
};

/**
 * Finds the embeds in document order. Not recursive, because pages can be deeply nested.
 * @param {Document} document
 * @param {boolean} isPage
 */
const embedsIn = (document, isPage) => {
  /** @type {Studio.Embed[]} */
  const embeds = [];
  /** @type {[Node, string][]} */
  const queue = [[document.documentElement, 'body']];
  while (queue.length) {
    const [node, place] = queue.pop();
    if (node.nodeType === Node.COMMENT_NODE) {
      embeds.push(...embedInText(node.nodeValue, 'comment'));
    } else if (node.nodeType === Node.TEXT_NODE) {
      const isCode = ['script', 'style'].includes(node.parentElement?.localName);
      if (!isCode) embeds.push(...embedInText(node.nodeValue, 'text'));
    } else if (node.nodeType === Node.ELEMENT_NODE) {
      const element = /** @type {Element} */ (node);
      const own = placeIn(element, place);
      if (isEmbed(element)) {
        embeds.push({
          kind: element.localName === 'script' ? 'script' : 'element',
          attributes: pairs(element),
          place: own,
          target_matches: targetOf(document, element, isPage),
        });
      }
      const inside = element instanceof HTMLTemplateElement ? element.content : element;
      for (let child = inside.lastChild; child; child = child.previousSibling) queue.push([child, own]);
    }
  }
  return embeds;
};

/**
 * Returns the policies in meta elements. Browsers apply them only in the head.
 * @param {Document} document
 * @param {boolean} isWhole
 */
const metaPolicies = (document, isWhole) => {
  /** @type {NodeListOf<HTMLMetaElement>} */
  const found = (isWhole ? document.head : document)
    .querySelectorAll('meta[http-equiv="content-security-policy" i]');
  return [...found].map((meta) => ({ text: meta.content.trim(), pasted: meta.outerHTML })).filter(({ text }) => text);
};

/**
 * Splits a header value into policies, which are separated by commas.
 * @param {string} header
 */
const splitPolicies = (header) => header.split(',').map((one) => one.replace(/\s+/g, ' ').trim()).filter(Boolean);

/**
 * Parses a policy that the user typed: the value, a header line, a line of a server's configuration, or a meta tag.
 * Returns each with the text in which it was pasted, so that the corrected one has the same form.
 * @param {string} text
 */
export const typedPolicies = (text) => {
  if (/<meta/i.test(text)) return metaPolicies(parse(text), false);
  const policies = text.split(/\r?\n(?=\s*\S*content-security-policy)/i).flatMap((line) => {
    if (/content-security-policy-report-only/i.test(line)) return []; // it does not block anything
    const named = /content-security-policy/i.exec(line);
    if (!named) return splitPolicies(line);
    // Remove what server configurations have between the name and the value, and after the value.
    const value = line.slice(named.index + named[0].length)
      .replace(/^["'`]?\s*[,;)]?\s*(value)?["'`]?\s*[:=]?\s*(always)?\s*["`]?/i, '')
      .replace(/["`].*$/s, '')
      .replace(/\r?\n\s*[\w-]+\s*:[\s\S]*$/, ''); // other headers
    return splitPolicies(value);
  });
  return policies.map((policy) => ({ text: policy, pasted: text }));
};

/**
 * Returns the facts of a snippet (with the typed policy) or of a page (with the policies of its response).
 * @param {string} markup
 * @param {{ isPage: boolean, policies: string }} source
 */
export const factsOf = (markup, { isPage, policies }) => {
  // Parsed on its own, a script would end up in the head.
  const isWhole = isPage || /<(!doctype|html|head|body)\b/i.test(markup);
  const document = parse(isWhole ? markup : `<!doctype html><body>${markup}`);
  const embeds = embedsIn(document, isWhole);
  const scripts = [...document.querySelectorAll('script')];
  return {
    markup,
    embeds,
    policies: [
      ...(isPage ? splitPolicies(policies).map((text) => ({ text, pasted: '' })) : typedPolicies(policies)),
      ...metaPolicies(document, isWhole),
    ],
    has_loader: scripts.some(isLoader),
    // The imports of a module are not visible here.
    has_module: scripts.some((script) => script.type === 'module'),
  };
};
