/**
 * The campaign file: loads it from the server, and handles editing, import, export and the doctor's findings. Typed
 * text is never lost: while it is invalid, the preview keeps the last valid version.
 */
import { announce, byId, debounce, el, findingItem, note, smallButton, truncate } from './dom.js';
import { FILE_MAX, site } from './doctor-module.js';

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

/**
 * Sets up the section. `onChange()` is called when the text or the version in use changes. `attributes()` returns the
 * attributes set in the form. `setCampaign(id)` sets the form's campaign and returns the previous one.
 * @param {{
 *   onChange: (isTyping?: boolean) => void,
 *   attributes: () => Studio.Attributes,
 *   setCampaign: (id: string) => string,
 * }} options
 */
export const makeCampaignFile = ({ onChange, attributes, setCampaign }) => {
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

  /**
   * @param {string} text
   * @returns {Studio.Reading}
   */
  const read = (text) => {
    if (text.length > FILE_MAX) return { usable: false, findings: [tooLarge(new Blob([text]).size)] };
    return doctor?.readCampaign(text) ?? readWithoutDoctor(text);
  };

  /** @param {number} line */
  const toLine = (line) => {
    const lines = area.value.split('\n');
    const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    area.setSelectionRange(start, start);
    area.blur(); // browsers scroll to the caret only when the box receives the focus
    area.focus();
    area.setSelectionRange(start, start + (lines[line - 1] ?? '').length);
  };

  const render = () => {
    // The form's check reads the same file, so it repeats the findings of the text's own check.
    const same = (/** @type {Studio.Finding} */ { finding: what }) => what.replace(/^campaign file: /i, '');
    const known = new Set(ownFindings.map(same));
    const more = isValid ? formFindings.filter((one) => !known.has(same(one))) : [];
    const all = [...ownFindings, ...more];
    const items = all.slice(0, 50).map((one) => findingItem(one, one.line ? () => toLine(one.line) : null));
    if (all.length > 50) items.push(el('li', { class: 'finding' }, `And ${all.length - 50} more.`));
    list.replaceChildren(...items);
    byId('file-broken').hidden = isValid || !area.value.trim();
    const isWrong = all.some(({ severity }) => severity === 'error');
    if (isWrong) area.setAttribute('aria-invalid', 'true');
    else area.removeAttribute('aria-invalid');
    byId('file-server').hidden = !server.text || area.value === server.text;
    const isGood = area.value.trim() && !all.length && doctor?.isReady();
    byId('file-checked').textContent = isGood ? 'No problems found.' : '';
  };

  /** Reads and checks the text in the box. */
  const readText = () => {
    const raw = area.value;
    const found = raw.trim() ? read(raw) : { usable: false, findings: [] };
    ownFindings = found.findings;
    isValid = found.usable;
    if (found.usable) lastValid = { id: found.id, locale: found.locale, text: found.text, raw };
    render();
    onChange();
  };
  const readTextSoon = debounce(300, readText);
  area.addEventListener('input', () => {
    error.hidden = true;
    announce(status); // an old Undo button would destroy newer text
    onChange(true);
    readTextSoon();
  });

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
    const before = { file: snapshot(), campaign: setCampaign(found.id) };
    // If the server has the same file, in any language, the file does not count as edited.
    const serverFile = await fetchServer(found.id, found.locale);
    if (serverFile.text === found.text) server = { ...server, text: serverFile.text };
    setText(found.text);
    const undo = smallButton('Undo', () => {
      setCampaign(before.campaign);
      restore(before.file);
      announce(status, 'The previous file is back.');
      area.focus();
    });
    const older = found.changed ? ' Old names in it were updated.' : '';
    const left = found.findings.length ? ' Some parts need checking: see below.' : '';
    announce(status, `“${truncate(file.name)}” is now in use.${older}${left} `, undo);
  };

  choose.addEventListener('change', () => {
    const [file] = choose.files;
    if (file) importFile(file).then(() => { choose.value = ''; }); // so that the same file can be chosen again
  });
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

  const save = () => {
    const file = exported();
    if (!file) return announce(status, 'There is no campaign file to export yet.');
    const address = URL.createObjectURL(new Blob([file.text], { type: 'application/json' }));
    const link = el('a', { href: address, download: file.name, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
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
      area.focus();
    });
    announce(status, 'The server’s version is back. ', undo);
    area.focus();
  });

  /**
   * Starts a new campaign as a copy of a valid one, in one language.
   * @param {Studio.CampaignFile} from
   * @param {string} id
   */
  const startFrom = (from, id) => {
    const members = JSON.parse(from.text);
    delete members.locales;
    setText(`${JSON.stringify({ ...members, id }, null, 2)}\n`);
    byId('file-problem').replaceChildren();
    announce(status, `This is a copy of “${from.id}”. Change its words. The original campaign stays the same.`);
    area.focus();
    area.setSelectionRange(0, 0);
  };

  return {
    snapshot,
    restore,
    /** @param {Studio.Doctor} loaded */
    setDoctor: (loaded) => { doctor = loaded; readText(); },
    /**
     * Loads the server's file. Text that the user typed is kept.
     * @param {string} id
     * @param {string} lang
     */
    load: async (id, lang) => {
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
    /** Restores the server's file. */
    reset: () => setText(server.text),
    lastValid: () => lastValid,
    /** Returns the version in use if it differs from the server's file, otherwise null. */
    edited: () => (lastValid && lastValid.raw !== server.text ? lastValid : null),
    /** Returns a sentence that says why the server's file could not be loaded. */
    problem: () => server.problem,
    isTyped: () => area.value !== server.text,
    fileName: () => exported()?.name ?? '',
  };
};
