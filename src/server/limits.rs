//! How many signatures one network may send, and which of them look like a flood.
//!
//! A network is what one subscriber or one place has: the first 24 bits of an IPv4 address, the first 56 of an IPv6
//! address. It is known only as a keyed hash, with a key that lives in memory for a day: no file and no log contains an
//! address, and nothing that is stored leads back to one.

use crate::clock::{monotonic, today};
use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit, Mac};
use ipnet::{IpNet, Ipv4Net};
use pledge_domain::Date;
use pledge_store::staff::SignatureKey;
use sha2::Sha256;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many signatures from one network within [`BURST_WINDOW`] are noticed as a burst. A family or a small office
/// stays below that, so that nothing that is stored connects its members.
const BURST_FROM: usize = 20;
/// The time within which signatures from one network are counted for a burst.
const BURST_WINDOW: Duration = Duration::from_secs(600);
/// The times to wait are spread over so many seconds, so that not everyone who waits comes back at once.
const SPREAD_S: u64 = 15;

/// The address of the client at the other end of the connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// The settings.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// How many signatures one network may send at once. 0 means that there is no limit.
    pub at_once: u32,
    /// How many more it may send per minute after that.
    pub per_minute: u32,
    /// How many proxies in front of the server add to `X-Forwarded-For`.
    pub trusted_proxies: u8,
    /// Networks without a limit, such as that of a venue.
    pub unlimited: Vec<IpNet>,
}

/// A network, as a keyed hash.
type Network = [u8; 16];

/// Counts what each network sends.
pub struct Limits {
    rules: Rules,
    memory: Mutex<Memory>,
    /// Whether the log has said that visitors cannot be told apart.
    has_warned: AtomicBool,
}

/// What is known about today's networks.
struct Memory {
    key: (Date, [u8; 32]),
    recent: HashMap<Network, Recent>,
    refused: u64,
}

/// What one network has sent.
struct Recent {
    /// How many signatures it may still send at once.
    room: f64,
    /// When `room` was counted.
    counted_at: Instant,
    /// When the window of the burst began.
    since: Instant,
    /// Signatures that are not marked, because they may still be those of a family.
    unmarked: Vec<SignatureKey>,
    /// The name of the burst, if this window has become one.
    burst: Option<String>,
}

/// What the server does with a signature that it has stored.
#[derive(Debug, PartialEq, Eq)]
pub struct Burst {
    /// Its name, which says nothing about the network.
    pub name: String,
    /// The signatures to mark with it.
    pub marked: Vec<SignatureKey>,
    /// Whether the burst begins with it.
    pub is_new: bool,
}

impl Limits {
    /// Starts to count.
    pub fn new(rules: Rules) -> Limits {
        let memory = Memory { key: (today(), random()), recent: HashMap::new(), refused: 0 };
        Limits { rules, memory: Mutex::new(memory), has_warned: AtomicBool::new(false) }
    }

    /// Returns the network of a client. `None` if it is not known, or has no limit.
    pub fn network(&self, peer: Option<Peer>, headers: &HeaderMap) -> Option<Network> {
        let address = canonical(self.client(peer?.0, headers)?);
        let has_no_limit = self.rules.unlimited.iter().any(|network| network.contains(&address));
        (!has_no_limit).then(|| self.memory().print(&prefix(address)))
    }

    /// Returns the address of the client: that of the connection, or that which the outermost trusted proxy has seen.
    ///
    /// The header is believed only if the connection comes from a private address, where proxies are: a visitor who
    /// reaches the server directly could write anything into it.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        if !is_private(peer) {
            return Some(peer);
        }
        // As bytes: what a client sends in front of the proxies' entries need not be text.
        let values = headers.get_all("x-forwarded-for").iter();
        let entries: Vec<&[u8]> = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).collect();
        let proxies = usize::from(self.rules.trusted_proxies);
        let seen = entries.len().checked_sub(proxies).filter(|_| proxies > 0).and_then(|at| parse(entries[at]));
        if seen.is_none() && (proxies > 0 || !entries.is_empty()) && !self.has_warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                proxies,
                "visitors cannot be told apart, so no limit applies: let each proxy add to X-Forwarded-For, and set \
                 --trusted-proxies to their number"
            );
        }
        // Otherwise it is a proxy, so everyone has this address. A limit would keep out everyone but the first.
        seen
    }

    /// Takes room for a signature. Returns how long the client must wait if the network has sent too many.
    pub fn take(&self, network: &Network) -> Option<Duration> {
        let (most, rate) = (f64::from(self.rules.at_once), f64::from(self.rules.per_minute) / 60.0);
        if self.rules.at_once == 0 {
            return None;
        }
        let mut memory = self.memory();
        let recent = memory.recent.entry(*network).or_insert_with(|| Recent::new(most));
        recent.fill(most, rate);
        if recent.room >= 1.0 {
            recent.room -= 1.0;
            return None;
        }
        let wait = (1.0 - recent.room) / rate;
        memory.refused += 1;
        Some(Duration::from_secs_f64(wait.min(3_600.0)) + Duration::from_secs(memory.refused % SPREAD_S))
    }

    /// Returns which part of its room a network has used up: between 0 and 1.
    pub fn used(&self, network: &Network) -> f64 {
        let (most, rate) = (f64::from(self.rules.at_once), f64::from(self.rules.per_minute) / 60.0);
        let mut memory = self.memory();
        match memory.recent.get_mut(network).filter(|_| most > 0.0) {
            Some(recent) => {
                recent.fill(most, rate);
                1.0 - recent.room / most
            }
            None => 0.0,
        }
    }

    /// Gives room back, because the signature was there already or could not be stored.
    pub fn give_back(&self, network: &Network) {
        if let Some(recent) = self.memory().recent.get_mut(network) {
            recent.room += 1.0;
        }
    }

    /// Notes a signature that was stored. Returns the burst that it belongs to, if it does.
    pub fn note(&self, network: &Network, signature: SignatureKey) -> Option<Burst> {
        let most = f64::from(self.rules.at_once);
        let mut memory = self.memory();
        let recent = memory.recent.entry(*network).or_insert_with(|| Recent::new(most));
        if recent.since.elapsed() > BURST_WINDOW {
            (recent.since, recent.burst) = (monotonic(), None);
            recent.unmarked.clear();
        }
        recent.unmarked.push(signature);
        if recent.burst.is_none() && recent.unmarked.len() <= BURST_FROM {
            return None;
        }
        let is_new = recent.burst.is_none();
        let name = recent.burst.get_or_insert_with(|| random::<6>().iter().map(|byte| format!("{byte:02x}")).collect());
        Some(Burst { name: name.clone(), marked: std::mem::take(&mut recent.unmarked), is_new })
    }

    /// Forgets networks that have sent nothing for a while, and yesterday's key. Call it every minute.
    pub fn forget(&self) {
        let (most, rate) = (f64::from(self.rules.at_once), f64::from(self.rules.per_minute) / 60.0);
        let mut memory = self.memory();
        memory.renew_key();
        memory.recent.retain(|_, recent| {
            recent.fill(most, rate);
            recent.room < most || recent.since.elapsed() <= BURST_WINDOW
        });
        memory.recent.shrink_to_fit();
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // A poisoned lock is safe to use: each change is complete before anything can panic.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recent {
    fn new(room: f64) -> Recent {
        let now = monotonic();
        Recent { room, counted_at: now, since: now, unmarked: Vec::new(), burst: None }
    }

    fn fill(&mut self, most: f64, rate: f64) {
        let now = monotonic();
        self.room = (self.room + now.duration_since(self.counted_at).as_secs_f64() * rate).min(most);
        self.counted_at = now;
    }
}

impl Memory {
    fn renew_key(&mut self) {
        let today = today();
        if self.key.0 != today {
            self.key = (today, random());
            self.recent.clear();
        }
    }

    /// Returns the keyed hash of a network, with today's key.
    fn print(&mut self, network: &IpNet) -> Network {
        self.renew_key();
        // HMAC takes a key of any length (RFC 2104 §3).
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key.1).expect("HMAC takes any key");
        mac.update(network.to_string().as_bytes());
        let mut print = [0; 16];
        print.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        print
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::disallowed_methods, reason = "new keys and names are random")]
    let filled = getrandom::fill(&mut bytes);
    if let Err(error) = filled {
        // The limits work with any key; only hashes in a copy of the memory would be easier to search.
        tracing::warn!(%error, "there are no random bytes for today's networks");
    }
    bytes
}

/// Returns the IPv4 address inside an IPv6 address, if there is one: mapped (RFC 4291), 6to4 (RFC 3056), NAT64 (RFC
/// 6052).
fn canonical(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address.to_canonical() else { return address.to_canonical() };
    let part = |shift: u32| IpAddr::V4(Ipv4Addr::from((u128::from(v6) >> shift) as u32));
    match v6.segments() {
        [0x2002, ..] => part(80),
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => part(0),
        _ => IpAddr::V6(v6),
    }
}

/// Returns the network of an address.
fn prefix(address: IpAddr) -> IpNet {
    let bits = if address.is_ipv4() { 24 } else { 56 };
    // 24 and 56 are valid lengths.
    IpNet::new(address, bits).map_or_else(|_| address.into(), |network| network.trunc())
}

/// Parses an entry of `X-Forwarded-For`: an address, with or without a port.
fn parse(entry: &[u8]) -> Option<IpAddr> {
    let entry = std::str::from_utf8(entry).ok()?.trim().trim_matches('"');
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// The addresses between a provider and its customers (RFC 6598), which hosting services use for their proxies.
const SHARED: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 0), 10);

/// Returns whether an address cannot be that of a visitor from the internet.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local() || SHARED.contains(&v4),
        IpAddr::V6(v6) => v6 == Ipv6Addr::LOCALHOST || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use pledge_domain::{CampaignId, SignatureId};

    fn rules() -> Rules {
        Rules { at_once: 3, per_minute: 1, ..Rules::default() }
    }

    fn client(rules: Rules, peer: &str, forwarded: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        Limits::new(rules).client(peer.parse().unwrap(), &headers).map(|address| address.to_string())
    }

    #[test]
    fn the_client_is_what_the_outermost_trusted_proxy_has_seen() {
        let behind = |trusted_proxies| Rules { trusted_proxies, ..rules() };
        for (proxies, peer, forwarded, expected) in [
            (0, "203.0.113.7", &[][..], Some("203.0.113.7")),
            // Anyone can send the header.
            (0, "203.0.113.7", &["198.51.100.1"], Some("203.0.113.7")),
            (0, "127.0.0.1", &[], None),
            (0, "10.0.0.1", &["198.51.100.1"], None),
            (0, "::ffff:192.168.0.1", &[], None),
            (0, "fd00::1", &[], None),
            (1, "127.0.0.1", &["198.51.100.1"], Some("198.51.100.1")),
            (1, "127.0.0.1", &["6.6.6.6, 198.51.100.1"], Some("198.51.100.1")),
            (1, "127.0.0.1", &["6.6.6.6", "198.51.100.1"], Some("198.51.100.1")),
            (2, "127.0.0.1", &["6.6.6.6, 198.51.100.1, 10.0.0.2"], Some("198.51.100.1")),
            (1, "127.0.0.1", &["198.51.100.1:4711"], Some("198.51.100.1")),
            (1, "127.0.0.1", &["\"[2001:db8::1]:4711\""], Some("2001:db8::1")),
            (1, "127.0.0.1", &["[2001:db8::1]"], Some("2001:db8::1")),
            (2, "127.0.0.1", &["198.51.100.1"], None),
            (1, "127.0.0.1", &["unknown"], None),
            // What a client puts in front of the proxy's entry need not be text.
            (1, "127.0.0.1", &["é\u{ff}, 198.51.100.1"], Some("198.51.100.1")),
            (1, "100.64.0.1", &["198.51.100.1"], Some("198.51.100.1")),
            // It has not come through the proxy.
            (1, "203.0.113.7", &["198.51.100.1"], Some("203.0.113.7")),
            (1, "203.0.113.7", &["unknown"], Some("203.0.113.7")),
            (1, "203.0.113.7", &[], Some("203.0.113.7")),
        ] {
            let found = client(behind(proxies), peer, forwarded);
            assert_eq!(found.as_deref(), expected, "{proxies} proxies, {peer}, {forwarded:?}");
        }
    }

    #[test]
    fn one_network_does_not_use_up_the_room_of_another() {
        let limits = Limits::new(Rules { unlimited: vec!["192.0.2.0/24".parse().unwrap()], ..rules() });
        let network = |address: &str| limits.network(Some(Peer(address.parse().unwrap())), &HeaderMap::new());
        let same = |one: &str, other: &str| network(one) == network(other);
        assert!(same("203.0.113.1", "203.0.113.255") && !same("203.0.113.1", "203.0.114.1"));
        assert!(same("2001:db8:0:0::1", "2001:db8:0:ff::1") && !same("2001:db8:0:0::1", "2001:db8:0:100::1"));
        for v6 in ["::ffff:203.0.113.1", "2002:cb00:7101:99::1", "64:ff9b::cb00:7101"] {
            assert!(same("203.0.113.1", v6), "{v6}");
        }
        assert_eq!((network("192.0.2.1"), network("::ffff:192.0.2.1")), (None, None), "a venue has no limit");
        let [one, other] = ["203.0.113.1", "203.0.114.1"].map(|address| network(address).unwrap());
        assert_eq!([(); 3].map(|()| limits.take(&one)), [None; 3]);
        let wait = limits.take(&one).expect("it must wait");
        assert!(wait > Duration::from_secs(1) && wait <= Duration::from_secs(60 + SPREAD_S), "{wait:?}");
        assert_eq!(limits.take(&other), None);
        // What was there already costs nothing.
        limits.give_back(&one);
        assert_eq!(limits.take(&one), None);
        limits.memory().recent.get_mut(&one).unwrap().counted_at =
            monotonic().checked_sub(Duration::from_secs(60)).unwrap();
        assert_eq!(limits.take(&one), None, "one more per minute");
        assert!(limits.take(&one).is_some());
        let without = Limits::new(Rules { at_once: 0, ..rules() });
        assert!((0..100).all(|_| without.take(&one).is_none()));
    }

    #[test]
    fn a_family_is_no_burst_and_a_flood_is_marked_from_its_first_signature() {
        let limits = Limits::new(rules());
        let key = |number: u8| (CampaignId::parse("a").unwrap(), SignatureId::new([number; 16]));
        let network = [7; 16];
        for number in 0..20 {
            assert_eq!(limits.note(&network, key(number)), None);
        }
        let burst = limits.note(&network, key(20)).unwrap();
        assert_eq!((burst.marked.len(), burst.is_new, burst.name.len()), (21, true, 12));
        let next = limits.note(&network, key(21)).unwrap();
        assert_eq!((next.marked, next.is_new, next.name), (vec![key(21)], false, burst.name.clone()));
        assert_eq!(limits.note(&[8; 16], key(22)), None);
        // Long after that, it is an ordinary network again.
        limits.memory().recent.get_mut(&network).unwrap().since =
            monotonic().checked_sub(BURST_WINDOW + Duration::from_secs(1)).unwrap();
        for number in 30..50 {
            assert_eq!(limits.note(&network, key(number)), None);
        }
        assert_ne!(limits.note(&network, key(50)).unwrap().name, burst.name, "another burst has another name");
    }

    #[test]
    fn networks_that_send_nothing_are_forgotten() {
        let limits = Limits::new(rules());
        limits.take(&[7; 16]);
        limits.forget();
        assert_eq!(limits.memory().recent.len(), 1);
        let long_ago = monotonic().checked_sub(BURST_WINDOW * 2).unwrap();
        {
            let mut memory = limits.memory();
            let recent = memory.recent.get_mut(&[7; 16]).unwrap();
            (recent.since, recent.counted_at) = (long_ago, long_ago);
        }
        limits.forget();
        assert!(limits.memory().recent.is_empty());
    }

    #[test]
    fn the_next_day_has_another_key() {
        let limits = Limits::new(rules());
        let print = || limits.network(Some(Peer("203.0.113.1".parse().unwrap())), &HeaderMap::new());
        let before = print();
        assert_eq!(print(), before);
        limits.memory().key.0 = Date::parse("2026-01-01").unwrap();
        assert_ne!(print(), before);
    }
}
