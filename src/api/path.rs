//! Where each resource stands below the server's address.

use pledge_domain::CampaignId;

fn below(id: &CampaignId, path: &str) -> String {
    ["/v1/campaigns/", id.as_str(), path].concat()
}

/// Path of a campaign's state: `GET`.
pub fn campaign(id: &CampaignId) -> String {
    below(id, "")
}

/// Path of a campaign's public count: `GET`.
pub fn count(id: &CampaignId) -> String {
    below(id, "/count")
}

/// Path of a campaign's signatures: `POST`.
pub fn signatures(id: &CampaignId) -> String {
    below(id, "/signatures")
}

/// Path of a campaign's answers to "Was this useful?": `POST` with the body `yes` or `no`.
pub fn feedback(id: &CampaignId) -> String {
    below(id, "/feedback")
}
