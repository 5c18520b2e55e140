//! What the handlers share.

use crate::campaigns::Campaigns;
use crate::fingerprint::Key;
use crate::store::Store;
use std::sync::Arc;

/// What the handlers share.
#[derive(Clone)]
pub struct AppState {
    /// Signatures on disk.
    pub store: Store,
    /// The campaigns there are.
    pub campaigns: Arc<Campaigns>,
    /// The key of the fingerprints.
    pub key: Key,
}
