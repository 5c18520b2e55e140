//! Deletes what is no longer needed: signatures that were never confirmed, and after a campaign everything that says
//! who has signed.

use crate::campaigns::Campaigns;
use pledge_domain::Date;
use pledge_store::{Store, StoreError};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

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

/// How far the clock of the system may move away from a clock that never jumps, within one look.
const JUMP: Duration = Duration::from_secs(60 * 60);
/// How long nothing is deleted after a jump, so that someone can set the clock right.
const PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// Notices when the clock of the system jumps. A clock that is years ahead would make everything old at once.
pub struct Steadiness {
    seen: (Instant, SystemTime),
    jumped_at: Option<Instant>,
}

impl Steadiness {
    /// Begins to watch. `steady` is a time of a clock that never jumps, `system` of the system's.
    pub fn new(steady: Instant, system: SystemTime) -> Steadiness {
        Steadiness { seen: (steady, system), jumped_at: None }
    }

    /// Returns whether the clock has jumped since the last look.
    pub fn look(&mut self, steady: Instant, system: SystemTime) -> bool {
        let expected = self.seen.1 + steady.saturating_duration_since(self.seen.0);
        self.seen = (steady, system);
        let difference = system.duration_since(expected).unwrap_or_else(|error| error.duration());
        let has_jumped = difference > JUMP;
        if has_jumped {
            self.jumped_at = Some(steady);
        }
        has_jumped
    }

    /// Returns whether the clock has not jumped for a day.
    pub fn is_steady(&self, steady: Instant) -> bool {
        self.jumped_at.is_none_or(|at| steady.saturating_duration_since(at) >= PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{monotonic, system};

    #[test]
    fn a_clock_that_jumps_deletes_nothing_for_a_day() {
        let (steady, now) = (monotonic(), system());
        let day = Duration::from_secs(86_400);
        let second = Duration::from_secs(1);
        for (jump, is_jump) in [(now + second, false), (now + day, true), (now - day, true), (now + 365 * day, true)] {
            let mut steadiness = Steadiness::new(steady, now);
            assert_eq!(steadiness.look(steady + second, jump), is_jump);
            assert_eq!(steadiness.is_steady(steady + second), !is_jump);
            // Only the jump itself counts, not that the clock is wrong since then.
            assert!(!steadiness.look(steady + 2 * second, jump + second));
            assert!(steadiness.is_steady(steady + second + day));
        }
        // The machine has slept: both clocks may stand still, or only one.
        let mut steadiness = Steadiness::new(steady, now);
        assert!(!steadiness.look(steady + day, now + day));
    }
}
