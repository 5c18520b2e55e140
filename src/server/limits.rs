//! How many signatures one network may send, and which of them look like a flood.
//!
//! A network is what one subscriber or one place has: the first 24 bits of an IPv4 address, the first 56 of an IPv6
//! address. It is known only as a keyed hash, with a key that lives in memory for a day: no file and no log contains an
//! address, and nothing that is stored leads back to one.

use crate::clock::{monotonic, today};
use axum::http::HeaderMap;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use hmac::{Hmac, KeyInit, Mac};
use ipnet::IpNet;
use pledge_domain::Date;
use pledge_store::staff::SignatureKey;
use sha2::Sha256;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many signatures from one network within [`BURST_WINDOW`] are noticed as a burst. A family or a small office stays
/// below that, so that nothing that is stored connects its members.
const BURST_FROM: usize = 20;
/// The time within which signatures from one network are counted for a burst.
const BURST_WINDOW: Duration = Duration::from_secs(600);
/// How often networks that have sent nothing for a while are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60);

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
    limiter: Option<DefaultKeyedRateLimiter<Network>>,
    clock: DefaultClock,
    memory: Mutex<Memory>,
    /// Whether the log has said that visitors cannot be told apart.
    has_warned: AtomicBool,
}

/// What is known about today's networks.
struct Memory {
    key: (Date, [u8; 32]),
    recent: HashMap<Network, Recent>,
    forgot_at: Instant,
}

/// The signatures of one network in a window.
struct Recent {
    since: Instant,
    /// Those that are not marked yet, because they may still be those of a family.
    unmarked: Vec<SignatureKey>,
    is_burst: bool,
}

/// What the server does with a signature that it has stored.
#[derive(Debug, PartialEq, Eq)]
pub struct Burst {
    /// The name of the burst: the same for the same network on the same day.
    pub name: String,
    /// The signatures to mark with it.
    pub marked: Vec<SignatureKey>,
    /// Whether the burst begins with it.
    pub is_new: bool,
}

impl Limits {
    /// Starts to count.
    pub fn new(rules: Rules) -> Limits {
        let number = NonZeroU32::new(rules.at_once);
        // Without a number per minute, one more after an hour.
        let refill =
            NonZeroU32::new(rules.per_minute).map_or_else(|| Quota::per_hour(NonZeroU32::MIN), Quota::per_minute);
        let limiter = number.map(|number| RateLimiter::keyed(refill.allow_burst(number)));
        let memory = Memory { key: (today(), random_key()), recent: HashMap::new(), forgot_at: monotonic() };
        Limits {
            rules,
            limiter,
            clock: DefaultClock::default(),
            memory: Mutex::new(memory),
            has_warned: AtomicBool::new(false),
        }
    }

    /// Returns the network of a client. `None` if it is not known, or has no limit.
    pub fn network(&self, peer: Option<Peer>, headers: &HeaderMap) -> Option<Network> {
        let address = self.client(peer?.0, headers)?.to_canonical();
        let has_no_limit = self.rules.unlimited.iter().any(|network| network.contains(&address));
        (!has_no_limit).then(|| self.memory().print(&prefix(address)))
    }

    /// Returns the address of the client: that of the connection, or that which the outermost trusted proxy has seen.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let forwarded: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
        let proxies = usize::from(self.rules.trusted_proxies);
        let seen = forwarded.len().checked_sub(proxies).filter(|_| proxies > 0).and_then(|at| parse(forwarded[at]));
        if seen.is_some() || !is_private(peer) {
            return Some(seen.unwrap_or(peer));
        }
        // It is a proxy, so everyone has this address. A limit would keep out everyone but the first.
        if !forwarded.is_empty() && !self.has_warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a proxy is in front of the server, so visitors cannot be told apart and no limit applies; set --trusted-proxies to the number of proxies"
            );
        }
        None
    }

    /// Counts a request. Returns how long the client must wait if the network has sent too many.
    pub fn check(&self, network: &Network) -> Option<Duration> {
        let not_until = self.limiter.as_ref()?.check_key(network).err()?;
        Some(not_until.wait_time_from(self.clock.now()))
    }

    /// Notes a signature that was stored. Returns the burst that it belongs to, if it does.
    pub fn note(&self, network: &Network, signature: SignatureKey) -> Option<Burst> {
        let mut memory = self.memory();
        memory.forget(self.limiter.as_ref());
        let recent = memory.recent.entry(*network).or_insert_with(Recent::new);
        if recent.since.elapsed() > BURST_WINDOW {
            *recent = Recent::new();
        }
        recent.unmarked.push(signature);
        if !recent.is_burst && recent.unmarked.len() <= BURST_FROM {
            return None;
        }
        let is_new = !std::mem::replace(&mut recent.is_burst, true);
        Some(Burst { name: name(network), marked: std::mem::take(&mut recent.unmarked), is_new })
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // A poisoned lock is safe to use: each change is complete before anything can panic.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recent {
    fn new() -> Recent {
        Recent { since: monotonic(), unmarked: Vec::new(), is_burst: false }
    }
}

impl Memory {
    /// Returns the keyed hash of a network, with today's key.
    fn print(&mut self, network: &IpNet) -> Network {
        let today = today();
        if self.key.0 != today {
            self.key = (today, random_key());
            self.recent.clear();
        }
        // HMAC takes a key of any length (RFC 2104 §3).
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key.1).expect("HMAC takes any key");
        mac.update(network.to_string().as_bytes());
        let mut print = [0; 16];
        print.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        print
    }

    /// Forgets networks that have sent nothing for a while, once a minute.
    fn forget(&mut self, limiter: Option<&DefaultKeyedRateLimiter<Network>>) {
        if self.forgot_at.elapsed() < FORGET_EVERY {
            return;
        }
        self.forgot_at = monotonic();
        self.recent.retain(|_, recent| recent.since.elapsed() <= BURST_WINDOW);
        if let Some(limiter) = limiter {
            limiter.retain_recent();
        }
    }
}

fn random_key() -> [u8; 32] {
    let mut key = [0; 32];
    #[expect(clippy::disallowed_methods, reason = "a new secret key is random")]
    let filled = getrandom::fill(&mut key);
    if let Err(error) = filled {
        // The limits work with any key; only hashes in a copy of the memory would be easier to search.
        tracing::warn!(%error, "there is no random key for today's networks");
    }
    key
}

/// Returns the name of a burst: six letters and digits that say nothing about the network.
fn name(network: &Network) -> String {
    network[..3].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the network of an address.
fn prefix(address: IpAddr) -> IpNet {
    let bits = if address.is_ipv4() { 24 } else { 56 };
    // 24 and 56 are valid lengths.
    IpNet::new(address, bits).map_or_else(|_| address.into(), |network| network.trunc())
}

/// Parses an entry of `X-Forwarded-For`: an address, with or without a port.
fn parse(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim_matches('"');
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// Returns whether an address cannot be that of a visitor from the internet.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => {
            address == Ipv6Addr::LOCALHOST || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pledge_domain::{CampaignId, SignatureId};

    fn rules() -> Rules {
        Rules { at_once: 3, per_minute: 1, ..Rules::default() }
    }

    fn client(rules: Rules, peer: &str, forwarded: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
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
        assert!(same("203.0.113.1", "::ffff:203.0.113.1"));
        assert_eq!((network("192.0.2.1"), network("::ffff:192.0.2.1")), (None, None), "a venue has no limit");
        let [one, other] = ["203.0.113.1", "203.0.114.1"].map(|address| network(address).unwrap());
        assert_eq!([(); 3].map(|()| limits.check(&one)), [None; 3]);
        let wait = limits.check(&one).expect("it must wait");
        assert!(wait > Duration::from_secs(1) && wait <= Duration::from_secs(60), "{wait:?}");
        assert_eq!(limits.check(&other), None);
        let without = Limits::new(Rules { at_once: 0, ..rules() });
        assert!((0..100).all(|_| without.check(&one).is_none()));
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
        assert_eq!((burst.marked.len(), burst.is_new, burst.name.as_str()), (21, true, "070707"));
        let burst = limits.note(&network, key(21)).unwrap();
        assert_eq!((burst.marked, burst.is_new), (vec![key(21)], false));
        assert_eq!(limits.note(&[8; 16], key(22)), None);
        // Long after that, it is an ordinary network again.
        limits.memory().recent.get_mut(&network).unwrap().since =
            monotonic().checked_sub(BURST_WINDOW + Duration::from_secs(1)).unwrap();
        assert_eq!(limits.note(&network, key(23)), None);
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
