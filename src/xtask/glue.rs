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

/// How a module is called: once a call has failed, whatever the module holds cannot be relied on. It is never called again,
/// and who opened it is told. Without anyone to tell, the error goes to the caller.
const GUARD: &str = "const guarded = (exports, failed) => {
    let over;
    const guard = (run) => (...values) => {
        if (over) return;
        try {
            return run(...values);
        } catch (error) {
            over = true;
            if (!failed) throw error;
            failed(error);
        }
    };
    return Object.fromEntries(Object.entries(exports).map(([name, value]) => [name, value.call ? guard(value) : value]));
};
";

/// How nodes are put into the page and taken out. Translators, form fillers and other scripts wrap, move and remove nodes
/// of ours, and Yew takes it for granted that nobody does. So the order of our own nodes is kept here, and a node goes in
/// before the next of them that is still there. Where a copy took the place of a node, the copy goes when the node does.
const PLACE: &str = "const order = new WeakMap(); // parent → our nodes in it, in their order
const within = (parent, node) => {
    while (node && node.parentNode !== parent) node = node.parentNode;
    return node;
};
const put = (parent, node, next) => {
    const ours = (order.get(parent) || []).filter((one) => one !== node);
    const at = ours.indexOf(next);
    const after = at < 0 ? [] : ours.splice(at);
    order.set(parent, [...ours, node, ...after]);
    return parent.insertBefore(node, after.map((one) => within(parent, one)).find(Boolean) || null);
};
const take = (parent, node) => {
    order.set(parent, (order.get(parent) || []).filter((one) => one !== node));
    let holder = node.parentNode;
    const copy = parent.contains(node) ? 0 : [...parent.children].find((one) => one.nodeName === node.nodeName &&
        one.className === node.className && !order.get(parent).some((own) => one.contains(own)));
    if (copy) copy.remove();
    node.remove();
    while (holder && holder !== parent && !holder.firstChild) { // a wrapper around nothing
        const empty = holder;
        holder = empty.parentNode;
        empty.remove();
    }
    return node;
};
";

/// Parts of wasm-bindgen's glue, each from its first words to those it ends before (or to its last brace, or to the end of
/// the glue), and what takes its place.
const PARTS: [(&str, &str, &str); 5] = [
    // The first line that a closing brace begins is the function's last.
    ("function passStringToWasm0(", "}\n\n", PASS_TEXT),
    ("function getDataViewMemory0(", "}\n\n", VIEW),
    ("function getUint8ArrayMemory0(", "}\n\n", BYTES),
    ("const MAX_SAFARI_DECODE_BYTES", "let WASM_VECTOR_LEN", READ_TEXT),
    ("let wasmModule, wasmInstance, wasm;", "", ""),
];

/// What is said shorter for browsers that have `globalThis`, and for classes that are all there.
const SHORTER: [(&str, &str); 4] = [
    (
        "const ret = typeof globalThis === 'undefined' ? undefined : globalThis;\n            \
         return isLikeNone(ret) ? 0 : addHeapObject(ret);",
        "return addHeapObject(globalThis);",
    ),
    ("const ret = undefined;\n            return isLikeNone(ret) ? 0 : addHeapObject(ret);", "return 0;"),
    ("let result;\n            try {\n                result = ", "return "),
    (
        ";\n            } catch (_) {\n                result = false;\n            }\n            \
         const ret = result;\n            return ret;",
        ";",
    ),
];

/// Lines with these are left out. An instance ends with its widget, and its closures with it: none needs to be told that it is
/// no longer needed. And its stack of JavaScript values is never deep.
const LEFT_OUT: [&str; 4] =
    ["CLOSURE_DTORS", "? { register: () => {}, unregister", ": new FinalizationRegistry(", "out of js stack"];

/// Puts our own few lines in the place of what no browser needs that can run the module, and makes one function of it all,
/// `open`: from a function that gives the module's exports for its imports, to what the module offers. Each call makes an
/// instance of its own, with a memory of its own. `is_guarded` is for a module that keeps a state between its calls.
///
/// # Errors
/// Where wasm-bindgen writes its glue otherwise than expected.
pub fn simplify(glue: &str, is_guarded: bool) -> Outcome<String> {
    let mut glue = glue.to_owned();
    let start = if glue.contains("wasm.__wbindgen_start()") { "wasm.__wbindgen_start();\n" } else { "" };
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
    for (theirs, ours) in SHORTER {
        glue = glue.replace(theirs, ours);
    }
    let is_kept = |line: &&str| !LEFT_OUT.iter().any(|word| line.contains(word));
    let glue = place(&glue.lines().filter(is_kept).collect::<Vec<_>>().join("\n"));
    let offered: Vec<&str> = glue.split("export function ").skip(1).filter_map(|rest| rest.split('(').next()).collect();
    let offered = offered.join(", ");
    let body = glue.replace("export function ", "function ");
    let (guard, exports) = match is_guarded {
        true => (GUARD, "guarded(await instantiate(__wbg_get_imports()), failed)"),
        false => ("", "await instantiate(__wbg_get_imports())"),
    };
    Ok(format!(
        "{guard}\nexport const open = async (instantiate, failed) => {{\nlet wasm;\n{body}\n\
         wasm = {exports};\n{start}return {{ {offered} }};\n}};\n"
    ))
}

/// Lets nodes go into the page and out of it by [`PLACE`].
fn place(glue: &str) -> String {
    let mut placed = String::with_capacity(glue.len() + PLACE.len());
    let mut is_needed = false;
    for line in glue.lines() {
        let call = |method, ours| {
            let (before, parent_and_rest) = line.split_once("const ret = ")?;
            let (parent, rest) = parent_and_rest.split_once(method)?;
            Some(format!("{before}const ret = {ours}({parent}, {rest}"))
        };
        let ours = call(".insertBefore(", "put").or_else(|| call(".removeChild(", "take"));
        is_needed |= ours.is_some();
        placed.push_str(ours.as_deref().unwrap_or(line));
        placed.push('\n');
    }
    if is_needed { PLACE.to_owned() + &placed } else { placed }
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

#[cfg(test)]
mod tests {
    use super::*;

    const GLUE: &str = "export function mount(host) {
    wasm.mount(addHeapObject(host));
}
function __wbg_get_imports() {
    const import0 = {
        i1: function(arg0, arg1, arg2) {
            const ret = getObject(arg0).insertBefore(getObject(arg1), getObject(arg2));
            return addHeapObject(ret);
        },
        i2: function(arg0, arg1) {
            const ret = getObject(arg0).removeChild(getObject(arg1));
            return addHeapObject(ret);
        },
    };
}
const MAX_SAFARI_DECODE_BYTES = 2146435072;
let WASM_VECTOR_LEN = 0;
let wasmModule, wasmInstance, wasm;
function __wbg_finalize_init(instance, module) {
    wasm.__wbindgen_start();
}
export { initSync, __wbg_init as default };
";

    #[test]
    fn the_glue_becomes_a_function_that_opens_an_instance() {
        let glue = simplify(GLUE, true).unwrap();
        assert!(glue.contains("export const open = async (instantiate, failed) => {"), "{glue}");
        assert!(glue.contains("return { mount };"), "what the module offers is returned: {glue}");
        assert!(glue.contains("wasm.__wbindgen_start();") && !glue.contains("initSync"), "{glue}");
        assert_eq!(glue.matches("export ").count(), 1, "{glue}");
    }

    #[test]
    fn nodes_are_put_in_and_taken_out_by_our_own_functions() {
        let glue = simplify(GLUE, true).unwrap();
        assert!(glue.contains("const ret = put(getObject(arg0), getObject(arg1), getObject(arg2));"), "{glue}");
        assert!(glue.contains("const ret = take(getObject(arg0), getObject(arg1));"), "{glue}");
        assert!(
            !simplify(&GLUE.replace("insertBefore", "x").replace("removeChild", "x"), false)
                .unwrap()
                .contains("WeakMap")
        );
    }

    #[test]
    fn a_glue_of_another_form_is_said() {
        let error = simplify("export function mount() {}\n", true).unwrap_err();
        assert!(error.contains("look at glue.rs"), "{error}");
    }
}
