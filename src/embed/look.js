/**
 * Colours: what the part `look` does on the page. Loaded only where a colour is set.
 */
import { open as instance } from './widget.js';

/** The accents, light and dark: the configuration's, else what the host page's style sheet sets, as the browser computes it. */
const accents = (element, box, own) => own ? [own, own] : ['--pledge-accent', '--pledge-accent-dark'].map((name) => {
  if (!getComputedStyle(element).getPropertyValue(name)) return '';
  box.style.color = `var(${name})`;
  const { color } = getComputedStyle(box);
  box.style.color = '';
  return color;
});

/** `paint` sets the custom properties that the style sheet paints with, and returns their names. */
export const open = async (run) => {
  const { colours } = await instance(run);
  return {
    paint: (element, box, own) => {
      const properties = colours(...accents(element, box, own)); // names and values by turns
      const names = properties.filter((_, at) => at % 2 === 0);
      names.forEach((name, at) => box.style.setProperty(name, properties[at * 2 + 1]));
      return names;
    },
  };
};
