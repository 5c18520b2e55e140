// The glue of a Wasm module, which wasm-bindgen generates and `src/xtask/glue.rs` simplifies. Each module has its own,
// with the same function `open`.

/**
 * Makes an instance of the module, and returns its exports. In the widget's module, the first export that fails calls
 * `onFailure`. No export does anything afterwards.
 */
export declare const open: <Exports>(run: Pledge.Run, onFailure?: (error: Error) => void) => Promise<Exports>;
