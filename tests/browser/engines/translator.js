// Simulates a page translator, form fillers and other scripts that change a widget while someone signs. `robust.rs`
// runs it in the page: `journey({ seed, site, words, lanes })` resolves once the pledge is signed, and rejects with the
// error. The same seed makes the same choices.
const MARK = '·'; // what the translator adds to each text
const WAIT_MS = 8000; // how long to wait for a state

const randomNumbers = (seed) => () => { // Mulberry32
  seed = seed + 0x6d2b79f5 | 0;
  let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
  t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
  return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
};

const journey = async ({ seed, site, words, lanes }) => {
  const random = randomNumbers(seed);
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
  const string = (key) => words[language][key];

  const until = async (condition, description) => {
    const end = performance.now() + WAIT_MS;
    for (;;) {
      if (failed) throw Error(`${step}: ${failed}`);
      if (condition()) return;
      if (performance.now() > end) {
        throw Error(`${step}: never ${description}; its text: ${root.textContent.slice(0, 1500)}`);
      }
      await new Promise((next) => setTimeout(next, 5));
    }
  };

  // What other scripts do to the page.
  const removed = new WeakMap(); // element → the step in which a text in it was removed
  const widgetNodes = (css) => [...root.querySelectorAll(css)].filter((node) => !node.closest('.foreign-icon'));
  const texts = () => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (/\p{L}/u.test(node.data) && !node.parentNode.closest('style')) found.push(node);
    }
    return found;
  };
  const font = (text) => {
    const [outer, inner] = [document.createElement('font'), document.createElement('font')];
    inner.textContent = text.data.replaceAll(MARK, '') + MARK;
    outer.append(inner);
    text.replaceWith(outer);
  };
  const foreign = (name, kind) => Object.assign(document.createElement(name), { className: `foreign foreign-${kind}` });
  const actions = {
    wrap: () => texts().forEach((text) => text.parentNode.tagName === 'FONT' || chance(0.3) || font(text)),
    replace: () => texts().forEach((text) => chance(0.5) && text.replaceWith(text.data.replaceAll(MARK, '') + MARK)),
    split: () => texts().forEach((text) => chance(0.5) && text.length > 2 && text.splitText(1)),
    merge: () => root.querySelectorAll('div,form').forEach((node) => node.normalize()),
    // Text with elements in it is replaced by copies in the word order of another language.
    reorder: () => {
      const mixed = '.count p, .count strong, .goal, .statement, .privacy, label, .as-of time';
      widgetNodes(mixed).forEach((node) => {
        const copies = [...node.childNodes].map((child) => child.cloneNode(true));
        if (chance(0.3)) node.replaceChildren(...copies.reverse());
      });
    },
    remove: () => {
      const text = pick(texts());
      for (let node = text && text.parentNode; node && node !== root; node = node.parentNode) removed.set(node, step);
      if (text) text.remove();
    },
    around: () => {
      const wrapped = 'input,select,button,p,h3,h4,ul,a,strong,form,.field,.tick,.errors,.notice,.thanks,.count';
      const node = pick(widgetNodes(wrapped));
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
      const node = pick(widgetNodes('input,select,button,p,label,form,.field,.tick,.card,.errors,.notice'));
      if (!node) return;
      const method = pick(['before', 'after']);
      node[method](foreign('div', 'icon'), ...chance(0.3) ? [document.createComment('x')] : []);
    },
    move: () => {
      const icon = pick([...root.querySelectorAll('.foreign-icon')]);
      const node = pick(widgetNodes('input,button,p,.field,form'));
      if (icon && node) node.before(icon);
    },
    drop: () => root.querySelectorAll('.foreign-icon').forEach((icon) => chance(0.5) && icon.remove()),
  };
  const interfere = () => {
    for (let left = Math.floor(random() * 4); left; left--) actions[pick(Object.keys(actions))]();
  };
  // Translators also observe the page and translate new content as soon as it appears.
  const observer = new MutationObserver(() => {
    if (chance(0.4)) actions.wrap();
    observer.takeRecords();
  });
  const watches = chance(0.7);
  if (watches) observer.observe(root, { childList: true, subtree: true, characterData: true });
  const interfereRepeatedly = () => {
    if (done) return;
    if (chance(0.5)) interfere();
    setTimeout(interfereRepeatedly, random() * 60);
  };

  // What a person sees.
  const plain = (node) => node.textContent.replaceAll(MARK, '').replace(/\s+/g, ' ').trim();
  const last = {};
  const says = (css, wanted) => {
    const node = at(css);
    if (!node) return false;
    const gone = removed.get(node);
    // A text that another script removed comes back only when it changes.
    if (gone !== undefined && (gone === step || last[css] === wanted)) return true;
    return plain(node) === wanted;
  };
  const shows = async (css, wanted) => {
    const actual = JSON.stringify(at(css) && plain(at(css)));
    await until(() => says(css, wanted), `${css} says ${JSON.stringify(wanted)} but ${actual}`);
    last[css] = wanted;
  };
  const inOrder = (...list) => {
    const nodes = list.map(at);
    nodes.forEach((node, i) => {
      if (!node) throw Error(`${step}: there is no ${list[i]}`);
      if (i && !(nodes[i - 1].compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING)) {
        throw Error(`${step}: ${list[i]} is before ${list[i - 1]}`);
      }
    });
  };
  const press = async (name) => {
    if (chance(0.6)) interfere();
    step = name;
    at('[part=button]').click();
    if (chance(0.3)) interfere();
  };
  const enter = (control, value) => {
    const setter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(control), 'value').set;
    setter.call(control, value);
    // A person who types, a password manager, and a form filler that dispatches no events.
    for (const event of pick([['input', 'change'], ['input'], ['change'], []])) {
      control.dispatchEvent(new Event(event, { bubbles: true }));
    }
  };

  try {
    await until(() => at('form'), 'shows its form');
    interfereRepeatedly();
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
    await shows('#p-errors-heading', string('errors.heading'));
    for (const name of ['name', 'email']) {
      await shows(`#${name}-error`, `${string('errors.prefix')} ${string(name + '.missing')}`);
    }
    inOrder('#p-errors', '#name-error', '#name', '#email-error', '#email', '[part=button]');

    enter(at('#name'), '12345');
    enter(at('#email'), 'nobody');
    await press('wrong');
    for (const key of ['name.malformed', 'email.no_at']) {
      await shows(`#${key.split('.')[0]}-error`, `${string('errors.prefix')} ${string(key)}`);
    }
    await shows('#p-errors li:last-child a', string('email.no_at'));
    if (at('#name').value !== '12345') throw Error('wrong: the name that was typed is gone');

    if (lanes) {
      step = 'lane';
      const lane = pick(['individual', 'professional']);
      at(`#p-lane-${lane}`).focus();
      at(`#p-lane-${lane}`).click();
      const hasFields = () => !!at('#role') === (lane === 'professional') && at(`#p-lane-${lane}`).checked;
      await until(hasFields, 'has the fields of the lane');
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
    await shows('#p-notice-heading', string(lost ? 'unconfirmed.heading' : 'not_sent.heading'));
    await shows('#p-notice > p, #p-notice .foreign p', string(lost ? 'not_sent.unreachable' : 'not_sent.busy'));
    await shows('[part=button]', string('sign.again'));
    inOrder(...fields, '#p-notice', '[part=button]');
    if (at('#name').value !== 'Ana Silva' || at('#email').value !== email) {
      throw Error('not sent: what was typed is gone');
    }
    if (at('#p-errors')) throw Error('not sent: the errors are still there');

    const sent = new Promise((resolve) => { window.outcomes[email] = resolve; });
    await press('sending');
    const release = await sent;
    await shows('[part=button]', string('sign.sending'));
    await shows('[role=status]', string('status.sending'));
    if (chance(0.5)) interfere();
    step = 'signed';
    release();
    await until(() => at('.thanks'), 'thanks');
    await shows('[role=status]', string('status.signed'));
    const path = `v1/campaigns/${element.getAttribute('campaign')}/count`;
    const response = await fetch(site + path, { cache: 'reload' });
    const { signature_count: count } = await response.json();
    const stem = lanes ? 'count.signature_' : 'count.';
    const category = new Intl.PluralRules(language).select(count);
    await shows('.count strong', (string(stem + category) || string(stem + 'other')).replace('{count}', count));
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

// Simulates the network: `outcomes[email]` says what happens to a signature: 'lost', 'busy' (the server is busy), or a
// function, whose argument is another function; the signature is delayed until that one is called.
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
