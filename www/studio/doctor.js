/**
 * The Embed doctor: collects the facts about a snippet or about a page of this site, has them judged by the module that
 * knows the widget, and shows what it says, the worst first.
 */
import { byId, copy, counted, el, note, say } from './dom.js';
import { loadJudge, loadTable, site } from './judge.js';
import { factsOf, settingOf } from './markup.js';

const MOST_CAMPAIGNS = 20;
const WORDS = { error: 'Mend this', warning: 'Look at this', good: 'In order' };

const [snippetBox, policyBox, addressBox, results, findings] = [byId('snippet'), byId('policy'), byId('address'), byId('results'), byId('findings')];
let turn = 0;

const loading = (async () => {
  const table = await loadTable();
  return { table, judge: await loadJudge(table) };
})();
loading.catch(() => {}); // told when somebody asks

/** Shows something in the results and moves there. */
const show = (...nodes) => {
  say(byId('busy'));
  say(byId('copied'));
  findings.replaceChildren(...nodes);
  results.hidden = false;
  results.focus();
  results.scrollIntoView({ block: 'start' });
};

/** Something is missing for an examination: says what to do. */
const ask = (heading, sentence) => show(note('warning', heading, el('p', {}, sentence)));

const item = ({ severity, finding, remedy, code }) => {
  const pre = code ? el('pre', { tabindex: '0' }, el('code', {}, code)) : null;
  return el('li', { class: `finding ${severity}` },
    el('p', {}, el('strong', { class: 'severity' }, WORDS[severity] ?? severity), ' ', finding),
    remedy ? el('p', { class: 'remedy' }, remedy) : null,
    pre,
    pre ? el('button', { type: 'button', click: () => copy(code, byId('copied'), pre), 'aria-label': 'Copy this line' }, 'Copy') : null);
};

const list = (found) => el('ul', { class: 'findings' }, ...found.map(item));

const showFound = (what, found) => {
  const [errors, warnings, good] = ['error', 'warning', 'good'].map((wanted) => found.filter(({ severity }) => severity === wanted));
  const summary = `${errors.length ? counted(errors.length, 'thing', 'things') : 'Nothing'} to mend, ${warnings.length || 'nothing'} to look at, ${good.length} in order`;
  show(
    el('p', { class: 'quiet' }, `Examined: ${what}`),
    el('p', { class: 'summary' }, summary),
    errors.length + warnings.length ? list([...errors, ...warnings]) : '',
    good.length ? el('details', {}, el('summary', {}, `What is in order (${good.length})`), list(good)) : '',
  );
};

/** The language in which an embed asks for its campaign. */
const languageOf = (value, languages) => {
  const tag = (value ?? '').trim().toLowerCase();
  const known = languages.map((language) => language.tag.toLowerCase());
  return [tag, tag.split('-')[0]].find((one) => known.includes(one)) ?? 'en';
};

/** The campaign files that the embeds ask for. */
const campaignsOf = async (embeds, languages) => {
  const wanted = new Map();
  for (const embed of embeds) {
    const id = (settingOf(embed, 'campaign') ?? new Map(embed.attributes).get('campaign') ?? '').trim();
    if (/^[a-z\d-]+$/.test(id) && !wanted.has(id) && wanted.size < MOST_CAMPAIGNS) wanted.set(id, languageOf(settingOf(embed, 'lang'), languages));
  }
  const files = await Promise.all([...wanted].map(async ([id, lang]) => {
    const address = new URL(`campaigns/${id}.${lang}.json`, site).pathname;
    try {
      const response = await fetch(address, { credentials: 'omit', cache: 'no-cache' });
      return [id, { status: response.status, text: response.status === 200 ? await response.text() : '', address }];
    } catch {
      return [id, { status: 0, text: '', address }];
    }
  }));
  return Object.fromEntries(files);
};

/** Fetches a page of this site; null where it cannot be, and then that is said. */
const fetchPage = async (typed) => {
  let url;
  try {
    url = new URL(typed, site);
  } catch {
    ask('This is no address', 'Write it as it stands in the browser’s address bar, or only what comes after this site’s address, such as examples/full.html.');
    return null;
  }
  if (url.origin !== location.origin) {
    ask('That page is on another site', 'A browser may not look into other sites. Open the page, press Ctrl+U (on a Mac ⌥⌘U), copy everything and paste it into the first box.');
    return null;
  }
  try {
    const response = await fetch(url, { credentials: 'omit', cache: 'no-cache' });
    return {
      policies: response.headers.get('content-security-policy') ?? '',
      markup: await response.text(),
      page: { address: response.url, status: response.status, content_type: response.headers.get('content-type') ?? '', origin: new URL(response.url).origin },
    };
  } catch {
    ask('The page could not be loaded', `Nothing came back for ${url.href}. Open it in another tab to see whether it is there.`);
    return null;
  }
};

const examine = async () => {
  const mine = ++turn;
  const [markup, policies, address] = [snippetBox.value, policyBox.value, addressBox.value.trim()];
  if (!markup.trim() && !address) {
    return ask('There is nothing to examine yet', 'Paste the snippet or the page’s HTML into the first box, or give the address of a page on this site.');
  }
  if (markup.trim() && address) {
    return ask('Two things are filled in', 'The doctor examines one at a time. Empty either the first box or the address.');
  }
  say(byId('busy'), 'Examining …');
  let loaded;
  try {
    loaded = await loading;
    if (!loaded.judge.isReady()) throw Error(loaded.judge.failed);
  } catch (error) {
    return show(note('error', 'Nothing can be examined now', el('p', {}, `The doctor could not be loaded: ${error.message}. Reload this page and try again.`)));
  }
  const { table, judge } = loaded;
  const page = address ? await fetchPage(address) : null;
  if (mine !== turn || (address && !page)) return;
  const facts = page ? factsOf(page.markup, { isPage: true, policies: page.policies }) : factsOf(markup, { isPage: false, policies });
  const campaigns = await campaignsOf(facts.embeds, table.languages ?? []);
  if (mine !== turn) return; // another examination has begun
  const found = judge.diagnose({ mode: page ? 'page' : 'snippet', page: page?.page ?? null, ...facts, campaigns });
  if (!found) return show(note('error', 'The examination did not come to an end', el('p', {}, 'Reload this page and try again. If it happens again, try with the snippet alone.')));
  showFound(page ? page.page.address : 'what you pasted', found);
};

byId('form').addEventListener('submit', (event) => {
  event.preventDefault();
  examine();
});
byId('empty').addEventListener('click', () => {
  results.hidden = true;
  snippetBox.focus();
});

// What the Studio handed over, once.
try {
  const handed = sessionStorage.getItem('pledge-snippet');
  if (handed !== null) {
    sessionStorage.removeItem('pledge-snippet');
    snippetBox.value = handed;
    examine();
  }
} catch { /* storage is switched off: nothing was handed over */ }
