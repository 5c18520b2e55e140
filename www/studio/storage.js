/**
 * Keeps the work in this browser, if the user asks for it: everything typed is saved to localStorage and restored after
 * a reload. Invalid or unavailable storage is ignored. If nothing is saved, the browser asks before the user leaves the
 * page.
 */
import { announce, byId, debounce } from './dom.js';

const KEY = 'pledge-studio';

/** @typedef {Studio.Work & { mine: string[] }} OwnWork `mine` lists the names of campaigns of the user's own. */

const isText = (/** @type {unknown} */ value) => typeof value === 'string';

/**
 * Reads a saved campaign file. Returns null if there is none.
 * @param {any} file
 * @returns {Studio.Snapshot | null}
 */
const readSnapshot = (file) => {
  if (!file || !isText(file.text)) return null;
  const isGood = file.good && ['id', 'locale', 'text', 'raw'].every((name) => isText(file.good[name]));
  return { text: file.text, good: isGood ? file.good : null };
};

/**
 * Reads the saved work. Returns null if there is none or its format is unknown.
 * @returns {OwnWork | null}
 */
const readStored = () => {
  let kept;
  try {
    kept = JSON.parse(localStorage.getItem(KEY));
  } catch {
    return null;
  }
  if (!kept || typeof kept !== 'object' || kept.version !== 1) return null;
  /** @type {Record<string, string>} */
  const values = {};
  for (const [name, value] of Object.entries(kept.values ?? {})) if (isText(value)) values[name] = value;
  return {
    values,
    where: isText(kept.where) ? kept.where : '',
    file: readSnapshot(kept.file),
    isOwn: kept.isOwn === true,
    other: readSnapshot(kept.other),
    mine: Array.isArray(kept.mine) ? kept.mine.filter(isText) : [],
  };
};

/**
 * Sets up the checkbox. `work()` returns the work to save, and `isDirty()` whether leaving the page would lose any.
 * @param {{ work: () => OwnWork, isDirty: () => boolean }} options
 */
export const makeStorage = ({ work, isDirty }) => {
  const [box, status] = [byId('keep'), byId('keep-status')];
  let isSaved = false; // whether the latest state is stored
  // Whether this tab has changes to save. Without any, it must not overwrite those of another tab.
  let hasChanged = false;

  const forget = () => {
    isSaved = false;
    try {
      localStorage.removeItem(KEY);
    } catch { /* storage that cannot be accessed is empty */ }
  };

  const write = () => {
    if (!box.checked || !hasChanged) return;
    try {
      localStorage.setItem(KEY, JSON.stringify({ version: 1, ...work() }));
      isSaved = true;
      hasChanged = false;
    } catch {
      forget();
      box.checked = false;
      announce(status, 'This browser does not let the page keep anything. Copy your code before you leave.');
    }
  };
  const writeSoon = debounce(200, write);

  box.addEventListener('change', () => {
    if (box.checked) {
      hasChanged = true;
      write();
      if (box.checked) announce(status, 'Your work is now kept in this browser.');
    } else {
      writeSoon.stop();
      forget();
      announce(status, 'Removed from this browser.');
    }
  });
  // Another tab of the studio.
  addEventListener('storage', ({ key, newValue }) => {
    if ((key !== KEY && key !== null) || newValue !== null || !box.checked) return;
    writeSoon.stop();
    box.checked = false;
    isSaved = false;
    announce(status, 'Removed from this browser in another tab.');
  });
  // A link that opens the email program does not leave the page, but some browsers ask as if it did.
  let isWriting = false;
  document.addEventListener('click', ({ target }) => {
    if (!(target instanceof Element) || !target.closest('a[href^="mailto:"]')) return;
    isWriting = true;
    setTimeout(() => { isWriting = false; }, 1000);
  });
  addEventListener('pagehide', write);
  addEventListener('beforeunload', (event) => {
    write();
    if (isSaved || isWriting || !isDirty()) return;
    event.preventDefault();
    event.returnValue = true; // some browsers require this
  });

  return {
    stored: () => {
      const kept = readStored();
      box.checked = kept !== null;
      isSaved = box.checked;
      return kept;
    },
    changed: () => {
      isSaved = false;
      hasChanged = true;
      writeSoon();
    },
  };
};
