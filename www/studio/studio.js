/**
 * The Studio: connects the form, preview, snippet and campaign file. If a part cannot be loaded, the page says so and
 * the rest still works. The form is the source for the snippet, the checks and the preview.
 */
import { makeCampaignFile } from './campaign-file.js';
import { announce, byId, copy, debounce, el, note, pluralise, smallButton } from './dom.js';
import { makeForm } from './fields.js';
import { loadDoctor, loadTable, site } from './doctor-module.js';
import { TARGETS, nonEmpty, snippet } from './snippet.js';
import { makeStage } from './stage.js';
import { makeStorage } from './storage.js';

const DEFAULTS = { campaign: 'care-dont-share' };

/** @type {ReturnType<typeof makeForm> | null} */
let form = null;
/** @type {Studio.Doctor | null} */
let doctor = null;
/** @type {Record<string, string>} */
let pendingValues = { ...DEFAULTS }; // the values until the form has loaded
/** @type {string[]} */
let invalid = []; // the names of the fields with errors

const values = () => form?.values() ?? pendingValues;
const attributes = () => nonEmpty(form?.names ?? Object.keys(pendingValues), values());
const [where, snippetBox] = [byId('where'), byId('snippet')];

/** @type {Studio.Language[]} */
let languages = []; // the languages of the form
/** @type {string[]} */
let locales = []; // the languages of the campaign

const stage = makeStage((config) => {
  form?.config(config);
  const own = config.locales ?? [config.locale];
  if (own.join() === locales.join()) return;
  locales = own;
  check();
});

const file = makeCampaignFile({
  onChange: (isTyping) => {
    storage.changed();
    if (isTyping) return;
    showFile();
    check();
    writeSnippet();
  },
  attributes,
  setCampaign: (id) => {
    const before = values().campaign ?? '';
    if (id !== before) {
      setValues({ ...values(), campaign: id });
      formChanged('campaign', false);
    }
    return before;
  },
});

const storage = makeStorage({
  work: () => ({ values: values(), where: where.value, file: file.isTyped() ? file.snapshot() : null }),
  isDirty: () => file.isTyped() || JSON.stringify(values()) !== JSON.stringify(DEFAULTS),
});

/** @param {Record<string, string>} next */
function setValues(next) {
  pendingValues = next;
  form?.set(next);
}

/** Sends the edited file to the preview after a pause, because the preview reloads for it. */
const showFile = debounce(500, () => {
  const edited = file.edited();
  stage.file(edited && { id: edited.id, text: edited.text });
});

/** Returns warnings about the chosen language: if the campaign does not have it, or if nobody has reviewed it. */
const aboutLanguage = () => {
  const language = languages.find(({ tag }) => tag === values().lang);
  if (!language) return [];
  /** @type {Studio.Finding[]} */
  const found = [];
  /**
   * @param {string} finding
   * @param {string} remedy
   */
  const warn = (finding, remedy) => found.push({ severity: 'warning', attribute: 'lang', finding, remedy });
  if (locales.length && !locales.includes(language.tag)) {
    warn(`Only the form’s own words will be in ${language.english}.`,
      'The campaign’s words stay in their own language. Its staff can add a file for this one.');
  }
  if (language.reviewed === 'no') {
    warn(`No native speaker has reviewed the form’s ${language.english} words yet.`,
      'Ask someone who speaks it to read the form before you publish.');
  }
  return found;
};

/** Runs the checks and shows the findings beside each field, above the snippet and below the campaign file. */
function check() {
  const findings = [...(doctor?.check(attributes(), file.lastValid()?.text ?? '') ?? []), ...aboutLanguage()];
  invalid = form?.show(findings) ?? [];
  file.show(findings.filter(({ attribute }) => !attribute));
  showProblems();
}
const checkSoon = debounce(250, check);

/**
 * Returns the message that the campaign file in use is not on the server.
 * @param {Studio.CampaignFile} edited
 * @param {string | undefined} id the campaign in the form
 */
const fileProblem = (edited, id) => {
  const isOther = edited.id !== id;
  const what = el('p', {},
    isOther ? 'The preview shows the campaign that the form names. ' : 'The preview shows your version of it. ',
    'For everyone to see it, the person who runs the server must put the file at ',
    el('code', {}, `www/campaigns/${file.fileName()}`), '.');
  const heading = 'The campaign file is not on the server yet';
  if (!isOther) return note('warning', heading, what);
  const use = smallButton(`Use “${edited.id}” in the form`, () => {
    setValues({ ...values(), campaign: edited.id });
    formChanged('campaign', false);
  });
  const mismatch = `The file is for the campaign “${edited.id}”, but the form says “${id ?? ''}”. `;
  return note('warning', heading, what, el('p', {}, mismatch, use));
};

function showProblems() {
  const parts = [];
  const others = invalid.filter((name) => name !== 'campaign').length;
  if (others) {
    const go = smallButton(invalid.length === 1 ? 'Go to it' : 'Go to the first', () => form.focusFirstError());
    const isOff = invalid.some((name) => ['backend', 'endpoint', 'backend-options'].includes(name));
    const what = isOff ? 'Nobody can sign until it is fixed. '
      : `The widget ignores ${others === 1 ? 'it' : 'them'} and uses the default instead. `;
    parts.push(note('error', pluralise(others, 'field has an error', 'fields have errors'), el('p', {}, what, go)));
  }
  const id = values().campaign?.trim();
  if (!id || invalid.includes('campaign')) {
    const go = form ? smallButton('Go to it', () => form.focus('campaign')) : null;
    const why = el('p', {}, 'Without it, the widget does not know which campaign to show. ', go);
    parts.push(note('error', 'The campaign’s name is missing or wrong', why));
  } else if (file.problem() && !file.edited()) {
    const why = `${file.problem()} With this snippet, the page shows a link instead of the form.`;
    parts.push(note('error', 'The campaign cannot be found', el('p', {}, why)));
  }
  const edited = file.edited();
  if (edited) parts.push(fileProblem(edited, id));
  const key = parts.map((part) => part.textContent).join('\n');
  byId('snippet-export').hidden = !edited;
  const place = byId('snippet-problems');
  if (place.dataset.key === key) return; // replacing it would move the focus away from its button
  place.dataset.key = key;
  place.replaceChildren(...parts);
}

/** Makes the box high enough for the whole snippet, up to a limit. */
function fitSnippet() {
  snippetBox.style.blockSize = 'auto';
  snippetBox.style.blockSize = `${Math.min(snippetBox.scrollHeight + 2, 320)}px`;
}

function writeSnippet() {
  const text = snippet(where.value, site, attributes());
  if (snippetBox.value !== text) {
    snippetBox.value = text;
    announce(byId('copied')); // the copied text is no longer the current snippet
  }
  fitSnippet();
}

/** Loads the campaign file for the campaign and language in the form. */
const loadFile = () => file.load(values().campaign?.trim() ?? '', values().lang?.trim().toLowerCase() || 'en');
const loadFileSoon = debounce(450, loadFile);

/**
 * Updates everything after a change in the form.
 * @param {string} name
 */
function formChanged(name, isTyping = true) {
  if (isTyping) announce(byId('again-status')); // an old Undo button would destroy newer changes
  const isOtherFile = name === 'campaign' || name === 'lang';
  stage.attributes(attributes(), isOtherFile && isTyping);
  writeSnippet();
  storage.changed();
  if (isTyping) checkSoon();
  else check();
  if (isOtherFile) (isTyping ? loadFileSoon : loadFile)();
}

const showHow = () => {
  const target = TARGETS.find(({ id }) => id === where.value) ?? TARGETS[0];
  byId('how').replaceChildren(...target.how.map((sentence) => el('p', {}, sentence)));
  writeSnippet();
};

const startAgain = () => {
  // If there is nothing to clear, the Undo button stays.
  if (JSON.stringify(values()) === JSON.stringify(DEFAULTS) && !file.isTyped()) return;
  const before = { values: values(), file: file.isTyped() ? file.snapshot() : null };
  const status = byId('again-status');
  /**
   * @param {Record<string, string>} next
   * @param {() => void} replaceFile
   */
  const replaceAll = (next, replaceFile) => {
    setValues(next);
    replaceFile();
    formChanged('campaign', false);
  };
  replaceAll({ ...DEFAULTS }, file.reset);
  const undo = smallButton('Undo', () => {
    replaceAll(before.values, () => before.file && file.restore(before.file));
    announce(status, 'Everything is back.');
    byId('again').focus();
  });
  announce(status, 'Everything has been cleared. ', undo);
};

/**
 * @param {string} place
 * @param {string} heading
 * @param {string} reason
 * @param {string} rest
 */
const showFailure = (place, heading, reason, rest) => {
  const again = smallButton('Try again', () => location.reload());
  const sentences = `${reason.charAt(0).toUpperCase()}${reason.slice(1)}. ${rest} `;
  byId(place).replaceChildren(note('error', heading, el('p', {}, sentences, again)));
};

const start = async () => {
  where.append(...TARGETS.map(({ id, name }) => el('option', { value: id }, name)));
  const work = storage.stored();
  if (work) {
    setValues(work.values);
    if (TARGETS.some(({ id }) => id === work.where)) where.value = work.where;
    if (work.file) file.restore(work.file);
  }
  byId('form').addEventListener('submit', (event) => event.preventDefault());
  where.addEventListener('change', () => {
    showHow();
    storage.changed();
  });
  byId('copy').addEventListener('click', () => copy(snippetBox.value, byId('copied'), snippetBox));
  byId('again').addEventListener('click', startAgain);
  byId('examine').addEventListener('click', () => {
    try {
      sessionStorage.setItem('pledge-snippet', snippetBox.value);
      setTimeout(() => sessionStorage.removeItem('pledge-snippet'), 3000); // by then, the doctor's page has read it
    } catch { /* without storage, the doctor opens empty */ }
  });
  addEventListener('resize', fitSnippet);
  showHow();
  stage.attributes(attributes());
  try {
    const table = await loadTable();
    form = makeForm(byId('fields'), table, formChanged);
    form.set(pendingValues);
    languages = table.languages ?? [];
    stage.languages(languages);
    formChanged('campaign', false);
    doctor = await loadDoctor(table);
    if (doctor.failed) throw Object.assign(Error(doctor.failed), { isDoctorError: true });
    file.setDoctor(doctor);
  } catch (error) {
    if (error.isDoctorError) {
      showFailure('checks-failed', 'Errors are not shown', error.message,
        'The form, preview and snippet still work, but errors are not reported.');
    } else {
      loadFile();
      showFailure('fields', 'The form could not be loaded', error.message,
        'The preview and the default snippet still work.');
    }
  }
};

start();
