/**
 * What another backend than our own server needs in the page. Loaded only where a page names one.
 */
import { open as instance } from './widget.js';

const failed = (reason) => ({ outcome: 'retryable', reason });

/**
 * `complete` gives the widget's tools for another backend, and among them its strings as they are to be. `tell` tells the
 * widget what came of a try, `config` asks it for the configuration that holds.
 */
export const open = async (run) => {
  const { count, prepare, send, tell_others } = await instance(run);
  return {
    complete: async ({ element, campaign, strings, words, tell, config }) => ({
      ...prepare(element, campaign, strings, await words(strings.lang, 'send-')),
      // Each request is given up by itself; should all else fail, the widget does not wait for ever.
      send: ([attempt, signature, config]) => void Promise.race([
        send(element, config, signature).catch(() => failed('unreachable')),
        new Promise((resolve) => setTimeout(resolve, 50000, failed('timed_out'))),
      ]).then((outcome) => tell('came', [attempt, outcome])),
      also: ([signature, config]) => tell_others(config, signature),
      // The widget tells its configuration only once it has done what it is doing.
      count: () => void Promise.resolve().then(config).then(count).then((number) => tell('counted', number)),
    }),
  };
};
