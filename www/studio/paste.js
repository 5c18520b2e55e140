/**
 * Step 3: the code for the chosen system, how to paste it, and what to paste where scripts are not allowed. A bar at
 * the bottom of the window has the same Copy button as long as that of the step is out of view. Before a campaign of
 * one's own is on the server, it leads to the last step instead.
 */
import { announce, byId, copy, el, isPressed } from './dom.js';
import { site } from './doctor-module.js';
import { TARGETS, pageLink, placeLine, snippet, targetFor } from './snippet.js';

const DOCTOR = 'Embed doctor'; // a link wherever the instructions name it

/**
 * Sets up the step. `attributes()` returns the attributes set in the form. `chosen()` is called when another system has
 * been chosen. `refusal()` says why the code cannot be copied, if it cannot, and `done()` what happens after copying,
 * if it is not the usual.
 * @param {{
 *   attributes: () => Studio.Attributes,
 *   chosen: () => void,
 *   refusal: () => string,
 *   done: () => string | undefined,
 * }} options
 */
export const makePaste = ({ attributes, chosen, refusal, done }) => {
  const [where, box, copied] = [byId('where'), byId('snippet'), byId('copied')];
  const [bar, barCopied] = [byId('copy-bar'), byId('bar-copied')];
  where.append(...TARGETS.map(({ id, name }) => el('option', { value: id }, name)));

  /** Makes the box high enough for the whole code, up to a limit. */
  const fit = () => {
    box.style.blockSize = 'auto';
    box.style.blockSize = `${Math.min(box.scrollHeight + 2, 320)}px`;
  };

  /**
   * Shows a line to copy, or hides it if there is no text.
   * @param {'page-link' | 'place-line'} id
   * @param {string} text
   */
  const showLine = (id, text) => {
    const input = byId(id);
    byId(`${id}-box`).hidden = !text;
    if (input.value === text) return;
    input.value = text;
    announce(byId(`${id}-copied`));
  };

  const write = () => {
    const [target, own] = [targetFor(where.value), attributes()];
    const text = snippet(where.value, site, own);
    if (box.value !== text) {
      box.value = text;
      for (const place of [copied, barCopied]) announce(place); // the copied text is no longer the current code
    }
    fit();
    showLine('page-link', target.link ? pageLink(site, own) : '');
    showLine('place-line', target.isOnce ? placeLine(own) : '');
  };

  const showHow = () => {
    const { how, link, isOnce } = targetFor(where.value);
    byId('how').replaceChildren(...how.map((sentence) => {
      const [before, after] = sentence.split(DOCTOR);
      const link = after === undefined ? null : el('a', { href: 'doctor.html' }, DOCTOR);
      return el('p', {}, before, link, after);
    }));
    byId('snippet-label').textContent = isOnce ? 'Code for the administrator' : 'Your code';
    if (link) byId('page-link-label').textContent = link;
    write();
  };

  where.addEventListener('change', () => {
    showHow();
    chosen();
  });
  // On a narrow screen, the preview is far from the form. The button goes there and back.
  const [see, preview] = [byId('bar-see'), byId('see')];
  let isSeen = false;
  /** @type {HTMLElement | null} */
  let last = null; // where the user was
  document.addEventListener('focusin', ({ target }) => {
    if (target instanceof HTMLElement && !bar.contains(target) && !preview.contains(target)) last = target;
    // Browsers bring only the first line of a text area into view, so the bar could cover the rest.
    const isLow = target instanceof HTMLTextAreaElement && target.offsetHeight < innerHeight / 2;
    if (isLow && !isPressed()) target.scrollIntoView({ block: 'nearest' });
  });
  see.addEventListener('click', () => {
    const isBack = isSeen;
    const to = isBack ? last ?? byId('make') : byId('see-title');
    to.focus({ preventScroll: true });
    to.scrollIntoView({ block: isBack ? 'center' : 'start' });
  });
  new IntersectionObserver((entries) => {
    isSeen = entries.at(-1).isIntersecting;
    see.textContent = isSeen ? 'Back to the form' : 'See it live';
  }, { rootMargin: '-30% 0px' }).observe(preview);
  addEventListener('resize', fit);
  const copyCode = (/** @type {HTMLElement} */ place) => {
    const why = refusal();
    if (why) announce(place, why);
    else copy(box.value, place, box, copied, done());
  };
  byId('copy').addEventListener('click', () => copyCode(copied));
  byId('bar-copy').addEventListener('click', () => copyCode(barCopied));
  byId('bar-publish').addEventListener('click', () => {
    byId('take-title').focus({ preventScroll: true });
    byId('take').scrollIntoView({ block: 'start' });
  });
  for (const id of /** @type {const} */ (['page-link', 'place-line'])) {
    byId(`${id}-copy`).addEventListener('click', () => copy(byId(id).value, byId(`${id}-copied`), byId(id)));
  }
  // Two buttons for the same at once would be confusing.
  let [isToPublish, isCopyInView, isTakeInView] = [false, false, false];
  const showBar = () => bar.classList.toggle('is-spare', isToPublish ? isTakeInView : isCopyInView);
  new IntersectionObserver((entries) => {
    isCopyInView = entries.at(-1).intersectionRatio > 0.9;
    showBar();
  }, { threshold: [0, 0.9, 1] }).observe(byId('copy'));
  new IntersectionObserver((entries) => {
    isTakeInView = entries.at(-1).isIntersecting;
    showBar();
  }, { rootMargin: '-40% 0px' }).observe(byId('take'));

  return {
    write,
    /** Shows the button that goes to the last step in the bar, in place of the Copy button. */
    setToPublish: (/** @type {boolean} */ next) => {
      isToPublish = next;
      byId('bar-publish').hidden = !next;
      byId('bar-copy').hidden = next;
      showBar();
    },
    /** @returns {string} the id of the chosen system */
    where: () => where.value,
    /** @param {string} id */
    choose: (id) => {
      if (TARGETS.some((target) => target.id === id)) where.value = id;
      showHow();
    },
    code: () => box.value,
  };
};
