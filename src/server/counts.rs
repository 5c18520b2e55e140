//! The number that the public sees.
//!
//! On a quiet campaign the exact number, shown at once, tells everyone whether an address had signed before: sign with
//! it, and see whether the number rises. So an operator can have it shown later and in steps. Each step is shown when
//! the true number is past it by a secret amount, which is chosen anew each time. So even someone who adds signatures
//! one by one cannot find out where the true number is within a step.

use crate::clock::monotonic;
use pledge_domain::CampaignId;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The steps in which the number moves if it is delayed, in signatures.
const STEP: u64 = 10;

/// The public numbers.
pub struct PublicCounts {
    /// How often the number may change. Zero: at once and exactly.
    every: Duration,
    shown: Mutex<HashMap<CampaignId, Shown>>,
}

struct Shown {
    number: u64,
    /// How far the true number must be past the next step, or below this one, before the number changes.
    lag: u64,
    checked_at: Instant,
}

impl PublicCounts {
    /// Creates the numbers. `every` is how often they may change; if it is zero, they are exact.
    pub fn new(every: Duration) -> PublicCounts {
        PublicCounts { every, shown: Mutex::default() }
    }

    /// Returns the number to show, given the true one.
    pub fn shown(&self, campaign: &CampaignId, count: u64) -> u64 {
        if self.every.is_zero() {
            return count;
        }
        // A poisoned lock is safe to use: each change is complete before anything can panic.
        let mut all = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let first = || {
            let lag = random_lag();
            Shown { number: count.saturating_sub(lag) / STEP * STEP, lag: random_lag(), checked_at: monotonic() }
        };
        let shown = all.entry(campaign.clone()).or_insert_with(first);
        if shown.checked_at.elapsed() >= self.every {
            shown.checked_at = monotonic();
            shown.follow(count, random_lag());
        }
        shown.number
    }
}

impl Shown {
    /// Moves the number if the true one is far enough away. `lag` is the next secret amount.
    fn follow(&mut self, count: u64, lag: u64) {
        if count >= self.number + STEP + self.lag || count + self.lag < self.number {
            self.number = count.saturating_sub(self.lag) / STEP * STEP;
            self.lag = lag;
        }
    }
}

/// Returns a random number of signatures below one step.
fn random_lag() -> u64 {
    let mut byte = [0];
    // Without random numbers, the number is still delayed and rounded.
    #[expect(clippy::disallowed_methods, reason = "the amount is secret")]
    let _ = getrandom::fill(&mut byte);
    u64::from(byte[0]) % STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    fn campaign() -> CampaignId {
        CampaignId::parse("c").unwrap()
    }

    #[test]
    fn without_a_delay_the_number_is_exact() {
        let counts = PublicCounts::new(Duration::ZERO);
        assert_eq!([0, 1, 7, 3].map(|count| counts.shown(&campaign(), count)), [0, 1, 7, 3]);
    }

    #[test]
    fn between_two_looks_the_number_stays() {
        let counts = PublicCounts::new(Duration::from_secs(3_600));
        let first = counts.shown(&campaign(), 95);
        assert!(first == 80 || first == 90, "{first}");
        assert_eq!(counts.shown(&campaign(), 1_000), first);
    }

    #[test]
    fn the_number_follows_in_steps_and_is_never_too_high() {
        let counts = PublicCounts::new(Duration::from_nanos(1));
        for count in (0..500).chain((0..500).rev()) {
            let shown = counts.shown(&campaign(), count);
            assert!(shown.is_multiple_of(STEP) && shown.abs_diff(count) < 3 * STEP, "{shown} of {count}");
        }
        assert_eq!(counts.shown(&campaign(), 0), 0);
    }

    /// Someone who adds one signature and sees nothing learns nothing: for nearly every secret amount, the number is
    /// the same whether the true one has risen or not.
    #[test]
    fn one_signature_more_or_less_is_rarely_visible() {
        let mut visible = 0;
        for lag in 0..STEP {
            for count in 100..110 {
                let shown = |count| {
                    let mut shown = Shown { number: 90, lag, checked_at: monotonic() };
                    shown.follow(count, 0);
                    shown.number
                };
                visible += u32::from(shown(count) != shown(count + 1));
            }
        }
        assert_eq!(visible, 10, "of a hundred cases, one for each amount");
    }

    #[test]
    fn the_secret_amount_is_below_one_step() {
        let lags: std::collections::BTreeSet<u64> = (0..1_000).map(|_| random_lag()).collect();
        assert_eq!(lags, (0..STEP).collect());
    }
}
