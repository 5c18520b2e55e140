//! Fingerprints that are made with another key.

use crate::Print;
use pledge_domain::{CampaignId, EmailAddress, LaneName, SignatureId};

/// Makes fingerprints with a key that the store does not know.
pub trait Prints {
    /// Returns the fingerprint of a mailbox in a campaign and a lane.
    fn mailbox(&self, campaign: &CampaignId, email: &EmailAddress, lane: LaneName) -> Print;
    /// Returns the fingerprint of a signing's receipt.
    fn receipt(&self, campaign: &CampaignId, signing: SignatureId) -> Print;
    /// Returns the fingerprint of the link in the email with that number about a signing.
    fn link(&self, campaign: &CampaignId, signing: SignatureId, attempt: u32) -> Print;
    /// Returns the fingerprint of a mailbox in all campaigns.
    fn owner(&self, email: &EmailAddress) -> Print;
}
