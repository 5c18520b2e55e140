/**
 * Applies the colours that the part `look` computes. Loaded only if a colour is set.
 */
import { open as instance } from './widget.js';

/** Returns the light and the dark accent: the configured one, else the computed colours of the host page's style. */
const accents = (element, box, accent) =>
  accent ? [accent, accent] : ['--pledge-accent', '--pledge-accent-dark'].map((name) => {
    if (!getComputedStyle(element).getPropertyValue(name)) return '';
    box.style.color = `var(${name})`;
    const { color } = getComputedStyle(box);
    box.style.color = '';
    return color;
  });

/** Opens the part. Its function `paint` sets the custom properties for the style sheet, and returns their names. */
export const open = async (run) => {
  /** @type {Pledge.Look} */
  const { colours } = await instance(run);
  return {
    paint: (element, box, accent) => {
      // Names and values in turn.
      const properties = colours(.../** @type {[string, string]} */ (accents(element, box, accent)));
      const names = properties.filter((_, index) => index % 2 === 0);
      names.forEach((name, index) => box.style.setProperty(name, properties[index * 2 + 1]));
      return names;
    },
  };
};
