//! Deletes what is no longer needed: signatures that were never confirmed, and after a campaign everything that says
//! who has signed.

use crate::campaigns::Campaigns;
use pledge_domain::Date;
use pledge_store::{Store, StoreError};
use std::sync::Arc;

/// After how many days the marks of bursts are removed, because they connect people of one network.
const BURST_DAYS: u32 = 30;

/// How long personal data is kept.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// After how many days a signature that was not confirmed is deleted. 0 means never.
    pub unconfirmed_days: u32,
    /// How many days after its campaign has closed a signature is anonymised. `None` means never.
    pub anonymise_days: Option<u32>,
}

impl Retention {
    /// Deletes what is due. If the server stops meanwhile, the next call goes on.
    ///
    /// # Errors
    /// Returns an error if the store cannot be written. The log has the details.
    pub async fn apply(&self, store: &Arc<dyn Store>, campaigns: &Campaigns, today: Date) -> Result<(), StoreError> {
        if self.unconfirmed_days > 0 {
            let mut deleted = 0;
            loop {
                let number = store.delete_unconfirmed(self.unconfirmed_days, today).await?;
                deleted += number;
                if number == 0 {
                    break;
                }
            }
            if deleted > 0 {
                tracing::info!(deleted, days = self.unconfirmed_days, "signatures that were not confirmed are deleted");
            }
        }
        while store.forget_bursts(BURST_DAYS, today).await? > 0 {}
        let Some(days) = self.anonymise_days else { return Ok(()) };
        for (campaign, info) in campaigns.all() {
            let is_due = |closed_on: Date| today.days_since(closed_on) > i32::try_from(days).unwrap_or(i32::MAX);
            if !info.closed_on(today).or(store.closed_on(&campaign)).is_some_and(is_due) {
                continue;
            }
            let (mut number, mut after) = (0, None);
            while let Some((last, changed)) = store.anonymise(campaign.clone(), after, today).await? {
                number += changed;
                after = Some(last);
            }
            if number > 0 {
                tracing::info!(campaign = campaign.as_str(), number, "signatures of a closed campaign are anonymised");
            }
        }
        Ok(())
    }
}
