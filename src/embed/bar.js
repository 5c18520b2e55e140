/**
 * What the layout `bar` needs besides; loaded for that layout only.
 */

/**
 * Keeps a bar at the lower edge of the window, wherever its element is: in the browser's top layer, as a page's
 * `overflow`, `transform` or `contain` would hold it back. What it covers at the end of the page can be scrolled up
 * from behind it. It gives way, to the upper edge, where it would cover what has the focus (WCAG 2.4.11).
 */
export const keep = (element, signal) => {
  const space = document.createElement('div');
  const isBar = () => element.getAttribute('layout') === 'bar';
  const place = () => {
    if (signal.aborted) return;
    const isShown = isBar() && element.isConnected;
    if (element.showPopover) { // older browsers have no top layer for it; there it is only fixed
      element.popover = isShown ? 'manual' : null;
      element.getBoundingClientRect(); // WebKit moves to the top layer only what it draws anew
      if (isShown && !element.matches(':popover-open')) element.showPopover();
    }
    space.style.cssText = `flex:none;height:${element.offsetHeight}px`;
    if (isShown) document.body.append(space);
    else space.remove();
  };
  // A page that moves the element takes it out of the top layer. Outside it, it is not displayed, so its size changes.
  // Not within the observer's own turn, which browsers report to the page as an error.
  const observer = new ResizeObserver(() => requestAnimationFrame(place));
  observer.observe(element);
  new MutationObserver(place).observe(element, { attributeFilter: ['layout'] });
  document.addEventListener('focusin', (event) => {
    if (event.target === element) return; // nothing may move from under what is being pressed
    const { height, left, right } = element.getBoundingClientRect();
    const focused = event.target.getBoundingClientRect();
    const isBelow = focused.bottom > innerHeight - height && focused.top < innerHeight;
    const isCovered = isBelow && focused.right > left && focused.left < right;
    element.toggleAttribute('yielding', isBar() && isCovered);
  }, { signal });
  signal.addEventListener('abort', () => {
    observer.disconnect();
    space.remove();
  });
};
