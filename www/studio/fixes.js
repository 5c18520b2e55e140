/**
 * Corrections of common mistakes: what to say in plain words, and the text that would be right. Only what is certain is
 * offered; everything else is left to the doctor's messages.
 */
import { el, settled } from './dom.js';

/** @type {Record<string, string>} Letters that have no accent to remove. */
const LETTERS = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i' };
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const withoutAccents = (/** @type {string} */ text) => text
  .replace(/[ßæœøłđðþı]/gi, (letter) => LETTERS[letter.toLowerCase()])
  .normalize('NFD').replace(/\p{M}/gu, '');

/** Replaces the digits of Arabic and Persian. */
const withPlainDigits = (/** @type {string} */ text) => text
  .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 15));

/**
 * Joins words: "a", "a or b", "a, b or c".
 * @param {string[]} words
 */
const either = (words) => [words.slice(0, -1).join(', '), words.at(-1)].filter(Boolean).join(' or ');

/**
 * Returns the name of the campaign in a piece of code or in the address of a campaign's page.
 * @param {string} text
 */
const campaignIn = (text) => {
  const found = /\bcampaign\s*=\s*["'“”„]?([^"'“”\s>&]+)/i.exec(text)
    ?? /\/campaigns\/([a-z\d-]+)\./i.exec(text);
  return found?.[1] ?? '';
};

/**
 * @param {string} text
 * @param {boolean} isCampaign
 * @returns {Studio.Fix | null}
 */
const fixCode = (text, isCampaign) => {
  const named = isCampaign ? campaignIn(text) : '';
  // An email address must not become a code by one click: codes are stored and shared.
  if (!named && /@/.test(text)) return null;
  const use = withoutAccents(named || text).toLowerCase()
    .replace(/^https?:\/\/(www\.)?/, '')
    .replace(/['’]/g, '')
    .replace(isCampaign ? /[^a-z\d-]+/g : /[^a-z\d._-]+/g, '-')
    .replace(/^[._-]+/, '').slice(0, 64).replace(/[._-]+$/, '');
  if (!/[a-z\d]/.test(use)) return null;
  if (named) return { say: 'Only the campaign’s name goes here, not the whole code.', use };
  const [sign] = (isCampaign ? /[^\p{L}\p{M}\d\s-]/u : /[^\p{L}\p{M}\d\s._-]/u).exec(text) ?? [];
  const wrong = [
    /\s/.test(text) ? 'spaces' : '',
    isCampaign && /\p{Lu}/u.test(text) ? 'capital letters' : '',
    withoutAccents(text) !== text.normalize('NFD') ? 'accents' : '',
    sign ? `“${sign}”` : '',
  ].filter(Boolean);
  const may = isCampaign ? 'You can use small letters, digits and hyphens.'
    : 'You can use letters, digits, hyphens, underscores and full stops.';
  return { say: `${wrong.length ? `No ${either(wrong)}, please. ` : ''}${may}`, use };
};

/**
 * @param {string} text
 * @returns {Studio.Fix | null}
 */
const fixWhole = (text) => {
  const number = withPlainDigits(text).replace(/\s*[a-z]{2,}\s*$/i, '').replace(/^(\d+)\s*k$/i, '$1000');
  if (!/^(\d{1,3}([\s,.'’_]\d{3})+|\d+)$/.test(number)) return null;
  const use = number.replace(/\D/g, '').replace(/^0+(?=\d)/, '');
  return { say: 'Write only the digits, without commas, spaces or words.', use };
};

/**
 * Returns a colour as #rrggbb. The browser knows the names of colours and the other ways to write one.
 * @param {string} text
 */
const readColour = (text) => {
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return '';
  // An invalid colour changes nothing, so that the two results differ.
  const [one, other] = ['#000000', '#ffffff'].map((before) => {
    context.fillStyle = before;
    context.fillStyle = text;
    return String(context.fillStyle);
  });
  return one === other && /^#[\da-f]{6}$/.test(one) ? one : '';
};

/**
 * @param {string} text
 * @returns {Studio.Fix | null}
 */
const fixColour = (text) => {
  const isHex = /^([\da-f]{3}){1,2}$/i.test(text);
  const use = readColour(isHex ? `#${text}` : text) || readColour(text.replace(/\s+/g, ''));
  return use ? { say: 'Colours are written as #rrggbb.', use } : null;
};

const FILES = /\.(html?|php|pdf|aspx?|svg|png|jpe?g|webp|json|md|txt)$/i;

/**
 * @param {string} text
 * @returns {Studio.Fix | null}
 */
const fixAddress = (text) => {
  const rest = text.replace(/^https?([:;]\/*|\/+)/i, '').replace(/\s/g, '%20');
  const host = /^[^/?#:]+/.exec(rest)?.[0] ?? '';
  const isHost = /^[\p{L}\d-]+(\.[\p{L}\d-]+)*\.\p{L}{2,}$/u.test(host);
  if (!isHost || (host === rest && rest === text && FILES.test(host))) return null; // a file on the widget's own site
  try {
    const { href } = new URL(`https://${rest}`);
    const use = rest === host ? href.replace(/\/$/, '') : href;
    return { say: 'This has to be a full https address.', use };
  } catch {
    return null;
  }
};

/**
 * Reads a date as people write it, the day first. Returns the year, month and day. The last ones may be missing.
 * @param {string} text
 * @returns {number[] | null}
 */
const readDate = (text) => {
  const plain = withPlainDigits(text).toLowerCase()
    .replace(/(\d)(st|nd|rd|th)\b/g, '$1')
    .replace(/[a-z]{3,}/g, (word) => {
      const at = MONTHS.findIndex((month) => word.startsWith(month));
      return at < 0 ? word : `m${at + 1}`;
    })
    .replace(/^[a-z]+day\b/, '')
    .replace(/[\s,./-]+/g, ' ').trim();
  const found = /^(?<y>\d{4}) m?(?<m>\d{1,2})( (?<d>\d{1,2}))?$/.exec(plain)
    ?? /^(?<d>\d{1,2}) m?(?<m>\d{1,2}) (?<y>\d{4}|\d\d)$/.exec(plain)
    ?? /^m(?<m>\d{1,2}) (?<d>\d{1,2}) (?<y>\d{4})$/.exec(plain)
    ?? /^m?(?<m>\d{1,2}) (?<y>\d{4})$/.exec(plain);
  if (!found) return null;
  let [year, month, day] = [found.groups.y, found.groups.m, found.groups.d ?? 0].map(Number);
  if (year < 100) year += 2000;
  if (month > 12 && day <= 12) [month, day] = [day, month]; // as in the United States
  const date = new Date(Date.UTC(year, month - 1, day || 1));
  const isDate = date.getUTCMonth() === month - 1 && date.getUTCDate() === (day || 1);
  return isDate ? [year, month, ...(day ? [day] : [])] : null;
};

/**
 * @param {string} text
 * @param {boolean} isPartial whether the day may be missing
 * @returns {Studio.Fix | null}
 */
const fixDate = (text, isPartial) => {
  const parts = readDate(text);
  if (!parts || (parts.length < 3 && !isPartial)) return null;
  const use = parts.map((part) => String(part).padStart(2, '0')).join('-');
  const date = new Date(Date.UTC(parts[0], parts[1] - 1, parts[2] ?? 1));
  /** @type {Intl.DateTimeFormatOptions} */
  const format = { day: parts[2] ? 'numeric' : undefined, month: 'long', year: 'numeric', timeZone: 'UTC' };
  const words = date.toLocaleDateString('en-GB', format);
  const form = parts[2] ? 'YYYY-MM-DD' : 'YYYY-MM';
  return { say: `Write dates as ${form}, the year first. ${words} is ${use}.`, use };
};

/** @type {Record<Studio.FixKind, (text: string) => Studio.Fix | null>} */
const KINDS = {
  campaign: (text) => fixCode(text, true),
  source: (text) => fixCode(text, false),
  whole: fixWhole,
  colour: fixColour,
  address: fixAddress,
  'address-or-path': fixAddress,
  date: (text) => fixDate(text, false),
  'partial-date': (text) => fixDate(text, true),
};

/**
 * Makes the id of a campaign from its name. It is empty if the name has no letter that an id can have.
 * @param {string} title
 * @param {string[]} taken the ids that other campaigns have
 */
export const idFrom = (title, taken) => {
  const words = withoutAccents(withPlainDigits(title)).toLowerCase().replace(/['’]/g, '').match(/[a-z\d]+/g) ?? [];
  let id = '';
  for (const word of words) {
    if (id && id.length + word.length > 40) break;
    id += `${id ? '-' : ''}${word.slice(0, 40)}`;
  }
  let [free, number] = [id, 2];
  while (id && taken.includes(free)) free = `${id}-${number++}`;
  return free;
};

/**
 * Returns what kind of mistakes can be made in an attribute, if any can be fixed.
 * @param {Studio.Attribute} attribute
 * @returns {Studio.FixKind | null}
 */
export const fixKind = ({ name, kind, allowed }) => {
  if (name === 'campaign' || name === 'source') return name;
  if (kind === 'whole' || kind === 'colour') return kind;
  if (kind !== 'form') return null;
  if (/https address, or a path/.test(allowed)) return 'address-or-path';
  if (/https address/.test(allowed)) return 'address';
  return /YYYY-MM-DD/.test(allowed) ? 'date' : null;
};

/**
 * Returns the correction of a text, or null if there is none.
 * @param {Studio.FixKind | null | undefined} kind
 * @param {string} text
 */
export const fixFor = (kind, text) => {
  const plain = text.trim();
  const fix = kind && plain ? KINDS[kind](plain) : null;
  return fix && fix.use !== plain ? fix : null;
};

/**
 * Returns whether a text is probably a mistake although the widget accepts it: an address without https:// is also the
 * path of a file.
 * @param {Studio.FixKind | null | undefined} kind
 * @param {string} text
 */
export const isDoubtful = (kind, text) =>
  kind === 'address-or-path' && /^(www\.|[\p{L}\d-]+(\.[\p{L}\d-]+)+(\/|$))/iu.test(text.trim())
  && fixFor(kind, text) !== null;

/**
 * Returns a web address that has no scheme with https:// before it, or '' if the text is something else: a path, a file
 * of this server, an email address, or an address that has a scheme.
 * @param {Studio.FixKind | null | undefined} kind
 * @param {string} text
 */
export const withScheme = (kind, text) => {
  const plain = text.trim();
  const host = /^(www\.[^/\s@]+|[\p{L}\d-]+(\.[\p{L}\d-]+)*\.\p{L}{2,})(?=\/|$)/iu.exec(plain)?.[0];
  if (!/^address/.test(kind ?? '') || !host || /\s/.test(plain)) return '';
  const isFile = host === plain && FILES.test(plain) && !/^www\./i.test(plain);
  return isFile || !fixAddress(plain) ? '' : `https://${plain}`;
};

/**
 * Adds https:// to a web address without it once the field is left. Returns the place that says so.
 * @param {HTMLElement} input
 * @param {() => string} full the address with its scheme, or '' if nothing has to be added
 * @param {(address: string) => void} write
 */
export const completeAddress = (input, full, write) => {
  const said = el('p', { class: 'help added', role: 'status' });
  const complete = () => {
    const address = full();
    if (!address) return;
    write(address);
    // The user may be pressing a button below, which must not move.
    settled(`added-${input.id}`, () => { said.textContent = 'Added https://'; });
  };
  // Enter changes the field without leaving it.
  for (const type of ['change', 'blur']) input.addEventListener(type, complete);
  input.addEventListener('input', () => { said.textContent = ''; });
  return said;
};
