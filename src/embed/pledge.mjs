/**
 * The Pledge widget as an ES module, for pages that use a bundler:
 *   import { define } from 'pledge-widget';
 *   define('https://pledge.example/');
 * This defines <pledge-widget>. Importing the module alone does nothing. Without an address, the widget loads its files
 * from the folder of this module.
 */
/** @type {Pledge.Make} */
const make = (name, properties) => Object.assign(document.createElement(name), properties);
const warn = (text) => console.warn('pledge-widget: ' + text);
const loaders = new Map();

/** Defines <pledge-widget>, which loads its files from `site`. Returns a function that creates such an element. */
export const define = (site = new URL('.', import.meta.url).href) => {
  const base = new URL('.', new URL(site, document.baseURI)).href;
  if (!loaders.has(base)) loaders.set(base, (__CORE__)(base));
  return loaders.get(base);
};
