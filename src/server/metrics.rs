//! What the server tells monitoring systems: numbers without anything about a person.
//!
//! Format: OpenMetrics, which Prometheus reads.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The content type of [`Metrics::text`].
pub const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Names and values that tell the numbers of a kind apart.
type Labels = Vec<(&'static str, String)>;

/// The labels of a request. They allocate nothing, because every request has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    route: &'static str,
    status: u16,
}

/// The label of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: &'static str,
}

/// The numbers.
pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    durations: Family<Route, Histogram>,
    /// Signatures that were stored, and were not there before.
    pub signatures: Counter,
    /// Signatures that were refused because their network has sent too many.
    pub limited: Counter,
    /// Bursts that have begun.
    pub bursts: Counter,
    counts: Family<Labels, Gauge>,
    emails: Family<Labels, Gauge>,
    deliveries: Family<Labels, Gauge>,
    connections: Gauge,
    backup: Gauge,
    /// Whether the server is being stopped.
    is_stopping: AtomicBool,
}

/// What is read when a monitoring system asks.
pub struct Now {
    /// The exact number of signatures of each campaign that count.
    pub counts: Vec<(String, u64)>,
    /// The number of emails in each state.
    pub emails: Vec<(String, u64)>,
    /// For each service, the number of signatures in each state.
    pub deliveries: Vec<(String, String, u64)>,
    /// The number of open connections.
    pub connections: usize,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let mut registry = Registry::with_prefix("pledge");
        let requests: Family<Request, Counter> = Family::default();
        let (counts, emails): (Family<Labels, Gauge>, Family<Labels, Gauge>) = (Family::default(), Family::default());
        let deliveries: Family<Labels, Gauge> = Family::default();
        // From one millisecond to eight seconds.
        let histogram: fn() -> Histogram = || Histogram::new(exponential_buckets(0.001, 2.0, 14));
        let durations = Family::new_with_constructor(histogram);
        let (signatures, limited, bursts) = (Counter::default(), Counter::default(), Counter::default());
        let (connections, backup) = (Gauge::default(), Gauge::default());
        registry.register("http_requests", "Requests that were answered", Family::clone(&requests));
        registry.register_with_unit(
            "http_request_duration",
            "Time until the answer begins",
            Unit::Seconds,
            Family::clone(&durations),
        );
        registry.register("signatures_stored", "Signatures that were stored", Counter::clone(&signatures));
        registry.register("signatures_limited", "Signatures over a network's limit", Counter::clone(&limited));
        registry.register("bursts", "Bursts of signatures from one network", Counter::clone(&bursts));
        registry.register("signature_count", "Signatures that count", Family::clone(&counts));
        registry.register("emails", "Emails by state", Family::clone(&emails));
        registry.register("deliveries", "Signatures by service and state", Family::clone(&deliveries));
        registry.register("open_connections", "Open connections", Gauge::clone(&connections));
        registry.register("last_backup_timestamp_seconds", "When the newest backup was made", Gauge::clone(&backup));
        let version: Family<Labels, Gauge> = Family::default();
        version.get_or_create(&vec![("version", env!("CARGO_PKG_VERSION").to_owned())]).set(1);
        registry.register("build_info", "The version of the server", version);
        Metrics {
            registry,
            requests,
            durations,
            signatures,
            limited,
            bursts,
            counts,
            emails,
            deliveries,
            connections,
            backup,
            is_stopping: AtomicBool::new(false),
        }
    }
}

impl Metrics {
    /// Counts a request. `route` is the pattern of its path, so that no code and no file name is in it.
    pub fn request(&self, route: &'static str, status: u16, time: Duration) {
        self.durations.get_or_create(&Route { route }).observe(time.as_secs_f64());
        self.requests.get_or_create(&Request { route, status }).inc();
    }

    /// Notes when the newest backup was made, as the time since 1970.
    pub fn backup_at(&self, time: Duration) {
        self.backup.set(time.as_secs().cast_signed());
    }

    /// Notes that the server is being stopped, so that a load balancer sends visitors elsewhere.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Returns whether the server is being stopped.
    pub fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    /// Returns every number as text.
    pub fn text(&self, now: Now) -> String {
        for (campaign, count) in now.counts {
            self.counts.get_or_create(&vec![("campaign", campaign)]).set(count.cast_signed());
        }
        // A state without emails has no line, so its last number must go.
        self.emails.clear();
        for (state, number) in now.emails {
            self.emails.get_or_create(&vec![("state", state)]).set(number.cast_signed());
        }
        self.deliveries.clear();
        for (destination, state, number) in now.deliveries {
            let labels = vec![("destination", destination), ("state", state)];
            self.deliveries.get_or_create(&labels).set(number.cast_signed());
        }
        self.connections.set(i64::try_from(now.connections).unwrap_or(i64::MAX));
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_every_number_with_its_labels() {
        let metrics = Metrics::default();
        metrics.request("/my/{code}", 404, Duration::from_millis(3));
        metrics.request("/my/{code}", 404, Duration::from_millis(3));
        metrics.limited.inc();
        let now = |emails: &[(&str, u64)]| Now {
            counts: vec![("a".to_owned(), 7)],
            emails: emails.iter().map(|(state, number)| ((*state).to_owned(), *number)).collect(),
            deliveries: vec![("crm".to_owned(), "told".to_owned(), 3)],
            connections: 2,
        };
        let text = metrics.text(now(&[("waiting", 1)]));
        for line in [
            "pledge_http_requests_total{route=\"/my/{code}\",status=\"404\"} 2",
            "pledge_http_request_duration_seconds_bucket{le=\"0.004\",route=\"/my/{code}\"} 2",
            "pledge_signatures_limited_total 1",
            "pledge_signature_count{campaign=\"a\"} 7",
            "pledge_emails{state=\"waiting\"} 1",
            "pledge_deliveries{destination=\"crm\",state=\"told\"} 3",
            "pledge_open_connections 2",
            "# EOF",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
        assert!(!metrics.text(now(&[])).contains("waiting"), "the email has been sent");
    }
}
