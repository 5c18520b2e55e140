/**
 * The facts in a piece of markup, for the doctor to judge: every embed with its place, and every policy. The markup is
 * parsed into a document of its own, in which nothing runs and nothing is loaded, and is never put on the page.
 */

import { site } from './judge.js';

const policy = globalThis.trustedTypes?.createPolicy('pledge-studio', { createHTML: (text) => text });

const parse = (text) => new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, 'text/html');

const SVG = 'http://www.w3.org/2000/svg';

/** The path of an address, as far as it can be told. */
const pathOf = (src) => {
  try {
    return new URL(src, 'https://pledge.invalid/').pathname;
  } catch {
    return src;
  }
};

/** The addresses of a script: that of src, and those of ours that a plugin has moved to another attribute. */
const sourcesOf = (attributes) => attributes
  .filter(([name, value]) => name === 'src' || /(^|\/)pledge\.js($|[?#])/.test(value.trim())).map(([, value]) => value.trim());

/** An attribute of an embed, wherever its tag carries it: in an attribute of its own, or in its address. */
export const settingOf = ({ kind, attributes }, name) => {
  const own = new Map(attributes).get(kind === 'script' ? `data-${name}` : name);
  if (own !== undefined || kind !== 'script') return own;
  const query = /pledge\.js\?([^#]*)/.exec(sourcesOf(attributes).join('\n'));
  return new URLSearchParams(query?.[1] ?? '').get(name) ?? undefined;
};

const pairs = (node) => [...node.attributes].map(({ name, value }) => [name, value]);

const isLoader = (node) => node.localName === 'script' && sourcesOf(pairs(node)).some((src) => /pledge\.js$/.test(pathOf(src)));

/** What is in the addresses of copies that plugins make of a script, under names of their own. */
const COPY = /\/cache\/|\/wp-content\/|\/min\/|minif|autoptimize|optimi|litespeed|combine/i;

const isEmbed = (node) => {
  if (node.localName === 'pledge-widget') return true;
  if (node.localName !== 'script') return false;
  const sources = sourcesOf(pairs(node));
  // Curly quotes around an address become part of it; such a script is meant as ours all the same.
  if (sources.some((src) => /pledge\.m?js/.test(src) || src.startsWith(site))) return true;
  // Others' scripts have data-campaign and data-source too, but an address of their own.
  if (sources.length) return node.hasAttribute('data-campaign') && (node.hasAttribute('data-site') || sources.some((src) => COPY.test(src)));
  return ['data-campaign', 'campaign'].some((name) => node.hasAttribute(name));
};

/** Where a node stands, given where its parent does. Inside of what keeps it from running, that counts. */
const placeIn = (node, place) => {
  if (['noscript', 'template', 'svg', 'math'].includes(place)) return place;
  if (node.localName === 'noscript' || node.localName === 'template') return node.localName;
  if (node.namespaceURI === SVG) return 'svg';
  if (node.localName === 'math') return 'math';
  return node.localName === 'head' ? 'head' : node.localName === 'body' ? 'body' : place;
};

const targetOf = (document, node, isPage) => {
  const selector = settingOf({ kind: 'script', attributes: pairs(node) }, 'target');
  if (!isPage || node.localName !== 'script' || selector === undefined) return null;
  try {
    return document.querySelectorAll(selector).length;
  } catch {
    return -1;
  }
};

/** Walks through everything below `parent`, in the order of the document, without calling itself: pages may be deep. */
const embedsIn = (document, isPage) => {
  const embeds = [];
  const todo = [[document.documentElement, 'body']];
  while (todo.length) {
    const [node, place] = todo.pop();
    if (node.nodeType === Node.COMMENT_NODE) {
      const isScript = /<script/i.test(node.data) && /pledge\.js/.test(node.data);
      if (isScript || /<pledge-widget/i.test(node.data)) embeds.push({ kind: isScript ? 'script' : 'element', attributes: [], place: 'comment', target_matches: null });
    } else if (node.nodeType === Node.TEXT_NODE) {
      const isIn = ['script', 'style'].includes(node.parentNode?.localName);
      const isScript = /<script/i.test(node.data) && /pledge\.js/.test(node.data);
      if (!isIn && (isScript || /<pledge-widget/i.test(node.data))) embeds.push({ kind: isScript ? 'script' : 'element', attributes: [], place: 'text', target_matches: null });
    } else if (node.nodeType === Node.ELEMENT_NODE) {
      const own = placeIn(node, place);
      if (isEmbed(node)) {
        embeds.push({ kind: node.localName === 'script' ? 'script' : 'element', attributes: pairs(node), place: own, target_matches: targetOf(document, node, isPage) });
      }
      const inside = node.localName === 'template' && node.content ? node.content : node;
      for (let child = inside.lastChild; child; child = child.previousSibling) todo.push([child, own]);
    }
  }
  return embeds;
};

/** Browsers heed them in the head only. */
const metaPolicies = (document, isWhole) => [...(isWhole ? document.head : document).querySelectorAll('meta[http-equiv="content-security-policy" i]')]
  .map((meta) => meta.content.trim()).filter(Boolean);

/** Header values as policies: a comma stands between two. */
const split = (header) => header.split(',').map((one) => one.replace(/\s+/g, ' ').trim()).filter(Boolean);

/** What somebody typed as the page's policy: the bare value, a header line, a line of a server's settings, or a meta tag. */
export const typedPolicies = (text) => {
  if (/<meta/i.test(text)) return metaPolicies(parse(text), false);
  return text.split(/\r?\n(?=\s*\S*content-security-policy)/i).flatMap((line) => {
    if (/content-security-policy-report-only/i.test(line)) return []; // it stops nothing
    const named = /content-security-policy/i.exec(line);
    if (!named) return split(line);
    // What may stand between the name and the value in a server's settings, and behind it.
    const value = line.slice(named.index + named[0].length)
      .replace(/^["'`]?\s*[,;)]?\s*(value)?["'`]?\s*[:=]?\s*(always)?\s*["`]?/i, '')
      .replace(/["`].*$/s, '')
      .replace(/\r?\n\s*[\w-]+\s*:[\s\S]*$/, ''); // other headers
    return split(value);
  });
};

/** The facts of a snippet (with the policy that was typed) or of a page (with those of its response). */
export const factsOf = (markup, { isPage, policies }) => {
  // A script by itself would be taken for one of the head.
  const isWhole = isPage || /<(!doctype|html|head|body)\b/i.test(markup);
  const document = parse(isWhole ? markup : `<!doctype html><body>${markup}`);
  const embeds = embedsIn(document, isWhole);
  const scripts = [...document.querySelectorAll('script')];
  return {
    markup,
    embeds,
    policies: [...(isPage ? split(policies) : typedPolicies(policies)), ...metaPolicies(document, isWhole)],
    has_loader: scripts.some(isLoader),
    // What a module imports cannot be seen.
    has_module: scripts.some((script) => script.type === 'module'),
  };
};
