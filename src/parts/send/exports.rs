//! The exports of the modules for other backends. They are a macro because exports must be in the module itself.

/// Exports the functions of the module of one family. With `counts`, it also exports the function that reads a public
/// count.
#[macro_export]
macro_rules! export_sending {
    ($family:path, counts) => {
        $crate::export_sending!($family);

        /// See `pledge_send::count`.
        #[wasm_bindgen]
        pub fn count(config: &JsValue, answer: &JsValue) -> Option<f64> {
            $crate::count($family, config, answer)
        }
    };
    ($family:path) => {
        use wasm_bindgen::prelude::*;

        #[cfg(target_arch = "wasm32")]
        #[global_allocator]
        static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
            lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

        /// See `pledge_send::facts`.
        #[wasm_bindgen]
        pub fn facts(config: &JsValue, line: &str) -> JsValue {
            $crate::facts($family, config, line)
        }

        /// See `pledge_send::request`.
        #[wasm_bindgen]
        pub fn request(config: &JsValue, line: &str, signature: &JsValue) -> JsValue {
            $crate::request($family, config, line, signature)
        }

        /// See `pledge_send::outcome`.
        #[wasm_bindgen]
        pub fn outcome(config: &JsValue, line: &str, signature: &JsValue, answer: &JsValue, first: bool) -> JsValue {
            $crate::outcome($family, config, line, signature, answer, first)
        }

        #[cfg(not(target_arch = "wasm32"))]
        fn main() {}
    };
}
