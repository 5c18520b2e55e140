//! Confirmation by email, and what a receipt allows.

use super::*;

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

pub async fn a_stranger_who_signed_first_loses_the_address_to_its_owner(place: &mut impl Place) {
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
