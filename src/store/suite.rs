//! The contract of a store: tests that every implementation must pass.

use crate::{Added, Change, Held, LinkState, NewMail, NewSignature, Resent, Sending, Store};
use pledge_domain::consent::{ConsentContext, Wording};
use pledge_domain::{
    Answer, CampaignId, Consent, ConsentPurpose, ConsentState, Consents, Date, FieldName, LaneName, LanguageTag,
    Personal, Signature, SignatureId, SignatureState,
};
use std::sync::Arc;

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
            an_invalidated_mailbox_does_not_count_again,
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
            whoever_signed_first_with_an_address_loses_it_to_its_owner,
            a_retry_is_answered_as_the_first_time,
            without_confirmation_a_waiting_mailbox_counts_when_it_signs_again,
            a_no_of_the_owner_beats_a_yes_that_waits,
            an_older_link_does_not_bring_older_answers_back,
            what_was_not_shown_is_not_changed,
            a_link_does_not_undo_a_withdrawal,
            a_link_does_not_bring_an_invalidated_signature_back,
            further_emails_can_be_refused_with_the_receipt
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

pub async fn an_invalidated_mailbox_does_not_count_again(place: &mut impl Place) {
    let store = place.open();
    store.add(new(1, "a@example.org")).await.unwrap();
    assert!(set(&store, 1, SignatureState::Invalidated).await);
    assert_eq!(store.add(new(2, "a@example.org")).await, Ok(Added::New));
    assert_eq!(store.count(&campaign()), 0);
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
                // What was withdrawn stays so; the new signature is another.
                Some((_, SignatureState::Withdrawn)) => model[mailbox] = Some((used, SignatureState::Confirmed)),
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

/// The link in the first email about the signing with that number.
fn link(number: u8) -> [u8; 32] {
    [number ^ 0x80; 32]
}

/// Returns a signature for a campaign that asks for confirmation.
fn unconfirmed(number: u8, email: &str) -> NewSignature {
    let owner = new(0, email).mailbox.unwrap();
    let (send_at, expires_at) = ("2026-11-23T06:40:00Z".to_owned(), "2026-11-25T06:40:00Z".to_owned());
    let confirmation = Some(NewMail { link: link(number), owner, send_at, expires_at });
    NewSignature { confirmation, ..new(number, email) }
}

/// A time at which the links of the tests still work.
const SOON: &str = "2026-11-23T07:00:00Z";
/// A time at which they have expired.
const LATE: &str = "2026-11-26T07:00:00Z";

async fn confirm(store: &Arc<dyn Store>, number: u8, now: &str) -> Option<(LinkState, bool)> {
    let target = store.confirm(link(number), now.to_owned(), day(&now[..10])).await.unwrap();
    target.map(|target| (target.state, target.is_again))
}

/// Returns the addresses of the emails that are due, and settles them as sent.
async fn send_due(store: &Arc<dyn Store>, now: &str) -> Vec<(String, u32)> {
    let mut sent = Vec::new();
    for mail in store.due_mails(now.to_owned(), "2026-12-31T00:00:00Z".to_owned()).await.unwrap() {
        store.settle_mail(mail.id, Sending::Sent).await.unwrap();
        sent.push((mail.email.expose().clone(), mail.attempt));
    }
    sent
}

pub async fn a_signature_counts_once_its_mailbox_is_confirmed(place: &mut impl Place) {
    let store = place.open();
    assert_eq!(store.add(unconfirmed(1, "a@example.org")).await, Ok(Added::New));
    assert_eq!((store.count(&campaign()), held(&store, 1).await.unwrap().state), (0, SignatureState::Pending));
    assert_eq!(send_due(&store, SOON).await, [("a@example.org".to_owned(), 1)]);
    // Looking at the link changes nothing.
    for _ in 0..2 {
        let target = store.link(link(1), SOON.to_owned()).await.unwrap().unwrap();
        assert_eq!((target.state, target.is_again, target.locale.as_str()), (LinkState::Open, false, "en"));
    }
    assert_eq!(store.count(&campaign()), 0);
    assert_eq!(confirm(&store, 1, SOON).await, Some((LinkState::Open, false)));
    assert_eq!((store.count(&campaign()), held(&store, 1).await.unwrap().state), (1, SignatureState::Confirmed));
    assert_eq!(confirm(&store, 1, SOON).await, Some((LinkState::Used, false)), "once");
    assert_eq!(confirm(&store, 7, SOON).await, None);
    assert_eq!(store.count(&campaign()), 1);
}

pub async fn a_confirmed_mailbox_can_replace_its_answers(place: &mut impl Place) {
    let store = place.open();
    store.add(with_updates(unconfirmed(1, "a@example.org"), false)).await.unwrap();
    confirm(&store, 1, SOON).await;
    store.add(with_updates(unconfirmed(2, "a@example.org"), true)).await.unwrap();
    assert_eq!(applies(&store, 1, ConsentPurpose::Updates).await, Some(ConsentState::Refused));
    assert_eq!(confirm(&store, 2, SOON).await, Some((LinkState::Open, true)));
    assert_eq!(applies(&store, 1, ConsentPurpose::Updates).await, Some(ConsentState::Given));
    let (first, later) = (held(&store, 1).await.unwrap(), held(&store, 2).await.unwrap());
    assert_eq!((detail(&first, "name"), detail(&later, "name")), (Some("Ana 2"), Some("Ana 2")));
    assert_eq!(store.count(&campaign()), 1);
}

pub async fn a_no_that_came_after_the_yes_that_is_confirmed_stays(place: &mut impl Place) {
    let store = place.open();
    store.add(unconfirmed(1, "a@example.org")).await.unwrap();
    confirm(&store, 1, SOON).await;
    store.add(with_updates(unconfirmed(2, "a@example.org"), true)).await.unwrap();
    store.add(with_updates(unconfirmed(3, "a@example.org"), false)).await.unwrap();
    confirm(&store, 2, SOON).await;
    assert_eq!(applies(&store, 1, ConsentPurpose::Updates).await, Some(ConsentState::Refused));
}

pub async fn the_second_of_two_pending_signings_can_be_the_one_that_is_confirmed(place: &mut impl Place) {
    let store = place.open();
    store.add(unconfirmed(1, "a@example.org")).await.unwrap();
    store.add(unconfirmed(2, "a@example.org")).await.unwrap();
    assert_eq!(confirm(&store, 2, SOON).await, Some((LinkState::Open, false)));
    assert_eq!((store.count(&campaign()), detail(&held(&store, 1).await.unwrap(), "name")), (1, Some("Ana 2")));
    assert_eq!(confirm(&store, 1, SOON).await, Some((LinkState::Used, false)), "it is confirmed already");
    assert_eq!(detail(&held(&store, 1).await.unwrap(), "name"), Some("Ana 2"));
}

pub async fn an_expired_link_can_be_replaced_but_not_without_end(place: &mut impl Place) {
    let store = place.open();
    store.add(unconfirmed(1, "a@example.org")).await.unwrap();
    send_due(&store, SOON).await;
    let resend = async |from: [u8; 32], now: &str, expires_at: &str| {
        let make: crate::LinkPrint = Box::new(|_, _, attempt| [attempt as u8; 32]);
        store.resend(from, make, now.to_owned(), expires_at.to_owned()).await.unwrap()
    };
    assert_eq!(resend(link(1), SOON, LATE).await, Resent::NotNeeded, "the first link still works");
    assert_eq!(confirm(&store, 1, LATE).await, Some((LinkState::Expired, false)));
    assert_eq!(store.count(&campaign()), 0);
    assert_eq!(resend(link(1), LATE, "2026-11-28T07:00:00Z").await, Resent::Queued);
    assert_eq!(resend(link(1), LATE, "2026-11-28T07:00:00Z").await, Resent::Queued, "pressed twice");
    assert_eq!(send_due(&store, LATE).await, [("a@example.org".to_owned(), 2)], "one email");
    for (attempt, now) in [(3, "2026-11-29T00:00:00Z"), (4, "2026-12-02T00:00:00Z"), (5, "2026-12-05T00:00:00Z")] {
        assert_eq!(resend([attempt - 1; 32], now, now).await, Resent::Queued, "{attempt}");
        assert_eq!(send_due(&store, now).await.len(), 1);
    }
    assert_eq!(resend([5; 32], "2026-12-09T00:00:00Z", LATE).await, Resent::TooMany);
    let newest = store.confirm([5; 32], "2026-12-05T00:00:00Z".to_owned(), day("2026-12-05")).await.unwrap().unwrap();
    assert_eq!((newest.state, store.count(&campaign())), (LinkState::Open, 1));
}

pub async fn one_mailbox_gets_few_emails_in_a_day(place: &mut impl Place) {
    let store = place.open();
    for number in 1..=10 {
        assert_eq!(store.add(unconfirmed(number, "a@example.org")).await, Ok(Added::New));
    }
    store.add(unconfirmed(11, "b@example.org")).await.unwrap();
    let sent = send_due(&store, SOON).await;
    let to = |address: &str| sent.iter().filter(|(email, _)| email == address).count();
    assert_eq!((to("a@example.org"), to("b@example.org")), (5, 1));
    // The others wait until the next day, so that nobody can keep the owner's own email away.
    assert_eq!(send_due(&store, "2026-11-24T07:00:00Z").await.len(), 5);
    assert_eq!(confirm(&store, 10, "2026-11-26T06:00:00Z").await, Some((LinkState::Open, false)), "48 hours from then");
}

pub async fn an_email_is_tried_again_until_it_is_settled(place: &mut impl Place) {
    let mut store = place.open();
    store.add(unconfirmed(1, "a@example.org")).await.unwrap();
    let due = async |store: &Arc<dyn Store>, now: &str, lease: &str| {
        store.due_mails(now.to_owned(), lease.to_owned()).await.unwrap()
    };
    assert!(due(&store, "2026-11-23T06:39:59Z", SOON).await.is_empty(), "too early");
    let first = due(&store, SOON, "2026-11-23T07:05:00Z").await;
    assert_eq!((first.len(), first[0].tries, first[0].signing), (1, 1, id(1)));
    assert!(due(&store, SOON, SOON).await.is_empty(), "it is reserved");
    // The server stops before it knows.
    drop(store);
    store = place.open();
    let second = due(&store, "2026-11-23T07:05:00Z", "2026-11-23T07:10:00Z").await;
    assert_eq!((second.len(), second[0].tries), (1, 2));
    let at = "2026-11-23T08:00:00Z".to_owned();
    store.settle_mail(second[0].id, Sending::TryAgain { at, reason: "450".to_owned() }).await.unwrap();
    assert!(due(&store, "2026-11-23T07:59:59Z", SOON).await.is_empty());
    let third = due(&store, "2026-11-23T08:00:00Z", "2026-11-23T08:05:00Z").await;
    store.settle_mail(third[0].id, Sending::Failed { reason: "550".to_owned() }).await.unwrap();
    assert!(due(&store, LATE, LATE).await.is_empty());
}

pub async fn answers_can_be_changed_with_the_receipt(place: &mut impl Place) {
    let store = place.open();
    store.add(with_updates(new(1, "a@example.org"), true)).await.unwrap();
    assert!(!store.change(receipt(7), change("X", true), day("2026-11-24")).await.unwrap());
    assert!(store.change(receipt(1), change("Ana Maria", false), day("2026-11-24")).await.unwrap());
    let first = held(&store, 1).await.unwrap();
    let details = ["name", "email", "postcode", "role"].map(|name| detail(&first, name));
    assert_eq!(details, [Some("Ana Maria"), Some("a@example.org"), Some("N1"), Some("Doctor")]);
    assert_eq!(applies(&store, 1, ConsentPurpose::Updates).await, Some(ConsentState::Refused));
    assert_eq!(first.consents.len(), 4, "the first answers stay in the history");
    assert!(store.change(receipt(1), change("Ana", true), day("2026-11-25")).await.unwrap());
    assert_eq!(applies(&store, 1, ConsentPurpose::Updates).await, Some(ConsentState::Given));
    // A later signing, which anyone could have sent, is changed beside the first.
    store.add(new(2, "a@example.org")).await.unwrap();
    assert!(store.change(receipt(2), change("Bo", true), day("2026-11-25")).await.unwrap());
    assert_eq!(detail(&held(&store, 1).await.unwrap(), "name"), Some("Ana"));
    assert!(store.change(receipt(2), change("Bo", false), day("2026-11-25")).await.unwrap());
    assert_eq!(applies(&store, 1, ConsentPurpose::Updates).await, Some(ConsentState::Refused));
}

pub async fn a_supporter_can_withdraw_and_erase_with_the_receipt(place: &mut impl Place) {
    let store = place.open();
    store.add(with_updates(new(1, "a@example.org"), true)).await.unwrap();
    store.add(new(2, "b@example.org")).await.unwrap();
    let today = day("2026-11-24");
    assert!(!store.withdraw(receipt(7), today).await.unwrap() && !store.erase(receipt(7), today).await.unwrap());
    assert!(store.withdraw(receipt(1), today).await.unwrap());
    assert_eq!(store.count(&campaign()), 1);
    assert_eq!(held(&store, 1).await.unwrap().state, SignatureState::Withdrawn);
    for purpose in [ConsentPurpose::Updates, ConsentPurpose::Processing] {
        assert_eq!(applies(&store, 1, purpose).await, Some(ConsentState::Refused), "{purpose:?}");
    }
    assert!(!store.withdraw(receipt(1), today).await.unwrap(), "it is withdrawn already");
    assert!(store.erase(receipt(1), today).await.unwrap() && held(&store, 1).await.is_none());
    assert!(store.erase(receipt(2), today).await.unwrap());
    assert_eq!(store.count(&campaign()), 0);
}

pub async fn the_receipt_of_a_later_signing_cannot_touch_the_first(place: &mut impl Place) {
    let store = place.open();
    store.add(with_updates(new(1, "a@example.org"), true)).await.unwrap();
    store.add(with_updates(new(2, "a@example.org"), false)).await.unwrap();
    store.add(new(3, "a@example.org")).await.unwrap();
    let today = day("2026-11-24");
    assert!(store.withdraw(receipt(2), today).await.unwrap() && store.erase(receipt(3), today).await.unwrap());
    assert_eq!(held(&store, 2).await.unwrap().state, SignatureState::Withdrawn);
    assert!(held(&store, 3).await.is_none());
    assert_eq!(store.count(&campaign()), 1);
    assert_eq!(detail(&held(&store, 1).await.unwrap(), "name"), Some("Ana 1"));
    assert_eq!(applies(&store, 1, ConsentPurpose::Updates).await, Some(ConsentState::Refused), "its no stays");
}

/// Everything that the holder of a receipt can do and see is the same whether the address had signed before or not.
pub async fn a_receipt_does_not_tell_whether_the_address_had_signed(place: &mut impl Place) {
    let store = place.open();
    store.add(with_updates(new(1, "known@example.org"), true)).await.unwrap();
    let today = day("2026-11-24");
    let mut seen = Vec::new();
    for (number, email) in [(2, "known@example.org"), (3, "fresh@example.org")] {
        store.add(with_updates(new(number, email), true)).await.unwrap();
        let mut steps = Vec::new();
        for step in 0..5 {
            let result = match step {
                0 => true,
                1 => store.change(receipt(number), change("Bo", true), today).await.unwrap(),
                2 => store.refuse(receipt(number), vec![ConsentPurpose::Updates], today).await.unwrap(),
                3 => store.withdraw(receipt(number), today).await.unwrap(),
                _ => store.withdraw(receipt(number), today).await.unwrap(),
            };
            let held = held(&store, number).await.unwrap();
            let details: Vec<_> =
                held.details.into_iter().filter(|(name, _)| name != "email" && name != "name").collect();
            let consents: Vec<_> =
                held.consents.into_iter().map(|one| (one.purpose, one.state, one.answered_on)).collect();
            steps.push((result, held.state, held.received_on, details, consents));
        }
        assert!(store.erase(receipt(number), today).await.unwrap());
        seen.push(steps);
    }
    assert_eq!(seen[0], seen[1]);
}

pub async fn whoever_signed_first_with_an_address_loses_it_to_its_owner(place: &mut impl Place) {
    let store = place.open();
    // A stranger signs while the campaign asks for no confirmation, with a yes to emails.
    store.add(with_updates(new(1, "a@example.org"), true)).await.unwrap();
    // Then it does, and the owner signs without being asked about emails.
    store.add(unconfirmed(2, "a@example.org")).await.unwrap();
    assert_eq!(send_due_receipts(&store).await, [id(2)], "the email has the owner's own receipt");
    confirm(&store, 2, SOON).await;
    assert!(held(&store, 1).await.is_none(), "the stranger's receipt opens nothing any more");
    assert_eq!(detail(&held(&store, 2).await.unwrap(), "name"), Some("Ana 2"));
    assert_eq!(applies(&store, 1, ConsentPurpose::Updates).await, None, "the stranger's yes no longer applies");
    // From now on, the owner's emails have that receipt, and it stays valid.
    store.add(unconfirmed(3, "a@example.org")).await.unwrap();
    assert_eq!(send_due_receipts(&store).await, [id(2)]);
    confirm(&store, 3, SOON).await;
    for number in [2, 3] {
        assert_eq!(detail(&held(&store, number).await.unwrap(), "name"), Some("Ana 3"), "{number}");
    }
}

/// Returns whose receipts the emails that are due contain, and settles them as sent.
async fn send_due_receipts(store: &Arc<dyn Store>) -> Vec<SignatureId> {
    let due = store.due_mails(SOON.to_owned(), LATE.to_owned()).await.unwrap();
    for mail in &due {
        store.settle_mail(mail.id, Sending::Sent).await.unwrap();
    }
    due.iter().map(|mail| mail.receipt_of).collect()
}

pub async fn a_retry_is_answered_as_the_first_time(place: &mut impl Place) {
    let store = place.open();
    store.add(unconfirmed(1, "a@example.org")).await.unwrap();
    store.add(unconfirmed(2, "a@example.org")).await.unwrap();
    store.add(new(3, "b@example.org")).await.unwrap();
    // The campaign has switched confirmation off, or on, in the meantime.
    for number in 1..=2 {
        assert_eq!(store.add(new(number, "a@example.org")).await, Ok(Added::Same { by_email: true }), "{number}");
    }
    assert_eq!(store.add(unconfirmed(3, "b@example.org")).await, Ok(SAME));
}

pub async fn without_confirmation_a_waiting_mailbox_counts_when_it_signs_again(place: &mut impl Place) {
    let store = place.open();
    store.add(unconfirmed(1, "a@example.org")).await.unwrap();
    store.add(new(2, "a@example.org")).await.unwrap();
    assert_eq!(store.count(&campaign()), 1);
}

pub async fn a_no_of_the_owner_beats_a_yes_that_waits(place: &mut impl Place) {
    let store = place.open();
    store.add(with_updates(unconfirmed(1, "a@example.org"), false)).await.unwrap();
    confirm(&store, 1, SOON).await;
    store.add(with_updates(unconfirmed(2, "a@example.org"), true)).await.unwrap();
    assert!(store.refuse(receipt(1), vec![ConsentPurpose::Updates], day("2026-11-24")).await.unwrap());
    confirm(&store, 2, SOON).await;
    assert_eq!(applies(&store, 1, ConsentPurpose::Updates).await, Some(ConsentState::Refused));
    let last = held(&store, 1).await.unwrap().consents.pop().unwrap();
    assert_eq!((last.purpose.as_str(), last.state.as_str()), ("updates", "refused"), "the page shows what applies");
    assert!(store.change(receipt(1), change("Ana", true), day("2026-11-25")).await.unwrap());
    assert_eq!(
        applies(&store, 1, ConsentPurpose::Updates).await,
        Some(ConsentState::Given),
        "the owner may say yes again"
    );
}

pub async fn an_older_link_does_not_bring_older_answers_back(place: &mut impl Place) {
    let store = place.open();
    for number in 1..=3 {
        store.add(unconfirmed(number, "a@example.org")).await.unwrap();
    }
    confirm(&store, 3, SOON).await;
    for number in [1, 2] {
        assert_eq!(confirm(&store, number, SOON).await.map(|(state, _)| state), Some(LinkState::Used), "{number}");
    }
    assert_eq!(detail(&held(&store, 3).await.unwrap(), "name"), Some("Ana 3"));
}

pub async fn what_was_not_shown_is_not_changed(place: &mut impl Place) {
    let store = place.open();
    store.add(new(1, "a@example.org")).await.unwrap();
    let name = FieldName::parse("name").unwrap();
    let answers = vec![(name.clone(), Answer::Text(Personal::new("Bo".to_owned())))];
    let only_name = Change { fields: vec![name], answers, consents: Consents::default() };
    assert!(store.change(receipt(1), only_name, day("2026-11-24")).await.unwrap());
    let held = held(&store, 1).await.unwrap();
    assert_eq!((detail(&held, "name"), detail(&held, "role")), (Some("Bo"), Some("Nurse")));
    let role = vec![FieldName::parse("role").unwrap()];
    let emptied = Change { fields: role, answers: Vec::new(), consents: Consents::default() };
    assert!(store.change(receipt(1), emptied, day("2026-11-24")).await.unwrap());
    let held = store.held(receipt(1)).await.unwrap().unwrap();
    assert_eq!(detail(&held, "role"), None);
}

pub async fn a_link_does_not_undo_a_withdrawal(place: &mut impl Place) {
    let store = place.open();
    store.add(unconfirmed(1, "a@example.org")).await.unwrap();
    assert!(store.withdraw(receipt(1), day("2026-11-24")).await.unwrap());
    assert_eq!(confirm(&store, 1, SOON).await, None);
    assert!(send_due(&store, SOON).await.is_empty(), "and no email is sent");
    // Signing again, and confirming that, counts.
    store.add(unconfirmed(2, "a@example.org")).await.unwrap();
    assert_eq!(store.count(&campaign()), 0, "not before it is confirmed");
    confirm(&store, 2, SOON).await;
    assert_eq!(store.count(&campaign()), 1);
}

pub async fn a_link_does_not_bring_an_invalidated_signature_back(place: &mut impl Place) {
    let store = place.open();
    store.add(unconfirmed(1, "a@example.org")).await.unwrap();
    set(&store, 1, SignatureState::Invalidated).await;
    assert_eq!(confirm(&store, 1, SOON).await, Some((LinkState::Refused, false)));
    assert_eq!(store.count(&campaign()), 0);
}

pub async fn further_emails_can_be_refused_with_the_receipt(place: &mut impl Place) {
    let store = place.open();
    store.add(with_updates(new(1, "a@example.org"), true)).await.unwrap();
    let (updates, today) = (vec![ConsentPurpose::Updates], day("2026-11-24"));
    assert!(!store.refuse(receipt(7), updates.clone(), today).await.unwrap());
    assert!(store.refuse(receipt(1), updates, today).await.unwrap());
    assert_eq!(applies(&store, 1, ConsentPurpose::Updates).await, Some(ConsentState::Refused));
    assert_eq!(applies(&store, 1, ConsentPurpose::Processing).await, Some(ConsentState::Given));
    assert_eq!(store.count(&campaign()), 1);
}
