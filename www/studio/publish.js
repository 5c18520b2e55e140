/**
 * The last step of a campaign of one's own: download its file, send it, paste the code, and look whether the file is on
 * the server.
 */
import { announce, byId, copy, debounce, el, note, settled, smallButton } from './dom.js';
import { site } from './doctor-module.js';

/**
 * Sets up the step. `file` is the campaign file.
 * @param {ReturnType<typeof import('./campaign-file.js').makeCampaignFile>} file
 */
export const makePublish = (file) => {
  const [message, downloaded, checked] = [byId('publish-message'), byId('publish-downloaded'), byId('publish-checked')];
  let savedText = ''; // the file that was downloaded last

  /** The name of the file, also before it can be downloaded. */
  const fileName = () => `${file.ownId() || 'your-campaign'}.${file.ownLocale()}.json`;
  const page = () => `${site}campaigns/${file.ownId() || 'your-campaign'}.html`;
  const show = () => settled('publish', () => {
    const text = [
      'Hello,',
      `please put the attached file ${fileName()} into the folder www/campaigns/ of the Pledge server ${site}. `
        + 'No restart is needed.',
      `The campaign is then at ${page()}`,
      'Thank you!',
    ].join('\n\n');
    if (message.value !== text) {
      message.value = text;
      announce(byId('publish-copied'));
    }
    message.style.blockSize = 'auto';
    if (message.scrollHeight) message.style.blockSize = `${message.scrollHeight + 4}px`;
  });
  /** Says that the file has changed since it was downloaded. */
  const compare = debounce(400, () => {
    if (!savedText || savedText === file.exported()?.text) return;
    savedText = '';
    announce(downloaded, 'You have changed something since. Download the file again.');
    announce(checked);
  });

  byId('publish-download').addEventListener('click', () => {
    file.readNow();
    const saved = file.words.missing().length || !file.isReady() ? null : file.download();
    if (saved) {
      savedText = saved.text;
      return announce(downloaded, `Downloaded: ${saved.name}`);
    }
    const missing = file.words.missing();
    const what = missing.length ? `First fill in: ${missing.join(', ')}.` : 'First fix the errors in steps 1 and 2.';
    announce(downloaded, what);
    file.words.demand();
  });
  byId('publish-copy').addEventListener('click', () => copy(message.value, byId('publish-copied'), message,
    byId('publish-copied'), 'Copied. Paste it into an email and attach the file.'));

  /** Looks whether the file is on the server, and whether it is this one. */
  const look = async () => {
    const address = new URL(`campaigns/${fileName()}`, site);
    try {
      const response = await fetch(address, { credentials: 'omit', cache: 'no-cache' });
      if (response.status === 404) return ['Not yet. The file is not on the server.'];
      if (!response.ok) return [`Not yet. The server answered ${response.status}.`];
      const same = (/** @type {string} */ text) => JSON.stringify(JSON.parse(text));
      const own = file.exported()?.text;
      const isSame = own && same(await response.text()) === same(own);
      const link = el('a', { href: page(), target: '_blank', rel: 'noopener' }, 'See the campaign’s page');
      return isSame ? ['It is there. ', link]
        : ['It is there, but not with your latest changes. Download the file and send it again. ', link];
    } catch {
      return ['This page could not reach the server. Try again in a minute.'];
    }
  };
  byId('publish-check').addEventListener('click', async () => {
    if (!file.ownId()) return announce(checked, 'First give your campaign a name, in step 1.');
    announce(checked, 'Checking…');
    const words = await look();
    announce(checked, ...words);
  });

  return {
    /** Updates what depends on the file. */
    update: () => {
      show();
      compare();
    },
    /** Returns what is missing before the campaign can be published. */
    problems: () => {
      const missing = file.words.missing();
      const { count, go } = file.unfinished();
      const notes = [];
      if (missing.length) {
        const demand = smallButton('Go to it', () => file.words.demand());
        notes.push(note('warning', 'Not ready to publish yet', el('p', {}, `Still empty: ${missing.join(', ')}. `,
          demand)));
      }
      if (count) {
        const what = count === 1 ? '1 entry in step 2 is not complete' : `${count} entries in step 2 are not complete`;
        notes.push(note('warning', what, el('p', {}, 'People do not see what is not complete. ',
          smallButton('Go to the first', go))));
      }
      return notes;
    },
  };
};
