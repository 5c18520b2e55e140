//! Which files of a package need which, from the paths in their code.

use pledge_tests::root;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A module: its names from the crate's root on.
type Module = Vec<String>;

/// The modules of one package that are files, without those of tests.
#[derive(Default)]
struct Package {
    files: BTreeMap<Module, (PathBuf, TokenStream)>,
    /// What a module passes on: the module, the name, and where it comes from.
    passed_on: BTreeMap<(Module, String), Module>,
}

/// The circles in a package: files that need each other, each circle in a line.
pub fn circles(folder: &str) -> Vec<String> {
    let folder = root().join("src").join(folder);
    let mut found = Vec::new();
    for name in ["lib.rs", "main.rs"].into_iter().filter(|name| folder.join(name).exists()) {
        let mut package = Package::default();
        package.read(&folder.join(name), Vec::new());
        package.pass_on();
        found.extend(package.circles(&folder));
    }
    found
}

impl Package {
    /// Reads a file and those of the modules that it declares.
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

    fn pass_on(&mut self) {
        for (module, (_, tokens)) in &self.files {
            for (path, is_public) in paths(tokens) {
                if is_public && let Some((name, of)) = path.split_last() {
                    let of = self.place(module, of);
                    self.passed_on.insert((module.clone(), name.clone()), of);
                }
            }
        }
    }

    /// The module that a path of names leads into, from a module on.
    fn place(&self, from: &Module, path: &[String]) -> Module {
        let mut place = from.clone();
        for name in path {
            match name.as_str() {
                "crate" => place.clear(),
                "super" => drop(place.pop()),
                "self" => {}
                name => {
                    let inner = [&place[..], &[name.to_owned()]].concat();
                    if self.files.contains_key(&inner) {
                        place = inner;
                    } else {
                        return self.passed_on.get(&(place.clone(), name.to_owned())).cloned().unwrap_or(place);
                    }
                }
            }
        }
        place
    }

    /// What each module needs.
    fn needs(&self) -> BTreeMap<&Module, BTreeSet<Module>> {
        let mut needs = BTreeMap::new();
        for (module, (_, tokens)) in &self.files {
            let mut needed = BTreeSet::new();
            for (path, is_public) in paths(tokens) {
                let is_ours = |first: &String| {
                    ["crate", "super", "self"].contains(&first.as_str())
                        || self.files.contains_key(&[&module[..], std::slice::from_ref(first)].concat())
                };
                // What a module only passes on, it does not need.
                if !is_public && path.len() > 1 && is_ours(&path[0]) {
                    needed.insert(self.place(module, &path));
                }
            }
            needed.remove(module);
            needs.insert(module, needed);
        }
        needs
    }

    fn circles(&self, folder: &Path) -> Vec<String> {
        let needs = self.needs();
        let reached = |from: &Module| {
            let (mut reached, mut rest) = (BTreeSet::new(), vec![from.clone()]);
            while let Some(next) = rest.pop() {
                for needed in needs.get(&next).into_iter().flatten() {
                    if reached.insert(needed.clone()) {
                        rest.push(needed.clone());
                    }
                }
            }
            reached
        };
        let all: BTreeMap<_, _> = self.files.keys().map(|module| (module, reached(module))).collect();
        let name = |module: &Module| self.files[module].0.strip_prefix(folder).unwrap().display().to_string();
        let mut circles = BTreeSet::new();
        for (module, reaches) in all.iter().filter(|(module, reaches)| reaches.contains(**module)) {
            let circle = reaches.iter().filter(|other| all[other].contains(*module)).map(name);
            circles.insert(circle.collect::<Vec<_>>().join(", "));
        }
        circles.into_iter().map(|files| format!("{}: {files}", folder.display())).collect()
    }
}

/// The tokens without what is compiled for tests alone.
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
        // The item ends with its braces, or with a semicolon.
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

/// The modules that a file declares as files of their own.
fn declared(tokens: &TokenStream) -> Vec<String> {
    let words: Vec<String> = tokens.clone().into_iter().map(|token| token.to_string()).collect();
    let declared = words.windows(3).filter(|words| words[0] == "mod" && words[2] == ";");
    declared.map(|words| words[1].clone()).collect()
}

/// Every path in the code, those in braces behind a `use` one by one; and whether it is one of a `pub use`.
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
                let of = if joints == 2 { path.clone() } else { before.to_vec() };
                flush(&mut path, is_public_use);
                inner.push((group.stream(), of, is_public_use));
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
    for (tokens, of, is_public) in inner {
        collect(&tokens, &of, is_public, found);
    }
}
