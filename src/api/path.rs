//! The paths of the resources below the server's address.

use pledge_domain::CampaignId;

fn campaign_path(id: &CampaignId, path: &str) -> String {
    ["/v1/campaigns/", id.as_str(), path].concat()
}

/// The path of the list of campaigns: `GET`.
pub const CAMPAIGNS: &str = "/v1/campaigns";

/// Returns the path of a campaign's state: `GET`.
pub fn campaign(id: &CampaignId) -> String {
    campaign_path(id, "")
}

/// Returns the path of a campaign's public count: `GET`.
pub fn count(id: &CampaignId) -> String {
    campaign_path(id, "/count")
}

/// Returns the path of a campaign's signatures: `POST`.
pub fn signatures(id: &CampaignId) -> String {
    campaign_path(id, "/signatures")
}

/// Returns the path of a campaign's answers to "Was this useful?": `POST` with the body `yes` or `no`.
pub fn feedback(id: &CampaignId) -> String {
    campaign_path(id, "/feedback")
}

/// Returns the path of the page on which a supporter sees, changes and deletes what is stored.
pub fn my(receipt: &str) -> String {
    ["/my/", receipt].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_resource_has_its_path() {
        let id = CampaignId::parse("care-dont-share").unwrap();
        assert_eq!(campaign(&id), "/v1/campaigns/care-dont-share");
        assert_eq!(count(&id), "/v1/campaigns/care-dont-share/count");
        assert_eq!(signatures(&id), "/v1/campaigns/care-dont-share/signatures");
        assert_eq!(my("a-code"), "/my/a-code");
        assert_eq!(feedback(&id), "/v1/campaigns/care-dont-share/feedback");
    }
}
