// A page translator, form fillers and other scripts at work on a widget while someone signs. Run in the page by
// `engines.rs`: `journey({ seed, site, words, lanes })` resolves once the pledge is signed, and rejects with what was wrong.
// The same seed makes the same choices.
const MARK = '·'; // what the translator adds to each text
const WAIT_MS = 8000; // how long a state may take to come

const dice = (seed) => () => { // Mulberry32
  seed = seed + 0x6d2b79f5 | 0;
  let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
  t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
  return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
};

const journey = async ({ seed, site, words, lanes }) => {
  const random = dice(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const chance = (p) => random() < p;
  const element = document.createElement('pledge-widget');
  element.setAttribute('campaign', lanes ? 'example-lanes' : 'care-dont-share');
  element.setAttribute('load', 'eager');
  let failed = '';
  element.addEventListener('pledge-error', ({ detail: { code, part, reason } }) => {
    if (code === 'crashed' || code === 'load-failed') failed = `${code}: ${part}: ${reason}`;
  });
  document.body.append(element);
  const root = element.shadowRoot;
  const at = (css) => root.querySelector(css);
  let [step, language, done] = ['load', 'en', false];
  const say = (key) => words[language][key];

  const until = async (holds, what) => {
    const end = performance.now() + WAIT_MS;
    for (;;) {
      if (failed) throw Error(`${step}: ${failed}`);
      if (holds()) return;
      if (performance.now() > end) throw Error(`${step}: never ${what}; it says: ${root.textContent.slice(0, 1500)}`);
      await new Promise((next) => setTimeout(next, 5));
    }
  };

  // What others do to the page.
  const removed = new WeakMap(); // element → the step in which a text in it was taken away
  const ours = (css) => [...root.querySelectorAll(css)].filter((node) => !node.closest('.foreign-icon'));
  const texts = () => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) if (/\p{L}/u.test(walker.currentNode.data) && !walker.currentNode.parentNode.closest('style')) found.push(walker.currentNode);
    return found;
  };
  const font = (text) => {
    const [outer, inner] = [document.createElement('font'), document.createElement('font')];
    inner.textContent = text.data.replaceAll(MARK, '') + MARK;
    outer.append(inner);
    text.replaceWith(outer);
  };
  const foreign = (name, kind) => Object.assign(document.createElement(name), { className: `foreign foreign-${kind}` });
  const acts = {
    wrap: () => texts().forEach((text) => text.parentNode.tagName === 'FONT' || chance(0.3) || font(text)),
    replace: () => texts().forEach((text) => chance(0.5) && text.replaceWith(text.data.replaceAll(MARK, '') + MARK)),
    split: () => texts().forEach((text) => chance(0.5) && text.length > 2 && text.splitText(1)),
    merge: () => root.querySelectorAll('div,form').forEach((node) => node.normalize()),
    // Words with elements among them come back in the order of another language, as copies.
    reorder: () => ours('.count p, .count strong, .goal, .statement, .privacy, label, .as-of time').forEach((node) => {
      const copies = [...node.childNodes].map((child) => child.cloneNode(true));
      if (chance(0.3)) node.replaceChildren(...copies.reverse());
    }),
    remove: () => {
      const text = pick(texts());
      for (let node = text && text.parentNode; node && node !== root; node = node.parentNode) removed.set(node, step);
      if (text) text.remove();
    },
    around: () => {
      const node = pick(ours('input,select,button,p,h3,h4,ul,a,strong,form,.field,.tick,.errors,.notice,.thanks,.count'));
      if (!node) return;
      const holder = foreign(pick(['div', 'span']), 'holder');
      node.replaceWith(holder);
      holder.append(node);
    },
    unwrap: () => {
      const holder = pick([...root.querySelectorAll('.foreign-holder')]);
      if (holder) holder.replaceWith(...holder.childNodes);
    },
    icon: () => {
      const node = pick(ours('input,select,button,p,label,form,.field,.tick,.card,.errors,.notice'));
      if (node) node[pick(['before', 'after'])](foreign('div', 'icon'), ...chance(0.3) ? [document.createComment('x')] : []);
    },
    move: () => {
      const icon = pick([...root.querySelectorAll('.foreign-icon')]);
      const node = pick(ours('input,button,p,.field,form'));
      if (icon && node) node.before(icon);
    },
    drop: () => root.querySelectorAll('.foreign-icon').forEach((icon) => chance(0.5) && icon.remove()),
  };
  const meddle = () => {
    for (let left = Math.floor(random() * 4); left; left--) acts[pick(Object.keys(acts))]();
  };
  // Translators also watch the page, and translate what is new as soon as it is there.
  const observer = new MutationObserver(() => {
    if (chance(0.4)) acts.wrap();
    observer.takeRecords();
  });
  const watches = chance(0.7);
  if (watches) observer.observe(root, { childList: true, subtree: true, characterData: true });
  const meddleNow = () => {
    if (done) return;
    if (chance(0.5)) meddle();
    setTimeout(meddleNow, random() * 60);
  };

  // What a person sees.
  const plain = (node) => node.textContent.replaceAll(MARK, '').replace(/\s+/g, ' ').trim();
  const last = {};
  const says = (css, wanted) => {
    const node = at(css);
    if (!node) return false;
    const gone = removed.get(node);
    // A text that someone took away comes back when it changes, and not before.
    if (gone !== undefined && (gone === step || last[css] === wanted)) return true;
    return plain(node) === wanted;
  };
  const shows = async (css, wanted) => {
    await until(() => says(css, wanted), `${css} says ${JSON.stringify(wanted)} but ${JSON.stringify(at(css) && plain(at(css)))}`);
    last[css] = wanted;
  };
  const inOrder = (...list) => {
    const nodes = list.map(at);
    nodes.forEach((node, i) => {
      if (!node) throw Error(`${step}: there is no ${list[i]}`);
      if (i && !(nodes[i - 1].compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING)) throw Error(`${step}: ${list[i]} is before ${list[i - 1]}`);
    });
  };
  const press = async (name) => {
    if (chance(0.6)) meddle();
    step = name;
    at('[part=button]').click();
    if (chance(0.3)) meddle();
  };
  const enter = (control, value) => {
    const setter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(control), 'value').set;
    setter.call(control, value);
    // A person's typing, a password manager, a filler that tells nobody.
    for (const event of pick([['input', 'change'], ['input'], ['change'], []])) control.dispatchEvent(new Event(event, { bubbles: true }));
  };

  try {
    await until(() => at('form'), 'shows its form');
    meddleNow();
    const fields = ['#name', '#email', '#postcode'];
    inOrder('#p-title', '#p-sign', ...fields, '[part=button]');
    if (!lanes && chance(0.4)) {
      step = 'language';
      const select = at('.language');
      select.value = 'cy';
      select.dispatchEvent(new Event('change', { bubbles: true }));
      await until(() => at('.root').lang === 'cy', 'in Welsh');
      language = 'cy';
    }
    await press('empty');
    await until(() => at('#p-errors'), 'shows what is wrong');
    await shows('#p-errors-heading', say('errors.heading'));
    for (const name of ['name', 'email']) await shows(`#${name}-error`, `${say('errors.prefix')} ${say(name + '.missing')}`);
    inOrder('#p-errors', '#name-error', '#name', '#email-error', '#email', '[part=button]');

    enter(at('#name'), '12345');
    enter(at('#email'), 'nobody');
    await press('wrong');
    for (const key of ['name.malformed', 'email.no_at']) {
      await shows(`#${key.split('.')[0]}-error`, `${say('errors.prefix')} ${say(key)}`);
    }
    await shows('#p-errors li:last-child a', say('email.no_at'));
    if (at('#name').value !== '12345') throw Error('wrong: the name that was typed is gone');

    if (lanes) {
      step = 'lane';
      const lane = pick(['individual', 'professional']);
      at(`#p-lane-${lane}`).focus();
      at(`#p-lane-${lane}`).click();
      await until(() => !!at('#role') === (lane === 'professional') && at(`#p-lane-${lane}`).checked, 'has the fields of the lane');
      if (at('#role')) enter(at('#role'), at('#role').options[1].value);
      if (at('#workplace')) enter(at('#workplace'), 'Example School');
    }
    const email = `ana-${seed}-${Math.random().toString(36).slice(2)}@example.org`;
    enter(at('#name'), 'Ana Silva');
    enter(at('#email'), email);
    const lost = chance(0.5);
    window.outcomes[email] = lost ? 'lost' : 'busy';
    await press('not sent');
    await until(() => at('#p-notice'), 'says that it was not sent');
    await shows('#p-notice-heading', say(lost ? 'unconfirmed.heading' : 'not_sent.heading'));
    await shows('#p-notice > p, #p-notice .foreign p', say(lost ? 'not_sent.unreachable' : 'not_sent.busy'));
    await shows('[part=button]', say('sign.again'));
    inOrder(...fields, '#p-notice', '[part=button]');
    if (at('#name').value !== 'Ana Silva' || at('#email').value !== email) throw Error('not sent: what was typed is gone');
    if (at('#p-errors')) throw Error('not sent: the errors are still there');

    const sent = new Promise((resolve) => { window.outcomes[email] = resolve; });
    await press('sending');
    const release = await sent;
    await shows('[part=button]', say('sign.sending'));
    await shows('[role=status]', say('status.sending'));
    if (chance(0.5)) meddle();
    step = 'signed';
    release();
    await until(() => at('.thanks'), 'thanks');
    await shows('[role=status]', say('status.signed'));
    const path = `v1/campaigns/${element.getAttribute('campaign')}/count`;
    const { signature_count: count } = await fetch(site + path, { cache: 'reload' }).then((response) => response.json());
    const stem = lanes ? 'count.signature_' : 'count.';
    const category = new Intl.PluralRules(language).select(count);
    await shows('.count strong', (say(stem + category) || say(stem + 'other')).replace('{count}', count));
    if (at('form') || at('#p-notice')) throw Error('signed: the form is still there');
    await until(() => at('#p-share li'), 'offers ways to share');
    step = 'useful';
    at('[part=useful]').click();
    await until(() => !at('[part=useful]'), 'thanks for the answer');
    if (failed) throw Error(failed);
  } catch (error) {
    throw Error(`seed ${seed}${lanes ? ', lanes' : ''}: ${error.message}`);
  } finally {
    done = true;
    observer.disconnect();
    element.remove();
  }
};

// The network: `outcomes[email]` says what becomes of a signature on its way: it is lost, the server is busy, or (a function) it
// is held until the function that this one is given is called.
window.outcomes = {};
const { fetch } = window;
window.fetch = async (url, init) => {
  const email = init && init.method === 'POST' && /"email":"([^"]+)"/.exec(init.body);
  const outcome = email && window.outcomes[email[1]];
  if (outcome === 'lost') throw TypeError('Failed to fetch');
  if (outcome === 'busy') return new Response('{}', { status: 503, headers: { 'Content-Type': 'application/json' } });
  if (outcome) {
    delete window.outcomes[email[1]];
    await new Promise(outcome);
  }
  return fetch(url, init);
};
window.journey = journey;
