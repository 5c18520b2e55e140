/**
 * The last step of a campaign of one's own: download its file, send it, look whether the file is on the server, and
 * paste the code. It also knows which names of campaigns are the user's own, and which others have.
 */
import { announce, byId, copy, debounce, el, note, settled, smallButton } from './dom.js';
import { site } from './doctor-module.js';

/** @type {Record<string, string>} A question about emails, by the language of the campaign. */
const EMAIL_QUESTIONS = { en: 'Email me about this campaign. You can unsubscribe at any time.' };

/** Returns the text of a JSON file without its spaces, to compare it. */
const compact = (/** @type {string} */ text) => JSON.stringify(JSON.parse(text));

/**
 * Replaces what a place shows, unless it shows the same already: the focus may be on a button in it.
 * @param {HTMLElement} place
 * @param {HTMLElement[]} parts
 */
const fill = (place, parts) => {
  const key = parts.map((part) => part.textContent).join('\n');
  if ((place.dataset.key ?? '') !== key) place.replaceChildren(...parts);
  place.dataset.key = key;
};

/**
 * Sets up the step. `file` is the campaign file. `settings()` returns the values of the form, and `toSetting(name)`
 * goes to one of its fields, and writes `words` into it if it is empty. `changed()` is called when more is known about the server, and `claimed()` when a name has
 * turned out to be the user's own.
 * @param {{
 *   file: ReturnType<typeof import('./campaign-file.js').makeCampaignFile>,
 *   settings: () => Record<string, string>,
 *   toSetting: (name: string, words?: string) => void,
 *   changed: () => void,
 *   claimed: () => void,
 * }} options
 */
export const makePublish = ({ file, settings, toSetting, changed, claimed }) => {
  const [message, downloaded, checked] = [byId('publish-message'), byId('publish-downloaded'), byId('publish-checked')];
  const email = byId('publish-email');
  let savedText = ''; // the file that was downloaded last
  let checkedText = ''; // the file that was compared last with the one on the server
  let foundText = ''; // the file on the server, if it was the same
  /** @type {{ ids: string[], contact: string, isKnown: boolean }} what is known about the server */
  let server = { ids: [], contact: '', isKnown: false };
  /** @type {Set<string>} */
  const mine = new Set(); // the names of campaigns of the user's own

  /** The name of the file, also before it can be downloaded. */
  const fileName = () => `${file.ownId() || 'your-campaign'}.${file.ownLocale()}.json`;
  const page = () => `${site}campaigns/${file.ownId() || 'your-campaign'}.html`;
  const isTaken = () => server.ids.includes(file.ownId()) && !mine.has(file.ownId());
  /** The file as it would be downloaded, or '' if it has errors. */
  const ready = () => (file.isReady() ? file.exported()?.text ?? '' : '');
  /** Whether the last check has found exactly this file on the server. */
  const isThere = () => {
    const own = foundText && ready();
    return own !== '' && compact(own) === foundText;
  };
  /** A setting, or else what an opened file says. */
  const setting = (/** @type {string} */ name) =>
    settings()[name]?.trim() || file.ownText(name.replaceAll('-', '_'));
  const isStoredHere = () => ['', 'pledge'].includes(setting('backend')) && !setting('endpoint');

  const claim = (/** @type {string} */ id) => {
    if (mine.has(id)) return;
    mine.add(id);
    claimed();
  };

  const show = () => settled('publish', () => {
    const organisation = file.ownText('controller');
    const text = [
      'Hello,',
      ...(organisation ? [`we are ${organisation}, and we have a new campaign.`] : []),
      `Please put the attached file ${fileName()} into the folder www/campaigns/ of the Pledge server ${site}. `
        + 'No restart is needed.',
      `The campaign is then at ${page()}`,
      ...(isStoredHere() ? ['Please also tell us how we get the signatures.'] : []),
      'Thank you!',
    ].join('\n\n');
    if (message.value !== text) {
      message.value = text;
      announce(byId('publish-copied'));
    }
    message.style.blockSize = 'auto';
    if (message.scrollHeight) message.style.blockSize = `${message.scrollHeight + 4}px`;
    const { contact } = server;
    byId('publish-to').textContent = contact ? `Send it to ${contact}.`
      : `These are the people who look after ${new URL(site).host}. `
        + 'If you do not know them, ask the people who gave you this address.';
    for (const part of [email, byId('publish-attach')]) part.hidden = !contact;
    if (contact) {
      const subject = `Campaign file for the Pledge server: ${file.ownId() || 'your-campaign'}`;
      const [to, title, body] = [contact, subject, text.replaceAll('\n', '\r\n')].map(encodeURIComponent);
      // The standard for these links has the sign between the two parts of an address as it is.
      email.setAttribute('href', `mailto:${to.replace('%40', '@')}?subject=${title}&body=${body}`);
    } else email.removeAttribute('href');
    byId('publish-where').hidden = !isStoredHere();
  });

  /** Says that the file has changed since it was downloaded or compared. */
  const compare = debounce(400, () => {
    const own = file.exported()?.text;
    if (savedText && savedText !== own) {
      savedText = '';
      announce(downloaded, 'You have changed something since. Download the file again.');
    }
    if (checkedText && checkedText !== own) {
      checkedText = '';
      announce(checked);
    }
  });

  byId('publish-download').addEventListener('click', () => {
    file.readNow();
    const saved = file.words.missing().length || !file.isReady() ? null : file.download();
    file.demand();
    if (saved) {
      savedText = saved.text;
      // Nobody else has this name yet.
      if (server.isKnown && !server.ids.includes(file.ownId())) {
        claim(file.ownId());
      }
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
      const own = ready();
      const found = compact(await response.text());
      const link = el('a', { href: page(), target: '_blank', rel: 'noopener' }, 'See the campaign’s page');
      const isSame = own !== '' && found === compact(own);
      checkedText = file.exported()?.text ?? '';
      if (isSame) {
        foundText = found;
        claim(file.ownId());
      }
      changed();
      if (isSame) return ['It is there. ', link];
      if (mine.has(file.ownId())) {
        return ['It is there, but not with your latest changes. Download the file and send it again. ', link];
      }
      if (isTaken()) {
        return ['There is another campaign with this name. Choose another name, or ask the people who run the server. ',
          link];
      }
      return ['A campaign with this name is there, but it is not the one on your screen. If it is yours, download the '
        + 'file and send it again. If it is not, choose another name. ', link];
    } catch {
      return ['This page could not reach the server. Try again in a minute.'];
    }
  };
  byId('publish-check').addEventListener('click', async () => {
    if (!file.ownId()) return announce(checked, 'First give your campaign a name, in step 1.');
    file.readNow();
    announce(checked, 'Checking…');
    const words = await look();
    announce(checked, ...words);
  });

  const toId = () => byId('own-id').focus();
  const taken = () => `This server already has a campaign “${file.ownId()}”. `
    + 'If it is not yours, choose another name. ';

  /** What is missing before the campaign can be published, and what is probably wrong. */
  const problems = () => {
    const missing = file.words.missing();
    const { count, go } = file.unfinished();
    const notes = [];
    if (missing.length) {
      const demand = smallButton('Go to it', () => file.words.demand());
      notes.push(note('warning', 'Not ready to publish yet', el('p', {}, `Still empty: ${missing.join(', ')}. `,
        demand)));
    }
    if (isTaken()) {
      notes.push(note('warning', 'This name is in use', el('p', {}, taken(),
        smallButton('Change the name', toId))));
    }
    if (count) {
      const what = count === 1 ? '1 entry in step 2 is not complete' : `${count} entries in step 2 are not complete`;
      notes.push(note('warning', what, el('p', {}, 'People do not see what is not complete. ',
        smallButton('Go to the first', go))));
    }
    return notes;
  };

  /** What the campaign can be published without, but is better with. */
  const hints = () => {
    /** @type {HTMLElement[]} */
    const lines = [];
    /** @type {[label: string, isEmpty: boolean, go: () => void][]} */
    const fields = [
      ['Your organisation', !file.ownText('controller'), () => byId('own-controller').focus()],
      ['In one sentence', !file.ownText('summary'), () => byId('own-summary').focus()],
      ['Address of the privacy notice', !setting('privacy-url'), () => toSetting('privacy-url')],
    ];
    const empty = fields.filter(([, isEmpty]) => isEmpty);
    if (empty.length) {
      const labels = empty.map(([label]) => label).join(', ');
      lines.push(el('p', {}, `Worth filling in: ${labels}. `, smallButton('Go to it', empty[0][2])));
    }
    const isAsked = ['consent-text', 'opt-in-text'].some((name) => setting(name)) || setting('consent') === 'off';
    if (!isAsked && isStoredHere()) {
      lines.push(el('p', {}, 'Your form does not ask people whether they want emails from you. ',
        smallButton('Add the question', () => toSetting('consent-text', EMAIL_QUESTIONS[file.ownLocale()]))));
    }
    return lines.length ? [el('div', { class: 'note' }, ...lines)] : [];
  };

  return {
    /** Updates what depends on the file. */
    update: () => {
      show();
      compare();
    },
    /** Shows what is missing, what is probably wrong, and what could be added. */
    show: () => {
      fill(byId('publish-problems'), problems());
      fill(byId('publish-hints'), hints());
      fill(byId('own-taken'), isTaken() ? [el('div', { class: 'note warning' }, el('p', {}, taken()))] : []);
    },
    isThere,
    /** Says that a campaign with this name is the user's own. */
    claim,
    /** Sets the names that were stored. */
    setMine: (/** @type {string[]} */ ids) => ids.forEach((id) => { mine.add(id); }),
    /** The names of campaigns of the user's own. */
    mine: () => [...mine],
    /**
     * Sets what is known about the server: its campaigns, and the email address of the people who run it.
     * @param {{ ids: string[], contact: string, isKnown: boolean }} known
     */
    setServer: (known) => {
      server = known;
      show();
      changed();
    },
  };
};
