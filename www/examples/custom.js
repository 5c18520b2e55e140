/**
 * The example of a function of the page's own: it keeps nothing.
 */
const element = document.querySelector('pledge-widget');
element.submitSignature = async (signature) => {
  console.log('fields given:', Object.keys(signature).join(', '));
  return { outcome: 'accepted' };
};
