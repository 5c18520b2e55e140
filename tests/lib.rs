//! Shared helpers of the tests: the real server as a process, host pages on other origins, and access to the database.

mod assets;
pub mod host;
pub mod page;
pub mod proxy;
pub mod request;
pub mod server;
pub mod vectors;

pub use host::HostSite;
pub use proxy::Proxy;
pub use server::Server;

use std::path::PathBuf;

/// Returns the folder of the workspace's Cargo.toml.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(PathBuf::from).unwrap_or(here)
}

/// Returns a free port on this machine.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}
