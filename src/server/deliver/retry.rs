//! When a service is told again.

use crate::client::Silence;
use crate::clock;
use pledge_backend::HttpResponse;
use pledge_store::Delivered;
use std::time::Duration;

/// How long to wait after each failed try, in seconds, as Standard Webhooks recommends. The last is after three and a
/// half days.
const WAITS_S: [u64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// The longest time that a service may ask to wait, in seconds.
const WAIT_MAX_S: u64 = 86_400;
/// Returns a word for why there is no response.
pub fn reason(silence: Silence) -> &'static str {
    match silence {
        Silence::NotSent => "unreachable",
        Silence::NoAnswer => "no_answer",
    }
}

/// Returns what to record after this many tries, when another may help.
pub fn again(tries: u32, after_s: Option<u32>, reason: String, may_have_arrived: bool) -> Delivered {
    let Some(wait) = WAITS_S.get((tries as usize).saturating_sub(1)) else {
        return Delivered::Failed { reason, may_have_arrived };
    };
    let wait = after_s.map_or(*wait, |asked| (*wait).max(u64::from(asked)).min(WAIT_MAX_S));
    Delivered::TryAgain { at: clock::later(Duration::from_secs(wait)), reason, may_have_arrived }
}

/// Whether a response says that the service is down or busy, so that others should wait too.
pub fn is_down(response: &HttpResponse) -> bool {
    matches!(response.status, 429 | 500..=599)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_gets_more_than_three_days_to_come_back() {
        let total: u64 = WAITS_S.iter().sum();
        assert!(total > 3 * 24 * 3_600, "{total}");
        let mut last = clock::now();
        for tries in 1..=WAITS_S.len() as u32 {
            let Delivered::TryAgain { at, .. } = again(tries, None, String::new(), true) else { panic!("{tries}") };
            assert!(at > last);
            last = at;
        }
        let end = again(WAITS_S.len() as u32 + 1, None, "500".to_owned(), true);
        assert_eq!(end, Delivered::Failed { reason: "500".to_owned(), may_have_arrived: true });
    }

    #[test]
    fn a_service_can_ask_to_wait_longer_but_not_for_ever() {
        for (asked, expected) in [(None, 5), (Some(1), 5), (Some(60), 60), (Some(u32::MAX), WAIT_MAX_S)] {
            let Delivered::TryAgain { at, .. } = again(1, asked, String::new(), true) else { panic!("{asked:?}") };
            let earliest = clock::later(Duration::from_secs(expected.saturating_sub(2)));
            assert!(at >= earliest && at <= clock::later(Duration::from_secs(expected + 2)), "{asked:?}: {at}");
        }
    }
}
