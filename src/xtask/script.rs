//! The modules as JavaScript, for browsers in which Wasm cannot run: `wasm2js` compiles them, and this makes a module of
//! its output that works like Wasm: one function from the imports to the exports.

use crate::Outcome;

/// Makes one function of what `wasm2js` writes: it imports what the module imports by itself, runs at once, and so could
/// neither be given our imports nor be run a second time for a second widget.
///
/// # Errors
/// Where `wasm2js` writes its output in another form.
pub fn module(compiled: &str) -> Outcome<String> {
    let (body, _) = compiled
        .split_once("var retasmFunc")
        .ok_or("wasm2js writes its output in another form now; look at script.rs")?;
    let body: Vec<&str> = body.lines().filter(|line| !line.starts_with("import ")).collect();
    Ok(format!("export default (imports) => {{\n{}\nreturn asmFunc(imports);\n}};\n", body.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::module;

    #[test]
    fn the_output_becomes_one_function_of_its_imports() {
        let compiled = "import * as x from './x.js';\nvar view;\nfunction asmFunc(imports) {\n return {};\n}\n\n\
                        var retasmFunc = asmFunc({ './x.js': x });\nexport var go = retasmFunc.go;\n";
        let made = module(compiled).unwrap();
        assert!(
            made.starts_with("export default (imports) => {\nvar view;") && !made.contains("import * as"),
            "{made}"
        );
        assert!(made.ends_with("return asmFunc(imports);\n};\n") && !made.contains("retasmFunc"), "{made}");
        assert!(module("something else").is_err());
    }
}
