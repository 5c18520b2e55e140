// Sets the attribute that a button names, or removes it.
document.addEventListener('click', (event) => {
  /** @type {HTMLButtonElement} */
  const button = /** @type {Element} */ (event.target).closest('button[data-name]');
  const element = document.querySelector('pledge-widget');
  if (!button || !element) return;
  const { name, value } = button.dataset;
  if (value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, value);
});
