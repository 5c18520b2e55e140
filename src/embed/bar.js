/**
 * What the layout `bar` needs besides; loaded for that layout only.
 */

/** A bar at the edge of the window gives way where it would cover what has the focus (WCAG 2.4.11). */
export const giveWay = (element, signal) => document.addEventListener('focusin', (event) => {
  if (element.getAttribute('layout') !== 'bar') return;
  const bar = element.getBoundingClientRect();
  const focused = event.target.getBoundingClientRect();
  const inside = event.target === element;
  const covered = !inside && focused.bottom > bar.top && focused.top < bar.bottom && focused.right > bar.left && focused.left < bar.right;
  element.toggleAttribute('yielding', covered);
}, { signal });
