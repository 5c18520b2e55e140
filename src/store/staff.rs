//! What staff see of the signatures.

use crate::model::HeldConsent;
use pledge_domain::{CampaignId, ConsentPurpose, Date, EmailAddress, SignatureId, SignatureState, Value};

/// Names a signature in every campaign.
pub type SignatureKey = (CampaignId, SignatureId);

/// The key of a row, as it is stored.
pub type RowKey = (String, [u8; 16]);

/// Some of the signatures.
pub struct Page {
    /// The signatures.
    pub records: Vec<Record>,
    /// The key of the last row, to go on after it. `None` if there are no more.
    pub last: Option<RowKey>,
    /// The rows that cannot be read.
    pub damaged: Vec<String>,
}

/// A signature with everything that may be exported.
#[derive(Clone, PartialEq)]
pub struct Record {
    /// The campaign that was signed.
    pub campaign: CampaignId,
    /// The signature's id.
    pub id: SignatureId,
    /// Its state.
    pub state: SignatureState,
    /// Whether it is a test, which never counts.
    pub testing: bool,
    /// The day it was received.
    pub received_on: Date,
    /// The last day on which anything about it changed.
    pub changed_on: Option<Date>,
    /// Whether it meets the conditions.
    pub matches: bool,
    /// The burst that it was part of.
    pub burst: Option<String>,
    /// The day on which everything that says who has signed was deleted.
    pub anonymised_on: Option<String>,
    /// The lane, the answers with a column of their own, and the page: name and value of those that are not empty.
    pub details: Vec<(&'static str, String)>,
    /// The answers to all other fields.
    pub fields: Vec<(String, Value)>,
    /// The answer to the question about consent that was asked for, if there is one in force.
    pub consent: Option<RecordConsent>,
}

impl Record {
    /// Returns one of the details.
    pub fn detail(&self, name: &str) -> Option<&str> {
        self.details.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

/// An answer to a question about consent that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordConsent {
    /// The purpose.
    pub purpose: ConsentPurpose,
    /// `given`, `refused` or `not_asked`.
    pub state: String,
    /// The words that were shown.
    pub wording: Option<String>,
    /// Their version.
    pub version: Option<String>,
    /// Their language.
    pub locale: Option<String>,
    /// The day of the answer.
    pub answered_on: Option<String>,
}

/// How to find the signatures of one person.
pub enum Selector {
    /// The id of a signing.
    Id(SignatureId),
    /// The fingerprint of a receipt.
    Receipt(crate::Print),
    /// An address, and the fingerprints of its mailbox in the campaigns.
    Mailbox(EmailAddress, Vec<(CampaignId, crate::Print)>),
}

/// Everything that is stored about a signature.
pub struct Dossier {
    /// What is in force.
    pub record: Record,
    /// Whether the owner of the mailbox has confirmed it.
    pub is_verified: bool,
    /// The states, each with its day.
    pub states: Vec<(String, String)>,
    /// Every answer about consent, oldest first, and whether it is in force.
    pub consents: Vec<(HeldConsent, bool)>,
    /// The later signings from the same mailbox.
    pub repeats: Vec<Repeat>,
    /// The emails about it: day, state, and why the last try failed.
    pub mails: Vec<(String, String, Option<String>)>,
}

/// A later signing from the same mailbox.
pub struct Repeat {
    /// Its id.
    pub id: SignatureId,
    /// The day it was received.
    pub received_on: Option<String>,
    /// Whether the owner of the mailbox has confirmed it, so that its answers are those of the signature.
    pub is_applied: bool,
    /// Its answers.
    pub details: Vec<(&'static str, String)>,
    /// The answers to all other fields.
    pub fields: Vec<(String, Value)>,
}

/// By what signatures are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// The day they were received.
    Day,
    /// The lane.
    Lane,
    /// The partner or link.
    Source,
    /// The language of the form.
    Locale,
    /// The state.
    State,
    /// The burst that it was part of.
    Burst,
}

/// A number of signatures that were taken out together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalidation {
    /// Its number, to undo it.
    pub id: i64,
    /// The day.
    pub done_on: String,
    /// The conditions, as they were written.
    pub conditions: String,
    /// How many signatures.
    pub number: u64,
    /// The day on which it was undone.
    pub undone_on: Option<String>,
}
