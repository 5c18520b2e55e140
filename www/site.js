/**
 * On the site's own pages: puts this server's address into the snippets, and adds a button that copies each one.
 */
(() => {
  // The list of examples shows each page as a thumbnail: only the widget, without the text about it.
  if (location.search === '?thumbnail') document.documentElement.classList.add('thumbnail');
  const site = new URL('.', /** @type {HTMLScriptElement} */ (document.currentScript).src).href;
  for (const code of document.querySelectorAll('main pre > code')) {
    const own = code.textContent
      .replaceAll('https://pledge.example/', site) // includes the path if the site is below one
      .replaceAll('https://pledge.example', location.origin); // security policies name the origin, without a path
    if (own !== code.textContent) code.textContent = own;
    if (!navigator.clipboard) continue; // the clipboard needs a secure context
    const box = document.createElement('div');
    box.className = 'snippet';
    const button = Object.assign(document.createElement('button'), { type: 'button', textContent: 'Copy' });
    const status = document.createElement('span');
    status.setAttribute('role', 'status');
    button.addEventListener('click', () => navigator.clipboard.writeText(code.textContent).then(
      () => { status.textContent = 'Copied.'; },
      () => { status.textContent = 'Your browser does not allow copying here. Select the text instead.'; },
    ));
    const bar = document.createElement('div');
    bar.className = 'copy';
    bar.append(button, status);
    const pre = code.parentElement;
    pre.replaceWith(box);
    box.append(pre, bar);
  }
})();
