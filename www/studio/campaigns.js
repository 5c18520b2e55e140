/**
 * The choice of a campaign: the campaigns on this server by their titles, or another name. If the server has no list,
 * the field stays a line of text.
 */
import { el } from './dom.js';
import { site } from './doctor-module.js';

/** @typedef {{ id: string, title: string, lang: string }[]} Campaigns */

/**
 * Loads the list, and the email address of the people who run the server, if they have set one. Without a list,
 * `isKnown` is false.
 * @returns {Promise<{ list: Campaigns, contact: string, isKnown: boolean }>}
 */
export const loadCampaigns = async () => {
  try {
    const response = await fetch(new URL('v1/campaigns', site), { credentials: 'omit', cache: 'no-cache' });
    if (!response.ok) throw Error(String(response.status));
    const { campaigns, contact } = await response.json();
    const list = campaigns.filter(({ id }) => typeof id === 'string').map(({ id, titles }) => {
      const lang = titles?.en ? 'en' : Object.keys(titles ?? {})[0];
      return { id, title: lang ? String(titles[lang]) : id, lang: lang ?? 'en' };
    });
    const isAddress = typeof contact === 'string' && /^[^\s@<>"?&]+@[^\s@<>"?&]+$/.test(contact);
    return { list, contact: isAddress ? contact : '', isKnown: true };
  } catch {
    return { list: [], contact: '', isKnown: false };
  }
};

/**
 * Shows the list above the field for the campaign's name. The field itself is shown only for another name.
 * @param {Studio.Field} field
 * @param {Campaigns} campaigns
 */
export const offerCampaigns = (field, campaigns) => {
  if (!campaigns.length) return;
  const input = /** @type {HTMLInputElement} */ (field.box.querySelector('#f-campaign'));
  const label = field.box.querySelector('label');
  const help = field.box.querySelector('.help');
  label.id = 'l-campaign';
  /**
   * @param {string} value
   * @param {Studio.Content[]} words
   */
  const card = (value, ...words) => el('label', { class: 'choice' },
    el('input', { type: 'radio', name: 'campaign-choice', value, autocomplete: 'off' }), el('span', {}, ...words));
  const named = campaigns.map(({ id, title, lang }) =>
    card(id, el('b', { lang, dir: 'auto' }, title), ' ', el('span', { class: 'quiet' }, id)));
  const cards = el('div', { class: 'cards-list', role: 'radiogroup', 'aria-labelledby': 'l-campaign' },
    ...named, card('', el('b', {}, 'Another name')));
  const radios = [...cards.querySelectorAll('input')];
  const other = radios.at(-1);
  help.replaceWith(el('p', { class: 'help' }, 'Choose the campaign that people sign.'), cards);
  const box = el('div', { class: 'another' }, el('label', { for: 'f-campaign' }, 'Name of the campaign'), help);
  input.replaceWith(box);
  box.append(input);
  field.box.classList.add('has-cards');

  let isOther = false; // whether "Another name" was chosen, whatever the name is
  const show = () => {
    const chosen = isOther ? other : radios.find(({ value }) => value && value === input.value.trim()) ?? other;
    chosen.checked = true;
    box.hidden = chosen !== other;
  };
  cards.addEventListener('change', (event) => {
    const { value } = /** @type {HTMLInputElement} */ (event.target);
    isOther = value === '';
    if (!isOther) {
      input.value = value;
      input.dispatchEvent(new Event('input', { bubbles: true }));
    }
    show();
  });
  const { set } = field;
  field.set = (value) => {
    isOther = false;
    set(value);
    show();
  };
  field.explain = show;
  field.focus = () => (box.hidden ? radios.find(({ checked }) => checked) : input).focus();
  show();
};
