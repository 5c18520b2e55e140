//! Runs the server: listens, serves each connection within limits, and shuts down without dropping active requests.

use crate::Config;
use crate::campaigns::Campaigns;
use crate::clock::{monotonic, system, today};
use crate::connections::{Connections, connections_max};
use crate::counts::PublicCounts;
use crate::error::ServerError;
use crate::fingerprint::{Key, MAILBOX_RULES};
use crate::limits::{Limits, Peer};
use crate::mail::{Mailer, deliver};
use crate::metrics::Metrics;
use crate::retention::{Retention, Steadiness};
use crate::routes::{AppState, health_router, router};
use crate::{backups, bundle, deliver};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use pledge_domain::{CampaignId, EmailAddress};
use pledge_store::Store;
use pledge_store::sqlite::{Desk, Opened, Sqlite};
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::MissedTickBehavior;
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

/// How long active requests may take once the server is shutting down.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// The most that is buffered of a request or a response on a connection, in bytes. It is also the limit for headers.
const BUFFER_MAX_BYTES: usize = 16 * 1024;
/// How often the server forgets networks that have sent nothing for a while.
const FORGET: Duration = Duration::from_secs(60);
/// How often the server looks whether another program has changed the database.
const REFRESH: Duration = Duration::from_secs(1);

/// Serves until `stop` completes, then finishes the active requests.
///
/// # Errors
/// Returns an error if the data folder or the address cannot be used, or the writer panicked.
pub async fn serve(config: Config, stop: impl Future<Output = ()>) -> Result<(), ServerError> {
    let Opened { store, guard, key_number, has_prints } = Sqlite::open(&config.data)?;
    Key::settle(&config.data, key_number)?;
    let key = Key::load_or_create(&config.data.join(Key::FILE), has_prints)?;
    let mut desk = Desk::open(&config.data)?;
    // Without fingerprints, any key will do.
    if has_prints && !key.fits(&desk)? {
        return Err(ServerError::KeyWrong(config.data.join(Key::FILE)));
    }
    if key_number != Some(key.number()) {
        desk.record_key(key.number())?;
    }
    drop(desk);
    let store: Arc<dyn Store> = Arc::new(store);
    let print_key = key.clone();
    let print =
        Box::new(move |campaign: &CampaignId, email: &EmailAddress, lane| print_key.mailbox(campaign, email, lane));
    store.renew_mailboxes(MAILBOX_RULES, print).await.map_err(|_| ServerError::Renew)?;
    let services = config.destinations.as_deref().map_or(Ok(Vec::new()), deliver::read)?;
    let folders = bundle::folders(&config)?;
    let campaigns = Arc::new(Campaigns::open(folders.www.join("campaigns")));
    if campaigns.is_empty() {
        tracing::warn!(folder = %folders.www.join("campaigns").display(), "there are no campaigns");
    }
    let failed = |source| ServerError::Listen { address: config.listen, source };
    let connections = Connections::new(connections_max(), config.client_timeout() * 2);
    let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let number = campaigns.len();
    let (contact, client_timeout) = (config.contact.clone(), config.client_timeout());
    let mailer = Mailer::new(&config)?;
    let can_send = mailer.is_some();
    let post = mailer.map(|mailer| tokio::spawn(post(mailer, Arc::clone(&store), key.clone(), Arc::clone(&campaigns))));
    let limits = Arc::new(Limits::new(config.limits()));
    let guesses = Arc::new(Limits::new(config.guesses()));
    let networks = [Arc::clone(&limits), Arc::clone(&guesses)];
    let jobs = tokio::spawn(jobs(Arc::clone(&store), Arc::clone(&campaigns), networks, config.retention()));
    let counts = Arc::new(PublicCounts::new(Duration::from_secs(config.count_every_s.into())));
    let metrics = Arc::new(Metrics::default());
    let destinations = services.iter().map(|service| service.destination.clone()).collect();
    store.set_destinations(destinations).await.map_err(|_| ServerError::Destinations)?;
    let mut deliveries = deliver::start(services, &store)?;
    let copies = config.backups().map(|backups| tokio::spawn(backups::run(backups, Arc::clone(&metrics))));
    let (open, numbers) = (connections.clone(), Arc::clone(&metrics));
    let state = AppState {
        store,
        counts,
        limits,
        guesses,
        proofs: Arc::default(),
        asks_for_proofs: config.proof_of_work,
        metrics,
        connections: open,
        campaigns,
        key,
        contact,
        can_send,
        client_timeout,
    };
    let health = match config.metrics_listen {
        Some(address) => Some(health(address, health_router(state.clone())).await?),
        None => None,
    };
    // For people, and for programs that start the server on port 0. Only now is everything there.
    if let Err(error) = writeln!(std::io::stdout(), "Listening on http://{address}/") {
        tracing::warn!(%error, "cannot print the address");
    }
    tracing::info!(%address, campaigns = number, data = %config.data.display(), "listening");
    let app = router(state, &folders, &config);
    let stop = async {
        stop.await;
        numbers.stop();
    };
    accept(listener, app, config.client_timeout(), connections, stop).await;
    for task in [Some(jobs), post, copies, health].into_iter().flatten() {
        task.abort();
        // It was aborted, so its result says nothing. Its handle to the store must be gone before the store can close.
        let _ = task.await;
    }
    deliveries.shutdown().await;
    tracing::info!("closing the store");
    // The last handles to the store were dropped with the connections. The writer still stores what is in the queue.
    let closed = tokio::task::spawn_blocking(move || guard.close()).await;
    // Waiting for the writer does not panic by itself.
    Ok(closed.unwrap_or(Err(pledge_store::OpenError::WriterPanicked))?)
}

/// The work that no request starts: reads the numbers and the campaign files again when others have changed them. Once
/// a day, it checks that the numbers are right and deletes what is no longer needed.
async fn jobs(store: Arc<dyn Store>, campaigns: Arc<Campaigns>, networks: [Arc<Limits>; 2], retention: Retention) {
    let mut ticks = tokio::time::interval(REFRESH);
    let (mut checked_on, mut cleaned_on, mut forgot_at) = (today(), None, monotonic());
    let mut steadiness = Steadiness::new(monotonic(), system());
    loop {
        ticks.tick().await;
        if steadiness.look(monotonic(), system()) {
            tracing::warn!("the clock has jumped; nothing is deleted for a day because of its age");
        }
        if forgot_at.elapsed() >= FORGET {
            networks.iter().for_each(|limits| limits.forget());
            forgot_at = monotonic();
        }
        // The store logs why it failed. The next tick tries again.
        let _ = store.refresh().await;
        let folder = Arc::clone(&campaigns);
        // Reading files may block. If it panics, the next tick reads them again.
        let _ = tokio::task::spawn_blocking(move || folder.rescan()).await;
        let today = today();
        // Also at the start. If the store fails, which it logs, the next tick tries again.
        if cleaned_on != Some(today)
            && steadiness.is_steady(monotonic())
            && retention.apply(&store, &campaigns, today).await.is_ok()
        {
            cleaned_on = Some(today);
        }
        if today != checked_on
            && let Ok(drifts) = store.recount().await
        {
            checked_on = today;
            for drift in drifts {
                let (campaign, stored, counted) = (drift.campaign.as_str(), drift.stored, drift.counted);
                tracing::warn!(campaign, stored, counted, "the number of signatures was wrong, and is corrected");
            }
        }
    }
}

/// Starts to listen for monitoring systems.
///
/// # Errors
/// Returns an error if the address cannot be used.
async fn health(address: SocketAddr, app: axum::Router) -> Result<JoinHandle<()>, ServerError> {
    let failed = |source| ServerError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    tracing::info!(%address, "listening for monitoring systems");
    Ok(tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, app).await {
            tracing::error!(%error, "monitoring systems can no longer connect");
        }
    }))
}

/// Sends emails as they become due.
async fn post(mailer: Mailer, store: Arc<dyn Store>, key: Key, campaigns: Arc<Campaigns>) {
    let mut ticks = tokio::time::interval(REFRESH);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        while deliver(&mailer, &store, &key, &campaigns).await > 0 {}
    }
}

/// Waits for the next connection.
async fn next_stream(listener: &TcpListener) -> std::io::Result<(TcpStream, SocketAddr)> {
    let (stream, address) = listener.accept().await?;
    // Otherwise the system holds the second part of a response back until the client has confirmed the first: 40 ms for
    // each small file.
    stream.set_nodelay(true)?;
    Ok((stream, address))
}

/// Accepts connections until `stop` completes. Then nobody can connect any more, and active requests are finished.
async fn accept(
    listener: TcpListener,
    app: axum::Router,
    client_timeout: Duration,
    connections: Connections,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let mut tasks = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    for id in 0.. {
        let next = async {
            let (stream, address) = next_stream(&listener).await?;
            Ok::<_, std::io::Error>((stream, Peer(address.ip()), connections.add(id, address.ip()).await))
        };
        let accepted = tokio::select! {
            accepted = next => accepted,
            () = &mut stop => break,
        };
        while tasks.try_join_next().is_some() {}
        let (stream, peer, slot) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Most likely the process is out of file descriptors; connections that close will free some.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(client_timeout * 2));
        let (app, requests) = (app.clone(), slot.requests());
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            let (app, active) = (app.clone(), requests.begin());
            async move { app.oneshot(request).await.map(|response| active.until_sent(response)) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(client_timeout)
            .max_buf_size(BUFFER_MAX_BYTES)
            .serve_connection(TokioIo::new(Box::pin(stream)), service);
        let watched = graceful.watch(connection);
        tasks.spawn(async move {
            tokio::select! {
                // Clients that disconnect or send invalid requests are not errors of the server.
                _ = watched => {}
                () = slot.closing() => {}
            }
        });
    }
    // Closed before the active requests end, so that a new client is refused at once and does not wait for an answer.
    drop(listener);
    tracing::info!("shutting down: accepting no new connections, finishing active requests");
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(DRAIN_TIMEOUT) => tracing::warn!("some requests did not finish in time"),
    }
    // Ends the connections that are left, with their handles to the store.
    tasks.shutdown().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn small_responses_are_not_held_back() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, address) = next_stream(&listener).await.unwrap();
        assert!(stream.nodelay().unwrap());
        assert_eq!(address, client.local_addr().unwrap());
    }
}
