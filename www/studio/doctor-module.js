/**
 * The doctor's Wasm module, which checks with the widget's own code. It is loaded once. If it cannot be loaded or
 * fails, every function returns null and `failed` says why.
 */

/** The largest campaign file that is read, in bytes. */
export const FILE_MAX = 512 * 1024;

/** The address of the widget's files: the parent folder. The site can be below a path of its host. */
export const site = new URL('..', import.meta.url).href;

/**
 * Fetches a file of this site. Throws an error with a readable message.
 * @param {string} path
 */
export const get = async (path) => {
  let response;
  try {
    response = await fetch(new URL(path, site), { credentials: 'omit', cache: 'no-cache' });
  } catch {
    throw Error('this page could not reach the server');
  }
  if (!response.ok) throw Error(`the server returned ${response.status}`);
  return response;
};

/**
 * Loads the table of attributes and languages.
 * @returns {Promise<Studio.Table>}
 */
export const loadTable = async () => {
  const table = await (await get('studio/table.json')).json();
  if (!Array.isArray(table?.attributes)) throw Error('the server sent something else');
  return table;
};

/** Today's date in UTC, which the widget uses for dates. */
const today = () => new Date().toISOString().slice(0, 10);

/**
 * Loads the module. The functions of the result return null after a failure.
 * @param {Studio.Table} table
 */
export const loadDoctor = async (table) => {
  /** @type {Record<string, (...values: string[]) => string> | null} */
  let module = null;
  /**
   * @param {string} name
   * @param {string[]} values
   */
  const call = (name, ...values) => {
    if (!module) return null;
    try {
      return JSON.parse(module[name](...values));
    } catch (error) {
      console.error(`studio: ${name}`, error);
      doctor.failed = 'the checks have stopped working; reload the page to restart them';
      module = null;
      return null;
    }
  };
  /** @type {Studio.Doctor} */
  const doctor = {
    failed: '',
    check: (attributes, file) => call('check', JSON.stringify(attributes), file, site, today()),
    readCampaign: (text) => call('read_campaign', text),
    exportCampaign: (file, attributes) => call('export_campaign', file, JSON.stringify(attributes)),
    diagnose: (facts) => call('diagnose', JSON.stringify({ site, today: today(), ...facts })),
    isReady: () => module !== null,
  };
  try {
    const [glue, wasm, script] = table.doctor;
    const load = (/** @type {string} */ path) => import(new URL(path, site).href);
    // If a file cannot be loaded, the error is caught below.
    const { open } = await load(glue);
    const run = async (/** @type {WebAssembly.Imports} */ imports) => {
      try {
        const bytes = await (await get(wasm)).arrayBuffer();
        return (await WebAssembly.instantiate(bytes, imports)).instance.exports;
      } catch { // this browser cannot run Wasm, so load the same module in JavaScript
        return (await load(script)).default(imports);
      }
    };
    module = await open(run);
  } catch (error) {
    console.error('studio: the doctor could not be loaded', error);
    doctor.failed = 'the checks could not be loaded';
  }
  return doctor;
};
