//! Where each resource stands below the server's address.

use pledge_domain::CampaignId;

/// Path of a campaign's state: `GET`.
pub fn campaign(id: &CampaignId) -> String {
    format!("/v1/campaigns/{id}")
}

/// Path of a campaign's public count: `GET`.
pub fn count(id: &CampaignId) -> String {
    format!("/v1/campaigns/{id}/count")
}

/// Path of a campaign's signatures: `POST`.
pub fn signatures(id: &CampaignId) -> String {
    format!("/v1/campaigns/{id}/signatures")
}
