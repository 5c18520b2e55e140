//! The states of a signature.

use crate::string_enum;

string_enum! {
    /// The state of a signature.
    ///
    /// It begins as pending or confirmed. From every state it can become erased, and from there it never changes again.
    SignatureState {
        /// The mailbox is not confirmed yet.
        Pending = "pending",
        /// The signature counts: its mailbox is confirmed, or the campaign does not ask for that.
        Confirmed = "confirmed",
        /// The supporter has taken the signature back.
        Withdrawn = "withdrawn",
        /// Staff have taken the signature out, for example because it is one of a flood.
        Invalidated = "invalidated",
        /// The details are deleted. Only the id is kept, so that a late retry does not store them again.
        Erased = "erased",
    }
}

impl SignatureState {
    /// Returns whether a signature in this state is part of the public number.
    pub fn is_counted(self) -> bool {
        self == SignatureState::Confirmed
    }

    /// Returns whether a signature can change from this state to `next`.
    ///
    /// Staff may undo an invalidation. A supporter who has withdrawn may sign again, but that is another signature.
    pub fn may_become(self, next: SignatureState) -> bool {
        use SignatureState::{Confirmed, Erased, Invalidated, Pending, Withdrawn};
        match (self, next) {
            (Erased, _) => false,
            (_, Erased) => true,
            (Pending, Confirmed | Withdrawn | Invalidated) | (Confirmed, Withdrawn | Invalidated) => true,
            (Invalidated, Pending | Confirmed | Withdrawn) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_confirmed_signatures_count() {
        let counted: Vec<_> = SignatureState::ALL.iter().filter(|state| state.is_counted()).collect();
        assert_eq!(counted, [&SignatureState::Confirmed]);
    }

    #[test]
    fn what_is_erased_stays_erased_and_everything_else_can_be_erased() {
        for state in SignatureState::ALL {
            assert!(!SignatureState::Erased.may_become(*state));
            assert_eq!(state.may_become(SignatureState::Erased), *state != SignatureState::Erased);
            assert!(!state.may_become(*state), "{state:?}");
        }
    }

    #[test]
    fn the_other_changes() {
        use SignatureState::{Confirmed, Invalidated, Pending, Withdrawn};
        let states = [Pending, Confirmed, Withdrawn, Invalidated];
        let allowed = states.map(|from| states.map(|to| from.may_become(to)));
        assert_eq!(
            allowed,
            [
                // To pending, confirmed, withdrawn, invalidated.
                [false, true, true, true],
                [false, false, true, true],
                [false, false, false, false],
                [true, true, true, false],
            ]
        );
    }
}
