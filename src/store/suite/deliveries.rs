//! What other services are told.

use super::*;
use crate::{Delivered, Destination, DueDelivery, HasIt};

const NOW: &str = "2100-01-01T00:00:00Z";
const LEASE: &str = "2100-01-01T00:01:00Z";

async fn name(store: &Arc<dyn Store>, names: &[&str]) {
    let destination = |name: &&str| Destination {
        name: (*name).to_owned(),
        campaign: (*name == "other").then(|| CampaignId::parse("other").unwrap()),
        purpose: ConsentPurpose::Updates,
    };
    store.set_destinations(names.iter().map(destination).collect()).await.unwrap();
}

/// Returns what is due now, and reserves it.
async fn due(store: &Arc<dyn Store>, name: &str) -> Vec<DueDelivery> {
    store.due_deliveries(name.to_owned(), NOW.to_owned(), LEASE.to_owned(), 10).await.unwrap()
}

async fn done(store: &Arc<dyn Store>, due: DueDelivery, has_it: bool) {
    store.settle_delivery("crm".to_owned(), due, Delivered::Done { has_it }).await.unwrap();
}

pub async fn a_service_is_told_what_is_true_now(place: &mut impl Place) {
    let store = place.open();
    store.add(with_updates(new(9, "before@example.org"), true)).await.unwrap();
    name(&store, &["crm", "other"]).await;
    store.add(with_updates(new(1, "a@example.org"), true)).await.unwrap();
    store.add(with_updates(new(2, "b@example.org"), false)).await.unwrap();
    assert!(due(&store, "other").await.is_empty(), "another campaign");
    let told = due(&store, "crm").await;
    assert_eq!(told.len(), 2, "not those from before it was named");
    assert!(due(&store, "crm").await.is_empty(), "they are reserved");
    for due in told {
        let is_shared = due.shared().is_some();
        assert_eq!(is_shared, due.key.1 == id(1), "only who said yes");
        assert_eq!(due.has_it, HasIt::No);
        done(&store, due, is_shared).await;
    }
    // A later no, and a deletion.
    store.add(with_updates(new(3, "a@example.org"), false)).await.unwrap();
    let mut told = due(&store, "crm").await;
    let refused = told.pop().unwrap();
    assert!(told.is_empty() && refused.has_it == HasIt::Yes && refused.shared().is_none());
    done(&store, refused, false).await;
    assert!(set(&store, 2, SignatureState::Erased).await);
    for due in due(&store, "crm").await {
        assert!(due.has_it == HasIt::No && due.shared().is_none());
        done(&store, due, false).await;
    }
    assert!(due(&store, "crm").await.is_empty());
    let report = store.delivery_report().await.unwrap();
    let states: Vec<(&str, &str, u64)> =
        report.iter().map(|line| (line.destination.as_str(), line.state.as_str(), line.number)).collect();
    // Nothing is left of the one that is deleted.
    assert_eq!(states, [("crm", "not concerned", 1), ("other", "not concerned", 0)]);
}

pub async fn a_change_while_a_service_is_told_is_told_too(place: &mut impl Place) {
    let store = place.open();
    name(&store, &["crm"]).await;
    store.add(with_updates(new(1, "a@example.org"), true)).await.unwrap();
    let first = due(&store, "crm").await.remove(0);
    assert!(set(&store, 1, SignatureState::Withdrawn).await);
    let change = first.change;
    done(&store, first, true).await;
    let second = due(&store, "crm").await.remove(0);
    assert!(second.change > change && second.has_it == HasIt::Yes && second.shared().is_none());
    // A failure is remembered, but a new change is told anyway.
    let failed = Delivered::Failed { reason: "410".to_owned(), may_have_arrived: true };
    store.settle_delivery("crm".to_owned(), second, failed).await.unwrap();
    assert!(due(&store, "crm").await.is_empty());
    assert!(set(&store, 1, SignatureState::Erased).await);
    assert_eq!(due(&store, "crm").await.len(), 1);
}

pub async fn a_service_is_told_after_a_restart_and_no_longer_when_it_is_not_named(place: &mut impl Place) {
    let store = place.open();
    name(&store, &["crm"]).await;
    store.add(with_updates(new(1, "a@example.org"), true)).await.unwrap();
    drop(store);
    let store = place.open();
    name(&store, &["crm"]).await;
    let waiting = due(&store, "crm").await.remove(0);
    let later =
        Delivered::TryAgain { at: "2100-01-02T00:00:00Z".to_owned(), reason: "503".to_owned(), may_have_arrived: true };
    store.settle_delivery("crm".to_owned(), waiting, later).await.unwrap();
    assert!(due(&store, "crm").await.is_empty(), "not before its time");
    name(&store, &[]).await;
    store.add(with_updates(new(2, "b@example.org"), true)).await.unwrap();
    let report = store.delivery_report().await.unwrap();
    assert_eq!((report.len(), report[0].number, report[0].is_active), (1, 1, false));
}

pub async fn anonymising_tells_nobody_and_keeps_no_trace(place: &mut impl Place) {
    let store = place.open();
    name(&store, &["crm"]).await;
    store.add(with_updates(new(1, "a@example.org"), true)).await.unwrap();
    let told = due(&store, "crm").await.remove(0);
    done(&store, told, true).await;
    let today = Date::parse("2026-11-28").unwrap();
    assert!(store.anonymise(campaign(), None, today).await.unwrap().is_some());
    // A removal would take people out of a list that they have joined.
    assert!(due(&store, "crm").await.is_empty());
    assert_eq!(store.delivery_report().await.unwrap()[0].number, 0);
}

pub async fn a_removal_that_waits_survives_anonymising(place: &mut impl Place) {
    let store = place.open();
    name(&store, &["crm"]).await;
    store.add(with_updates(new(1, "a@example.org"), true)).await.unwrap();
    let told = due(&store, "crm").await.remove(0);
    done(&store, told, true).await;
    store.add(with_updates(new(2, "a@example.org"), false)).await.unwrap();
    let today = Date::parse("2026-11-28").unwrap();
    assert!(store.anonymise(campaign(), None, today).await.unwrap().is_some());
    let removal = due(&store, "crm").await.remove(0);
    assert!(removal.has_it == HasIt::Yes && removal.shared().is_none());
}

pub async fn who_may_have_arrived_is_removed_there(place: &mut impl Place) {
    let store = place.open();
    name(&store, &["crm"]).await;
    store.add(with_updates(new(1, "a@example.org"), true)).await.unwrap();
    store.add(with_updates(new(2, "b@example.org"), true)).await.unwrap();
    // The answer to one is lost, and nothing was sent of the other.
    for due in due(&store, "crm").await {
        let (at, reason, may_have_arrived) = ("2100-01-02T00:00:00Z".to_owned(), "x".to_owned(), due.key.1 == id(1));
        let later = Delivered::TryAgain { at, reason, may_have_arrived };
        store.settle_delivery("crm".to_owned(), due, later).await.unwrap();
    }
    assert!(set(&store, 1, SignatureState::Erased).await && set(&store, 2, SignatureState::Erased).await);
    let told = due(&store, "crm").await;
    let of = |number| told.iter().find(|due| due.key.1 == id(number)).map(|due| due.has_it);
    assert_eq!((of(1), of(2)), (Some(HasIt::Perhaps), Some(HasIt::No)));
    // A crash while it is told is like a lost answer.
    store.add(with_updates(new(3, "c@example.org"), true)).await.unwrap();
    assert_eq!(due(&store, "crm").await.len(), 1);
    drop(store);
    let store = place.open();
    name(&store, &["crm"]).await;
    assert!(set(&store, 3, SignatureState::Withdrawn).await);
    assert_eq!(due(&store, "crm").await.remove(0).has_it, HasIt::Perhaps);
}

pub async fn who_leaves_while_a_service_is_not_named_is_removed_there_later(place: &mut impl Place) {
    let store = place.open();
    name(&store, &["crm"]).await;
    for number in 1..=3 {
        store.add(with_updates(new(number, &format!("{number}@example.org")), true)).await.unwrap();
    }
    for due in due(&store, "crm").await {
        done(&store, due, true).await;
    }
    name(&store, &[]).await;
    assert!(set(&store, 1, SignatureState::Withdrawn).await);
    store.add(with_updates(new(4, "2@example.org"), false)).await.unwrap();
    name(&store, &["crm"]).await;
    let mut left: Vec<SignatureId> = due(&store, "crm").await.into_iter().map(|due| due.key.1).collect();
    left.sort_by_key(|id| *id.as_bytes());
    assert_eq!(left, [id(1), id(2)]);
    // A service that is now told about another campaign must forget this one.
    let other =
        Destination { name: "crm".to_owned(), campaign: CampaignId::parse("other"), purpose: ConsentPurpose::Updates };
    store.set_destinations(vec![other]).await.unwrap();
    let told = due(&store, "crm").await;
    assert!(told.len() == 1 && told[0].key.1 == id(3) && told[0].shared().is_none());
}
