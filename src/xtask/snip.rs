//! Takes out of a module what it never runs, so that no page loads it.
//!
//! Yew draws more than our views use: raw markup, text, components in components, portals, suspense. It decides what to draw while
//! it runs, so no compiler can leave those out. Their bodies become one instruction that ends the module
//! (`unreachable`), and
//! `wasm-opt` then drops whatever only they called. Should one of them be called after all, the widget fails and shows
//! its fallback; the browser tests would see it.

use crate::Outcome;

/// Parts of the names of functions that our views never lead to. Nothing of ours makes such a node, nor attributes that are a
/// map; text is a property of its element (`views/shown.rs`); and there is one component, so that no queue of Yew's holds
/// more than an entry or two, and no tree of entries is ever balanced. A view that needs one of these takes it off the list.
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

/// The names of events that Yew knows, one behind the other, from the first to the last.
const EVENTS: [&[u8]; 2] = [b"onabortonauxclick", b"ontransitionstart"];
/// Those that our views listen to.
const HEARD: [&[u8]; 4] = [b"onchange", b"onclick", b"oninput", b"onsubmit"];

/// The module without the bodies of the functions in [`NEVER_RUN`] and without the names of events that nothing listens
/// to.
///
/// # Errors
/// Where the module is not of the form that is known here.
pub fn snip(wasm: &[u8]) -> Outcome<Vec<u8>> {
    snipped(wasm).ok_or_else(|| "the module has another form now; look at snip.rs".to_owned())
}

/// The sections of a module: the number of each kind, and what is in it.
pub fn sections(wasm: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let (_, mut rest) = wasm.split_at_checked(8)?;
    let mut sections = Vec::new();
    while let Some((id, after)) = rest.split_first() {
        let (body, after) = sized(after)?;
        sections.push((*id, body));
        rest = after;
    }
    Some(sections)
}

fn snipped(wasm: &[u8]) -> Option<Vec<u8>> {
    let head = wasm.get(..8)?;
    let sections = sections(wasm)?;
    let imported = sections.iter().find(|(id, _)| *id == 2).map_or(Some(0), |(_, body)| imported(body))?;
    let names = sections.iter().find_map(|(id, body)| names(*id, body))?;
    let mut out = head.to_vec();
    for (id, body) in sections {
        let body = match id {
            10 => code(body, imported, &names)?,
            11 => data(body),
            _ => body.to_vec(),
        };
        out.push(id);
        put(&mut out, body.len());
        out.extend(body);
    }
    Some(out)
}

/// An unsigned number in LEB128, and what is behind it.
pub fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (mut value, mut shift) = (0, 0);
    for (at, byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 127) << shift;
        shift += 7;
        if byte & 128 == 0 {
            return Some((value, &bytes[at + 1..]));
        }
    }
    None
}

fn put(out: &mut Vec<u8>, mut value: usize) {
    while value > 127 {
        out.push((value & 127) as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Something led by its length, and what is behind it.
pub fn sized(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = number(bytes)?;
    rest.split_at_checked(length)
}

/// How many functions a module imports; they have the first numbers.
pub fn imported(body: &[u8]) -> Option<usize> {
    let (count, mut rest) = number(body)?;
    let mut functions = 0;
    for _ in 0..count {
        rest = sized(sized(rest)?.1)?.1;
        let (kind, after) = rest.split_first()?;
        // Functions alone: the widget imports no memory, table or global.
        if *kind != 0 {
            return None;
        }
        rest = number(after)?.1;
        functions += 1;
    }
    Some(functions)
}

/// The numbers of the functions that never run, by the section of names.
fn names(id: u8, body: &[u8]) -> Option<Vec<usize>> {
    let (name, mut rest) = sized(body).filter(|_| id == 0)?;
    if name != b"name" {
        return None;
    }
    let mut never_run = Vec::new();
    while let Some((kind, after)) = rest.split_first() {
        let (part, after) = sized(after)?;
        if *kind == 1 {
            let (count, mut entries) = number(part)?;
            for _ in 0..count {
                let (function, after) = number(entries)?;
                let (name, after) = sized(after)?;
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

/// The section of code with `unreachable` for the functions that never run.
fn code(body: &[u8], imported: usize, never_run: &[usize]) -> Option<Vec<u8>> {
    let (count, mut rest) = number(body)?;
    let mut out = Vec::new();
    put(&mut out, count);
    for function in imported..imported + count {
        let (code, after) = sized(rest)?;
        // No locals, `unreachable`, `end`.
        let code = if never_run.contains(&function) { &[0, 0, 11][..] } else { code };
        put(&mut out, code.len());
        out.extend(code);
        rest = after;
    }
    Some(out)
}

/// The section of data with zeros, which compress to nothing, for the names of events that nothing listens to.
fn data(body: &[u8]) -> Vec<u8> {
    let mut out = body.to_vec();
    let find = |text: &[u8], within: &[u8]| within.windows(text.len()).position(|window| window == text);
    let [Some(first), Some(last)] = EVENTS.map(|name| find(name, body)) else { return out };
    let end = last + EVENTS[1].len();
    if first < end && body[first..end].iter().all(u8::is_ascii_lowercase) {
        out[first..end].fill(0);
        for name in HEARD {
            // Among the events alone: "button" and "submit" one behind the other hold the name of one, too.
            if let Some(at) = find(name, &body[first..end]) {
                out[first + at..first + at + name.len()].copy_from_slice(name);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module with an import and two functions, the second of which has that name, and that data.
    fn module(name: &str, data: &str) -> Vec<u8> {
        let mut out = b"\0asm\x01\0\0\0".to_vec();
        let mut section = |id: u8, body: &[u8]| {
            out.push(id);
            put(&mut out, body.len());
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
    fn what_never_runs_has_no_body_and_everything_else_is_as_it_was() {
        assert_eq!(snip(&module("x4yew10dom_bundle3tag", "abc")).unwrap(), module("x4yew10dom_bundle3tag", "abc"));
        let snipped = snip(&module("x4yew10dom_bundle4braw", "abc")).unwrap();
        let before = module("x4yew10dom_bundle4braw", "abc");
        assert_eq!(snipped.len(), before.len() - 1);
        assert!(snipped.windows(4).any(|window| window == b"\x03\0\0\x0b"));
    }

    #[test]
    fn events_that_nothing_listens_to_have_no_names() {
        let events = "zzbuttonsubmit!onabortonauxclickonblurononchangeonclickondragoninputonsubmitontransitionstart!";
        let snipped = snip(&module("f", &format!("zz!{}", &events[2..]))).unwrap();
        let text = String::from_utf8_lossy(&snipped).into_owned();
        for heard in ["onchange", "onclick", "oninput", "onsubmit", "zz!button"] {
            assert!(text.contains(heard), "{heard}");
        }
        assert_eq!(text.matches("onsubmit").count(), 2, "the event, and the two words that hold its name");
        for gone in ["onabort", "onblur", "ondrag", "ontransitionstart"] {
            assert!(!text.contains(gone), "{gone}");
        }
    }

    #[test]
    fn what_is_no_module_is_said() {
        assert!(snip(b"\0asm\x01\0\0\0\x0a\x7f").is_err());
        assert!(snip(b"").is_err());
    }
}
