//! What goes into a store and comes out of it.

use pledge_domain::{Answer, CampaignId, Consents, Date, FieldName, Personal, Signature, SignatureId, SignatureState};

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
    /// Fingerprint of the receipt. People who have the receipt may see, change and delete what was stored with it.
    pub receipt: Print,
    /// The day it was received. The time of day is not stored.
    pub received_on: Date,
    /// The email that asks for confirmation. `None` if the campaign asks for none: then the signature counts at once.
    pub confirmation: Option<NewMail>,
}

/// An email to be sent.
#[derive(Clone)]
pub struct NewMail {
    /// Fingerprint of the code in its link.
    pub link: Print,
    /// Fingerprint of the mailbox, the same in every campaign. It limits how many emails one mailbox gets in a day.
    pub owner: Print,
    /// The time from which it may be sent (RFC 3339, UTC).
    pub send_at: String,
    /// The time until which its link works (RFC 3339, UTC).
    pub expires_at: String,
}

/// An email that is due.
pub struct DueMail {
    /// Its number, for [`Store::settle_mail`](crate::Store::settle_mail).
    pub id: i64,
    /// The campaign.
    pub campaign: CampaignId,
    /// The signature of the mailbox.
    pub signature: SignatureId,
    /// The signing that the link confirms: the same, or a later one.
    pub signing: SignatureId,
    /// The signing whose receipt the owner of the mailbox may have.
    pub receipt_of: SignatureId,
    /// Whether the signature counts already, and the link replaces its answers.
    pub is_again: bool,
    /// The number of this email among those about the same signing.
    pub attempt: u32,
    /// The address to send it to.
    pub email: Personal<String>,
    /// The language of the form.
    pub locale: String,
    /// How many times sending it has been tried, with this one.
    pub tries: u32,
}

/// What became of a try to send an email.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sending {
    /// A mail server has accepted it.
    Sent,
    /// It may succeed later.
    TryAgain {
        /// When to try next (RFC 3339, UTC).
        at: String,
        /// Why it failed: a code, without the address.
        reason: String,
    },
    /// It will never succeed.
    Failed {
        /// Why it failed: a code, without the address.
        reason: String,
    },
}

/// What a link in an email leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkTarget {
    /// The campaign.
    pub campaign: CampaignId,
    /// The signature of the mailbox.
    pub signature: SignatureId,
    /// The language of the form.
    pub locale: String,
    /// Whether it replaces the answers of a signature that counts already.
    pub is_again: bool,
    /// Whether the link can be used.
    pub state: LinkState,
}

/// Whether a link can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// It can be used once.
    Open,
    /// It has been used. Using it again changes nothing.
    Used,
    /// It is too old. Another one can be sent.
    Expired,
    /// Staff have taken the signature out.
    Refused,
}

/// The result of asking for another email.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resent {
    /// It will be sent.
    Queued,
    /// The mailbox has had too many.
    TooMany,
    /// The link is unknown, or needs no other.
    NotNeeded,
}

/// How many emails are in which state, for staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailReport {
    /// `waiting`, `sent` or `failed`.
    pub state: String,
    /// Why the last try failed, if it did.
    pub reason: Option<String>,
    /// How many there are.
    pub number: u64,
    /// The day on which the oldest was written.
    pub since: String,
}

/// New answers to everything that a supporter can change, each validated like those of a form.
pub struct Change {
    /// The fields that were shown. All others stay as they are.
    pub fields: Vec<FieldName>,
    /// The answers to these fields. A field without an answer becomes empty.
    pub answers: Vec<(FieldName, Answer)>,
    /// The answers to questions about consent, with the wording shown.
    pub consents: Consents,
}

/// The result of adding a signature. Whatever it says is on disk when the caller receives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// The signature is new. The same result is returned if the mailbox has signed before, so that no client can find
    /// out.
    New,
    /// The same bytes were received before.
    Same {
        /// Whether the campaign asked for confirmation when they were received first.
        by_email: bool,
    },
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
    /// Its state. That of a later signing does not depend on the first.
    pub state: SignatureState,
    /// Whether it is a later signing, whose answers are kept beside the first.
    pub is_repeat: bool,
    /// Whether it is a test, which never counts.
    pub testing: bool,
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
