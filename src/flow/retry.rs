//! When the next try goes out by itself: full jitter, so that a crowd that failed together does not come back together
//! (Brooker, "Exponential Backoff and Jitter"), and no longer than a person would watch.

/// How often one press of the button may send at most.
pub const MOST_TRIES: u32 = 6;

/// Within how many milliseconds of the press the last of them goes out.
pub const WINDOW_MS: f64 = 60_000.0;

/// The tries that one press of the button has led to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Burst {
    /// When it was pressed, in milliseconds.
    pub since_ms: f64,
    /// How many there have been.
    pub tries: u32,
}

impl Burst {
    /// None yet.
    pub fn beginning(at_ms: f64) -> Burst {
        Burst { since_ms: at_ms, tries: 0 }
    }
}

/// The milliseconds until the next try: by chance between 0 and 1 s · 2ⁿ, at most 30 s, and never sooner than the backend
/// asked. `None` where the tries or the minute would be used up.
pub fn wait_ms(burst: &Burst, at_ms: f64, after_s: Option<u32>, dice: u16) -> Option<u32> {
    if !(1..MOST_TRIES).contains(&burst.tries) {
        return None;
    }
    let most = (1_000_u64 << (burst.tries - 1)).min(30_000);
    let chance = (most * u64::from(dice) / u64::from(u16::MAX)) as u32;
    let wait = after_s.unwrap_or(0).saturating_mul(1_000).saturating_add(chance);
    (at_ms - burst.since_ms + f64::from(wait) <= WINDOW_MS).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_within_a_minute() {
        let wait = |tries, at_ms, after_s, dice| wait_ms(&Burst { since_ms: 1_000.0, tries }, at_ms, after_s, dice);
        assert_eq!(wait(1, 1_000.0, None, 0), Some(0));
        assert_eq!(
            (1..6).map(|tries| wait(tries, 1_000.0, None, u16::MAX)).collect::<Vec<_>>(),
            [Some(1_000), Some(2_000), Some(4_000), Some(8_000), Some(16_000)]
        );
        assert_eq!(wait(6, 1_000.0, None, 0), None, "six tries are enough");
        assert_eq!(wait(1, 1_000.0, Some(30), 0), Some(30_000), "never sooner than asked");
        assert_eq!(wait(1, 1_000.0, Some(61), 0), None);
        assert_eq!(wait(2, 60_500.0, None, u16::MAX), None, "not after the minute");
        assert_eq!(wait(1, 1_000.0, Some(u32::MAX), u16::MAX), None);
    }
}
