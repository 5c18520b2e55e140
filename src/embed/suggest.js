/**
 * Suggests a correction if the domain of an e-mail address is similar to a common one: "Did you mean ana@gmail.com?".
 * Loaded when the supporter first leaves an e-mail field. The domain may be right as typed, so nothing changes on its
 * own.
 */

/** Common mail domains. The first few exist with this ending only. */
const DOMAINS = ['gmail.com', 'googlemail.com', 'icloud.com', 'btinternet.com', 'hotmail.com', 'hotmail.co.uk',
  'outlook.com', 'yahoo.com', 'yahoo.co.uk', 'live.com', 'live.co.uk', 'aol.com', 'protonmail.com', 'proton.me',
  'nhs.net', 'gmx.de'];
const WITH_ONE_ENDING = 4;

/** Counts the typing errors between two words: 0, 1 (a letter added, missing, wrong, or two swapped), or 2 for more. */
const typingErrors = (typed, expected) => {
  let start = 0;
  while (start < expected.length && typed[start] === expected[start]) start += 1;
  let [a, b] = [typed.slice(start), expected.slice(start)];
  while (a && b && a.slice(-1) === b.slice(-1)) [a, b] = [a.slice(0, -1), b.slice(0, -1)];
  if (!a && !b) return 0;
  if (a.length < 2 && b.length < 2) return 1;
  return a.length === 2 && a[0] + a[1] === b[1] + b[0] ? 1 : 2;
};

/** Returns the address that the supporter probably meant, or `undefined`. */
export const meant = (typed) => {
  const [, local, name, ending] = /^\s*([^\s@]+)@([a-z\d-]+)\.([a-z\d.-]+)\s*$/i.exec(typed) || [];
  if (!local) return undefined;
  const parts = DOMAINS.map(/** @returns {[string, string, number, number]} */ (domain) => {
    const [, knownName, knownEnding] = /^([^.]+)\.(.+)/.exec(domain);
    return [domain, knownName,
      typingErrors(name.toLowerCase(), knownName), typingErrors(ending.toLowerCase(), knownEnding)];
  });
  if (parts.some(([, , nameErrors, endingErrors]) => nameErrors + endingErrors === 0)) return undefined;
  const found = parts.find(([, knownName, nameErrors, endingErrors], at) => {
    // Short names are too similar to those of other domains, and people rarely mistype the first letter of theirs.
    const isSimilar = nameErrors === 1 && knownName.length > 4 && name[0].toLowerCase() === knownName[0];
    return (nameErrors === 0 || isSimilar) && (endingErrors < 2 || (at < WITH_ONE_ENDING && nameErrors === 0));
  });
  return found && `${local}@${found[0]}`;
};

/** Suggests a correction of `input` in the element `place`. `words` is the question, with a placeholder for it. */
export const offer = (input, place, words) => {
  const typed = input.value;
  const address = meant(typed);
  if (!address) return;
  const isPressed = () => input.getRootNode().host.matches(':active');
  // The button moves the content below it. So wait while the supporter is pressing something there.
  const show = () => {
    if (isPressed()) return setTimeout(show, 250);
    if (input.value !== typed || input.readOnly || !place.isConnected) return;
    const [before, after] = words.split(/\{\w+\}/);
    const isolated = Object.assign(document.createElement('bdi'), { textContent: address });
    const button = Object.assign(document.createElement('button'), { type: 'button', className: 'small meant' });
    button.append(before, isolated, after || '');
    button.onclick = () => {
      input.value = address;
      input.dispatchEvent(new Event('input', { bubbles: true }));
      input.focus(); // the button disappears, and with it the focus
    };
    input.addEventListener('input', () => place.replaceChildren(), { once: true });
    place.replaceChildren(button);
  };
  setTimeout(show, 250);
};
