/**
 * Keeping the work in this browser, if asked to: everything typed goes to localStorage and comes back after a reload.
 * Storage that refuses or holds rubbish is as good as none. Without it, the browser asks before the page is left.
 */
import { byId, paused, say } from './dom.js';

const KEY = 'pledge-studio';

const isText = (value) => typeof value === 'string';

/** What was kept, or null; only what has the form that this page writes. */
const stored = () => {
  let kept;
  try {
    kept = JSON.parse(localStorage.getItem(KEY));
  } catch {
    return null;
  }
  if (!kept || typeof kept !== 'object' || kept.version !== 1) return null;
  const values = {};
  for (const [name, value] of Object.entries(kept.values ?? {})) if (isText(value)) values[name] = value;
  const { file } = kept;
  const isFile = file && isText(file.text);
  const good = isFile && file.good && ['id', 'locale', 'text', 'raw'].every((name) => isText(file.good[name])) ? file.good : null;
  return { values, where: isText(kept.where) ? kept.where : '', file: isFile ? { text: file.text, good } : null };
};

/** Makes the checkbox work. `work()` gives what is to be kept, `isDirty()` whether anything would be lost. */
export const makeKeep = ({ work, isDirty }) => {
  const [box, status] = [byId('keep'), byId('keep-status')];
  let isKept = false; // the newest state is stored
  let isNewer = false; // something has changed here since; another tab may have stored what is newer still

  const forget = () => {
    isKept = false;
    try {
      localStorage.removeItem(KEY);
    } catch { /* then there is nothing in it either */ }
  };

  const write = () => {
    if (!box.checked || !isNewer) return;
    try {
      localStorage.setItem(KEY, JSON.stringify({ version: 1, ...work() }));
      isKept = true;
      isNewer = false;
    } catch {
      forget();
      box.checked = false;
      say(status, 'This browser does not let the page keep anything. Copy your snippet before you leave.');
    }
  };
  const writeSoon = paused(200, write);

  box.addEventListener('change', () => {
    if (box.checked) {
      isNewer = true;
      write();
      if (box.checked) say(status, 'Kept in this browser from now on.');
    } else {
      writeSoon.stop();
      forget();
      say(status, 'Removed from this browser.');
    }
  });
  // Another tab of the studio.
  addEventListener('storage', ({ key, newValue }) => {
    if ((key !== KEY && key !== null) || newValue !== null || !box.checked) return;
    writeSoon.stop();
    box.checked = false;
    isKept = false;
    say(status, 'Removed from this browser in another tab.');
  });
  addEventListener('pagehide', write);
  addEventListener('beforeunload', (event) => {
    write();
    if (isKept || !isDirty()) return;
    event.preventDefault();
    event.returnValue = true; // for browsers that ask only then
  });

  return {
    stored: () => {
      const kept = stored();
      box.checked = kept !== null;
      isKept = box.checked;
      return kept;
    },
    changed: () => {
      isKept = false;
      isNewer = true;
      writeSoon();
    },
  };
};
