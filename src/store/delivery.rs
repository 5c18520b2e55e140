//! What other services are told about signatures.

use crate::staff::{Record, RecordConsent, SignatureKey};
use pledge_domain::{CampaignId, ConsentPurpose, SignatureId};

/// A service that is told about signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// Its name in the settings.
    pub name: String,
    /// Only signatures of this campaign.
    pub campaign: Option<CampaignId>,
    /// Only people who said yes to this.
    pub purpose: ConsentPurpose,
}

/// Something that a destination must be told.
#[derive(Clone)]
pub struct DueDelivery {
    /// The signature.
    pub key: SignatureKey,
    /// How often it has changed. With the id, it names this change.
    pub change: u32,
    /// The number of this try.
    pub tries: u32,
    /// Whether the destination has the signature.
    pub has_it: HasIt,
    /// The settings of the destination.
    pub destination: Destination,
    /// The signature as it is now. `None` if it is deleted.
    pub record: Option<Record>,
    /// The answers to questions about consent that are in force.
    pub consents: Vec<RecordConsent>,
}

impl DueDelivery {
    /// Returns the signature if the destination may have it: it counts, and the person has said yes.
    pub fn shared(&self) -> Option<&Record> {
        let Destination { campaign, purpose, .. } = &self.destination;
        let is_given = |consent: &&RecordConsent| consent.purpose == *purpose && consent.state == "given";
        self.consents.iter().find(is_given)?;
        let is_meant = campaign.as_ref().is_none_or(|campaign| *campaign == self.key.0);
        let record = self.record.as_ref().filter(|_| is_meant)?;
        (record.state.is_counted() && !record.testing && record.anonymised_on.is_none()).then_some(record)
    }
}

/// Whether a destination has a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HasIt {
    /// It does not.
    No,
    /// It does.
    Yes,
    /// It was sent, and there was no good answer.
    Perhaps,
}

/// What became of a try to tell a destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// It knows.
    Done {
        /// Whether it has the signature now.
        has_it: bool,
    },
    /// It could not be reached, or asked to wait.
    TryAgain {
        /// When, in UTC (RFC 3339).
        at: String,
        /// Why.
        reason: String,
        /// Whether something may have arrived.
        may_have_arrived: bool,
    },
    /// Trying again would not help.
    Failed {
        /// Why.
        reason: String,
        /// Whether something may have arrived.
        may_have_arrived: bool,
    },
}

/// How many signatures are in which state at a destination, for staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryReport {
    /// The destination.
    pub destination: String,
    /// Whether the server's settings name it.
    pub is_active: bool,
    /// `waiting`, `failed`, `told`, or `not concerned`: the person has not said yes, or the signature does not count.
    pub state: String,
    /// Why the last try failed, if it did.
    pub reason: Option<String>,
    /// How many there are.
    pub number: u64,
}

/// Something that a destination was not told, or that staff must remove there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedDelivery {
    /// The campaign.
    pub campaign: String,
    /// The id of the signature.
    pub id: SignatureId,
    /// Why.
    pub reason: String,
}
