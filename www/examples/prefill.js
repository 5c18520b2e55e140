// Fills in the name and email once the form is shown.
document.addEventListener('pledge-ready', () => {
  const element = document.querySelector('pledge-widget');
  element.prefill({ name: 'Ana Silva', email: 'ana@example.org' });
}, { once: true });
