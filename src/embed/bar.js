/**
 * The code for the layout `bar`. Loaded for that layout only.
 */

/**
 * Keeps a bar at the bottom of the window, wherever its element is in the page.
 *
 * The bar is in the browser's top layer, because the page's `overflow`, `transform` or `contain` could clip or move it.
 * A spacer at the end of the page lets people scroll up what the bar covers. If the bar would cover the focused
 * element, it moves to the top of the window (WCAG 2.4.11).
 */
export const keep = (element, signal) => {
  const spacer = document.createElement('div');
  const isBar = () => element.getAttribute('layout') === 'bar';
  const update = () => {
    if (signal.aborted) return;
    const isShown = isBar() && element.isConnected;
    if (element.showPopover) { // older browsers have no popovers: there, the bar only has a fixed position
      element.popover = isShown ? 'manual' : null;
      element.getBoundingClientRect(); // WebKit only moves elements to the top layer after layout
      if (isShown && !element.matches(':popover-open')) element.showPopover();
    }
    spacer.style.cssText = `flex:none;height:${element.offsetHeight}px`;
    if (isShown) document.body.append(spacer);
    else spacer.remove();
  };
  // If the page moves the element, it leaves the top layer and is not displayed, so its size changes. The bar must not
  // change its size in the observer's callback: browsers would report an error to the page.
  const observer = new ResizeObserver(() => requestAnimationFrame(update));
  observer.observe(element);
  new MutationObserver(update).observe(element, { attributeFilter: ['layout'] });
  document.addEventListener('focusin', (event) => {
    if (event.target === element) return; // the bar must not move while it is being pressed
    const { height, left, right } = element.getBoundingClientRect();
    const focused = /** @type {Element} */ (event.target).getBoundingClientRect();
    const isBelow = focused.bottom > innerHeight - height && focused.top < innerHeight;
    const isCovered = isBelow && focused.right > left && focused.left < right;
    element.toggleAttribute('yielding', isBar() && isCovered);
  }, { signal });
  signal.addEventListener('abort', () => {
    observer.disconnect();
    spacer.remove();
  });
};
