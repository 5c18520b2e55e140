/**
 * The campaign file: loads it from the server, and handles editing (in the forms or as text), import, export and the
 * doctor's findings. Typed text is never lost: while it is invalid, the preview keeps the last valid version.
 */
import { announce, byId, debounce, el, findingItem, note, settled, smallButton, steady, truncate } from './dom.js';
import { FILE_MAX, site } from './doctor-module.js';
import { plainly } from './list-fields.js';
import { makeLists } from './lists.js';

/** @param {number} bytes */
const kilobytes = (bytes) => {
  if (bytes < 1024 * 1024) return `${Math.ceil(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
};

/**
 * @param {number} bytes
 * @returns {Studio.Finding}
 */
const tooLarge = (bytes) => ({
  severity: 'error',
  finding: `It is ${kilobytes(bytes)}. A campaign file can be at most ${kilobytes(FILE_MAX)}.`,
  remedy: 'A campaign file contains only words and addresses. Remove pictures and anything else that is not text.',
});

/**
 * Reads the id and language of a text if the doctor is not available.
 * @param {string} text
 * @returns {Studio.Reading}
 */
const readWithoutDoctor = (text) => {
  try {
    const { id, locale } = JSON.parse(text);
    if (typeof id === 'string' && typeof locale === 'string') return { usable: true, id, locale, text, findings: [] };
  } catch { /* not valid JSON */ }
  return { usable: false, text, findings: [] };
};

/** The file of a new campaign of one's own. */
const EMPTY = `${JSON.stringify({ id: '', locale: 'en', title: '', petition_text: [] }, null, 2)}\n`;

/** What the preview of an unfinished campaign shows. */
const UNFINISHED = {
  id: 'your-campaign',
  title: 'The name of your campaign',
  petition_text: ['The text of your pledge appears here.'],
};

/**
 * Sets up the section. `onChange()` is called when the text or the version in use changes. `attributes()` returns the
 * attributes set in the form. `setCampaign(id)` sets the form's campaign and returns the previous one. `opened(id)` is
 * called when the user has opened the file of a campaign of their own.
 * @param {{
 *   onChange: (isTyping?: boolean) => void,
 *   attributes: () => Studio.Attributes,
 *   setCampaign: (id: string) => string,
 *   opened: (id: string) => void,
 * }} options
 */
export const makeCampaignFile = ({ onChange, attributes, setCampaign, opened }) => {
  const [area, choose, list] = [byId('campaign-file'), byId('file-import'), byId('file-findings')];
  const [error, status] = [byId('file-error'), byId('file-status')];
  /** @type {Studio.Doctor | null} */
  let doctor = null;
  let server = { id: '', lang: '', text: '', problem: '' };
  /** @type {Studio.CampaignFile | null} */
  let lastValid = null; // the last valid version
  /** @type {Studio.Finding[]} */
  let ownFindings = []; // the findings about the text itself
  /** @type {Studio.Finding[]} */
  let formFindings = []; // the findings about the text together with the form
  let isValid = true; // whether the text is valid, so that it is the version in use
  let latestLoad = 0;
  let isOwn = false; // whether it is a campaign of one's own, and not one of the server
  /** @type {Studio.Snapshot | null} */
  let other = null; // the file of the other kind

  /**
   * @param {string} text
   * @returns {Studio.Reading}
   */
  const read = (text) => {
    if (text.length > FILE_MAX) return { usable: false, findings: [tooLarge(new Blob([text]).size)] };
    return doctor?.readCampaign(text) ?? readWithoutDoctor(text);
  };

  /** Moves the focus to the file: to its text, or to the heading if the text is folded. */
  const focusFile = () => (byId('file-source').open ? area : byId('file-title')).focus({ preventScroll: true });

  /** @param {number} line */
  const toLine = (line) => {
    const lines = area.value.split('\n');
    const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    byId('file-source').open = true;
    area.setSelectionRange(start, start);
    area.blur(); // browsers scroll to the caret only when the box receives the focus
    area.focus();
    area.setSelectionRange(start, start + (lines[line - 1] ?? '').length);
  };

  const render = () => settled('file', renderNow);

  function renderNow() {
    // The form's check reads the same file, so it repeats the findings of the text's own check.
    const same = (/** @type {Studio.Finding} */ { finding: what }) => what.replace(/^campaign file: /i, '');
    const known = new Set(ownFindings.map(same));
    const more = isValid ? formFindings.filter((one) => !known.has(same(one))) : [];
    const all = [...ownFindings, ...more];
    lists.show(all);
    // A new entry is still being filled in.
    const listed = all.filter((one) => !lists.place(one)?.isNew);
    const items = listed.slice(0, 50).map((one) => {
      const place = lists.place(one);
      if (!place) return findingItem(one, one.line ? () => toLine(one.line) : null);
      const go = () => lists.place(one)?.go();
      return findingItem({ severity: one.severity, finding: `${place.name}: ${plainly(one)}` }, go, place.name);
    });
    if (listed.length > 50) items.push(el('li', { class: 'finding' }, `And ${listed.length - 50} more.`));
    const key = items.map((item) => item.textContent).join('\n');
    if (list.dataset.key !== key) list.replaceChildren(...items); // the focus may be on a button in it
    list.dataset.key = key;
    byId('file-broken').hidden = isValid || !area.value.trim() || (isOwn && !ownFindings.some(({ line }) => line));
    const isWrong = all.some(({ severity }) => severity === 'error');
    if (isWrong) area.setAttribute('aria-invalid', 'true');
    else area.removeAttribute('aria-invalid');
    byId('file-server').hidden = isOwn || !server.text || area.value === server.text;
    const isGood = area.value.trim() && !all.length && isValid && doctor?.isReady();
    byId('file-checked').textContent = isGood ? 'No problems found.' : '';
  }

  /** Reads and checks the text in the box. */
  const readText = () => {
    const raw = area.value;
    const found = raw.trim() ? read(raw) : { usable: false, findings: [] };
    ownFindings = found.findings;
    isValid = found.usable;
    if (found.usable) lastValid = { id: found.id, locale: found.locale, text: found.text, raw };
    lists.update(raw);
    render();
    onChange();
  };
  const readTextSoon = debounce(300, readText);
  const typed = () => {
    error.hidden = true;
    announce(status); // an old Undo button would destroy newer text
    onChange(true);
    readTextSoon();
  };
  area.addEventListener('input', typed);
  const lists = makeLists({
    write: (text) => {
      area.value = text;
      typed();
    },
    left: () => { if (!readTextSoon.isDue()) render(); }, // otherwise the findings are about an older text
    toText: () => toLine(ownFindings.find(({ line }) => line)?.line ?? 1),
    isOwn: () => isOwn,
  });
  const { words } = lists;

  /** @param {string} text */
  const setText = (text) => {
    readTextSoon.stop();
    area.value = text;
    readText();
  };

  /** @returns {Studio.Snapshot} */
  const snapshot = () => ({ text: area.value, good: lastValid });
  /** @param {Studio.Snapshot} kept */
  const restore = (kept) => {
    lastValid = kept.good;
    setText(kept.text);
  };

  /**
   * Fetches the server's file. Returns its text, or the reason why there is none.
   * @param {string} id
   * @param {string} lang
   */
  const fetchServer = async (id, lang) => {
    if (!/^[a-z\d][a-z\d-]{0,63}$/.test(id)) return { text: '', problem: '' };
    const path = new URL(`campaigns/${id}.${lang}.json`, site).pathname;
    try {
      const response = await fetch(path, { credentials: 'omit', cache: 'no-cache' });
      if (response.ok) return { text: await response.text(), problem: '' };
      if (response.status === 404) return { text: '', problem: `There is no file ${path} on this server.` };
      return { text: '', problem: `The server returned ${response.status} for ${path}.` };
    } catch {
      return { text: '', problem: `This page could not reach the server for ${path}.` };
    }
  };

  /**
   * @param {string} name
   * @param {Studio.Finding[]} findings
   */
  const rejectImport = (name, findings) => {
    announce(status);
    error.replaceChildren(note('error', `“${truncate(name)}” was not imported. Nothing has changed.`,
      el('ul', { class: 'findings' }, ...findings.slice(0, 20).map((one) => findingItem(one)))));
    error.hidden = false;
    error.focus();
  };

  /**
   * @param {string} name
   * @param {string} finding
   * @param {string} remedy
   */
  const rejectUnread = (name, finding, remedy) => rejectImport(name, [{ severity: 'error', finding, remedy }]);

  /** @param {File} file */
  const importFile = async (file) => {
    error.hidden = true;
    if (file.size > FILE_MAX) return rejectImport(file.name, [tooLarge(file.size)]);
    let text;
    try {
      text = await file.text();
    } catch {
      const remedy = 'Move it to a folder on this device and choose it again.';
      return rejectUnread(file.name, 'The browser could not read it.', remedy);
    }
    const found = doctor?.readCampaign(text);
    if (!found) {
      const reason = 'It cannot be checked now, because the checks have not loaded.';
      return rejectUnread(file.name, reason, 'Reload this page and import it again.');
    }
    if (!found.usable) return rejectImport(file.name, found.findings);
    const before = { file: snapshot(), campaign: isOwn ? '' : setCampaign(found.id) };
    // If the server has the same file, in any language, the file does not count as edited.
    const serverFile = await fetchServer(found.id, found.locale);
    if (serverFile.text === found.text && !isOwn) server = { ...server, text: serverFile.text };
    if (isOwn) opened(found.id);
    setText(found.text);
    const undo = smallButton('Undo', () => {
      if (!isOwn) setCampaign(before.campaign);
      restore(before.file);
      announce(status, 'The previous file is back.');
      focusFile();
    });
    const older = found.changed ? ' Old names in it were updated.' : '';
    const left = found.findings.length ? ' Some parts need checking: see below.' : '';
    announce(isOwn ? byId('own-status') : status, `“${truncate(file.name)}” is now in use.${older}${left} `, undo);
  };

  for (const input of [choose, byId('own-import')]) {
    input.addEventListener('change', () => {
      const [file] = input.files;
      if (file) importFile(file).then(() => { input.value = ''; }); // so that the same file can be chosen again
    });
  }
  // If a file were dropped outside the section, the browser would leave the page.
  const zone = byId('file');
  const hasFiles = (/** @type {DragEvent} */ event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
  document.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    zone.classList.add('is-over');
  });
  document.addEventListener('dragleave', (event) => { if (!event.relatedTarget) zone.classList.remove('is-over'); });
  document.addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    zone.classList.remove('is-over');
    if (event.dataTransfer.files[0]) importFile(event.dataTransfer.files[0]);
  });

  const exported = () => {
    if (!lastValid) return null;
    const { id, locale, text } = lastValid;
    return doctor?.exportCampaign(text, attributes()) ?? { name: `${id}.${locale}.json`, text };
  };

  /** Saves the file on the device. Returns it, or null if there is none. */
  const download = () => {
    const file = exported();
    if (!file) return null;
    const address = URL.createObjectURL(new Blob([file.text], { type: 'application/json' }));
    const link = el('a', { href: address, download: file.name, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
    return file;
  };

  const demand = () => {
    lists.demand();
    render();
  };

  const save = () => {
    demand();
    const file = download();
    if (!file) return announce(status, 'There is no campaign file to export yet.');
    const which = isValid ? '' : ' It is the last version that works. The text below has errors.';
    const without = doctor?.isReady() ? ''
      : ' It does not include your settings from the form, because the checks have not loaded.';
    announce(status, `Exported as ${file.name}.${which}${without}`);
  };
  for (const button of document.querySelectorAll('[data-export]')) button.addEventListener('click', save);

  byId('file-server').addEventListener('click', () => {
    const before = snapshot();
    setText(server.text);
    const undo = smallButton('Undo', () => {
      restore(before);
      announce(status, 'Your text is back.');
      focusFile();
    });
    announce(status, 'The server’s version is back. ', undo);
    focusFile();
  });

  /**
   * Starts a new campaign as a copy of a valid one, in one language.
   * @param {Studio.CampaignFile} from
   * @param {string} id
   */
  const startFrom = (from, id) => {
    const members = JSON.parse(from.text);
    delete members.locales;
    steady(() => {
      setText(`${JSON.stringify({ ...members, id }, null, 2)}\n`);
      byId('file-problem').replaceChildren();
    });
    announce(status, `This is a copy of “${from.id}”. Change its words. The original campaign stays the same.`);
    focusFile();
  };

  /** Returns whether an own campaign or changes to a file of the server would be lost. */
  const isDirty = () => {
    const [own, changed] = isOwn ? [area.value, other?.text ?? server.text] : [other?.text ?? EMPTY, area.value];
    return own !== EMPTY || changed !== server.text;
  };

  return {
    snapshot,
    restore,
    setSectors: lists.setSectors,
    words,
    /**
     * Changes between a campaign of the server and one of one's own. The file of each is kept.
     * @param {boolean} next
     * @param {Studio.Snapshot | null} [kept] the file of the other kind, if it was stored
     */
    setOwn: (next, kept) => {
      if (next === isOwn) return;
      latestLoad++; // an answer that is on its way must not replace the own file
      const there = other;
      other = kept === undefined ? snapshot() : kept;
      isOwn = next;
      for (const place of [status, error, byId('file-problem')]) place.replaceChildren();
      error.hidden = true;
      lastValid = there?.good ?? null;
      setText(there?.text ?? (next ? EMPTY : server.text));
      lists.refresh();
      render();
      if (next) lists.openFacts();
      words.grow();
    },
    /** Returns the file of the other kind, if it has changes to keep. */
    other: () => (other && other.text !== (isOwn ? server.text : EMPTY) ? other : null),
    /**
     * Starts a campaign of one's own as a copy of another one, in one language. Returns the text that it replaces.
     * @param {string} text
     * @param {(title: string) => string} idOf
     */
    copyFrom: (text, idOf) => {
      const before = snapshot();
      const { locales, id, ...members } = JSON.parse(text);
      words.renew();
      setText(`${JSON.stringify({ id: idOf(String(members.title ?? '')), ...members }, null, 2)}\n`);
      return before;
    },
    /** Sets the id of an own campaign that has none. */
    suggestId: (/** @type {string} */ id) => {
      if (area.value === EMPTY) setText(EMPTY.replace('"id": ""', `"id": ${JSON.stringify(id)}`));
    },
    /**
     * Returns the own campaign as the preview shows it: with words in place of those that are still missing.
     * @returns {{ id: string, locale: string, text: string }}
     */
    draft: () => {
      const members = { ...lists.members() };
      const locale = String(members.locale ?? 'en');
      if (!/^[a-z\d][a-z\d-]{0,63}$/.test(String(members.id))) members.id = UNFINISHED.id;
      if (!String(members.title ?? '').trim()) members.title = UNFINISHED.title;
      if (!(/** @type {unknown[]} */ (members.petition_text)?.length)) members.petition_text = UNFINISHED.petition_text;
      return { id: String(members.id), locale, text: JSON.stringify(members) };
    },
    /** The id and the language of an own campaign. */
    ownId: () => String(lists.members()?.id ?? ''),
    ownLocale: () => String(lists.members()?.locale ?? 'en'),
    /** Returns how many entries of the lists would not be shown, and how to get to the first one. */
    unfinished: () => {
      const found = ownFindings.filter((one) => one.severity === 'error' && lists.entry(one));
      const go = found.length ? () => {
        demand();
        lists.place(found[0])?.go();
      } : null;
      return { count: new Set(found.map((one) => lists.entry(one))).size, go };
    },
    /** Shows what is missing in the entries of the lists. */
    demand,
    /** Returns the text of a member of an own campaign, or '' if it has none. */
    ownText: (/** @type {string} */ name) => String(lists.members()?.[name] ?? '').trim(),
    /** Whether the text can be published as it is. */
    isReady: () => isValid && lastValid !== null,
    /** Reads the text at once, without waiting for a pause. */
    readNow: () => { readTextSoon.stop(); readText(); },
    download,
    exported,
    isDirty,
    /** @param {Studio.Doctor} loaded */
    setDoctor: (loaded) => {
      doctor = loaded;
      readText();
    },
    /**
     * Loads the server's file. Text that the user typed is kept.
     * @param {string} id
     * @param {string} lang
     */
    load: async (id, lang) => {
      if (isOwn) return;
      const load = ++latestLoad;
      if (id === server.id && lang === server.lang) return;
      const { text, problem } = await fetchServer(id, lang);
      if (load !== latestLoad) return; // another load has started
      const wasTyped = area.value !== server.text;
      server = { id, lang, text, problem };
      const from = lastValid;
      byId('file-problem').replaceChildren(problem);
      if (problem && from && from.id !== id) {
        const copy = smallButton(`Start “${id}” as a copy of “${from.id}”`, () => startFrom(from, id));
        byId('file-problem').append(' ', copy);
      }
      if (!wasTyped) {
        lastValid = null;
        setText(text);
      } else readText();
    },
    /**
     * Shows the findings about the file together with the form's attributes.
     * @param {Studio.Finding[]} findings
     */
    show: (findings) => {
      formFindings = findings;
      render();
    },
    /** Restores the server's file, or empties an own one. */
    reset: () => {
      words.renew();
      setText(isOwn ? EMPTY : server.text);
    },
    /**
     * Replaces the edited file with the server's, and offers to undo it in `place`. `undone()` is called afterwards.
     * @param {HTMLElement} place
     * @param {() => void} undone
     */
    discard: (place, undone) => {
      const before = snapshot();
      setText(server.text);
      announce(place, `The changes to “${before.good?.id ?? 'the file'}” are removed. `, smallButton('Undo', () => {
        restore(before);
        announce(place, 'Your changes are back.');
        undone();
      }));
    },
    lastValid: () => lastValid,
    /** Returns the version in use if it differs from the server's file, otherwise null. */
    edited: () => (lastValid && lastValid.raw !== server.text ? lastValid : null),
    /** Returns a sentence that says why the server's file could not be loaded. */
    problem: () => server.problem,
    isTyped: () => area.value !== (isOwn ? EMPTY : server.text),
    fileName: () => exported()?.name ?? '',
  };
};
