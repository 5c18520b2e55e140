// An example of the page's own function. It stores nothing.
const element = document.querySelector('pledge-widget');
element.submitSignature = async (signature) => {
  console.log('fields given:', Object.keys(signature).join(', '));
  return { outcome: 'accepted' };
};
