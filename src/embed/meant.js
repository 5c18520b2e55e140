/**
 * Asks "Did you mean ana@gmail.com?" where the domain of an e-mail address is a near miss of a common one. Loaded once
 * an e-mail field has been left. It only asks: the domain as typed may be right.
 */

/** Common mail domains. The first few are to be had under this ending alone. */
const DOMAINS = ['gmail.com', 'googlemail.com', 'icloud.com', 'btinternet.com', 'hotmail.com', 'hotmail.co.uk',
  'outlook.com', 'yahoo.com', 'yahoo.co.uk', 'live.com', 'live.co.uk', 'aol.com', 'protonmail.com', 'proton.me',
  'nhs.net', 'gmx.de'];
const OF_ONE_ENDING = 4;

/** Slips of the fingers between two words: 0, 1 (a letter too many, missing or wrong, or two swapped), or 2 for more. */
const slips = (typed, known) => {
  let start = 0;
  while (start < known.length && typed[start] === known[start]) start += 1;
  let [a, b] = [typed.slice(start), known.slice(start)];
  while (a && b && a.slice(-1) === b.slice(-1)) [a, b] = [a.slice(0, -1), b.slice(0, -1)];
  if (!a && !b) return 0;
  if (a.length < 2 && b.length < 2) return 1;
  return a.length === 2 && a[0] + a[1] === b[1] + b[0] ? 1 : 2;
};

/** The address that was meant, or nothing. */
export const meant = (typed) => {
  const [, local, name, ending] = /^\s*([^\s@]+)@([a-z\d-]+)\.([a-z\d.-]+)\s*$/i.exec(typed) || [];
  if (!local) return undefined;
  const parts = DOMAINS.map((domain) => {
    const [, knownName, knownEnding] = /^([^.]+)\.(.+)/.exec(domain);
    return [domain, knownName, slips(name.toLowerCase(), knownName), slips(ending.toLowerCase(), knownEnding)];
  });
  if (parts.some(([, , inName, inEnding]) => inName + inEnding === 0)) return undefined;
  const found = parts.find(([, knownName, inName, inEnding], at) => {
    // Short names are too near to other people's, and hardly anybody mistypes the first letter of their own.
    const isNear = inName === 1 && knownName.length > 4 && name[0].toLowerCase() === knownName[0];
    return (inName === 0 || isNear) && (inEnding < 2 || (at < OF_ONE_ENDING && inName === 0));
  });
  return found && `${local}@${found[0]}`;
};

/** Offers, in `place`, what was meant by what is in `input`. `words` are the question, with a place for the address. */
export const offer = (input, place, words) => {
  const typed = input.value;
  const address = meant(typed);
  if (!address) return;
  const isPressed = () => input.getRootNode().host.matches(':active');
  // A button that appears moves what is below it: the field may have been left because that is being pressed.
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
      input.focus(); // the button goes, and the focus with it
    };
    input.addEventListener('input', () => place.replaceChildren(), { once: true });
    place.replaceChildren(button);
  };
  setTimeout(show, 250);
};
