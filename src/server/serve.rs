//! Runs the server: listens, serves each connection within limits, and shuts down without dropping active requests.

use crate::Config;
use crate::campaigns::Campaigns;
use crate::error::ServerError;
use crate::fingerprint::Key;
use crate::routes::{AppState, router};
use crate::store::{Store, database_path};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;

/// How long active requests may take once the server is shutting down.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// The most connections at once. Further ones wait in the operating system's queue.
const CONNECTIONS: usize = 4_096;

/// Serves until `stop` completes, then finishes the active requests.
///
/// # Errors
/// Returns an error if the data folder or the address cannot be used, or the writer panicked.
pub async fn serve(config: Config, stop: impl Future<Output = ()>) -> Result<(), ServerError> {
    let key_path = config.data.join("fingerprint.key");
    let has_signatures = database_path(&config.data).exists();
    if has_signatures && !key_path.exists() {
        return Err(ServerError::KeyMissing(key_path));
    }
    let (store, store_guard) = Store::open(&config.data)?;
    let key = Key::load_or_create(&key_path).map_err(|source| ServerError::Key { path: key_path, source })?;
    let campaigns = Arc::new(Campaigns::open(config.www.join("campaigns")));
    if campaigns.is_empty() {
        tracing::warn!(folder = %config.www.join("campaigns").display(), "there are no campaigns");
    }
    let failed = |source| ServerError::Listen { address: config.listen, source };
    let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    // For people, and for programs that start the server on port 0.
    if let Err(error) = writeln!(std::io::stdout(), "Listening on http://{address}/") {
        tracing::warn!(%error, "cannot print the address");
    }
    tracing::info!(%address, campaigns = campaigns.len(), data = %config.data.display(), "listening");
    let (contact, client_timeout) = (config.contact.clone(), config.client_timeout());
    let app = router(AppState { store, campaigns, key, contact, client_timeout }, &config);
    accept(&listener, app, config.client_timeout(), stop).await;
    drop(listener);
    tracing::info!("closing the store");
    // The last handles to the store were dropped with the connections. The writer still stores what is in the queue.
    let closed = tokio::task::spawn_blocking(move || store_guard.close()).await;
    // Waiting for the writer does not panic by itself.
    closed.unwrap_or(Err(ServerError::WriterPanicked))
}

async fn accept(listener: &TcpListener, app: axum::Router, client_timeout: Duration, stop: impl Future<Output = ()>) {
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
                // Most likely the process is out of file descriptors; connections that close will free some.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let service = TowerToHyperService::new(app.clone());
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(client_timeout * 2));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(client_timeout)
            .serve_connection(TokioIo::new(Box::pin(stream)), service);
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            // Clients that disconnect or send invalid requests are not errors of the server.
            let _ = watched.await;
            drop(slot);
        });
    }
    tracing::info!("shutting down: accepting no new connections, finishing active requests");
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(DRAIN_TIMEOUT) => tracing::warn!("some requests did not finish in time"),
    }
}
