//! When the next automatic retry goes out.
//!
//! The delay uses full jitter, so that many clients that failed at the same moment do not all retry at the same moment
//! (Brooker, "Exponential Backoff and Jitter"). Retries stop after a minute, because people do not watch for longer.
//!
//! Written by hand, because libraries for retries wait and send themselves. Here both are effects that the caller
//! carries out, so that tests can run a minute in no time.

/// The maximum number of attempts for one press of the button.
pub const MAX_ATTEMPTS: u32 = 6;

/// How long after the press the last attempt may go out, in milliseconds.
pub const RETRY_WINDOW_MS: f64 = 60_000.0;

/// The attempts made so far for one press of the button.
#[derive(Clone, Copy, Debug, Default)]
pub struct RetryState {
    /// When the button was pressed, in milliseconds.
    pub started_ms: f64,
    /// The number of attempts made.
    pub attempts: u32,
}

impl RetryState {
    /// Creates a state with no attempts made.
    pub fn new(at_ms: f64) -> RetryState {
        RetryState { started_ms: at_ms, attempts: 0 }
    }
}

/// Returns the milliseconds to wait before the next attempt: the wait that the backend asked for (`after_s`), plus a
/// random time between 0 and 1 s · 2ⁿ (at most 30 s).
///
/// Returns `None` if no attempts are left, or if the attempt would go out after [`RETRY_WINDOW_MS`].
pub fn delay_ms(state: &RetryState, at_ms: f64, after_s: Option<u32>, jitter: u16) -> Option<u32> {
    if !(1..MAX_ATTEMPTS).contains(&state.attempts) {
        return None;
    }
    let max_ms = (1_000_u64 << (state.attempts - 1)).min(30_000);
    let jitter_ms = (max_ms * u64::from(jitter) / u64::from(u16::MAX)) as u32;
    let delay_ms = after_s.unwrap_or(0).saturating_mul(1_000).saturating_add(jitter_ms);
    (at_ms - state.started_ms + f64::from(delay_ms) <= RETRY_WINDOW_MS).then_some(delay_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_within_a_minute() {
        let delay = |attempts, at_ms, after_s, jitter| {
            delay_ms(&RetryState { started_ms: 1_000.0, attempts }, at_ms, after_s, jitter)
        };
        assert_eq!(delay(1, 1_000.0, None, 0), Some(0));
        assert_eq!(
            (1..6).map(|attempts| delay(attempts, 1_000.0, None, u16::MAX)).collect::<Vec<_>>(),
            [Some(1_000), Some(2_000), Some(4_000), Some(8_000), Some(16_000)]
        );
        assert_eq!(delay(6, 1_000.0, None, 0), None, "six attempts are enough");
        assert_eq!(delay(1, 1_000.0, Some(30), 0), Some(30_000), "never sooner than the backend asked");
        assert_eq!(delay(1, 1_000.0, Some(61), 0), None);
        assert_eq!(delay(1, 61_000.0, None, 0), Some(0), "the minute counts from the press");
        assert_eq!(delay(2, 60_500.0, None, u16::MAX), None, "not after the minute");
        assert_eq!(delay(1, 1_000.0, Some(u32::MAX), u16::MAX), None);
    }
}
