/**
 * The Studio: brings form, preview, snippet and campaign file together. Whatever cannot be loaded is said on the page,
 * and the rest goes on working. The snippet's and the checks' truth is the form; the preview follows it.
 */
import { makeCampaignFile } from './campaign-file.js';
import { byId, copy, counted, el, note, paused, say } from './dom.js';
import { makeForm } from './fields.js';
import { loadJudge, loadTable, site } from './judge.js';
import { makeKeep } from './keep.js';
import { TARGETS, chosen, snippet } from './snippet.js';
import { makeStage } from './stage.js';

const FRESH = { campaign: 'care-dont-share' };

let form = null;
let judge = null;
let kept = { ...FRESH }; // values while there is no form
let wrong = []; // names of the fields that are

const values = () => form?.values() ?? kept;
const attributes = () => chosen(form?.names ?? Object.keys(kept), values());
const [where, snippetBox] = [byId('where'), byId('snippet')];

let languages = []; // those of the form
let locales = []; // those of the campaign

const stage = makeStage((config) => {
  form?.config(config);
  const own = config.locales ?? [config.locale];
  if (own.join() === locales.join()) return;
  locales = own;
  check();
});

const file = makeCampaignFile({
  changed: (isTyping) => {
    keep.changed();
    if (isTyping) return;
    showFile();
    check();
    writeSnippet();
  },
  attributes,
  moved: (id) => {
    const before = values().campaign ?? '';
    if (id !== before) {
      setValues({ ...values(), campaign: id });
      formChanged('campaign', false);
    }
    return before;
  },
});

const keep = makeKeep({
  work: () => ({ values: values(), where: where.value, file: file.isTyped() ? file.keepable() : null }),
  isDirty: () => file.isTyped() || JSON.stringify(values()) !== JSON.stringify(FRESH),
});

function setValues(next) {
  kept = next;
  form?.set(next);
}

/** The edited file goes to the preview once somebody pauses: it makes a new page of it. */
const showFile = paused(500, () => {
  const edited = file.edited();
  stage.file(edited && { id: edited.id, text: edited.text });
});

/** What somebody should know who chooses a language: whether the campaign speaks it, and who has read the translation. */
const aboutLanguage = () => {
  const language = languages.find(({ tag }) => tag === values().lang);
  if (!language) return [];
  const told = (what, remedy) => ({ severity: 'warning', attribute: 'lang', finding: what, remedy });
  const found = [];
  if (locales.length && !locales.includes(language.tag)) {
    found.push(told(`Only the form’s own words will be in ${language.english}.`, 'The campaign’s words stay in their language; its staff can add a file.'));
  }
  if (language.reviewed === 'no') {
    found.push(told(`No native speaker has reviewed the form’s ${language.english} words yet.`, 'Ask somebody who speaks it to read the form before you publish.'));
  }
  return found;
};

/** Says beside each field, above the snippet and at the campaign file what is wrong. */
function check() {
  const findings = [...(judge?.check(attributes(), file.good()?.text ?? '') ?? []), ...aboutLanguage()];
  wrong = form?.show(findings) ?? [];
  file.show(findings.filter(({ attribute }) => !attribute));
  sayProblems();
}
const checkSoon = paused(250, check);

function sayProblems() {
  const parts = [];
  const others = wrong.filter((name) => name !== 'campaign').length;
  if (others) {
    const go = el('button', { type: 'button', class: 'small', click: () => form.toWrong() }, wrong.length === 1 ? 'Go to it' : 'Go to the first');
    const isOff = wrong.some((name) => ['backend', 'endpoint', 'backend-options'].includes(name));
    const what = isOff ? 'Nobody can sign until it is right. ' : `The widget leaves ${others === 1 ? 'it' : 'them'} out and uses the default instead. `;
    parts.push(note('error', `${counted(others, 'field is', 'fields are')} wrong`, el('p', {}, what, go)));
  }
  const id = values().campaign?.trim();
  if (!id || wrong.includes('campaign')) {
    const go = form ? el('button', { type: 'button', class: 'small', click: () => form.focus('campaign') }, 'Go to it') : null;
    parts.push(note('error', 'The campaign’s name is missing or wrong', el('p', {}, 'Without it the widget does not know what is signed. ', go)));
  } else if (file.problem() && !file.edited()) {
    parts.push(note('error', 'The campaign cannot be found', el('p', {}, `${file.problem()} With this snippet a page shows a link in place of the form.`)));
  }
  const edited = file.edited();
  if (edited) {
    const isOther = edited.id !== id;
    const name = file.fileName();
    parts.push(note('warning', 'The campaign file is not on the server yet',
      el('p', {}, isOther ? 'The preview shows the campaign that the form names. ' : 'The preview shows your version of it. ', 'For everybody to see it, whoever runs the server has to put the file at ', el('code', {}, `www/campaigns/${name}`), '.'),
      isOther ? el('p', {}, `The file is for the campaign “${edited.id}”, the form says “${id ?? ''}”. `,
        el('button', { type: 'button', class: 'small', click: () => { setValues({ ...values(), campaign: edited.id }); formChanged('campaign', false); } }, `Use “${edited.id}” in the form`)) : null));
  }
  const key = parts.map((part) => part.textContent).join('\n');
  byId('snippet-export').hidden = !edited;
  const place = byId('snippet-problems');
  if (place.dataset.key === key) return; // a button in it may have the focus
  place.dataset.key = key;
  place.replaceChildren(...parts);
}

/** All of the snippet shows, unless it is very long. */
function fitSnippet() {
  snippetBox.style.blockSize = 'auto';
  snippetBox.style.blockSize = `${Math.min(snippetBox.scrollHeight + 2, 320)}px`;
}

function writeSnippet() {
  const text = snippet(where.value, site, attributes());
  if (snippetBox.value !== text) {
    snippetBox.value = text;
    say(byId('copied')); // what was copied is no longer what stands here
  }
  fitSnippet();
}

/** The file that belongs to what the form says. */
const loadFile = () => file.load(values().campaign?.trim() ?? '', values().lang?.trim().toLowerCase() || 'en');
const loadFileSoon = paused(450, loadFile);

/** Everything that follows from a change in the form. */
function formChanged(name, isTyping = true) {
  if (isTyping) say(byId('again-status')); // an old Undo would destroy what is newer
  const isMoving = name === 'campaign' || name === 'lang';
  stage.attributes(attributes(), isMoving && isTyping);
  writeSnippet();
  keep.changed();
  if (isTyping) checkSoon();
  else check();
  if (isMoving) (isTyping ? loadFileSoon : loadFile)();
}

const showHow = () => {
  const target = TARGETS.find(({ id }) => id === where.value) ?? TARGETS[0];
  byId('how').replaceChildren(...target.how.map((sentence) => el('p', {}, sentence)));
  writeSnippet();
};

const startAgain = () => {
  if (JSON.stringify(values()) === JSON.stringify(FRESH) && !file.isTyped()) return; // nothing to empty, and the Undo stands
  const before = { values: values(), file: file.isTyped() ? file.keepable() : null };
  const status = byId('again-status');
  const all = (next, then) => {
    setValues(next);
    then();
    formChanged('campaign', false);
  };
  all({ ...FRESH }, file.reset);
  const undo = el('button', {
    type: 'button',
    class: 'small',
    click: () => {
      all(before.values, () => before.file && file.restore(before.file));
      say(status, 'Everything is back.');
      byId('again').focus();
    },
  }, 'Undo');
  say(status, 'Everything is empty again. ', undo);
};

const failed = (place, heading, reason, works) => {
  const again = el('button', { type: 'button', class: 'small', click: () => location.reload() }, 'Try again');
  byId(place).replaceChildren(note('error', heading, el('p', {}, `${reason.charAt(0).toUpperCase()}${reason.slice(1)}. ${works} `, again)));
};

const start = async () => {
  where.append(...TARGETS.map(({ id, name }) => el('option', { value: id }, name)));
  const work = keep.stored();
  if (work) {
    setValues(work.values);
    if (TARGETS.some(({ id }) => id === work.where)) where.value = work.where;
    if (work.file) file.restore(work.file);
  }
  byId('form').addEventListener('submit', (event) => event.preventDefault());
  where.addEventListener('change', () => {
    showHow();
    keep.changed();
  });
  byId('copy').addEventListener('click', () => copy(snippetBox.value, byId('copied'), snippetBox));
  byId('again').addEventListener('click', startAgain);
  byId('examine').addEventListener('click', () => {
    try {
      sessionStorage.setItem('pledge-snippet', snippetBox.value);
      setTimeout(() => sessionStorage.removeItem('pledge-snippet'), 3000); // the doctor's page has its own copy by then
    } catch { /* then the doctor opens empty */ }
  });
  addEventListener('resize', fitSnippet);
  showHow();
  stage.attributes(attributes());
  try {
    const table = await loadTable();
    form = makeForm(byId('fields'), table, formChanged);
    form.set(kept);
    languages = table.languages ?? [];
    stage.languages(languages);
    formChanged('campaign', false);
    judge = await loadJudge(table);
    if (judge.failed) throw Object.assign(Error(judge.failed), { isJudge: true });
    file.judgeWith(judge);
  } catch (error) {
    if (error.isJudge) {
      failed('checks-failed', 'Mistakes are not shown', error.message, 'Form, preview and snippet work; nothing tells you when something is wrong.');
    } else {
      loadFile();
      failed('fields', 'The form could not be loaded', error.message, 'The preview and a snippet without changes work.');
    }
  }
};

start();
