//! Makes wasm-bindgen's JavaScript glue smaller, because every visitor loads it.

use crate::Outcome;
use wasm_bindgen_cli_support::Output;

/// Passes a string to the module. Three bytes per UTF-16 unit are always enough; the unused rest is freed.
const PASS_STRING: &str = "function passStringToWasm0(arg, malloc, realloc) {
    const capacity = arg.length * 3;
    const ptr = malloc(capacity, 1) >>> 0;
    WASM_VECTOR_LEN = cachedTextEncoder.encodeInto(arg, getUint8ArrayMemory0().subarray(ptr, ptr + capacity)).written;
    return WASM_VECTOR_LEN < capacity ? realloc(ptr, capacity, WASM_VECTOR_LEN, 1) >>> 0 : ptr;
}

";

/// Returns a view of the module's memory. The memory has a new buffer after it has grown.
const DATA_VIEW: &str = "function getDataViewMemory0() {
    if (cachedDataViewMemory0?.buffer !== wasm.memory.buffer) cachedDataViewMemory0 = new DataView(wasm.memory.buffer);
    return cachedDataViewMemory0;
}

";
const BYTE_VIEW: &str = "function getUint8ArrayMemory0() {
    if (cachedUint8ArrayMemory0?.buffer !== wasm.memory.buffer)
        cachedUint8ArrayMemory0 = new Uint8Array(wasm.memory.buffer);
    return cachedUint8ArrayMemory0;
}

";

/// Decodes and encodes strings. wasm-bindgen's version also creates a new decoder after every two gigabytes, and an
/// encoder for browsers released before 2021.
const DECODE_STRING: &str = "const decodeText = (bytes) => cachedTextDecoder.decode(bytes);
const cachedTextEncoder = new TextEncoder();
";

/// Guards the calls to a module. After a call has failed, the state of the module is unreliable, so it is never called
/// again. The callback of the code that opened the module receives the error; without a callback, the caller does.
const GUARD: &str = "const guarded = (exports, onFailure) => {
    let hasFailed;
    const guard = (run) => (...args) => {
        if (hasFailed) return;
        try {
            return run(...args);
        } catch (error) {
            hasFailed = true;
            if (!onFailure) throw error;
            onFailure(error);
        }
    };
    return Object.fromEntries(Object.entries(exports)
        .map(([name, value]) => [name, value.call ? guard(value) : value]));
};
";

/// Inserts nodes into the page and removes them.
///
/// Yew assumes that nothing else changes its nodes, but translators, form fillers and other scripts wrap, move and
/// remove them. So this code remembers the order of the widget's nodes and inserts a node before the next one that is
/// still in the page. If another script has replaced a node by a copy, removing the node also removes the copy.
const NODE_ORDER: &str = "const order = new WeakMap(); // parent → the widget's nodes in it, in order
const childContaining = (parent, node) => {
    while (node && node.parentNode !== parent) node = node.parentNode;
    return node;
};
const insertNode = (parent, node, next) => {
    const nodes = (order.get(parent) || []).filter((other) => other !== node);
    const index = nodes.indexOf(next);
    const after = index < 0 ? [] : nodes.splice(index);
    order.set(parent, [...nodes, node, ...after]);
    return parent.insertBefore(node, after.map((other) => childContaining(parent, other)).find(Boolean) || null);
};
const removeNode = (parent, node) => {
    order.set(parent, (order.get(parent) || []).filter((other) => other !== node));
    let wrapper = node.parentNode;
    const copy = parent.contains(node) ? 0 : [...parent.children].find((child) => child.nodeName === node.nodeName &&
        child.className === node.className && !order.get(parent).some((other) => child.contains(other)));
    if (copy) copy.remove();
    node.remove();
    while (wrapper && wrapper !== parent && !wrapper.firstChild) {
        const empty = wrapper;
        wrapper = empty.parentNode;
        empty.remove();
    }
    return node;
};
";

/// Parts of wasm-bindgen's glue to replace: the text that a part starts with, the text that it ends before, and the
/// replacement. `}\n\n` means the closing brace of the function, and an empty text means the end of the glue.
const REPLACED_PARTS: [(&str, &str, &str); 5] = [
    ("function passStringToWasm0(", "}\n\n", PASS_STRING),
    ("function getDataViewMemory0(", "}\n\n", DATA_VIEW),
    ("function getUint8ArrayMemory0(", "}\n\n", BYTE_VIEW),
    ("const MAX_SAFARI_DECODE_BYTES", "let WASM_VECTOR_LEN", DECODE_STRING),
    ("let wasmModule, wasmInstance, wasm;", "", ""),
];

/// Code and its shorter replacement, for browsers that have `globalThis` and every class used with `instanceof`.
const SHORTENED: [(&str, &str); 4] = [
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

/// Lines that contain one of these texts are removed.
///
/// Most of them free closures that are no longer needed, but an instance and its closures are freed with the widget
/// anyway. The last checks for an overflow of the stack of JavaScript values, which is never deep.
const REMOVED_LINES: [&str; 4] =
    ["CLOSURE_DTORS", "? { register: () => {}, unregister", ": new FinalizationRegistry(", "out of js stack"];

/// Removes code that browsers which can run the module do not need, and turns the glue into one function, `open`.
///
/// `open` takes a function that instantiates the module with its imports and returns its exports. It returns the
/// module's public functions. Each call creates a separate instance with its own memory. `is_guarded` is for a module
/// that keeps state between calls; see [`GUARD`].
///
/// # Errors
/// Returns an error if the glue has an unexpected form.
pub fn simplify(glue: &str, is_guarded: bool) -> Outcome<String> {
    let mut glue = glue.to_owned();
    let start = if glue.contains("wasm.__wbindgen_start()") { "wasm.__wbindgen_start();\n" } else { "" };
    for (first, end, replacement) in REPLACED_PARTS {
        let part = glue.find(first).and_then(|start| {
            let length = match end {
                "" => glue.len() - start,
                "}\n\n" => glue[start..].find("\n}\n\n")? + "\n}\n\n".len(),
                _ => glue[start..].find(end)?,
            };
            Some(start..start + length)
        });
        // A module that passes no strings or bytes has no such functions.
        let Some(part) = part else {
            if ["passString", "getDataView", "getUint8Array"].iter().any(|function| first.contains(function)) {
                continue;
            }
            return Err(format!("the glue has no `{first}`: wasm-bindgen has changed its output; update glue.rs"));
        };
        glue.replace_range(part, replacement);
    }
    // Every browser has globalThis, so the fallbacks to its older names are not needed.
    for name in ["global", "self", "window"] {
        glue = glue.replace(&format!("typeof {name} === 'undefined' ? undefined : {name}"), "undefined");
    }
    for (original, replacement) in SHORTENED {
        glue = glue.replace(original, replacement);
    }
    let is_kept = |line: &&str| !REMOVED_LINES.iter().any(|text| line.contains(text));
    let glue = replace_node_calls(&glue.lines().filter(is_kept).collect::<Vec<_>>().join("\n"));
    let public: Vec<&str> = glue.split("export function ").skip(1).filter_map(|rest| rest.split('(').next()).collect();
    let public = public.join(", ");
    let body = glue.replace("export function ", "function ");
    let (guard, exports) = match is_guarded {
        true => (GUARD, "guarded(await instantiate(__wbg_get_imports()), onFailure)"),
        false => ("", "await instantiate(__wbg_get_imports())"),
    };
    Ok(format!(
        "{guard}\nexport const open = async (instantiate, onFailure) => {{\nlet wasm;\n{body}\n\
         wasm = {exports};\n{start}return {{ {public} }};\n}};\n"
    ))
}

/// Replaces the calls that insert and remove nodes by the functions in [`NODE_ORDER`].
fn replace_node_calls(glue: &str) -> String {
    let mut replaced = String::with_capacity(glue.len() + NODE_ORDER.len());
    let mut is_needed = false;
    for line in glue.lines() {
        let call = |method, function| {
            let (before, parent_and_rest) = line.split_once("const ret = ")?;
            let (parent, rest) = parent_and_rest.split_once(method)?;
            Some(format!("{before}const ret = {function}({parent}, {rest}"))
        };
        let replacement = call(".insertBefore(", "insertNode").or_else(|| call(".removeChild(", "removeNode"));
        is_needed |= replacement.is_some();
        replaced.push_str(replacement.as_deref().unwrap_or(line));
        replaced.push('\n');
    }
    if is_needed { NODE_ORDER.to_owned() + &replaced } else { replaced }
}

/// The name of the JavaScript module from which wasm-bindgen imports every function, and the shorter one.
const IMPORT_MODULE: [&str; 2] = ["./widget_bg.js", "i"];

/// Shortens the names of the module's imports and exports. Returns the old and new names.
///
/// Each name that wasm-bindgen generates contains a hash, which does not compress: 3 KB in module and glue together.
pub fn shorten_names(output: &mut Output) -> Vec<(String, String)> {
    let module = output.wasm_mut();
    for import in module.imports.iter_mut().filter(|import| import.module == IMPORT_MODULE[0]) {
        IMPORT_MODULE[1].clone_into(&mut import.module);
    }
    let imports = module.imports.iter_mut().map(|import| &mut import.name);
    let exports = module.exports.iter_mut().map(|export| &mut export.name);
    let is_generated = |name: &&mut String| name.starts_with("__wb") || name.starts_with("wasm_bindgen_");
    let shorten = |(index, name): (usize, &mut String)| {
        let short = format!("i{index}");
        (std::mem::replace(name, short.clone()), short)
    };
    imports.chain(exports).filter(is_generated).enumerate().map(shorten).collect()
}

/// Replaces the name of the imports' module, and old names by new ones, whole words only.
pub fn rename(source: &str, names: &[(String, String)]) -> String {
    let [old_module, new_module] = IMPORT_MODULE.map(|name| format!("\"{name}\": "));
    let source = source.replace(&old_module, &new_module);
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let mut renamed = String::with_capacity(source.len());
    let mut rest = source.as_str();
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
        assert!(glue.contains("export const open = async (instantiate, onFailure) => {"), "{glue}");
        assert!(glue.contains("return { mount };"), "the module's public functions are returned: {glue}");
        assert!(glue.contains("wasm.__wbindgen_start();") && !glue.contains("initSync"), "{glue}");
        assert_eq!(glue.matches("export ").count(), 1, "{glue}");
    }

    #[test]
    fn nodes_are_inserted_and_removed_by_the_replacement_functions() {
        let glue = simplify(GLUE, true).unwrap();
        assert!(glue.contains("const ret = insertNode(getObject(arg0), getObject(arg1), getObject(arg2));"), "{glue}");
        assert!(glue.contains("const ret = removeNode(getObject(arg0), getObject(arg1));"), "{glue}");
        assert!(
            !simplify(&GLUE.replace("insertBefore", "x").replace("removeChild", "x"), false)
                .unwrap()
                .contains("WeakMap")
        );
    }

    #[test]
    fn glue_of_an_unexpected_form_is_an_error() {
        let error = simplify("export function mount() {}\n", true).unwrap_err();
        assert!(error.contains("update glue.rs"), "{error}");
    }
}
