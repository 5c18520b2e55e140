//! Finds out which files of a package use which, from the paths in their code.

use pledge_tests::root;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The path of a module: the names from the crate's root.
type Module = Vec<String>;

/// The modules of a package that are files, without test modules.
#[derive(Default)]
struct Package {
    files: BTreeMap<Module, (PathBuf, TokenStream)>,
    /// The names that a module re-exports, with the module that each comes from.
    reexports: BTreeMap<(Module, String), Module>,
}

/// Returns the cycles in a package: one line for each set of files that use each other.
pub fn cycles(folder: &str) -> Vec<String> {
    let folder = root().join("src").join(folder);
    let mut found = Vec::new();
    for name in ["lib.rs", "main.rs"].into_iter().filter(|name| folder.join(name).exists()) {
        let mut package = Package::default();
        package.read(&folder.join(name), Vec::new());
        package.read_reexports();
        found.extend(package.cycles(&folder));
    }
    found
}

impl Package {
    /// Reads a file and the files of the modules that it declares.
    fn read(&mut self, path: &Path, module: Module) {
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let tokens = without_tests(text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display())));
        let folder = match path.file_name().and_then(|name| name.to_str()) {
            Some("lib.rs" | "main.rs" | "mod.rs") => path.parent().unwrap().to_owned(),
            _ => path.with_extension(""),
        };
        for name in declared(&tokens) {
            let inner = [folder.join(format!("{name}.rs")), folder.join(&name).join("mod.rs")];
            let inner = inner.into_iter().find(|path| path.exists()).unwrap_or_else(|| panic!("no file of {name}"));
            self.read(&inner, [&module[..], &[name]].concat());
        }
        self.files.insert(module, (path.to_owned(), tokens));
    }

    fn read_reexports(&mut self) {
        for (module, (_, tokens)) in &self.files {
            for (path, is_public) in paths(tokens) {
                if is_public && let Some((name, parent)) = path.split_last() {
                    let source = self.resolve(module, parent);
                    self.reexports.insert((module.clone(), name.clone()), source);
                }
            }
        }
    }

    /// Returns the module that a path of names leads to, starting in a module.
    fn resolve(&self, from: &Module, path: &[String]) -> Module {
        let mut current = from.clone();
        for name in path {
            match name.as_str() {
                "crate" => current.clear(),
                "super" => drop(current.pop()),
                "self" => {}
                name => {
                    let inner = [&current[..], &[name.to_owned()]].concat();
                    if self.files.contains_key(&inner) {
                        current = inner;
                    } else {
                        return self.reexports.get(&(current.clone(), name.to_owned())).cloned().unwrap_or(current);
                    }
                }
            }
        }
        current
    }

    /// Returns the modules that each module uses.
    fn dependencies(&self) -> BTreeMap<&Module, BTreeSet<Module>> {
        let mut dependencies = BTreeMap::new();
        for (module, (_, tokens)) in &self.files {
            let mut used = BTreeSet::new();
            for (path, is_public) in paths(tokens) {
                let is_in_package = |first: &String| {
                    ["crate", "super", "self"].contains(&first.as_str())
                        || self.files.contains_key(&[&module[..], std::slice::from_ref(first)].concat())
                };
                // A module does not use what it only re-exports.
                if !is_public && path.len() > 1 && is_in_package(&path[0]) {
                    used.insert(self.resolve(module, &path));
                }
            }
            used.remove(module);
            dependencies.insert(module, used);
        }
        dependencies
    }

    fn cycles(&self, folder: &Path) -> Vec<String> {
        let dependencies = self.dependencies();
        let reached = |from: &Module| {
            let (mut reached, mut rest) = (BTreeSet::new(), vec![from.clone()]);
            while let Some(next) = rest.pop() {
                for used in dependencies.get(&next).into_iter().flatten() {
                    if reached.insert(used.clone()) {
                        rest.push(used.clone());
                    }
                }
            }
            reached
        };
        let all: BTreeMap<_, _> = self.files.keys().map(|module| (module, reached(module))).collect();
        let name = |module: &Module| self.files[module].0.strip_prefix(folder).unwrap().display().to_string();
        let mut cycles = BTreeSet::new();
        for (module, reaches) in all.iter().filter(|(module, reaches)| reaches.contains(**module)) {
            let cycle = reaches.iter().filter(|other| all[other].contains(*module)).map(name);
            cycles.insert(cycle.collect::<Vec<_>>().join(", "));
        }
        cycles.into_iter().map(|files| format!("{}: {files}", folder.display())).collect()
    }
}

/// Returns the tokens without items that are compiled for tests only.
fn without_tests(tokens: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_test = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#')
            && tokens.peek().is_some_and(|group| group.to_string().replace(' ', "") == "[cfg(test)]");
        if !is_test {
            kept.push(token);
            continue;
        }
        // The item ends with a block in braces or with a semicolon.
        for token in tokens.by_ref().skip(1) {
            let ends = match &token {
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                TokenTree::Punct(punct) => punct.as_char() == ';',
                _ => false,
            };
            if ends {
                break;
            }
        }
    }
    kept.into_iter().collect()
}

/// Returns the names of the modules that a file declares with `mod name;`.
fn declared(tokens: &TokenStream) -> Vec<String> {
    let words: Vec<String> = tokens.clone().into_iter().map(|token| token.to_string()).collect();
    let declared = words.windows(3).filter(|words| words[0] == "mod" && words[2] == ";");
    declared.map(|words| words[1].clone()).collect()
}

/// Returns every path in the code, and whether it is part of a `pub use`. Paths in the braces of a `use` are listed one
/// by one.
fn paths(tokens: &TokenStream) -> Vec<(Vec<String>, bool)> {
    let mut found = Vec::new();
    collect(tokens, &[], false, &mut found);
    found
}

fn collect(tokens: &TokenStream, before: &[String], is_public: bool, found: &mut Vec<(Vec<String>, bool)>) {
    let mut path = before.to_vec();
    let (mut is_public_use, mut last, mut joints) = (is_public, String::new(), 0);
    let mut flush = |path: &mut Vec<String>, is_public: bool| {
        if path.len() > before.len() {
            found.push((path.clone(), is_public));
        }
        path.truncate(before.len());
    };
    let mut inner = Vec::new();
    for token in tokens.clone() {
        match &token {
            TokenTree::Ident(ident) => {
                let word = ident.to_string();
                if joints != 2 {
                    flush(&mut path, is_public_use);
                }
                if word == "use" {
                    is_public_use = last == "pub" || last == ")";
                }
                path.push(word.clone());
                (last, joints) = (word, 0);
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => joints += 1,
            TokenTree::Punct(punct) => {
                if punct.as_char() == '*' && joints == 2 {
                    path.push("*".to_owned());
                }
                flush(&mut path, is_public_use);
                if punct.as_char() == ';' {
                    is_public_use = is_public;
                }
                (last, joints) = (String::new(), 0);
            }
            TokenTree::Group(group) => {
                let prefix = if joints == 2 { path.clone() } else { before.to_vec() };
                flush(&mut path, is_public_use);
                inner.push((group.stream(), prefix, is_public_use));
                let is_scope = group.delimiter() == Delimiter::Parenthesis && last == "pub";
                (last, joints) = (if is_scope { ")".to_owned() } else { String::new() }, 0);
            }
            TokenTree::Literal(_) => {
                flush(&mut path, is_public_use);
                (last, joints) = (String::new(), 0);
            }
        }
    }
    flush(&mut path, is_public_use);
    for (tokens, prefix, is_public) in inner {
        collect(&tokens, &prefix, is_public, found);
    }
}
