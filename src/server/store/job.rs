//! What goes to the writer, and what comes back.

use crate::fingerprint::FINGERPRINT_BYTES;
use pledge_domain::{CampaignId, Signature};
use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use tokio::sync::oneshot;

/// A signature on its way to the disk.
pub struct NewSignature {
    /// The campaign it is for.
    pub campaign: CampaignId,
    /// What the supporter gave.
    pub signature: Signature,
    /// Keyed fingerprint of the mailbox; without an address nobody can tell whether it is a second one.
    pub mailbox: Option<[u8; FINGERPRINT_BYTES]>,
    /// Keyed fingerprint of the request body.
    pub body: [u8; FINGERPRINT_BYTES],
    /// The day it came (`YYYY-MM-DD`); the time of day is not kept.
    pub received_on: String,
}

/// What became of it. Each of the three is on disk when this is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is there for the first time. Whether the mailbox had signed before is not told further.
    New,
    /// The same bytes had come before.
    Same,
    /// The id belongs to another signature; nothing was stored.
    IdReused,
}

/// Why nothing was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// More is waiting than the disk can take; try again later.
    Full,
    /// The disk or the database failed; the log says how.
    Failed,
}

/// How many have signed each campaign.
pub type Counts = Arc<RwLock<HashMap<CampaignId, u64>>>;

/// Something to store, and whom to tell once it is on disk.
pub struct Job {
    pub what: What,
    pub done: oneshot::Sender<Result<Stored, StoreError>>,
}

/// What to store.
pub enum What {
    /// A signature.
    Signature(Box<NewSignature>),
    /// An answer to "Was this useful?".
    Feedback(CampaignId, bool),
}
