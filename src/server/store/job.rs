//! The jobs that the store sends to the writer, and their results.

use crate::fingerprint::FINGERPRINT_BYTES;
use pledge_domain::{CampaignId, Signature};
use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use tokio::sync::oneshot;

/// A signature to be stored.
pub struct NewSignature {
    /// The campaign it is for.
    pub campaign: CampaignId,
    /// The supporter's signature.
    pub signature: Signature,
    /// Keyed fingerprint of the mailbox. `None` if there is no email address: such signatures cannot be deduplicated.
    pub mailbox: Option<[u8; FINGERPRINT_BYTES]>,
    /// Keyed fingerprint of the request body.
    pub body: [u8; FINGERPRINT_BYTES],
    /// The day it was received (`YYYY-MM-DD`). The time of day is not stored.
    pub received_on: String,
}

/// The result of storing a signature. Whatever it says is on disk when the caller receives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// The signature is new. The same result is returned if the mailbox has signed before, so that no client can find
    /// out.
    New,
    /// The same bytes were received before.
    Same,
    /// The id belongs to another signature; nothing was stored.
    IdReused,
}

/// The reason why nothing was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// The queue is full; try again later.
    Full,
    /// The disk or the database failed; the log has the details.
    Failed,
}

/// The number of signatures of each campaign.
pub type Counts = Arc<RwLock<HashMap<CampaignId, u64>>>;

/// A payload to store, and the channel that receives the result once it is on disk.
pub struct Job {
    pub payload: Payload,
    pub done: oneshot::Sender<Result<Stored, StoreError>>,
}

/// The data to store.
pub enum Payload {
    /// A signature.
    Signature(Box<NewSignature>),
    /// An answer to "Was this useful?".
    Feedback(CampaignId, bool),
}
