//! The contract of a store: tests that every implementation must pass.

use crate::{Added, Change, Held, LinkState, NewMail, NewSignature, Resent, Sending, Store};
use pledge_domain::consent::{ConsentContext, Wording};
use pledge_domain::{
    Answer, CampaignId, Consent, ConsentPurpose, ConsentState, Consents, Date, FieldName, LaneName, LanguageTag,
    Personal, Signature, SignatureId, SignatureState,
};
use std::sync::Arc;

mod deliveries;
mod receipts;
pub use deliveries::*;
pub use receipts::*;

/// Somewhere to open a store again and again.
pub trait Place {
    /// Opens the store, after closing the one that is open.
    fn open(&mut self) -> Arc<dyn Store>;
}

/// Makes a test of each function of the suite, for a new place each.
macro_rules! suite {
    ($place:expr) => {
        $crate::suite::suite!($place,
            one_mailbox_counts_once_and_a_retry_not_at_all,
            without_an_address_each_signature_counts,
            the_number_follows_from_the_states,
            only_allowed_changes_of_state_are_made,
            later_answers_are_kept_beside_the_first,
            a_later_no_is_never_lost,
            what_is_erased_is_gone_and_a_late_retry_does_not_bring_it_back,
            who_has_withdrawn_may_sign_again,
            a_mailbox_that_was_taken_out_can_sign_again,
            a_receipt_shows_what_was_stored_with_it,
            any_sequence_of_changes_keeps_the_number_right,
            the_number_survives_a_restart_and_is_right_already,
            newer_rules_for_mailboxes_apply_to_what_is_stored,
            a_signature_counts_once_its_mailbox_is_confirmed,
            a_confirmed_mailbox_can_replace_its_answers,
            a_no_that_came_after_the_yes_that_is_confirmed_stays,
            the_second_of_two_pending_signings_can_be_the_one_that_is_confirmed,
            an_expired_link_can_be_replaced_but_not_without_end,
            one_mailbox_gets_few_emails_in_a_day,
            an_email_is_tried_again_until_it_is_settled,
            answers_can_be_changed_with_the_receipt,
            a_supporter_can_withdraw_and_erase_with_the_receipt,
            the_receipt_of_a_later_signing_cannot_touch_the_first,
            a_receipt_does_not_tell_whether_the_address_had_signed,
            a_stranger_who_signed_first_loses_the_address_to_its_owner,
            a_retry_is_answered_as_the_first_time,
            without_confirmation_a_waiting_mailbox_counts_when_it_signs_again,
            a_no_of_the_owner_beats_a_yes_that_waits,
            an_older_link_does_not_bring_older_answers_back,
            what_was_not_shown_is_not_changed,
            a_link_does_not_undo_a_withdrawal,
            a_link_does_not_bring_an_invalidated_signature_back,
            further_emails_can_be_refused_with_the_receipt,
            a_service_is_told_what_is_true_now,
            a_change_while_a_service_is_told_is_told_too,
            a_service_is_told_after_a_restart_and_no_longer_when_it_is_not_named,
            anonymising_tells_nobody_and_keeps_no_trace,
            a_removal_that_waits_survives_anonymising,
            who_may_have_arrived_is_removed_there,
            who_leaves_while_a_service_is_not_named_is_removed_there_later
        );
    };
    ($place:expr, $($name:ident),*) => {
        $(
            #[tokio::test]
            async fn $name() {
                $crate::suite::$name(&mut $place).await;
            }
        )*
    };
}
pub(crate) use suite;

/// The result of a retry in a campaign that asks for no confirmation.
const SAME: Added = Added::Same { by_email: false };

/// The campaign of the tests.
pub fn campaign() -> CampaignId {
    CampaignId::parse("c").unwrap()
}

/// The id that begins with that number.
pub fn id(number: u8) -> SignatureId {
    SignatureId::new([number; 16])
}

/// The receipt of the signature with that number.
fn receipt(number: u8) -> [u8; 32] {
    [number; 32]
}

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

/// Returns a signature whose body is as unique as its number.
pub fn new(number: u8, email: &str) -> NewSignature {
    let text = |name: &str, text: &str| (FieldName::parse(name).unwrap(), Answer::Text(Personal::new(text.to_owned())));
    let mut signature = Signature {
        id: id(number),
        lane: LaneName::Individual,
        answers: vec![text("name", &format!("Ana {number}")), text("email", email), text("role", "Nurse")],
        consents: Consents::default(),
        source: None,
        location: None,
        locale: LanguageTag::parse("en").unwrap(),
        testing: false,
    };
    signature.consents.add(answer(ConsentPurpose::Processing, true));
    let mut mailbox = [0; 32];
    mailbox[..email.len()].copy_from_slice(email.as_bytes());
    NewSignature {
        campaign: campaign(),
        signature,
        mailbox: Some(mailbox),
        body: [number; 32],
        receipt: receipt(number),
        received_on: day("2026-11-23"),
        confirmation: None,
    }
}

fn answer(purpose: ConsentPurpose, given: bool) -> Consent {
    let wording = Wording::new("May we?", Some("1")).unwrap();
    let locale = LanguageTag::parse("en").unwrap();
    let asked = ConsentContext { wording, locale, answered_at: "2026-11-23T06:40:00.123Z".to_owned() };
    Consent::answered(purpose, given, asked).unwrap()
}

/// Returns a signature with an answer to "May we write to you?".
fn with_updates(mut new: NewSignature, given: bool) -> NewSignature {
    new.signature.consents.add(answer(ConsentPurpose::Updates, given));
    new
}

fn testing(mut new: NewSignature) -> NewSignature {
    new.signature.testing = true;
    new
}

/// Returns a change of the name, the postcode and the role.
fn change(name: &str, updates: bool) -> Change {
    let changed = with_updates(new(9, "other@example.org"), updates).signature;
    let text =
        |field: &str, text: &str| (FieldName::parse(field).unwrap(), Answer::Text(Personal::new(text.to_owned())));
    let answers = vec![text("name", name), text("postcode", "N1"), text("role", "Doctor")];
    Change { fields: answers.iter().map(|(name, _)| name.clone()).collect(), answers, consents: changed.consents }
}

async fn set(store: &Arc<dyn Store>, number: u8, state: SignatureState) -> bool {
    store.set_state(campaign(), id(number), state, day("2026-11-24")).await.unwrap()
}

/// Returns the answer that applies to a purpose.
async fn applies(store: &Arc<dyn Store>, number: u8, purpose: ConsentPurpose) -> Option<ConsentState> {
    let all = store.consents_in_force(campaign(), id(number)).await.unwrap();
    let of_purpose: Vec<_> = all.into_iter().filter(|(known, _)| *known == purpose).collect();
    assert!(of_purpose.len() <= 1, "one answer applies");
    of_purpose.first().map(|(_, state)| *state)
}

async fn held(store: &Arc<dyn Store>, number: u8) -> Option<Held> {
    store.held(receipt(number)).await.unwrap()
}

fn detail<'a>(held: &'a Held, name: &str) -> Option<&'a str> {
    held.details.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

pub async fn one_mailbox_counts_once_and_a_retry_not_at_all(place: &mut impl Place) {
    let store = place.open();
    assert_eq!(store.add(new(1, "a@example.org")).await, Ok(Added::New));
    assert_eq!(store.add(new(1, "a@example.org")).await, Ok(SAME));
    let other = NewSignature { body: [9; 32], ..new(1, "b@example.org") };
    assert_eq!(store.add(other).await, Ok(Added::IdReused));
    assert_eq!(store.add(new(2, "a@example.org")).await, Ok(Added::New), "a duplicate is not revealed");
    assert_eq!(store.add(new(2, "a@example.org")).await, Ok(SAME));
    let other = NewSignature { body: [9; 32], ..new(2, "c@example.org") };
    assert_eq!(store.add(other).await, Ok(Added::IdReused));
    assert_eq!(store.count(&campaign()), 1);
    assert_eq!(store.add(testing(new(3, "t@example.org"))).await, Ok(Added::New));
    assert_eq!(store.count(&campaign()), 1, "a test is not counted");
    assert_eq!(store.add(new(4, "t@example.org")).await, Ok(Added::New));
    assert_eq!(store.count(&campaign()), 2, "a test signature does not block the real one");
}

pub async fn without_an_address_each_signature_counts(place: &mut impl Place) {
    let store = place.open();
    for number in 1..=2 {
        let without_address = NewSignature { mailbox: None, ..new(number, "a@example.org") };
        assert_eq!(store.add(without_address).await, Ok(Added::New));
    }
    assert_eq!(store.count(&campaign()), 2);
}

pub async fn the_number_follows_from_the_states(place: &mut impl Place) {
    let store = place.open();
    for number in 1..=4 {
        store.add(new(number, &format!("{number}@example.org"))).await.unwrap();
    }
    let mut counts = Vec::new();
    for (number, state) in [
        (1, SignatureState::Withdrawn),
        (2, SignatureState::Invalidated),
        (3, SignatureState::Erased),
        (2, SignatureState::Confirmed),
        (2, SignatureState::Erased),
        (1, SignatureState::Erased),
    ] {
        assert!(set(&store, number, state).await, "{number} {state:?}");
        counts.push(store.count(&campaign()));
    }
    assert_eq!(counts, [3, 2, 1, 2, 1, 1]);
}

pub async fn only_allowed_changes_of_state_are_made(place: &mut impl Place) {
    let store = place.open();
    store.add(new(1, "a@example.org")).await.unwrap();
    assert!(!set(&store, 2, SignatureState::Erased).await, "there is no such signature");
    assert!(!set(&store, 1, SignatureState::Confirmed).await, "it is already");
    assert!(set(&store, 1, SignatureState::Erased).await);
    for state in SignatureState::ALL {
        assert!(!set(&store, 1, *state).await, "{state:?}");
    }
    assert_eq!(store.count(&campaign()), 0);
}

pub async fn later_answers_are_kept_beside_the_first(place: &mut impl Place) {
    let store = place.open();
    store.add(with_updates(new(1, "a@example.org"), false)).await.unwrap();
    store.add(with_updates(new(2, "a@example.org"), true)).await.unwrap();
    let (first, later) = (held(&store, 1).await.unwrap(), held(&store, 2).await.unwrap());
    assert_eq!((detail(&first, "name"), detail(&later, "name")), (Some("Ana 1"), Some("Ana 2")));
    assert_eq!(applies(&store, 1, ConsentPurpose::Updates).await, Some(ConsentState::Refused), "a yes waits");
    assert_eq!((first.consents.len(), later.consents.len()), (2, 2), "each receipt shows its own answers");
    assert_eq!(store.count(&campaign()), 1);
}

pub async fn a_later_no_is_never_lost(place: &mut impl Place) {
    let store = place.open();
    store.add(with_updates(new(1, "a@example.org"), true)).await.unwrap();
    assert_eq!(applies(&store, 1, ConsentPurpose::Updates).await, Some(ConsentState::Given));
    // Not asked is not a no.
    store.add(new(2, "a@example.org")).await.unwrap();
    assert_eq!(applies(&store, 1, ConsentPurpose::Updates).await, Some(ConsentState::Given));
    store.add(with_updates(new(3, "a@example.org"), false)).await.unwrap();
    assert_eq!(applies(&store, 1, ConsentPurpose::Updates).await, Some(ConsentState::Refused));
    // Anyone could send a yes.
    store.add(with_updates(new(4, "a@example.org"), true)).await.unwrap();
    assert_eq!(applies(&store, 1, ConsentPurpose::Updates).await, Some(ConsentState::Refused));
    assert_eq!(applies(&store, 1, ConsentPurpose::Processing).await, Some(ConsentState::Given));
}

pub async fn what_is_erased_is_gone_and_a_late_retry_does_not_bring_it_back(place: &mut impl Place) {
    let store = place.open();
    store.add(with_updates(new(1, "a@example.org"), true)).await.unwrap();
    store.add(new(2, "a@example.org")).await.unwrap();
    assert!(set(&store, 1, SignatureState::Erased).await);
    assert!(held(&store, 1).await.is_none() && held(&store, 2).await.is_none());
    assert_eq!(store.consents_in_force(campaign(), id(1)).await.unwrap(), []);
    assert_eq!(store.add(new(1, "a@example.org")).await, Ok(SAME));
    assert_eq!(store.add(new(2, "a@example.org")).await, Ok(SAME));
    assert_eq!(store.count(&campaign()), 0);
    assert_eq!(store.add(new(3, "a@example.org")).await, Ok(Added::New), "the same person may sign again");
    assert_eq!(store.count(&campaign()), 1);
}

pub async fn who_has_withdrawn_may_sign_again(place: &mut impl Place) {
    let store = place.open();
    store.add(with_updates(new(1, "a@example.org"), false)).await.unwrap();
    assert!(set(&store, 1, SignatureState::Withdrawn).await);
    assert_eq!(store.count(&campaign()), 0);
    store.add(with_updates(new(2, "a@example.org"), true)).await.unwrap();
    assert_eq!(store.count(&campaign()), 1);
    let (first, second) = (held(&store, 1).await.unwrap(), held(&store, 2).await.unwrap());
    assert_eq!((detail(&first, "name"), detail(&second, "name")), (Some("Ana 1"), Some("Ana 2")), "each has its own");
    assert_eq!((first.state, second.state), (SignatureState::Withdrawn, SignatureState::Confirmed));
    assert_eq!(applies(&store, 2, ConsentPurpose::Processing).await, Some(ConsentState::Given));
    // Anyone could have sent the yes, and the one who has withdrawn has said no.
    assert_eq!(applies(&store, 2, ConsentPurpose::Updates).await, None);
    assert!(store.change(receipt(2), change("Ana", true), day("2026-11-25")).await.unwrap());
    assert_eq!(applies(&store, 2, ConsentPurpose::Updates).await, None);
    store.add(new(3, "a@example.org")).await.unwrap();
    assert_eq!(store.count(&campaign()), 1, "the mailbox counts once");
    assert!(set(&store, 2, SignatureState::Withdrawn).await, "and can withdraw again");
    store.add(new(4, "a@example.org")).await.unwrap();
    assert_eq!(store.count(&campaign()), 1);
}

pub async fn a_mailbox_that_was_taken_out_can_sign_again(place: &mut impl Place) {
    let store = place.open();
    store.add(new(1, "a@example.org")).await.unwrap();
    assert!(set(&store, 1, SignatureState::Invalidated).await);
    // Someone else may have signed with the address.
    assert_eq!(store.add(new(2, "a@example.org")).await, Ok(Added::New));
    assert_eq!(store.count(&campaign()), 1);
    assert!(!set(&store, 1, SignatureState::Confirmed).await, "the mailbox counts once");
    assert!(set(&store, 2, SignatureState::Withdrawn).await);
    assert!(set(&store, 1, SignatureState::Confirmed).await);
    assert_eq!(store.count(&campaign()), 1);
}

pub async fn a_receipt_shows_what_was_stored_with_it(place: &mut impl Place) {
    let store = place.open();
    store.add(with_updates(new(1, "a@example.org"), false)).await.unwrap();
    assert!(held(&store, 7).await.is_none());
    let held = held(&store, 1).await.unwrap();
    assert_eq!((held.campaign.as_str(), held.id, held.state), ("c", id(1), SignatureState::Confirmed));
    assert_eq!(held.received_on, day("2026-11-23"));
    let details: Vec<_> = held.details.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let expected =
        [("lane", "individual"), ("name", "Ana 1"), ("email", "a@example.org"), ("role", "Nurse"), ("locale", "en")];
    assert_eq!(details, expected);
    let consents: Vec<_> = held.consents.iter().map(|one| (one.purpose.as_str(), one.state.as_str())).collect();
    assert_eq!(consents, [("processing", "given"), ("updates", "refused")]);
    assert_eq!(held.consents[0].wording.as_deref(), Some("May we?"));
    assert_eq!(held.consents[0].answered_on.as_deref(), Some("2026-11-23"), "only the day");
}

/// Compares the number with a model, after each of a thousand random steps.
pub async fn any_sequence_of_changes_keeps_the_number_right(place: &mut impl Place) {
    let mut store = place.open();
    // By the number of the mailbox: the id of its signature, and the state.
    let mut model: Vec<Option<(u8, SignatureState)>> = vec![None; 8];
    let mut random = 0x9e37_79b9_u32;
    let mut next = |below: u32| {
        // xorshift32 (Marsaglia 2003).
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        random % below
    };
    let mut used = 0;
    for step in 0..1_000 {
        let mailbox = next(model.len() as u32) as usize;
        let is_signing = next(3) > 0 && used < 250;
        if is_signing {
            used += 1;
            assert_eq!(store.add(new(used, &format!("{mailbox}@example.org"))).await, Ok(Added::New));
            match &mut model[mailbox] {
                None => model[mailbox] = Some((used, SignatureState::Confirmed)),
                // What was withdrawn or taken out stays so; the new signature is another.
                Some((_, SignatureState::Withdrawn | SignatureState::Invalidated)) => {
                    model[mailbox] = Some((used, SignatureState::Confirmed));
                }
                // The campaign asks for no confirmation.
                Some((_, state)) if *state == SignatureState::Pending => *state = SignatureState::Confirmed,
                Some(_) => {}
            }
        } else if let Some((id, state)) = model[mailbox] {
            let to = SignatureState::ALL[next(SignatureState::ALL.len() as u32) as usize];
            assert_eq!(set(&store, id, to).await, state.may_become(to));
            if state.may_become(to) {
                model[mailbox] = (to != SignatureState::Erased).then_some((id, to));
            }
        }
        if next(50) == 0 {
            drop(store);
            store = place.open();
        }
        let counted = model.iter().flatten().filter(|(_, state)| state.is_counted()).count();
        assert_eq!(store.count(&campaign()), counted as u64, "step {step}");
    }
    assert_eq!(store.recount().await.unwrap(), []);
}

pub async fn the_number_survives_a_restart_and_is_right_already(place: &mut impl Place) {
    let store = place.open();
    for number in 1..=3 {
        store.add(new(number, &format!("{number}@example.org"))).await.unwrap();
    }
    set(&store, 1, SignatureState::Withdrawn).await;
    drop(store);
    let store = place.open();
    assert_eq!(store.count(&campaign()), 2);
    assert_eq!(store.recount().await.unwrap(), []);
}

pub async fn newer_rules_for_mailboxes_apply_to_what_is_stored(place: &mut impl Place) {
    let store = place.open();
    for (number, email) in [(1, "a.b@example.org"), (2, "ab@example.org"), (3, "c.d@example.org")] {
        store.add(new(number, email)).await.unwrap();
    }
    let without_dots = || -> crate::MailboxPrint {
        Box::new(|_, email, _| new(0, &email.as_str().replace("a.b", "ab").replace("c.d", "cd")).mailbox.unwrap())
    };
    store.renew_mailboxes(2, without_dots()).await.unwrap();
    assert_eq!(store.count(&campaign()), 3, "nobody loses a signature");
    store.add(new(4, "cd@example.org")).await.unwrap();
    store.add(new(5, "ab@example.org")).await.unwrap();
    assert_eq!(store.count(&campaign()), 3, "by the new rules, both have signed");
    // Not again for the same rules.
    store.renew_mailboxes(2, Box::new(|_, _, _| panic!("again"))).await.unwrap();
    store.renew_mailboxes(3, without_dots()).await.unwrap();
    assert_eq!(store.count(&campaign()), 3);
}
