//! One target under libFuzzer: its name is in the environment variable PLEDGE_FUZZ_TARGET.

#![no_main]

use pledge_fuzz::Target;
use std::sync::LazyLock;

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("PLEDGE_FUZZ_TARGET").unwrap_or_default();
    Target::parse(&name).unwrap_or_else(|| panic!("PLEDGE_FUZZ_TARGET is {name:?}; run `cargo xtask fuzz`"))
});

libfuzzer_sys::fuzz_target!(|input: &[u8]| TARGET.run(input));
