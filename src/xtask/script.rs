//! Converts the modules to JavaScript for browsers that cannot run Wasm. `wasm2js` compiles them; this turns its output
//! into a module that works like a Wasm module: one function that takes the imports and returns the exports.

use crate::Outcome;

/// Turns the output of `wasm2js` into one function.
///
/// The original output has its own `import` statements and runs at once. So it could not use the imports that the glue
/// passes, and could not run again for a second widget.
///
/// # Errors
/// Returns an error if the output of `wasm2js` has an unexpected form.
pub fn module(compiled: &str) -> Outcome<String> {
    let (body, _) = compiled
        .split_once("var retasmFunc")
        .ok_or("the output of wasm2js has an unexpected form; update script.rs")?;
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
        let script = module(compiled).unwrap();
        assert!(
            script.starts_with("export default (imports) => {\nvar view;") && !script.contains("import * as"),
            "{script}"
        );
        assert!(script.ends_with("return asmFunc(imports);\n};\n") && !script.contains("retasmFunc"), "{script}");
        assert!(module("something else").is_err());
    }
}
