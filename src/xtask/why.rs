//! What the widget's module is made of: each function with its size, as compiled, before `wasm-opt` shrinks it.

use crate::Outcome;
use crate::snip::{imported, number, sections, sized};
use std::collections::BTreeMap;

/// How many functions are printed.
const SHOWN: usize = 60;

/// Prints the largest functions of a compiled module.
///
/// # Errors
/// Where the module is not of the form that is known here.
pub fn print(wasm: &[u8]) -> Outcome {
    let functions = functions(wasm).ok_or("the module has another form now; look at why.rs")?;
    let all: usize = functions.iter().map(|(_, bytes)| bytes).sum();
    println!("{all:>9}  all functions, in bytes as compiled, and the {SHOWN} largest");
    for (name, bytes) in functions.iter().take(SHOWN) {
        println!("{bytes:>9}  {:#}", rustc_demangle::demangle(name));
    }
    Ok(())
}

/// Every function of a module with its size in bytes, the largest first.
fn functions(wasm: &[u8]) -> Option<Vec<(String, usize)>> {
    let sections = sections(wasm)?;
    let of = |wanted| sections.iter().find(|(id, _)| *id == wanted).map(|(_, body)| *body);
    let first = of(2).map_or(Some(0), imported)?;
    let names = sections.iter().filter(|(id, _)| *id == 0).find_map(|(_, body)| names(body)).unwrap_or_default();
    let (count, mut rest) = number(of(10)?)?;
    let mut functions = Vec::new();
    for function in first..first + count {
        let (code, after) = sized(rest)?;
        let name = names.get(&function).cloned().unwrap_or_else(|| format!("function {function}"));
        functions.push((name, code.len()));
        rest = after;
    }
    functions.sort_by(|(one, a), (other, b)| b.cmp(a).then_with(|| one.cmp(other)));
    Some(functions)
}

/// The names of functions by their numbers, where that is the section of names.
fn names(body: &[u8]) -> Option<BTreeMap<usize, String>> {
    let (_, mut rest) = sized(body).filter(|(name, _)| *name == b"name")?;
    let mut names = BTreeMap::new();
    while let Some((kind, after)) = rest.split_first() {
        let (part, after) = sized(after)?;
        if *kind == 1 {
            let (count, mut entries) = number(part)?;
            for _ in 0..count {
                let (function, after) = number(entries)?;
                let (name, after) = sized(after)?;
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
    fn functions_come_by_size_with_their_names() {
        // An import, two functions, and names for the import and the second of them.
        let module = b"\0asm\x01\0\0\0\x02\x07\x01\x01m\x01f\0\0\x0a\x09\x02\x02\0\x0b\x04\0\x41\x07\x0b\
            \0\x10\x04name\x01\x09\x02\0\x01f\x02\x03big";
        let expected = [("big".to_owned(), 4), ("function 1".to_owned(), 2)];
        assert_eq!(functions(module).as_deref(), Some(&expected[..]));
        assert_eq!(functions(b"\0asm"), None);
    }
}
