//! Lists the functions in the widget's module with their sizes, as compiled, before `wasm-opt` shrinks them.

use crate::Outcome;
use crate::snip::{count_imports, read_leb128, read_prefixed, sections};
use std::collections::BTreeMap;

/// The number of functions to print.
const MAX_PRINTED: usize = 60;

/// Prints the largest functions of a compiled module.
///
/// # Errors
/// Returns an error if the module has an unexpected form.
pub fn print(wasm: &[u8]) -> Outcome {
    let functions = functions(wasm).ok_or("the module has an unexpected form; update why.rs")?;
    let all: usize = functions.iter().map(|(_, bytes)| bytes).sum();
    println!("{all:>9}  all functions, in bytes as compiled, and the {MAX_PRINTED} largest");
    for (name, bytes) in functions.iter().take(MAX_PRINTED) {
        println!("{bytes:>9}  {:#}", rustc_demangle::demangle(name));
    }
    Ok(())
}

/// Returns every function of a module with its size in bytes, the largest first.
fn functions(wasm: &[u8]) -> Option<Vec<(String, usize)>> {
    let sections = sections(wasm)?;
    let section = |wanted| sections.iter().find(|(id, _)| *id == wanted).map(|(_, body)| *body);
    let first = section(2).map_or(Some(0), count_imports)?;
    let names = sections.iter().filter(|(id, _)| *id == 0).find_map(|(_, body)| names(body)).unwrap_or_default();
    let (count, mut rest) = read_leb128(section(10)?)?;
    let mut functions = Vec::new();
    for function in first..first + count {
        let (code, after) = read_prefixed(rest)?;
        let name = names.get(&function).cloned().unwrap_or_else(|| format!("function {function}"));
        functions.push((name, code.len()));
        rest = after;
    }
    functions.sort_by(|(one, a), (other, b)| b.cmp(a).then_with(|| one.cmp(other)));
    Some(functions)
}

/// Returns the names of functions by their index, if this is the name section.
fn names(body: &[u8]) -> Option<BTreeMap<usize, String>> {
    let (_, mut rest) = read_prefixed(body).filter(|(name, _)| *name == b"name")?;
    let mut names = BTreeMap::new();
    while let Some((kind, after)) = rest.split_first() {
        let (part, after) = read_prefixed(after)?;
        if *kind == 1 {
            let (count, mut entries) = read_leb128(part)?;
            for _ in 0..count {
                let (function, after) = read_leb128(entries)?;
                let (name, after) = read_prefixed(after)?;
                names.insert(function, String::from_utf8_lossy(name).into_owned());
                entries = after;
            }
        }
        rest = after;
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_sorted_by_size_and_named() {
        // An import, two functions, and names for the import and the second of them.
        let module = b"\0asm\x01\0\0\0\x02\x07\x01\x01m\x01f\0\0\x0a\x09\x02\x02\0\x0b\x04\0\x41\x07\x0b\
            \0\x10\x04name\x01\x09\x02\0\x01f\x02\x03big";
        let expected = [("big".to_owned(), 4), ("function 1".to_owned(), 2)];
        assert_eq!(functions(module).as_deref(), Some(&expected[..]));
        assert_eq!(functions(b"\0asm"), None);
    }
}
