//! What goes into a store and comes out of it.

use pledge_domain::{CampaignId, Date, Signature, SignatureId, SignatureState};

/// Length of a [`Print`], in bytes.
pub const PRINT_BYTES: usize = 32;

/// A keyed hash that the server makes. It identifies something without saying what it is.
pub type Print = [u8; PRINT_BYTES];

/// A signature to be stored.
pub struct NewSignature {
    /// The campaign it is for.
    pub campaign: CampaignId,
    /// The supporter's signature.
    pub signature: Signature,
    /// Fingerprint of the mailbox. `None` if there is no email address: such signatures cannot be deduplicated.
    pub mailbox: Option<Print>,
    /// Fingerprint of the request body.
    pub body: Print,
    /// Fingerprint of the receipt. Whoever has the receipt may see, change and delete what was stored with it.
    pub receipt: Print,
    /// The day it was received. The time of day is not stored.
    pub received_on: Date,
}

/// The result of adding a signature. Whatever it says is on disk when the caller receives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// The signature is new. The same result is returned if the mailbox has signed before, so that no client can find
    /// out.
    New,
    /// The same bytes were received before.
    Same,
    /// The id belongs to another signature; nothing was stored.
    IdReused,
}

/// What a store keeps of one signing, for the supporter who made it.
#[derive(Clone, PartialEq)]
pub struct Held {
    /// The campaign that was signed.
    pub campaign: CampaignId,
    /// The id of the signing.
    pub id: SignatureId,
    /// Its state. The state of a second signing from one mailbox is that of a first one.
    pub state: SignatureState,
    /// The day it was received.
    pub received_on: Date,
    /// The lane, the answers, the page and everything else, by the name of the field.
    pub details: Vec<(String, String)>,
    /// Each answer to a question about consent, oldest first.
    pub consents: Vec<HeldConsent>,
}

/// An answer to a question about consent.
#[derive(Clone, PartialEq)]
pub struct HeldConsent {
    /// The purpose.
    pub purpose: String,
    /// The answer.
    pub state: String,
    /// The wording shown. `None` if nothing was asked, or if the answer was changed on the page of the receipt.
    pub wording: Option<String>,
    /// The day of the answer.
    pub answered_on: Option<String>,
}

/// A campaign whose stored number was wrong, and is corrected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// The campaign.
    pub campaign: CampaignId,
    /// The number that was stored.
    pub stored: u64,
    /// The number of signatures that count.
    pub counted: u64,
}
