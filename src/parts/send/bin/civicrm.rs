//! A Wasm module of its own, loaded only where a page names one of these backends: CiviCRM.

// A module has exports and no entry; without one, the runtime that would call it stays out.
#![cfg_attr(target_arch = "wasm32", no_main)]

pledge_send::export_sending!(pledge_backend::family::civicrm);
