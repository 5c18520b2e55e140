//! Runs the server: listens, serves each connection within its limits, and ends without losing what is under way.

use crate::Config;
use crate::campaigns::Campaigns;
use crate::fingerprint::Key;
use crate::routes::{AppState, router};
use crate::store::{Store, database_path};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;

/// How long a client may take to send its request line and headers.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a client may take none of an answer that is ready for it.
const WRITE_TIMEOUT: Duration = Duration::from_secs(20);
/// How long requests under way may take to end once the server is asked to.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// Most connections at once; further ones wait in the system's queue.
const CONNECTIONS: usize = 4_096;

/// Serves until `stop` is done, then drains.
///
/// # Errors
/// A sentence for the operator: the data folder or the address cannot be used.
pub async fn serve(config: Config, stop: impl Future<Output = ()>) -> Result<(), String> {
    let key_path = config.data.join("fingerprint.key");
    let had_signatures = database_path(&config.data).exists();
    if had_signatures && !key_path.exists() {
        return Err(format!(
            "{} is missing, but there are signatures; put the key back, or nobody can tell who has signed before",
            key_path.display()
        ));
    }
    let (store, store_guard) = Store::open(&config.data)?;
    let key = Key::load_or_create(&key_path).map_err(|error| format!("{}: {error}", key_path.display()))?;
    let campaigns = Arc::new(Campaigns::open(config.www.join("campaigns")));
    if campaigns.is_empty() {
        tracing::warn!(folder = %config.www.join("campaigns").display(), "there is no campaign to sign");
    }
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", config.listen))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    tracing::info!(%address, campaigns = campaigns.len(), data = %config.data.display(), "listening");
    let app = router(AppState { store, campaigns, key }, &config);
    accept(&listener, app, stop).await;
    drop(listener);
    tracing::info!("closing the store");
    // Every handle on the store is gone with the connections; what is queued is still written.
    let closed = tokio::task::spawn_blocking(move || store_guard.close()).await;
    closed.map_err(|error| error.to_string())
}

async fn accept(listener: &TcpListener, app: axum::Router, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    let mut stop = std::pin::pin!(stop);
    loop {
        let next = async {
            let slot = Arc::clone(&slots).acquire_owned().await;
            (slot, listener.accept().await)
        };
        let accepted = tokio::select! {
            accepted = next => accepted,
            () = &mut stop => break,
        };
        let (slot, stream) = match accepted {
            (Ok(slot), Ok((stream, _))) => (slot, stream),
            // The semaphore is never closed.
            (Err(_), _) => break,
            (_, Err(error)) => {
                // Out of file handles, most likely; connections that end will free some.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let service = TowerToHyperService::new(app.clone());
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_TIMEOUT));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .serve_connection(TokioIo::new(Box::pin(stream)), service);
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            // A client that hangs up or sends nonsense is its own affair.
            let _ = watched.await;
            drop(slot);
        });
    }
    tracing::info!("stopping: no new connections, ending those under way");
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(DRAIN_TIMEOUT) => tracing::warn!("some requests did not end in time"),
    }
}
