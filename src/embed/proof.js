/**
 * Proves work to the Pledge server, in the format of ALTCHA (version 2). Loaded when the server asks for it, because many
 * signatures come from one network. The browser computes on threads of its own, so the page stays responsive.
 *
 * Source: altcha.org/docs, "Proof-of-Work".
 */

/** How many results are computed at the same time. */
const AT_ONCE = 8;

/** @param {string} digits hexadecimal */
const bytes = (digits) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** @param {Uint8Array} values */
const hex = (values) => Array.from(values, (value) => value.toString(16).padStart(2, '0')).join('');

/**
 * Returns the proof for the address of a request. Pages without HTTPS have no `crypto.subtle`, so they cannot prove
 * anything.
 *
 * @param {Pledge.Challenge} challenge
 * @param {AbortSignal} signal
 */
export const solve = async (challenge, signal) => {
  const { cost, keyLength, keyPrefix, nonce, salt } = challenge.parameters;
  const [start, salted] = [bytes(nonce), bytes(salt)];
  const attempt = async (/** @type {number} */ counter) => {
    const password = new Uint8Array(start.length + 4);
    password.set(start);
    new DataView(password.buffer).setUint32(start.length, counter);
    const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
    const how = { name: 'PBKDF2', hash: 'SHA-256', salt: salted, iterations: cost };
    return { counter, derivedKey: hex(new Uint8Array(await crypto.subtle.deriveBits(how, key, keyLength * 8))) };
  };
  for (let counter = 0; !signal.aborted; counter += AT_ONCE) {
    const solutions = await Promise.all(Array.from({ length: AT_ONCE }, (_, more) => attempt(counter + more)));
    const solution = solutions.find(({ derivedKey }) => derivedKey.startsWith(keyPrefix));
    if (solution) {
      const text = btoa(JSON.stringify({ challenge, solution }));
      return 'proof=' + text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
    }
  }
  return '';
};
