/**
 * The Pledge widget as an ES module, for those who build their pages with one:
 *   import { define } from 'pledge-widget';
 *   define('https://pledge.example/');
 * defines <pledge-widget>. Importing alone does nothing. Without an address, the files come from beside this module.
 */
const make = (name, properties) => Object.assign(document.createElement(name), properties);
const warn = (text) => console.warn('pledge-widget: ' + text);
const made = new Map();

/** Defines <pledge-widget>, whose files come from `site`; returns a function that creates one from there. */
export const define = (site = new URL('.', import.meta.url).href) => {
  const base = new URL('.', new URL(site, document.baseURI)).href;
  if (!made.has(base)) made.set(base, (__CORE__)(base));
  return made.get(base);
};
