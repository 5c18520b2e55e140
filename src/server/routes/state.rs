//! The state that all handlers share.

use crate::campaigns::Campaigns;
use crate::connections::Connections;
use crate::counts::PublicCounts;
use crate::fingerprint::Key;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::proof::Proofs;
use pledge_store::Store;
use std::sync::Arc;
use std::time::Duration;

/// The state that all handlers share.
#[derive(Clone)]
pub struct AppState {
    /// The signatures on disk.
    pub store: Arc<dyn Store>,
    /// The numbers that the public sees.
    pub counts: Arc<PublicCounts>,
    /// How many signatures one network may send.
    pub limits: Arc<Limits>,
    /// How many wrong codes each network may try.
    pub guesses: Arc<Limits>,
    /// The challenges that prove work.
    pub proofs: Arc<Proofs>,
    /// Whether proofs of work are asked for.
    pub asks_for_proofs: bool,
    /// The numbers for monitoring systems.
    pub metrics: Arc<Metrics>,
    /// The open connections.
    pub connections: Connections,
    /// The campaigns that can be signed.
    pub campaigns: Arc<Campaigns>,
    /// The key of the fingerprints.
    pub key: Key,
    /// The email address of the people who run the server, if they publish one.
    pub contact: Option<String>,
    /// Whether the server is set up to send emails.
    pub can_send: bool,
    /// How long the body of a request may take to arrive.
    pub client_timeout: Duration,
}
