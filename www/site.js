/**
 * On the site's own pages: the snippets name this very server instead of an example, and each can be copied.
 */
(() => {
  // The list of examples shows each page small: the widget without what is said about it.
  if (location.search === '?thumbnail') document.documentElement.classList.add('thumbnail');
  const site = new URL('.', document.currentScript.src).href;
  for (const code of document.querySelectorAll('main pre > code')) {
    const own = code.textContent
      .replaceAll('https://pledge.example/', site) // with the path that the site may be below
      .replaceAll('https://pledge.example', location.origin); // a security policy names the host
    if (own !== code.textContent) code.textContent = own;
    if (!navigator.clipboard) continue; // not on a page without TLS
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
    const pre = code.parentNode;
    pre.replaceWith(box);
    box.append(pre, bar);
  }
})();
