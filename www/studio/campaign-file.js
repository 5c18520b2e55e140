/**
 * The campaign file: loading the server's, editing its text, importing, exporting, and what the doctor finds in it.
 * Typing never loses a letter: while the text is broken, the last version that worked goes on being used.
 */
import { byId, el, finding, note, paused, say, short } from './dom.js';
import { FILE_MAX, site } from './judge.js';

const kilobytes = (bytes) => (bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`);

const tooLarge = (bytes) => ({
  severity: 'error',
  finding: `It is ${kilobytes(bytes)} large; ${kilobytes(FILE_MAX)} is the most that a campaign file may be.`,
  remedy: 'A campaign file holds words and addresses only. Take out pictures and anything else that is no text.',
});

/** Id and language of a text, where nothing can judge it. */
const guessed = (text) => {
  try {
    const { id, locale } = JSON.parse(text);
    if (typeof id === 'string' && typeof locale === 'string') return { usable: true, id, locale, text, findings: [] };
  } catch { /* broken */ }
  return { usable: false, text, findings: [] };
};

/**
 * Makes the section work. `changed()` is called when the text or the version in use has changed, `attributes()` gives what
 * is set in the form, `moved(id)` sets the form's campaign and returns the one before.
 */
export const makeCampaignFile = ({ changed, attributes, moved }) => {
  const [area, list, error, status, choose] = [byId('campaign-file'), byId('file-findings'), byId('file-error'), byId('file-status'), byId('file-import')];
  let judge = null;
  let server = { id: '', lang: '', text: '', problem: '' };
  let good = null; // the last version that works: { id, locale, text, raw }, raw as it was typed
  let own = []; // what is wrong with the text itself
  let more = []; // what is wrong with it together with the form
  let isGood = true; // whether the text is the version in use
  let turn = 0;

  const read = (text) => {
    if (text.length > FILE_MAX) return { usable: false, findings: [tooLarge(new Blob([text]).size)] };
    return judge?.readCampaign(text) ?? guessed(text);
  };

  const toLine = (line) => {
    const lines = area.value.split('\n');
    const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    area.setSelectionRange(start, start);
    area.blur(); // the browser scrolls to the caret only when the focus comes
    area.focus();
    area.setSelectionRange(start, start + (lines[line - 1] ?? '').length);
  };

  const render = () => {
    // The form's check reads the version in use, so it says again what the text's own check has said.
    const same = ({ finding: what }) => what.replace(/^campaign file: /i, '');
    const known = new Set(own.map(same));
    const all = isGood ? [...own, ...more.filter((one) => !known.has(same(one)))] : own;
    const items = all.slice(0, 50).map((one) => finding(one, one.line ? () => toLine(one.line) : null));
    if (all.length > 50) items.push(el('li', { class: 'finding' }, `And ${all.length - 50} more.`));
    list.replaceChildren(...items);
    byId('file-broken').hidden = isGood || !area.value.trim();
    const isWrong = all.some(({ severity }) => severity === 'error');
    if (isWrong) area.setAttribute('aria-invalid', 'true');
    else area.removeAttribute('aria-invalid');
    byId('file-server').hidden = !server.text || area.value === server.text;
    byId('file-checked').textContent = !area.value.trim() || all.length || !judge?.isReady() ? '' : 'Nothing is wrong with it.';
  };

  /** Takes what stands in the text box. */
  const take = () => {
    const raw = area.value;
    const found = raw.trim() ? read(raw) : { usable: false, findings: [] };
    own = found.findings;
    isGood = found.usable;
    if (found.usable) good = { id: found.id, locale: found.locale, text: found.text, raw };
    render();
    changed();
  };
  const takeSoon = paused(300, take);
  area.addEventListener('input', () => {
    error.hidden = true;
    say(status); // an old Undo would destroy what is newer
    changed(true);
    takeSoon();
  });

  const put = (text) => {
    takeSoon.stop();
    area.value = text;
    take();
  };

  const keepable = () => ({ text: area.value, good });
  const restore = (kept) => {
    good = kept.good;
    put(kept.text);
  };

  /** The file that the server has, or why there is none. */
  const fetchServer = async (id, lang) => {
    if (!/^[a-z\d][a-z\d-]{0,63}$/.test(id)) return { text: '', problem: '' };
    const path = new URL(`campaigns/${id}.${lang}.json`, site).pathname;
    try {
      const response = await fetch(path, { credentials: 'omit', cache: 'no-cache' });
      if (response.ok) return { text: await response.text(), problem: '' };
      return { text: '', problem: response.status === 404 ? `There is no file ${path} on this server.` : `The server answered ${response.status} for ${path}.` };
    } catch {
      return { text: '', problem: `This page could not reach the server for ${path}.` };
    }
  };

  const refuse = (name, findings) => {
    say(status);
    error.replaceChildren(note('error', `“${short(name)}” is not used. Everything here is as it was.`,
      el('ul', { class: 'findings' }, ...findings.slice(0, 20).map((one) => finding(one)))));
    error.hidden = false;
    error.focus();
  };

  const bring = async (file) => {
    error.hidden = true;
    if (file.size > FILE_MAX) return refuse(file.name, [tooLarge(file.size)]);
    let text;
    try {
      text = await file.text();
    } catch {
      return refuse(file.name, [{ severity: 'error', finding: 'The browser could not read it.', remedy: 'Move it to a folder on this device and choose it again.' }]);
    }
    const found = judge?.readCampaign(text);
    if (!found) return refuse(file.name, [{ severity: 'error', finding: 'It cannot be checked now, because the part that checks has not loaded.', remedy: 'Reload this page and import it again.' }]);
    if (!found.usable) return refuse(file.name, found.findings);
    const before = { file: keepable(), campaign: moved(found.id) };
    // Whether it is the server's own, in whatever language.
    const theirs = await fetchServer(found.id, found.locale);
    if (theirs.text === found.text) server = { ...server, text: theirs.text };
    put(found.text);
    const undo = el('button', {
      type: 'button',
      class: 'small',
      click: () => {
        moved(before.campaign);
        restore(before.file);
        say(status, 'What was there before is back.');
        area.focus();
      },
    }, 'Undo');
    const older = found.changed ? ' Older names in it were brought up to date.' : '';
    const left = found.findings.length ? ' Some of it needs a look: see below.' : '';
    say(status, `“${short(file.name)}” is used now.${older}${left} `, undo);
  };

  choose.addEventListener('change', () => {
    const [file] = choose.files;
    if (file) bring(file).then(() => { choose.value = ''; }); // so that the same file can be chosen again
  });
  // A file dropped beside the place would make the browser leave the page.
  const zone = byId('file');
  const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
  document.addEventListener('dragover', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    zone.classList.add('is-over');
  });
  document.addEventListener('dragleave', (event) => { if (!event.relatedTarget) zone.classList.remove('is-over'); });
  document.addEventListener('drop', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    zone.classList.remove('is-over');
    if (event.dataTransfer.files[0]) bring(event.dataTransfer.files[0]);
  });

  const exported = () => {
    if (!good) return null;
    return judge?.exportCampaign(good.text, attributes()) ?? { name: `${good.id}.${good.locale}.json`, text: good.text };
  };

  const save = () => {
    const file = exported();
    if (!file) return say(status, 'There is no campaign file to export yet.');
    const address = URL.createObjectURL(new Blob([file.text], { type: 'application/json' }));
    const link = el('a', { href: address, download: file.name, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
    const which = isGood ? '' : ' It is the last version that works; the text below has mistakes.';
    const without = judge?.isReady() ? '' : ' What you set in the form is not in it, because the part that does that has not loaded.';
    say(status, `Exported as ${file.name}.${which}${without}`);
  };
  for (const button of document.querySelectorAll('[data-export]')) button.addEventListener('click', save);

  byId('file-server').addEventListener('click', () => {
    const before = keepable();
    put(server.text);
    const undo = el('button', { type: 'button', class: 'small', click: () => { restore(before); say(status, 'Your text is back.'); area.focus(); } }, 'Undo');
    say(status, 'The server’s version is back. ', undo);
    area.focus();
  });

  /** A campaign of one's own begins with one that works, in that one language. */
  const startFrom = (from, id) => {
    const members = JSON.parse(from.text);
    delete members.locales;
    put(`${JSON.stringify({ ...members, id }, null, 2)}\n`);
    byId('file-problem').replaceChildren();
    say(status, `This is a copy of “${from.id}”. Change its words; nothing of the other campaign changes.`);
    area.focus();
    area.setSelectionRange(0, 0);
  };

  return {
    keepable,
    restore,
    judgeWith: (loaded) => { judge = loaded; take(); },
    /** Loads the server's file; what somebody has typed stays. */
    load: async (id, lang) => {
      const mine = ++turn;
      if (id === server.id && lang === server.lang) return;
      const { text, problem } = await fetchServer(id, lang);
      if (mine !== turn) return; // asked for another one meanwhile
      const wasTyped = area.value !== server.text;
      server = { id, lang, text, problem };
      const from = good;
      const copy = problem && from && from.id !== id && el('button', { type: 'button', class: 'small', click: () => startFrom(from, id) }, `Start “${id}” as a copy of “${from.id}”`);
      byId('file-problem').replaceChildren(problem, ...(copy ? [' ', copy] : []));
      if (!wasTyped) {
        good = null;
        put(text);
      } else take();
    },
    /** What is wrong with the file together with the form's attributes. */
    show: (findings) => {
      more = findings;
      render();
    },
    /** Back to the server's file. */
    reset: () => put(server.text),
    good: () => good,
    /** The version in use where it differs from the server's file, else null. */
    edited: () => (good && good.raw !== server.text ? good : null),
    /** Why the server's file is not here, in a sentence. */
    problem: () => server.problem,
    isTyped: () => area.value !== server.text,
    fileName: () => exported()?.name ?? '',
  };
};
