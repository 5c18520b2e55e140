//! Makes wasm-bindgen's JavaScript glue smaller: every visitor loads it.

use crate::Outcome;
use wasm_bindgen_cli_support::Output;

/// How it passes a text to the module: three bytes a UTF-16 unit are always enough, and what is too much is given back.
const PASS_TEXT: &str = "function passStringToWasm0(arg, malloc, realloc) {
    const room = arg.length * 3;
    const ptr = malloc(room, 1) >>> 0;
    WASM_VECTOR_LEN = cachedTextEncoder.encodeInto(arg, getUint8ArrayMemory0().subarray(ptr, ptr + room)).written;
    return WASM_VECTOR_LEN < room ? realloc(ptr, room, WASM_VECTOR_LEN, 1) >>> 0 : ptr;
}

";

/// How it looks into the module's memory, which is another one each time it has grown.
const VIEW: &str = "function getDataViewMemory0() {
    if (cachedDataViewMemory0?.buffer !== wasm.memory.buffer) cachedDataViewMemory0 = new DataView(wasm.memory.buffer);
    return cachedDataViewMemory0;
}

";
const BYTES: &str = "function getUint8ArrayMemory0() {
    if (cachedUint8ArrayMemory0?.buffer !== wasm.memory.buffer) cachedUint8ArrayMemory0 = new Uint8Array(wasm.memory.buffer);
    return cachedUint8ArrayMemory0;
}

";

/// How it reads a text. wasm-bindgen's goes on to make a new decoder every two gigabytes, and an encoder for browsers
/// before 2021.
const READ_TEXT: &str = "const decodeText = (bytes) => cachedTextDecoder.decode(bytes);
const cachedTextEncoder = new TextEncoder();
";

/// How it starts the module: from the response that a function gives, as it arrives where the server says what it is. Once,
/// however many loaders are on the page. wasm-bindgen's takes anything from an address to compiled code.
const START: &str = "const start = async (get) => {
    const response = await get();
    const imports = __wbg_get_imports();
    const { instance, module } = await (response.headers.get('Content-Type') === 'application/wasm'
        ? WebAssembly.instantiateStreaming(response, imports)
        : response.arrayBuffer().then((bytes) => WebAssembly.instantiate(bytes, imports)));
    return __wbg_finalize_init(instance, module);
};

let started;
const __wbg_init = (get) => started ||= start(get).catch((error) => {
    started = undefined; // the next may have more luck
    throw error;
});

export { __wbg_init as default };
";

/// Parts of wasm-bindgen's glue, each from its first words to those it ends before (or to its last brace, or to the end of
/// the glue), and what takes its place.
const PARTS: [(&str, &str, &str); 5] = [
    // The first line that a closing brace begins is the function's last.
    ("function passStringToWasm0(", "}\n\n", PASS_TEXT),
    ("function getDataViewMemory0(", "}\n\n", VIEW),
    ("function getUint8ArrayMemory0(", "}\n\n", BYTES),
    ("const MAX_SAFARI_DECODE_BYTES", "let WASM_VECTOR_LEN", READ_TEXT),
    ("async function __wbg_load(", "", START),
];

/// Puts our own few lines in the place of what no browser needs that can run the module.
///
/// # Errors
/// Where wasm-bindgen writes its glue otherwise than expected.
pub fn simplify(glue: &str) -> Outcome<String> {
    let mut glue = glue.to_owned();
    for (first, end, ours) in PARTS {
        let part = glue.find(first).and_then(|start| {
            let length = match end {
                "" => glue.len() - start,
                "}\n\n" => glue[start..].find("\n}\n\n")? + "\n}\n\n".len(),
                _ => glue[start..].find(end)?,
            };
            Some(start..start + length)
        });
        // A module that passes nothing has no such functions.
        let Some(part) = part else {
            if ["passString", "getDataView", "getUint8Array"].iter().any(|function| first.contains(function)) {
                continue;
            }
            return Err(format!("the glue has no `{first}`: wasm-bindgen writes it otherwise now; look at glue.rs"));
        };
        glue.replace_range(part, ours);
    }
    // Every browser has globalThis; the older names for it are asked for only where it is missing.
    for name in ["global", "self", "window"] {
        glue = glue.replace(&format!("typeof {name} === 'undefined' ? undefined : {name}"), "undefined");
    }
    // Every browser that has the module's features tells when a closure is no longer needed.
    let registry =
        "(typeof FinalizationRegistry === 'undefined')\n    ? { register: () => {}, unregister: () => {} }\n    : new";
    Ok(glue.replace(registry, "new"))
}

/// Gives imports and exports of the module short names, and says which name was which.
///
/// The names that wasm-bindgen makes hold a hash each, which no compression takes away: 3 KB over module and glue.
pub fn shorten_names(output: &mut Output) -> Vec<(String, String)> {
    let module = output.wasm_mut();
    let imports = module.imports.iter_mut().map(|import| &mut import.name);
    let exports = module.exports.iter_mut().map(|export| &mut export.name);
    let is_made = |name: &&mut String| name.starts_with("__wb") || name.starts_with("wasm_bindgen_");
    let shorten = |(index, name): (usize, &mut String)| {
        let short = format!("i{index}");
        (std::mem::replace(name, short.clone()), short)
    };
    imports.chain(exports).filter(is_made).enumerate().map(shorten).collect()
}

/// Puts new names for old ones, whole words only.
pub fn rename(source: &str, names: &[(String, String)]) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let mut renamed = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(start) = rest.find(is_word) {
        let (before, from_word) = rest.split_at(start);
        let (word, after) = from_word.split_at(from_word.find(|c| !is_word(c)).unwrap_or(from_word.len()));
        renamed.push_str(before);
        renamed.push_str(names.iter().find(|(old, _)| old == word).map_or(word, |(_, new)| new));
        rest = after;
    }
    renamed + rest
}
