//! Shared helpers of the tests: the real server as a process, host pages on other origins, and access to the database.

#![allow(clippy::disallowed_methods, reason = "tests measure real time, and make random ids")]

mod assets;
pub mod host;
pub mod mail;
pub mod page;
pub mod proxy;
pub mod receiver;
pub mod request;
pub mod server;
pub mod vectors;
pub mod web_server;

pub use host::HostSite;
pub use mail::MailServer;
pub use proxy::Proxy;
pub use server::Server;

use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;

/// Returns the folder of the workspace's Cargo.toml.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(PathBuf::from).unwrap_or(here)
}

/// How long tests wait for something that normally happens at once.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The time between two checks of [`eventually`].
const POLL: Duration = Duration::from_millis(10);

/// Checks again and again until there is a value, and returns it.
///
/// # Panics
/// Panics with `what` if there is no value after `patience`, even if a check takes longer than that.
pub async fn eventually<T>(what: &str, patience: Duration, mut check: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        match tokio::time::timeout_at(deadline, check()).await {
            Ok(Some(value)) => return value,
            Ok(None) if Instant::now() < deadline => tokio::time::sleep(POLL).await,
            _ => panic!("not within {} s: {what}", patience.as_secs_f32()),
        }
    }
}

/// Returns a free port on this machine.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waiting_returns_the_first_value() {
        let mut checks = 0;
        let third = async || {
            checks += 1;
            (checks == 3).then_some(checks)
        };
        assert_eq!(eventually("a third check", PATIENCE, third).await, 3);
    }

    #[tokio::test]
    #[should_panic(expected = "not within 0.05 s: a value")]
    async fn waiting_for_nothing_ends() {
        eventually("a value", Duration::from_millis(50), async || None::<()>).await;
    }

    #[tokio::test]
    #[should_panic(expected = "not within 0.05 s: an answer")]
    async fn waiting_ends_although_a_check_does_not() {
        eventually("an answer", Duration::from_millis(50), std::future::pending::<Option<()>>).await;
    }
}
