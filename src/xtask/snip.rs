//! Removes code that the widget never runs from its module, so that pages do not load it.
//!
//! Yew can render more than the widget's views use: raw markup, text, nested components, portals, suspense. It chooses
//! what to render at run time, so the compiler cannot remove that code. The bodies of these functions are replaced by
//! one `unreachable` instruction, and `wasm-opt` then removes everything that only they call. If one of them is called
//! nevertheless, the widget fails and shows its fallback, and the browser tests detect it.

use crate::Outcome;

/// Parts of the names of functions that the widget's views never call.
///
/// No view creates such a node, or attributes in a map. Text is a property of its element (`views/elements.rs`).
/// There is only one component, so Yew's queues never have more than two entries, and no tree of entries is ever
/// rebalanced. If a view needs one of these functions, remove it from the list.
const NEVER_RUN: [&str; 15] = [
    "dom_bundle4braw",
    "vraw4VRaw",
    "dom_bundle5btext",
    "vtext5VText",
    "bportal",
    "vportal",
    "bsuspense",
    "vsuspense",
    "BaseSuspense",
    "apply_diff_index_maps",
    "dom_bundle5bcomp",
    "virtual_dom5vcomp",
    "8do_merge",
    "15bulk_steal_left",
    "16bulk_steal_right",
];

/// The start and the end of the list of event names in Yew, which is stored as one text without separators.
const EVENT_LIST: [&[u8]; 2] = [b"onabortonauxclick", b"ontransitionstart"];
/// The events that the widget's views listen to.
const HANDLED_EVENTS: [&[u8]; 4] = [b"onchange", b"onclick", b"oninput", b"onsubmit"];

/// Returns the module without the bodies of the functions in [`NEVER_RUN`] and without the names of unhandled events.
///
/// # Errors
/// Returns an error if the module has an unexpected form.
pub fn snip(wasm: &[u8]) -> Outcome<Vec<u8>> {
    snipped(wasm).ok_or_else(|| "the module has an unexpected form; update snip.rs".to_owned())
}

/// Returns the sections of a module: the id of each, and its contents.
pub fn sections(wasm: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let (_, mut rest) = wasm.split_at_checked(8)?;
    let mut sections = Vec::new();
    while let Some((id, after)) = rest.split_first() {
        let (body, after) = read_prefixed(after)?;
        sections.push((*id, body));
        rest = after;
    }
    Some(sections)
}

fn snipped(wasm: &[u8]) -> Option<Vec<u8>> {
    let head = wasm.get(..8)?;
    let sections = sections(wasm)?;
    let imported = sections.iter().find(|(id, _)| *id == 2).map_or(Some(0), |(_, body)| count_imports(body))?;
    let names = sections.iter().find_map(|(id, body)| names(*id, body))?;
    let mut out = head.to_vec();
    for (id, body) in sections {
        let body = match id {
            10 => code(body, imported, &names)?,
            11 => data(body),
            _ => body.to_vec(),
        };
        out.push(id);
        write_leb128(&mut out, body.len());
        out.extend(body);
    }
    Some(out)
}

/// Reads an unsigned number in LEB128. Returns it and the bytes after it.
pub fn read_leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (mut value, mut shift) = (0, 0);
    for (index, byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 127) << shift;
        shift += 7;
        if byte & 128 == 0 {
            return Some((value, &bytes[index + 1..]));
        }
    }
    None
}

fn write_leb128(out: &mut Vec<u8>, mut value: usize) {
    while value > 127 {
        out.push((value & 127) as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Reads bytes that are prefixed with their length. Returns them and the bytes after them.
pub fn read_prefixed(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = read_leb128(bytes)?;
    rest.split_at_checked(length)
}

/// Returns the number of functions that a module imports. Their indices come before those of its own functions.
pub fn count_imports(body: &[u8]) -> Option<usize> {
    let (count, mut rest) = read_leb128(body)?;
    let mut functions = 0;
    for _ in 0..count {
        rest = read_prefixed(read_prefixed(rest)?.1)?.1;
        let (kind, after) = rest.split_first()?;
        // Only functions: the widget imports no memory, table or global.
        if *kind != 0 {
            return None;
        }
        rest = read_leb128(after)?.1;
        functions += 1;
    }
    Some(functions)
}

/// Returns the indices of the functions that never run, if this is the name section.
fn names(id: u8, body: &[u8]) -> Option<Vec<usize>> {
    let (name, mut rest) = read_prefixed(body).filter(|_| id == 0)?;
    if name != b"name" {
        return None;
    }
    let mut never_run = Vec::new();
    while let Some((kind, after)) = rest.split_first() {
        let (part, after) = read_prefixed(after)?;
        if *kind == 1 {
            let (count, mut entries) = read_leb128(part)?;
            for _ in 0..count {
                let (function, after) = read_leb128(entries)?;
                let (name, after) = read_prefixed(after)?;
                let name = String::from_utf8_lossy(name);
                if NEVER_RUN.iter().any(|part| name.contains(part)) {
                    never_run.push(function);
                }
                entries = after;
            }
        }
        rest = after;
    }
    Some(never_run)
}

/// Returns the code section with `unreachable` in place of the functions that never run.
fn code(body: &[u8], imported: usize, never_run: &[usize]) -> Option<Vec<u8>> {
    let (count, mut rest) = read_leb128(body)?;
    let mut out = Vec::new();
    write_leb128(&mut out, count);
    for function in imported..imported + count {
        let (code, after) = read_prefixed(rest)?;
        // A body with no locals: `unreachable`, `end`.
        let code = if never_run.contains(&function) { &[0, 0, 11][..] } else { code };
        write_leb128(&mut out, code.len());
        out.extend(code);
        rest = after;
    }
    Some(out)
}

/// Returns the data section with the names of unhandled events replaced by zeros, which compress to almost nothing.
fn data(body: &[u8]) -> Vec<u8> {
    let mut out = body.to_vec();
    let find = |text: &[u8], within: &[u8]| within.windows(text.len()).position(|window| window == text);
    let [Some(first), Some(last)] = EVENT_LIST.map(|name| find(name, body)) else { return out };
    let end = last + EVENT_LIST[1].len();
    if first < end && body[first..end].iter().all(u8::is_ascii_lowercase) {
        out[first..end].fill(0);
        for name in HANDLED_EVENTS {
            // Search only the list: elsewhere, "button" followed by "submit" also contains "onsubmit".
            if let Some(offset) = find(name, &body[first..end]) {
                out[first + offset..first + offset + name.len()].copy_from_slice(name);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a module with one import, two functions, the second of which has the given name, and the given data.
    fn module(name: &str, data: &str) -> Vec<u8> {
        let mut out = b"\0asm\x01\0\0\0".to_vec();
        let mut section = |id: u8, body: &[u8]| {
            out.push(id);
            write_leb128(&mut out, body.len());
            out.extend(body);
        };
        section(2, b"\x01\x01m\x01f\0\0");
        section(10, b"\x02\x02\0\x0b\x04\0\x41\x07\x0b");
        section(11, data.as_bytes());
        let names = [b"\x02\x01\x03run\x02".to_vec(), vec![name.len() as u8], name.as_bytes().to_vec()].concat();
        section(0, &[b"\x04name\x01".to_vec(), vec![names.len() as u8], names].concat());
        out
    }

    #[test]
    fn functions_that_never_run_lose_their_bodies_and_others_keep_them() {
        assert_eq!(snip(&module("x4yew10dom_bundle3tag", "abc")).unwrap(), module("x4yew10dom_bundle3tag", "abc"));
        let snipped = snip(&module("x4yew10dom_bundle4braw", "abc")).unwrap();
        let before = module("x4yew10dom_bundle4braw", "abc");
        assert_eq!(snipped.len(), before.len() - 1);
        assert!(snipped.windows(4).any(|window| window == b"\x03\0\0\x0b"));
    }

    #[test]
    fn the_names_of_unhandled_events_are_removed() {
        let events = "zzbuttonsubmit!onabortonauxclickonblurononchangeonclickondragoninputonsubmitontransitionstart!";
        let snipped = snip(&module("f", &format!("zz!{}", &events[2..]))).unwrap();
        let text = String::from_utf8_lossy(&snipped).into_owned();
        for kept in ["onchange", "onclick", "oninput", "onsubmit", "zz!button"] {
            assert!(text.contains(kept), "{kept}");
        }
        assert_eq!(text.matches("onsubmit").count(), 2, "the event, and the two words that contain its name");
        for removed in ["onabort", "onblur", "ondrag", "ontransitionstart"] {
            assert!(!text.contains(removed), "{removed}");
        }
    }

    #[test]
    fn an_invalid_module_is_an_error() {
        assert!(snip(b"\0asm\x01\0\0\0\x0a\x7f").is_err());
        assert!(snip(b"").is_err());
    }
}
