//! Builds the program again when a file inside it changes. `rust-embed` does not notice new files.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_BUNDLE").is_some() {
        println!("cargo:rerun-if-changed=../../www");
        println!("cargo:rerun-if-changed=../../target/dist");
    }
}
