/**
 * The doctor's Wasm module: what it says is the widget's own judgement, made with the widget's own code. Loaded once;
 * where it cannot be loaded or fails, every question is answered with null and `failed` says why.
 */

/** The largest campaign file that is read, in bytes. */
export const FILE_MAX = 512 * 1024;

/** Where the widget's files come from: the folder above this one. The site may be below a path of its host. */
export const site = new URL('..', import.meta.url).href;

/** Fetches a file of this site; throws with a sentence for people. */
export const get = async (path) => {
  let response;
  try {
    response = await fetch(new URL(path, site), { credentials: 'omit', cache: 'no-cache' });
  } catch {
    throw Error('this page could not reach the server');
  }
  if (!response.ok) throw Error(`the server answered ${response.status}`);
  return response;
};

/** The table of attributes and languages. */
export const loadTable = async () => {
  const table = await (await get('studio/table.json')).json();
  if (!Array.isArray(table?.attributes)) throw Error('the server sent something else');
  return table;
};

/** Today in UTC, as the widget reads dates. */
const today = () => new Date().toISOString().slice(0, 10);

/** Loads the module; what it returns answers with null once something has failed. */
export const loadJudge = async (table) => {
  const judge = { failed: '' };
  let module = null;
  const ask = (name, ...values) => {
    if (!module) return null;
    try {
      return JSON.parse(module[name](...values));
    } catch (error) {
      console.error('studio: ' + name, error);
      judge.failed = 'the checks have stopped working; reload the page to start them again';
      module = null;
      return null;
    }
  };
  judge.check = (attributes, file) => ask('check', JSON.stringify(attributes), file, site, today());
  judge.readCampaign = (text) => ask('read_campaign', text);
  judge.exportCampaign = (file, attributes) => ask('export_campaign', file, JSON.stringify(attributes));
  judge.diagnose = (facts) => ask('diagnose', JSON.stringify({ site, today: today(), ...facts }));
  judge.isReady = () => module !== null;
  try {
    const [glue, wasm, script] = table.doctor;
    const load = (path) => import(new URL(path, site).href);
    // Should a file not come, the error is caught below.
    const { open } = await load(glue);
    const run = async (imports) => {
      try {
        const bytes = await (await get(wasm)).arrayBuffer();
        return (await WebAssembly.instantiate(bytes, imports)).instance.exports;
      } catch { // in this browser Wasm cannot run: the same module in JavaScript can
        return (await load(script)).default(imports);
      }
    };
    module = await open(run);
  } catch (error) {
    console.error('studio: the doctor could not be loaded', error);
    judge.failed = 'the part that checks could not be loaded';
  }
  return judge;
};
