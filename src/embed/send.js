/**
 * What other backends than our own server need in the page: this, and a Wasm module for each family of backends that the
 * page names. The modules make requests and judge answers; here they are sent.
 */
// Put in by `cargo xtask dist`: family → backends, and our names that a mapping may begin with.
const [families, NAMES] = __FAMILIES__;
const familyOf = (backend) => Object.keys(families).find((family) => families[family].split(' ').includes(backend));

const failed = (reason) => ({ outcome: 'retryable', reason });
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const quiet = { credentials: 'omit', referrerPolicy: 'no-referrer' };

/** How many milliseconds a supporter waits before they are told that no answer has come; it is still heard later. */
const PATIENCE = { 'civicrm-inlay': 30000, custom: 50000 };

/** After so many milliseconds nobody waits for an answer any more: browsers have six connections to a server. */
const GIVEN_UP = 60000;

/** A browser sends on no more than 64 KiB of a page that is left, for all requests together (Fetch standard). */
const KEEPALIVE_MAX = 10000;

/** Hears whether the page's own rules forbid a request (Content Security Policy). */
const watch = (url) => {
  const { origin } = new URL(url);
  const watching = { online: navigator.onLine !== false, blocked: false };
  const hear = ({ effectiveDirective, disposition, blockedURI }) => {
    // Pages have other requests, and policies that only report.
    watching.blocked ||= /^(connect-src|form-action)$/.test(effectiveDirective) && disposition === 'enforce'
      && ('' + blockedURI).startsWith(origin);
  };
  document.addEventListener('securitypolicyviolation', hear);
  watching.stop = () => document.removeEventListener('securitypolicyviolation', hear);
  return watching;
};

/**
 * Why a request came to no answer. A browser tells no more than that there was none, so this asks whether the server is
 * there at all, without anything of the supporter's.
 */
const explain = async (watching, url) => {
  await sleep(20); // the event comes as a task of its own
  if (watching.blocked) return 'blocked';
  if (!watching.online) return 'offline';
  return fetch(new URL(url).origin, { ...quiet, cache: 'no-store', mode: 'no-cors' })
    .then(() => 'unreadable', () => 'unreachable');
};

const seconds = (value) => /^\d{1,6}$/.test(value) ? +value : undefined;

/** An answer as the modules take it, or the word for why there is none. */
const fetched = async ({ url, type, headers, body, opaque, referrer }) => {
  const watching = watch(url);
  const stop = new AbortController();
  const clock = setTimeout(() => stop.abort(), GIVEN_UP);
  try {
    const response = await fetch(url, {
      ...quiet,
      method: 'POST',
      cache: 'no-store',
      headers: { 'Content-Type': type, ...headers },
      body,
      keepalive: new Blob([body]).size < KEEPALIVE_MAX,
      signal: stop.signal,
      mode: opaque ? 'no-cors' : 'cors',
      referrerPolicy: referrer ? 'origin' : 'no-referrer',
    });
    if (opaque) return {};
    const { status, redirected } = response;
    const header = (name) => response.headers.get(name) || '';
    const answer = { status, redirected, retry_after: seconds(header('Retry-After')), type: header('Content-Type') };
    answer.text = await response.text();
    try {
      answer.json = JSON.parse(answer.text);
      answer.parsed = true;
    } catch (_) { /* the module looks at the text */ }
    return answer;
  } catch (_) {
    return await explain(watching, url);
  } finally {
    clearTimeout(clock);
    watching.stop();
  }
};

/** Sends one signature to the backend of the configuration, or to the one of that line of `also`: what became of it. */
const deliver = async (module, element, config, line, signature) => {
  const request = module.request(config, line, signature);
  if (!request) return { outcome: 'refused', reason: 'settings' };
  if (request.kind === 'custom') return ask(element, request);
  if (request.kind === 'handoff') return submit(element, request);
  let answer = await fetched(request);
  for (const first of [true, false]) {
    if (typeof answer === 'string') return failed(answer);
    if (request.opaque) return { outcome: 'accepted_unverified' };
    const said = module.outcome(config, line, signature, answer, first);
    if (!said.next) return said;
    await sleep(said.wait_ms);
    answer = await fetched(said.next);
  }
};

const warn = (text) => console.warn('pledge-widget: ' + text);

/** The page's own function: `element.submitSignature = async (signature) => ({ outcome: 'accepted' })`. */
const ask = async (element, { body }) => {
  if (typeof element.submitSignature !== 'function') {
    warn('backend custom: set submitSignature; see the guide to backends.');
    return { outcome: 'refused', reason: 'settings' };
  }
  let said;
  try {
    said = await element.submitSignature(JSON.parse(body));
  } catch (_) {
    warn('backend custom: submitSignature failed; see the guide to backends.');
    return failed('server_failed');
  }
  try {
    // Printed and read again: what cannot be is no outcome, whatever it does when looked at.
    return JSON.parse(JSON.stringify(said) ?? null);
  } catch (_) {
    return null;
  }
};

/** Posts the form itself, in a new tab: the body carries what was typed, no address does. */
const submit = async (element, { url, body }) => {
  // Without a press just now (HTML, "transient activation") browsers open no tab, and say nothing.
  if (navigator.userActivation && !navigator.userActivation.isActive) return failed('blocked');
  const watching = watch(url);
  const make = (name, attributes) => {
    const made = element.ownerDocument.createElement(name);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const form = make('form', {
    hidden: '', method: 'post', action: url, target: '_blank', rel: 'noopener noreferrer', 'accept-charset': 'utf-8',
  });
  for (const [name, value] of new URLSearchParams(body)) form.append(make('input', { type: 'hidden', name, value }));
  // A form submits only where it is in the page; it is gone again before anything is drawn.
  element.ownerDocument.body.append(form);
  try {
    HTMLFormElement.prototype.submit.call(form); // a field called submit would hide the method
  } catch (_) {
    return failed('blocked');
  } finally {
    form.remove();
    await sleep(20);
    watching.stop();
  }
  return watching.blocked ? failed('blocked') : { outcome: 'accepted_unverified' };
};

/** The lines of `also`, whether they come from the attribute or from the campaign file. */
const linesOf = (also) => {
  const lines = typeof also === 'string' ? also.split('\n') : Array.isArray(also) ? also : [];
  return lines.map((line) => typeof line === 'string' ? line.trim() : '').filter(Boolean);
};
const backendOf = (line) => line.split(/[\s;]/)[0];

const MEMBERS = ['backend', 'endpoint', 'backend-options', 'consent-text', 'source'];

/**
 * What the widget's bridge does for another backend, and among them its strings as they are to be: `ready` (it can be signed), `safe`
 * (a try may be repeated unasked), `counts` (the count can be read), `wrong` (there is something to explain), `elsewhere`
 * (where it is signed instead), `agreement` (the field without a yes to which nothing is sent).
 *
 * `part` loads a module by name, `widget` has its exports, `config` asks it for the configuration that applies.
 */
export const complete = async ({ element, campaign, strings, words, widget, config, part }) => {
  const set = (name) => element.getAttribute(name)?.trim() ?? campaign?.[name.replace('-', '_')];
  const lines = linesOf(set('also'));
  const backend = set('backend') ?? 'pledge';
  const needed = [...new Set([backend, ...lines.map(backendOf)].map(familyOf))].filter(Boolean);
  const modules = await Promise.all(needed.map((family) => part('send-' + family)));
  const moduleOf = (line) => modules[needed.indexOf(familyOf(backendOf(line)))];
  const own = moduleOf('' + backend);
  const given = { id: campaign?.id };
  for (const name of MEMBERS) {
    const value = set(name);
    if (value != null) given[name.replace('-', '_')] = value;
  }
  const facts = own?.facts(given, '');
  const texts = await words(strings.lang, 'send-');
  const made = { strings, ready: !!facts, wrong: !facts };
  if (facts) Object.assign(made, ofOwn(facts, strings, texts, given));
  const known = new Set(NAMES.split(' '));
  for (const from of [campaign, ...[].concat(campaign?.lanes || [])]) {
    for (const field of [].concat(from?.fields || [])) known.add(field?.name);
  }
  const isKnown = ({ ours }) => ours.every((name) => known.has(name.replace(/^(consent_.+)_wording$/, '$1')));
  made.wrong ||= !isKnown(facts);
  for (const line of lines) {
    const also = moduleOf(line)?.facts(given, line);
    if (also && facts) made.strings['privacy.text'] += ' ' + who(also, texts);
    made.wrong ||= !also || !isKnown(also);
  }
  return {
    ...made,
    send: (attempt, signature, config) => {
      const came = (outcome) => widget.came(attempt, outcome);
      const late = setTimeout(came, PATIENCE[backend] || 15000, failed('timed_out'));
      deliver(own, element, config, '', signature).catch(() => failed('unreachable')).then((outcome) => {
        clearTimeout(late);
        came(outcome);
      });
    },
    also: (signature, config) => linesOf(config.also).forEach(async (line) => {
      const family = familyOf(backendOf(line));
      const tell = async () => {
        const module = moduleOf(line) || await part('send-' + family); // the line may be newer than this
        // A newsletter hears only of those who asked for it; what is wrong with a line has been explained.
        return module.request(config, line, signature) ? deliver(module, element, config, line, signature) : {};
      };
      if (!family) return;
      const late = sleep(PATIENCE[backendOf(line)] || 15000).then(() => failed('timed_out'));
      const { outcome, reason } = await Promise.race([tell().catch(() => failed('unreachable')), late]);
      if (!outcome) return;
      if (/^(accepted|accepted_unverified|pending|duplicate)$/.test(outcome)) return;
      const name = backendOf(line);
      warn(`also ${name}: not told; ${outcome} ${reason || ''}`);
      element.dispatchEvent(new CustomEvent('pledge-also-failed', {
        bubbles: true, composed: true, detail: { backend: name, outcome, reason },
      }));
    }),
    // The widget tells its configuration only once it has done what it is doing.
    count: () => void Promise.resolve().then(async () => {
      const configured = config();
      const url = own.facts(configured, '')?.count_url;
      if (!url) return;
      const number = own.count(configured, await (await fetch(url, quiet)).json()); // every module that has the address has it
      return number >= 0 ? { signature_count: number, as_of: new Date().toISOString() } : undefined;
    }).catch(() => undefined).then(widget.counted),
  };
};

const word = (texts, key) => texts['send.' + key] ?? '';

/** Who gets what is signed: a sentence. */
const who = ({ kind, title, host, third_party }, texts) => third_party && kind !== 'handoff'
  ? word(texts, 'privacy.third_party').replace('{service}', `${title} (${host})`)
  : word(texts, 'privacy.server').replace('{service}', host);

/** What the widget needs where the settings of its backend are right. */
const ofOwn = (facts, strings, texts, { consent_text }) => {
  const { kind, host, safe, count_url, elsewhere, subscribes, asks } = facts;
  const own = { ...strings };
  for (const [key, value] of Object.entries(texts)) {
    const name = key.startsWith('send.') && key.slice(5);
    // Ours says "you will be counted once only", which is true where a try may be repeated.
    if (name && !name.startsWith('handed.') && !(safe && name === 'not_sent.timed_out')) own[name] = value;
  }
  if (kind === 'handoff') {
    own['unverified.heading'] = word(texts, 'handed.heading');
    own['unverified.text'] = word(texts, 'handed.text');
  }
  own['elsewhere.text'] = word(texts, 'elsewhere.text').replace('{service}', host);
  // Who gets what: the widget's own sentence says "and nobody else".
  own['privacy.text'] = word(texts, 'privacy.text') + (host && ' ' + who(facts, texts));
  // The campaign's own words stand as such; the interface's are shown, and recorded, in its language.
  const words = asks ? { label: consent_text } : { words: word(texts, 'consent_updates.label'), lang: texts.lang };
  const agreement = subscribes ? { name: __AGREEMENT__, kind: 'checkbox', need: 'required', ...words } : null;
  return { strings: own, safe, counts: !!count_url, elsewhere, agreement };
};
