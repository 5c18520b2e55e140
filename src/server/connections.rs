//! The open connections, and which of them to close when there is no room for another.
//!
//! A limit per address would be wrong: behind a proxy everyone has the same one. So an address may use whatever is
//! free, but when nothing is free, the address with the most connections loses one: the one that has been idle for
//! longest, or one whose client takes suspiciously long.

use crate::clock::monotonic;
use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// The most connections at once.
const CONNECTIONS_MAX: usize = 4_096;
/// Handles of files that the process needs besides its connections.
const OTHER_HANDLES: u64 = 128;

/// The open connections.
#[derive(Clone)]
pub struct Connections {
    open: Arc<Mutex<HashMap<u64, Entry>>>,
    max: usize,
    /// How long a request may take before its connection may be closed in favour of another.
    patience: Duration,
    closed: Arc<Notify>,
}

struct Entry {
    network: IpAddr,
    /// The number of requests that are not answered completely.
    requests: usize,
    /// When the connection was last opened, asked or done.
    since: Instant,
    close: Arc<Notify>,
}

/// A connection's place among the open ones. Dropping it makes room.
pub struct Slot {
    id: u64,
    connections: Connections,
    close: Arc<Notify>,
}

impl Connections {
    /// Creates the list. `max` is the most connections at once.
    pub fn new(max: usize, patience: Duration) -> Connections {
        Connections { open: Arc::default(), max, patience, closed: Arc::default() }
    }

    /// Adds a connection. If there are too many, closes others and waits until there is room.
    pub async fn add(&self, id: u64, address: IpAddr) -> Slot {
        loop {
            let closed = self.closed.notified();
            {
                let mut open = self.lock();
                if open.len() < self.max {
                    let close = Arc::new(Notify::new());
                    let network = network(address);
                    let entry = Entry { network, requests: 0, since: monotonic(), close: Arc::clone(&close) };
                    open.insert(id, entry);
                    return Slot { id, connections: self.clone(), close };
                }
                if let Some(victim) = victim(&open, self.patience) {
                    victim.close.notify_one();
                }
            }
            // Without a victim, one may become idle or too slow at any time.
            let _ = tokio::time::timeout(Duration::from_millis(100), closed).await;
        }
    }

    /// Returns the number of open connections.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Returns whether more than half of those that are possible are open.
    pub fn is_crowded(&self) -> bool {
        self.len() * 2 > self.max
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn update(&self, id: u64, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.lock().get_mut(&id) {
            change(entry);
            entry.since = monotonic();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Entry>> {
        // A poisoned lock is safe to use: each change is complete before anything can panic.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the connection to close: of the network with the most connections that has one to close, the one that has
/// been idle for longest, or else the one that has taken longest.
fn victim(open: &HashMap<u64, Entry>, patience: Duration) -> Option<&Entry> {
    let mut sizes = HashMap::<IpAddr, usize>::new();
    for entry in open.values() {
        *sizes.entry(entry.network).or_default() += 1;
    }
    let can_close = |entry: &&Entry| entry.requests == 0 || entry.since.elapsed() > patience;
    let rank = |entry: &&Entry| (sizes.get(&entry.network).copied(), entry.requests == 0, Reverse(entry.since));
    open.values().filter(can_close).max_by_key(rank)
}

/// Returns the part of an address that one subscriber has: all of an IPv4 address, and the first 56 bits of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 72 << 72).into()),
        v4 => v4,
    }
}

impl Slot {
    /// Completes when the connection must be closed in favour of another.
    pub async fn closing(&self) {
        self.close.notified().await;
    }

    /// Returns what notes that a request has begun. When its response is complete, call the result.
    pub fn requests(&self) -> Requests {
        Requests { id: self.id, connections: self.connections.clone() }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.connections.lock().remove(&self.id);
        self.connections.closed.notify_one();
    }
}

/// Notes the requests of one connection.
#[derive(Clone)]
pub struct Requests {
    id: u64,
    connections: Connections,
}

impl Requests {
    /// Notes that a request has begun. It is over when the result is dropped.
    pub fn begin(&self) -> Active {
        self.connections.update(self.id, |entry| entry.requests += 1);
        Active(self.clone())
    }
}

/// A request whose response is not complete.
pub struct Active(Requests);

impl Active {
    /// Returns the response, which ends the request when its body is complete or dropped.
    pub fn until_sent(self, response: Response) -> Response {
        response.map(|body| Body::new(Tracked { body, _active: self }))
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        self.0.connections.update(self.0.id, |entry| entry.requests -= 1);
    }
}

/// A body that ends the request when it is dropped.
struct Tracked {
    body: Body,
    _active: Active,
}

impl HttpBody for Tracked {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Allows the process as many handles of files as the system lets it have, and returns how many connections fit.
pub fn connections_max() -> usize {
    let handles = raise_handle_limit();
    // A connection may need a second handle: for the file that it sends.
    let fit = handles.map_or(CONNECTIONS_MAX, |handles| (handles.saturating_sub(OTHER_HANDLES) / 2).max(16) as usize);
    if fit < CONNECTIONS_MAX {
        let wanted = OTHER_HANDLES + 2 * CONNECTIONS_MAX as u64;
        tracing::warn!(connections = fit, "the limit of open files is low; allow this process {wanted} (LimitNOFILE)");
    }
    fit.min(CONNECTIONS_MAX)
}

/// Raises the soft limit of open files to the hard limit. Returns the limit.
#[cfg(unix)]
fn raise_handle_limit() -> Option<u64> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    Some(if setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok() { hard } else { soft })
}

#[cfg(not(unix))]
fn raise_handle_limit() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// Waits for something that must happen.
    async fn soon<T>(waiting: impl Future<Output = T>) -> T {
        tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("it happens in time")
    }

    async fn is_full(connections: &Connections, id: u64, from: &str) -> bool {
        let added = connections.add(id, address(from));
        tokio::time::timeout(Duration::from_millis(50), added).await.is_err()
    }

    #[tokio::test]
    async fn the_largest_network_loses_the_connection_that_is_idle_for_longest() {
        let connections = Connections::new(4, Duration::from_secs(60));
        let [first, second, _third] = [
            connections.add(1, address("192.0.2.1")).await,
            connections.add(2, address("192.0.2.1")).await,
            connections.add(3, address("192.0.2.1")).await,
        ];
        let honest = connections.add(4, address("192.0.2.2")).await;
        // The first one is asked again, so the second is idle for longest.
        drop(first.requests().begin());
        let task = {
            let connections = connections.clone();
            tokio::spawn(async move { connections.add(5, address("192.0.2.3")).await })
        };
        soon(second.closing()).await;
        drop(second);
        let _fifth = soon(task).await.unwrap();
        for slot in [&first, &honest] {
            assert!(tokio::time::timeout(Duration::from_millis(20), slot.closing()).await.is_err());
        }
    }

    #[tokio::test]
    async fn a_request_under_way_is_not_cut_off_until_it_takes_too_long() {
        let connections = Connections::new(1, Duration::from_millis(200));
        let slot = connections.add(1, address("192.0.2.1")).await;
        let active = slot.requests().begin();
        assert!(is_full(&connections, 2, "192.0.2.2").await);
        assert!(tokio::time::timeout(Duration::from_millis(1), slot.closing()).await.is_err());
        let task = tokio::spawn(async move { connections.add(3, address("192.0.2.2")).await });
        soon(slot.closing()).await;
        drop((active, slot));
        soon(task).await.unwrap();
    }

    #[test]
    fn one_subscriber_is_one_network() {
        for (one, other, same) in [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("2001:db8:1:200::1", "2001:db8:1:2ff:1::2", true),
            ("2001:db8:1:200::1", "2001:db8:1:300::1", false),
        ] {
            assert_eq!(network(address(one)) == network(address(other)), same, "{one} {other}");
        }
    }
}
