/**
 * The Studio: connects the form, preview, snippet and campaign file. If a part cannot be loaded, the page says so and
 * the rest still works. The form is the source for the snippet, the checks and the preview.
 */
import { makeCampaignFile } from './campaign-file.js';
import { loadCampaigns, offerCampaigns } from './campaigns.js';
import { announce, byId, debounce, el, note, pluralise, settled, smallButton, steady } from './dom.js';
import { makeForm } from './fields.js';
import { loadDoctor, loadTable, site } from './doctor-module.js';
import { idFrom } from './fixes.js';
import { makePaste } from './paste.js';
import { makePublish } from './publish.js';
import { nonEmpty } from './snippet.js';
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

/** Whether the user makes a campaign of their own. If not, it is one of the server. */
let isOwn = false;
/** Fields of the form that an own campaign does not need: these words are asked in step 1. */
const OWN_WORDS = ['campaign', 'lang', 'title', 'summary', 'pledge-text', 'controller', 'target-name'];
/** @type {string[]} */
let ofFile = []; // the attributes that are also members of the campaign file

const values = () => form?.values() ?? pendingValues;
/** The attributes for the checks and the preview. Those of an own campaign have its id and language. */
const attributes = () => {
  const all = { ...values() };
  if (isOwn) {
    for (const name of OWN_WORDS) delete all[name];
    const locale = file.ownLocale();
    Object.assign(all, { campaign: file.ownId() }, locale === 'en' ? {} : { lang: locale });
  }
  return nonEmpty(form?.names ?? ['campaign', ...Object.keys(pendingValues)], all);
};
/** The attributes in the code. The file of an own campaign has the rest. */
const codeAttributes = () => attributes().filter(([name]) => !isOwn || !ofFile.includes(name));
const paste = makePaste({
  attributes: codeAttributes,
  chosen: () => storage.changed(),
  refusal: () => {
    if (!isOwn) return values().campaign?.trim() ? '' : 'First choose a campaign, in step 1.';
    if (!file.ownId()) return 'First give your campaign a name, in step 1.';
    return /^[a-z\d][a-z\d-]{0,63}$/.test(file.ownId()) ? '' : 'First fix the short name for web addresses, in step 1.';
  },
  done: () => (isOwn && !publish.isThere() ? 'Copied. The form appears on your page once the file is on the server.'
    : undefined),
});

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
    if (isOwn) {
      for (const place of isTyping ? [byId('own-status')] : []) announce(place);
      showOwn();
      return isTyping ? undefined : check();
    }
    if (isTyping) return announce(keptStatus); // an old Undo button would destroy newer text
    showFile();
    check();
    paste.write();
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
  opened: (id) => publish.claim(id),
});

const publish = makePublish({
  file,
  settings: () => values(),
  toSetting: (name, words = '') => {
    if (words && !values()[name]?.trim()) {
      form?.field(name).set(words);
      formChanged(name, false);
    }
    form?.focus(name);
  },
  changed: () => showProblems(),
  claimed: () => storage.changed(),
});

const storage = makeStorage({
  work: () => ({
    values: values(),
    where: paste.where(),
    file: file.isTyped() ? file.snapshot() : null,
    isOwn,
    other: file.other(),
    mine: publish.mine(),
  }),
  isDirty: () => file.isDirty() || JSON.stringify(values()) !== JSON.stringify(DEFAULTS),
});

/** @param {Record<string, string>} next */
function setValues(next) {
  pendingValues = next;
  form?.set(next);
}

/** Shows the own campaign in the preview. It works before its words are complete. */
const showDraft = () => {
  const { id, text } = file.draft();
  stage.file({ id, text }, [['campaign', id], ...attributes().filter(([name]) => name !== 'campaign')]);
};

/** Sends the edited file to the preview after a pause, because the preview reloads for it. */
const showFileNow = () => {
  if (isOwn) return showDraft();
  const edited = file.edited();
  stage.file(edited && { id: edited.id, text: edited.text }, attributes());
};
const showFile = debounce(500, showFileNow);

/** Updates everything that depends on the own campaign. */
const showOwn = () => {
  showFile();
  paste.write();
  publish.update();
};

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
const check = () => settled('check', checkNow);

function checkNow() {
  const findings = [...(doctor?.check(attributes(), file.lastValid()?.text ?? '') ?? []), ...aboutLanguage()];
  invalid = (form?.show(findings) ?? []).filter((name) => !isOwn || !OWN_WORDS.includes(name));
  file.show(findings.filter(({ attribute }) => !attribute));
  const own = isOwn ? [] : ['pledge-text', 'facts'].filter((name) => values()[name]?.trim());
  byId('lists-hidden').textContent = own.length ? `Step 1 has its own choice of ${
    own.map((name) => (name === 'facts' ? 'facts' : 'pledge text')).join(' and ')
  }, so the preview does not show everything that you change here.` : '';
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
    'For everyone to see it, the people who run the server must put the file at ',
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

/**
 * If the form names another campaign than the edited file, says below the campaign that the changes are kept, and
 * offers both ways out. The message is in the page from the start, so that screen readers announce it.
 */
const kept = el('div', { role: 'status' });
const keptStatus = el('p', { id: 'kept-status', class: 'status', role: 'status' });

function showKept() {
  const edited = isOwn ? null : file.edited();
  const isOther = edited !== null && edited.id !== values().campaign?.trim();
  const key = isOther ? edited.id : '';
  if ((kept.dataset.key ?? '') === key) return;
  kept.dataset.key = key;
  const back = () => {
    setValues({ ...values(), campaign: edited.id });
    formChanged('campaign', false);
    form.focus('campaign');
  };
  const discard = () => {
    const toCampaign = () => form.focus('campaign');
    file.discard(keptStatus, toCampaign);
    toCampaign();
  };
  kept.replaceChildren(...(isOther ? [note('warning', `Your changes to “${edited.id}” are kept`,
    el('p', {}, 'They are in the campaign’s own words and facts, further down.'),
    el('p', {}, smallButton(`Go back to “${edited.id}”`, back),
      smallButton('Remove my changes', discard)))] : []));
}

function showProblems() {
  showKept();
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
  if (isOwn) {
    publish.show();
  } else if (!id || invalid.includes('campaign')) {
    const go = form ? smallButton('Go to it', () => form.focus('campaign')) : null;
    const why = el('p', {}, 'Without it, the widget does not know which campaign to show. ', go);
    parts.push(note('error', 'The campaign’s name is missing or wrong', why));
  } else if (file.problem() && !file.edited()) {
    const why = `${file.problem()} With this code, the page shows a link instead of the form. `;
    const start = smallButton('Start my own campaign with this name', () => {
      choosePurpose(true);
      file.suggestId(id);
      byId('own-title').focus();
    });
    parts.push(note('error', 'The campaign cannot be found', el('p', {}, why, start)));
  }
  const edited = isOwn ? null : file.edited();
  if (edited) parts.push(fileProblem(edited, id));
  const key = parts.map((part) => part.textContent).join('\n');
  byId('snippet-export').hidden = !edited;
  const [bar, first] = [byId('bar-state'), parts[0]];
  const isUnready = isOwn && file.words.missing().length > 0;
  const isToPublish = isOwn && !publish.isThere();
  paste.setToPublish(isToPublish);
  const rest = isUnready ? 'Not ready to publish yet' : 'How to paste it';
  bar.hidden = isToPublish && !isUnready && !first; // the button beside it leads to the same place
  bar.textContent = first?.querySelector('.note-head').textContent ?? rest;
  bar.classList.toggle('error', first?.classList.contains('error') ?? false);
  const place = byId('snippet-problems');
  if (place.dataset.key === key) return; // replacing it would move the focus away from its button
  place.dataset.key = key;
  place.replaceChildren(...parts);
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
  if (isOwn) showOwn();
  else stage.attributes(attributes(), isOtherFile && isTyping);
  paste.write();
  storage.changed();
  if (isTyping) checkSoon();
  else check();
  if (isOtherFile) (isTyping ? loadFileSoon : loadFile)();
}

const startAgain = () => {
  // If there is nothing to clear, the Undo button stays.
  if (JSON.stringify(values()) === JSON.stringify(DEFAULTS) && !file.isTyped()) return;
  const before = { values: values(), file: file.isTyped() ? file.snapshot() : null, isOwn };
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
    choosePurpose(before.isOwn);
    replaceAll(before.values, () => before.file && file.restore(before.file));
    announce(status, 'Everything is back.');
    byId('again').focus();
  });
  announce(status, 'Everything has been cleared. ', undo);
};

/** @type {string[]} */
let campaignIds = []; // the campaigns on the server

/**
 * Shows the steps of a campaign of the server or of one's own. What was typed for the other is kept.
 * @param {boolean} own
 * @param {Studio.Snapshot | null} [other] the file of the other kind, if it was stored
 */
const choosePurpose = (own, other) => {
  const radio = /** @type {HTMLInputElement} */ (byId('purpose').querySelector(`[value="${own ? 'own' : 'join'}"]`));
  radio.checked = true;
  if (own === isOwn) return;
  isOwn = own;
  document.documentElement.classList.toggle('is-own', own);
  // The preview stays where it is: a frame that moves loads again.
  byId(own ? 'look' : 'make').append(byId('form'));
  byId(own ? 'file' : 'make').append(byId('keeping'));
  if (own) byId('column').append(byId('take'));
  else byId('see').after(byId('take'));
  form?.setOwn(own, OWN_WORDS);
  stage.scrollTo('');
  file.setOwn(own, other);
  showFile.stop();
  showFileNow();
  formChanged('campaign', false);
};

/** Starts an own campaign as a copy of one of the server. */
const copyCampaign = async () => {
  const status = byId('own-status');
  const { value, selectedOptions: [{ dataset: { lang }, textContent: title }] } = byId('own-copy-from');
  let text;
  try {
    const path = `campaigns/${value}.${lang}.json`;
    const response = await fetch(new URL(path, site), { credentials: 'omit', cache: 'no-cache' });
    if (!response.ok) throw Error(String(response.status));
    text = await response.text();
    JSON.parse(text);
  } catch {
    return announce(status, 'The campaign could not be loaded. Try again.');
  }
  const before = file.copyFrom(text, (name) => idFrom(name, campaignIds) || `${value}-2`);
  const undo = smallButton('Undo', () => {
    file.restore(before);
    announce(status, 'Your words are back.');
    byId('own-copy').focus();
  });
  announce(status, `This is now a copy of “${title}”. Change its words. The original stays the same. `, undo);
};

/**
 * Offers the campaigns of the server.
 * @param {Awaited<ReturnType<typeof loadCampaigns>>} loaded
 */
const campaignsLoaded = ({ list, contact, isKnown }) => {
  campaignIds = list.map(({ id }) => id);
  publish.setServer({ ids: campaignIds, contact, isKnown });
  file.words.setTaken(campaignIds);
  steady(() => offerCampaigns(form.field('campaign'), list));
  byId('own-copy-box').hidden = !list.length;
  byId('own-copy-from').append(...list.map(({ id, title, lang }) =>
    el('option', { value: id, 'data-lang': lang }, title)));
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
  const work = storage.stored();
  if (work) {
    publish.setMine(work.mine);
    setValues(work.values);
    choosePurpose(work.isOwn, work.isOwn ? work.other : undefined);
    if (work.file) file.restore(work.file);
  }
  if (!work && location.hash === '#own') choosePurpose(true); // a link to a campaign of one's own
  byId('purpose').addEventListener('change', ({ target }) => {
    choosePurpose(/** @type {HTMLInputElement} */ (target).value === 'own');
    storage.changed();
  });
  byId('own-copy').addEventListener('click', copyCampaign);
  byId('lists').addEventListener('focusin', ({ target }) => {
    const part = /** @type {HTMLElement} */ (target).closest('.group')?.id.replace('words-', '');
    stage.scrollTo(['facts', 'wins', 'help'].includes(part) ? part : '');
  });
  byId('own-fields').addEventListener('focusin', () => stage.scrollTo('head'));
  byId('form').addEventListener('focusin', ({ target }) => {
    // The question about emails is just above the statement.
    const isOfStatement = /^f-(consent|opt-in|statement|privacy)/.test(/** @type {HTMLElement} */ (target).id);
    stage.scrollTo(isOfStatement ? 'statement' : '');
  });
  byId('form').addEventListener('submit', (event) => event.preventDefault());
  byId('again').addEventListener('click', startAgain);
  byId('examine').addEventListener('click', () => {
    try {
      sessionStorage.setItem('pledge-snippet', paste.code());
      setTimeout(() => sessionStorage.removeItem('pledge-snippet'), 3000); // by then, the doctor's page has read it
    } catch { /* without storage, the doctor opens empty */ }
  });
  paste.choose(work?.where ?? '');
  if (isOwn) showFileNow();
  else stage.attributes(attributes());
  try {
    const campaigns = loadCampaigns();
    const table = await loadTable();
    form = makeForm(byId('fields'), table, formChanged);
    form.set(pendingValues);
    form.setOwn(isOwn, OWN_WORDS);
    ofFile = table.attributes.filter(({ member }) => member).map(({ name }) => name);
    form.field('campaign').box.append(kept, keptStatus);
    const { choices } = table.attributes.find(({ name }) => name === 'facts') ?? { choices: [] };
    file.setSectors(choices.filter((choice) => !['all', 'none'].includes(choice)));
    languages = table.languages ?? [];
    file.words.setLanguages(languages);
    stage.languages(languages);
    formChanged('campaign', false);
    campaigns.then(campaignsLoaded);
    doctor = await loadDoctor(table);
    if (doctor.failed) throw Object.assign(Error(doctor.failed), { isDoctorError: true });
    file.setDoctor(doctor);
  } catch (error) {
    if (error.isDoctorError) {
      showFailure('checks-failed', 'Errors are not shown', error.message,
        'The form, preview and code still work, but errors are not reported.');
    } else {
      loadFile();
      showFailure('fields', 'The form could not be loaded', error.message,
        'The preview and the default code still work.');
    }
  }
};

start();
