/**
 * Sends signatures to other backends than our own server. Loaded only if the page names one, together with the Wasm
 * module of its family. The modules make the requests and interpret the responses; this script sends them.
 */
// Inserted by `cargo xtask dist`: family → backends, and the names on our side of a mapping.
const [families, OUR_NAMES] = __FAMILIES__;
const familyOf = (backend) => Object.keys(families).find((family) => families[family].split(' ').includes(backend));

const failed = (reason) => ({ outcome: 'retryable', reason });
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
/** @type {RequestInit} */
const fetchOptions = { credentials: 'omit', referrerPolicy: 'no-referrer' };

/** The time in milliseconds until the supporter sees that no response has arrived. A later response still counts. */
const TIMEOUTS_MS = { 'civicrm-inlay': 30000, custom: 50000 };

/** The time in milliseconds after which a request is aborted: browsers open only six connections to a server. */
const ABORT_AFTER_MS = 60000;

/** The maximum size in bytes of a body with `keepalive`. All such requests of a page share 64 KiB (Fetch standard). */
const KEEPALIVE_MAX_BYTES = 10000;

/** Observes whether the page's Content Security Policy blocks a request. */
const observePolicy = (url) => {
  const { origin } = new URL(url);
  /** @type {Pledge.Observation} */
  const observation = { online: navigator.onLine !== false, blocked: false };
  const onViolation = ({ effectiveDirective, disposition, blockedURI }) => {
    // Ignore violations by other requests, and policies that only report.
    observation.blocked ||= /^(connect-src|form-action)$/.test(effectiveDirective) && disposition === 'enforce'
      && ('' + blockedURI).startsWith(origin);
  };
  document.addEventListener('securitypolicyviolation', onViolation);
  observation.stop = () => document.removeEventListener('securitypolicyviolation', onViolation);
  return observation;
};

/**
 * Returns why a request has failed. Browsers do not report the reason, so this checks whether the server is reachable,
 * with a request that contains no personal data.
 */
const failureReason = async (observation, url) => {
  await sleep(20); // the browser dispatches the event in a separate task
  if (observation.blocked) return 'blocked';
  if (!observation.online) return 'offline';
  return fetch(new URL(url).origin, { ...fetchOptions, cache: 'no-store', mode: 'no-cors' })
    .then(() => 'unreadable', () => 'unreachable');
};

const seconds = (value) => /^\d{1,6}$/.test(value) ? +value : undefined;

/**
 * Sends a request. Returns the response in the form that the modules need, or the reason why there is none.
 *
 * @param {Pledge.BackendRequest} request
 * @returns {Promise<Pledge.BackendAnswer | string>}
 */
const postRequest = async ({ url, type, headers, body, opaque, referrer }) => {
  const observation = observePolicy(url);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ABORT_AFTER_MS);
  try {
    const response = await fetch(url, {
      ...fetchOptions,
      method: 'POST',
      cache: 'no-store',
      headers: { 'Content-Type': type, ...headers },
      body,
      keepalive: new Blob([body]).size < KEEPALIVE_MAX_BYTES,
      signal: stop.signal,
      mode: opaque ? 'no-cors' : 'cors',
      referrerPolicy: referrer ? 'origin' : 'no-referrer',
    });
    if (opaque) return {};
    const { status, redirected } = response;
    const header = (name) => response.headers.get(name) || '';
    /** @type {Pledge.BackendAnswer} */
    const answer = { status, redirected, retry_after: seconds(header('Retry-After')), type: header('Content-Type') };
    answer.text = await response.text();
    try {
      answer.json = JSON.parse(answer.text);
      answer.parsed = true;
    } catch (_) { /* not JSON: the module reads the text */ }
    return answer;
  } catch (_) {
    return await failureReason(observation, url);
  } finally {
    clearTimeout(timer);
    observation.stop();
  }
};

/**
 * Sends a signature to the main backend, or to the one that a line of `also` names, and returns the outcome.
 *
 * @param {Pledge.Family} module
 * @param {PledgeElement} element
 * @param {Pledge.Settings} config
 * @param {string} line
 * @param {object} signature
 * @returns {Promise<Pledge.Outcome>}
 */
const sendTo = async (module, element, config, line, signature) => {
  const request = module.request(config, line, signature);
  if (!request) return { outcome: 'refused', reason: 'settings' };
  if (request.kind === 'custom') return callPage(element, request);
  if (request.kind === 'handoff') return submitForm(element, request);
  let answer = await postRequest(request);
  for (const mayContinue of [true, false]) {
    if (typeof answer === 'string') return failed(answer);
    if (request.opaque) return { outcome: 'accepted_unverified' };
    const result = module.outcome(config, line, signature, answer, mayContinue);
    if (!result.next) return result;
    await sleep(result.wait_ms);
    answer = await postRequest(result.next);
  }
};

const warn = (text) => console.warn('pledge-widget: ' + text);

/** Calls the page's function: `element.submitSignature = async (signature) => ({ outcome: 'accepted' })`. */
const callPage = async (element, { body }) => {
  if (typeof element.submitSignature !== 'function') {
    warn('backend custom: set submitSignature; see the guide to backends.');
    return { outcome: 'refused', reason: 'settings' };
  }
  let result;
  try {
    result = await element.submitSignature(JSON.parse(body));
  } catch (_) {
    warn('backend custom: submitSignature failed; see the guide to backends.');
    return failed('server_failed');
  }
  try {
    // Serialise and parse the result, so that it is plain data. Anything that cannot be serialised is not an outcome.
    return JSON.parse(JSON.stringify(result) ?? null);
  } catch (_) {
    return null;
  }
};

/** Submits a form in a new tab. The body contains what the supporter typed; the address does not. */
const submitForm = async (element, { url, body }) => {
  // Without a recent click (HTML, "transient activation"), browsers silently refuse to open a tab.
  if (navigator.userActivation && !navigator.userActivation.isActive) return failed('blocked');
  const observation = observePolicy(url);
  const make = (name, attributes) => {
    const node = element.ownerDocument.createElement(name);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  };
  const form = make('form', {
    hidden: '', method: 'post', action: url, target: '_blank', rel: 'noopener noreferrer', 'accept-charset': 'utf-8',
  });
  for (const [name, value] of new URLSearchParams(body)) form.append(make('input', { type: 'hidden', name, value }));
  // A form only submits while it is in the page. It is removed before the next paint.
  element.ownerDocument.body.append(form);
  try {
    HTMLFormElement.prototype.submit.call(form); // a field named submit would hide the method
  } catch (_) {
    return failed('blocked');
  } finally {
    form.remove();
    await sleep(20);
    observation.stop();
  }
  return observation.blocked ? failed('blocked') : { outcome: 'accepted_unverified' };
};

/** Returns the lines of `also`, from the attribute or from the campaign file. */
const alsoLines = (also) => {
  const lines = typeof also === 'string' ? also.split('\n') : Array.isArray(also) ? also : [];
  return lines.map((line) => typeof line === 'string' ? line.trim() : '').filter(Boolean);
};
const backendOf = (line) => line.split(/[\s;]/)[0];

const MEMBERS = ['backend', 'endpoint', 'backend-options', 'consent-text', 'source'];

/**
 * Loads the modules for the backends that the page names, and returns members for the widget's bridge:
 *
 * - `strings`: the interface strings for the backend.
 * - `ready`: whether people can sign.
 * - `safe`: whether attempts may be repeated automatically.
 * - `counts`: whether the backend publishes a count.
 * - `wrong`: whether there are errors to report.
 * - `elsewhere`: the address of the external page on which people sign instead.
 * - `agreement`: the consent field without which nothing is sent.
 * - `send`, `also` and `count`: functions that send a signature, notify additional backends, and read the count.
 *
 * `part` loads a part by its name, `widget` has the exports of the widget's module, and `config` returns the
 * configuration that applies.
 *
 * @param {Pledge.SendContext} context
 * @returns {Promise<Pledge.Backends>}
 */
export const complete = async ({ element, campaign, strings, words, widget, config, part }) => {
  const setting = (name) => element.getAttribute(name)?.trim() ?? campaign?.[name.replace('-', '_')];
  const lines = alsoLines(setting('also'));
  const backend = setting('backend') ?? 'pledge';
  const needed = [...new Set([backend, ...lines.map(backendOf)].map(familyOf))].filter(Boolean);
  /** @type {Pledge.Family[]} */
  const modules = await Promise.all(needed.map((family) => part('send-' + family)));
  const moduleOf = (line) => modules[needed.indexOf(familyOf(backendOf(line)))];
  const mainModule = moduleOf('' + backend);
  /** @type {Pledge.Settings} */
  const settings = { id: campaign?.id };
  for (const name of MEMBERS) {
    const value = setting(name);
    if (value != null) settings[name.replace('-', '_')] = value;
  }
  const facts = mainModule?.facts(settings, '');
  const texts = await words(strings.lang, 'send-');
  /** @type {Pledge.BackendState} */
  const members = { strings, ready: !!facts, wrong: !facts };
  if (facts) Object.assign(members, bridgeMembers(facts, strings, texts, settings));
  const known = new Set(OUR_NAMES.split(' '));
  for (const from of [campaign, ...[].concat(campaign?.lanes || [])]) {
    for (const field of [].concat(from?.fields || [])) known.add(field?.name);
  }
  const isKnown = ({ ours }) => ours.every((name) => known.has(name.replace(/^(consent_.+)_wording$/, '$1')));
  members.wrong ||= !isKnown(facts);
  for (const line of lines) {
    const also = moduleOf(line)?.facts(settings, line);
    if (also && facts) members.strings['privacy.text'] += ' ' + recipientText(also, texts);
    members.wrong ||= !also || !isKnown(also);
  }
  return {
    ...members,
    send: (attempt, signature, config) => {
      const report = (outcome) => widget.came(attempt, outcome);
      const timer = setTimeout(report, TIMEOUTS_MS[backend] || 15000, failed('timed_out'));
      sendTo(mainModule, element, config, '', signature).catch(() => failed('unreachable')).then((outcome) => {
        clearTimeout(timer);
        report(outcome);
      });
    },
    also: (signature, config) => alsoLines(config.also).forEach(async (line) => {
      const family = familyOf(backendOf(line));
      const notify = async () => {
        const module = moduleOf(line) || await part('send-' + family); // the line may be newer than the loaded modules
        // Without a request, there is nothing to send: the supporter has not agreed to a newsletter, or the line is
        // invalid, which the console has reported.
        return module.request(config, line, signature) ? sendTo(module, element, config, line, signature) : {};
      };
      if (!family) return;
      const timeout = sleep(TIMEOUTS_MS[backendOf(line)] || 15000).then(() => failed('timed_out'));
      const { outcome, reason } = await Promise.race([notify().catch(() => failed('unreachable')), timeout]);
      if (!outcome) return;
      if (/^(accepted|accepted_unverified|pending|duplicate)$/.test(outcome)) return;
      const name = backendOf(line);
      warn(`also ${name}: not notified; ${outcome} ${reason || ''}`);
      element.dispatchEvent(new CustomEvent('pledge-also-failed', {
        bubbles: true, composed: true, detail: { backend: name, outcome, reason },
      }));
    }),
    // The widget returns its configuration only after the current task.
    count: () => void Promise.resolve().then(async () => {
      const configured = config();
      const url = mainModule.facts(configured, '')?.count_url;
      if (!url) return;
      // Every module with a `count_url` exports `count`.
      const number = mainModule.count(configured, await (await fetch(url, fetchOptions)).json());
      return number >= 0 ? { signature_count: number, as_of: new Date().toISOString() } : undefined;
    }).catch(() => undefined).then(widget.counted),
  };
};

const stringFor = (texts, key) => texts['send.' + key] ?? '';

/**
 * Returns a sentence that says who receives the signature.
 *
 * @param {Pledge.Facts} facts
 * @param {Pledge.Strings} texts
 */
const recipientText = ({ kind, title, host, third_party }, texts) => third_party && kind !== 'handoff'
  ? stringFor(texts, 'privacy.third_party').replace('{service}', `${title} (${host})`)
  : stringFor(texts, 'privacy.server').replace('{service}', host);

/**
 * Returns what the widget needs to know about the main backend, if its settings are valid.
 *
 * @param {Pledge.Facts} facts
 * @param {Pledge.Strings} strings
 * @param {Pledge.Strings} texts
 * @param {Pledge.Settings} settings
 */
const bridgeMembers = (facts, strings, texts, { consent_text }) => {
  const { kind, host, safe, count_url, elsewhere, subscribes, asks } = facts;
  const merged = { ...strings };
  for (const [key, value] of Object.entries(texts)) {
    const name = key.startsWith('send.') && key.slice(5);
    // The default text says "you will be counted once only". Keep it if the backend stores repeated attempts only once.
    if (name && !name.startsWith('handed.') && !(safe && name === 'not_sent.timed_out')) merged[name] = value;
  }
  if (kind === 'handoff') {
    merged['unverified.heading'] = stringFor(texts, 'handed.heading');
    merged['unverified.text'] = stringFor(texts, 'handed.text');
  }
  merged['elsewhere.text'] = stringFor(texts, 'elsewhere.text').replace('{service}', host);
  // Replace the default privacy text, which says "and nobody else".
  merged['privacy.text'] = stringFor(texts, 'privacy.text') + (host && ' ' + recipientText(facts, texts));
  // The wording is the campaign's. Without one, it is the interface's, shown and recorded in the interface's language.
  const words = asks ? { label: consent_text } : { words: stringFor(texts, 'consent_updates.label'), lang: texts.lang };
  const agreement = subscribes ? { name: __AGREEMENT__, kind: 'checkbox', need: 'required', ...words } : null;
  return { strings: merged, safe, counts: !!count_url, elsewhere, agreement };
};
