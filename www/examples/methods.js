// Calls the method that a button names.
document.addEventListener('click', (event) => {
  /** @type {HTMLButtonElement} */
  const button = /** @type {Element} */ (event.target).closest('button[data-call]');
  const element = document.querySelector('pledge-widget');
  if (button && element) element[button.dataset.call]();
});
