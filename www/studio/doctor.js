/**
 * The Embed doctor: collects the facts about a snippet or a page of this site, passes them to the doctor's module, and
 * shows its findings, errors first.
 */
import { announce, byId, copy, el, note, pluralise } from './dom.js';
import { loadDoctor, loadTable, site } from './doctor-module.js';
import { factsOf, settingOf } from './markup.js';

const MAX_CAMPAIGNS = 20;
const SEVERITY_LABELS = { error: 'Fix this', warning: 'Check this', good: 'OK' };

const [snippetBox, policyBox, addressBox] = [byId('snippet'), byId('policy'), byId('address')];
const [results, findings] = [byId('results'), byId('findings')];
let latestRun = 0;

const loading = (async () => {
  const table = await loadTable();
  return { table, doctor: await loadDoctor(table) };
})();
loading.catch(() => {}); // runChecks() reports the error

/**
 * Shows nodes in the results and moves the focus there.
 * @param {Studio.Content[]} nodes
 */
const show = (...nodes) => {
  announce(byId('busy'));
  announce(byId('copied'));
  findings.replaceChildren(...nodes);
  results.hidden = false;
  results.focus();
  results.scrollIntoView({ block: 'start' });
};

/**
 * Shows what is missing for a check, and what to do.
 * @param {string} heading
 * @param {string} sentence
 */
const ask = (heading, sentence) => show(note('warning', heading, el('p', {}, sentence)));

/** @param {Studio.Finding} found */
const findingItem = ({ severity, finding, remedy, code }) => {
  const pre = code ? el('pre', { tabindex: '0' }, el('code', {}, code)) : null;
  const copyCode = () => copy(code, byId('copied'), pre);
  return el('li', { class: `finding ${severity}` },
    el('p', {}, el('strong', { class: 'severity' }, SEVERITY_LABELS[severity] ?? severity), ' ', finding),
    remedy ? el('p', { class: 'remedy' }, remedy) : null,
    pre,
    pre ? el('button', { type: 'button', click: copyCode, 'aria-label': 'Copy this line' }, 'Copy') : null);
};

const list = (/** @type {Studio.Finding[]} */ found) => el('ul', { class: 'findings' }, ...found.map(findingItem));

/**
 * @param {string} what
 * @param {Studio.Finding[]} found
 */
const showFindings = (what, found) => {
  const [errors, warnings, good] = ['error', 'warning', 'good'].map((wanted) =>
    found.filter(({ severity }) => severity === wanted));
  const summary = !found.length ? 'There was nothing to examine. Paste the code of the form, or the page’s HTML.' : [
    errors.length ? `${pluralise(errors.length, 'thing', 'things')} to fix` : 'Nothing to fix',
    warnings.length ? `${warnings.length} to check` : '',
    good.length ? `${good.length} OK` : '',
  ].filter(Boolean).join(', ');
  show(
    el('p', { class: 'quiet' }, `Checked: ${what}`),
    el('p', { class: 'summary' }, summary),
    errors.length + warnings.length ? list([...errors, ...warnings]) : '',
    good.length ? el('details', {}, el('summary', {}, `What is OK (${good.length})`), list(good)) : '',
  );
};

/**
 * Returns the language in which an embed loads its campaign.
 * @param {string | undefined} value
 * @param {Studio.Language[]} languages
 */
const languageOf = (value, languages) => {
  const tag = (value ?? '').trim().toLowerCase();
  const known = languages.map((language) => language.tag.toLowerCase());
  return [tag, tag.split('-')[0]].find((one) => known.includes(one)) ?? 'en';
};

/**
 * Fetches the campaign files of the embeds.
 * @param {Studio.Embed[]} embeds
 * @param {Studio.Language[]} languages
 */
const campaignsOf = async (embeds, languages) => {
  /** @type {Map<string, string>} */
  const wanted = new Map(); // campaign to language
  for (const embed of embeds) {
    const id = (settingOf(embed, 'campaign') ?? new Map(embed.attributes).get('campaign') ?? '').trim();
    if (!/^[a-z\d-]+$/.test(id) || wanted.has(id) || wanted.size >= MAX_CAMPAIGNS) continue;
    wanted.set(id, languageOf(settingOf(embed, 'lang'), languages));
  }
  const files = await Promise.all([...wanted].map(async ([id, lang]) => {
    const address = new URL(`campaigns/${id}.${lang}.json`, site).pathname;
    try {
      const response = await fetch(address, { credentials: 'omit', cache: 'no-cache' });
      const text = response.status === 200 ? await response.text() : '';
      return [id, { status: response.status, text, address }];
    } catch {
      return [id, { status: 0, text: '', address }];
    }
  }));
  return Object.fromEntries(files);
};

/**
 * Fetches a page of this site. If that fails, shows why and returns null.
 * @param {string} typed
 */
const fetchPage = async (typed) => {
  let url;
  try {
    url = new URL(typed, site);
  } catch {
    ask('This is not an address', 'Write it as it appears in the browser’s address bar, '
      + 'or only the part after this site’s address, such as examples/full.html.');
    return null;
  }
  if (url.origin !== location.origin) {
    ask('That page is on another site', 'A browser cannot read other sites. '
      + 'Open the page, press Ctrl+U (on a Mac ⌥⌘U), copy everything and paste it into the first box.');
    return null;
  }
  try {
    const response = await fetch(url, { credentials: 'omit', cache: 'no-cache' });
    return {
      policies: response.headers.get('content-security-policy') ?? '',
      markup: await response.text(),
      page: {
        address: response.url,
        status: response.status,
        content_type: response.headers.get('content-type') ?? '',
        origin: new URL(response.url).origin,
      },
    };
  } catch {
    ask('The page could not be loaded',
      `There was no response from ${url.href}. Open it in another tab to check that it exists.`);
    return null;
  }
};

const runChecks = async () => {
  const run = ++latestRun;
  const [markup, policies, address] = [snippetBox.value, policyBox.value, addressBox.value.trim()];
  if (!markup.trim() && !address) {
    return ask('There is nothing to check yet',
      'Paste the snippet or the page’s HTML into the first box, or enter the address of a page on this site.');
  }
  if (markup.trim() && address) {
    return ask('Both boxes are filled in',
      'The doctor checks one thing at a time. Clear either the first box or the address.');
  }
  announce(byId('busy'), 'Checking…');
  let loaded;
  try {
    loaded = await loading;
    if (!loaded.doctor.isReady()) throw Error(loaded.doctor.failed);
  } catch (error) {
    const why = `The doctor could not be loaded: ${error.message}. Reload this page and try again.`;
    return show(note('error', 'Nothing can be checked now', el('p', {}, why)));
  }
  const { table, doctor } = loaded;
  const page = address ? await fetchPage(address) : null;
  if (run !== latestRun || (address && !page)) return;
  const facts = page ? factsOf(page.markup, { isPage: true, policies: page.policies })
    : factsOf(markup, { isPage: false, policies });
  const campaigns = await campaignsOf(facts.embeds, table.languages ?? []);
  if (run !== latestRun) return; // another check has started
  const found = doctor.diagnose({ mode: page ? 'page' : 'snippet', page: page?.page ?? null, ...facts, campaigns });
  if (!found) {
    const remedy = 'Reload this page and try again. If it happens again, try with the snippet alone.';
    return show(note('error', 'The check did not finish', el('p', {}, remedy)));
  }
  showFindings(page ? page.page.address : 'what you pasted', found);
};

byId('form').addEventListener('submit', (event) => {
  event.preventDefault();
  runChecks();
});
byId('empty').addEventListener('click', () => {
  results.hidden = true;
  snippetBox.focus();
});

// The snippet that the Studio passed on, used once.
try {
  const snippet = sessionStorage.getItem('pledge-snippet');
  if (snippet !== null) {
    sessionStorage.removeItem('pledge-snippet');
    snippetBox.value = snippet;
    runChecks();
  }
} catch { /* storage is disabled, so there is no snippet */ }
