/**
 * What another backend than our own server needs in the page. Loaded only where a page names one.
 */
import init, { count, prepare, send, tell_others } from './widget.js';

export default init;

const failed = (reason) => ({ outcome: 'retryable', reason });

/**
 * Gives the widget its tools for another backend, and returns the strings as it is to have them. `tell` tells
 * the widget what came of a try, `config` asks it for the configuration that holds.
 */
export const complete = async ({ element, tools, campaign, strings, words, tell, config }) => {
  // A widget tells its configuration only once it has done what it is doing.
  const configured = () => Promise.resolve().then(config);
  const made = prepare(element, campaign, strings, await words(strings.lang, 'send-'));
  Object.assign(tools, made, {
    // Each request is given up by itself; should all else fail, the widget does not wait for ever.
    send: ([attempt, signature]) => void Promise.race([
      configured().then((config) => send(element, config, signature)).catch(() => failed('unreachable')),
      new Promise((resolve) => setTimeout(resolve, 50000, failed('timed_out'))),
    ]).then((outcome) => tell('came', [attempt, outcome])),
    also: (signature) => void configured().then((config) => tell_others(config, signature)),
    count: () => void configured().then(count).then((number) => tell('counted', number)),
  });
  if (made.wrong) tools.explain();
  return made.strings;
};
