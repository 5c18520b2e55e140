//! Tells other services about signatures: by webhooks, or in the service's own format as the widget would. A service
//! that is down loses nothing; it is told once it is back.

mod also;
mod destinations;
mod retry;
mod webhook;

use crate::client::{Client, Outgoing, Silence, common_headers};
use crate::clock;
use crate::staff::signature_object;
use destinations::Way;
pub use destinations::{Service, read};
use hyper::header::{self, HeaderName, HeaderValue};
use pledge_store::{Delivered, DueDelivery, Store};
use retry::{again, is_down, reason};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

/// How many requests one service gets at the same time.
const AT_ONCE: u32 = 8;
/// How often the server looks whether something is due.
const LOOK: Duration = Duration::from_secs(1);
/// How long a reserved delivery is left alone if the server stops while it is under way.
const LEASE: Duration = Duration::from_secs(60);
/// The longest pause after a service was down, in seconds. Then one request finds out whether it is back.
const PAUSE_MAX_S: u64 = 300;

/// Tells each service what it must be told. It ends only when it is aborted.
///
/// # Errors
/// Returns an error if the system's certificates cannot be read.
pub fn start(services: Vec<Service>, store: &Arc<dyn Store>) -> std::io::Result<JoinSet<()>> {
    let client = Client::new()?;
    let mut tasks = JoinSet::new();
    for service in services {
        // One that hangs must not keep the others waiting.
        tasks.spawn(tell(Arc::new(service), client.clone(), Arc::clone(store)));
    }
    Ok(tasks)
}

async fn tell(service: Arc<Service>, client: Client, store: Arc<dyn Store>) {
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failures: u32 = 0;
    loop {
        ticks.tick().await;
        loop {
            // After a failure, one request finds out whether the service is back.
            let limit = if failures > 0 { 1 } else { AT_ONCE };
            let name = service.destination.name.clone();
            // The store logs why it failed. The next round tries again.
            let due = store.due_deliveries(name, clock::now(), clock::later(LEASE), limit).await.unwrap_or_default();
            if due.is_empty() {
                break;
            }
            let mut tasks = JoinSet::new();
            for due in due {
                let (service, client, store) = (Arc::clone(&service), client.clone(), Arc::clone(&store));
                tasks.spawn(async move { tell_one(&service, &client, &store, due).await });
            }
            let mut is_down = false;
            while let Some(done) = tasks.join_next().await {
                is_down |= done.unwrap_or(true);
            }
            failures = if is_down { failures.saturating_add(1) } else { 0 };
            if is_down {
                let pause = 2_u64.saturating_pow(failures).min(PAUSE_MAX_S);
                tokio::time::sleep(Duration::from_secs(pause)).await;
            }
        }
    }
}

/// Tells a service about one signature. Returns whether the service seems to be down.
async fn tell_one(service: &Service, client: &Client, store: &Arc<dyn Store>, due: DueDelivery) -> bool {
    let (delivered, is_down) = match &service.way {
        Way::Webhook { url, secret } => by_webhook(client, url, secret, &due).await,
        Way::Backend { backend, headers } => also::send(client, backend, headers, &due).await,
    };
    let name = service.destination.name.clone();
    if let Delivered::TryAgain { reason, .. } | Delivered::Failed { reason, .. } = &delivered {
        tracing::warn!(destination = name, reason, tries = due.tries, "a service was not told about a signature");
    }
    // If this fails, the service is told again after the lease. Twice is better than never.
    let _ = store.settle_delivery(name, due, delivered).await;
    is_down
}

async fn by_webhook(client: &Client, url: &str, secret: &webhook::Secret, due: &DueDelivery) -> (Delivered, bool) {
    let now = clock::now();
    let Some((event, has_it)) = webhook::event(due, &now, |due| Some(signature_object(due.shared()?, &due.consents)))
    else {
        return (Delivered::Done { has_it: false }, false);
    };
    let (id, body) = (webhook::id(due), event.to_string());
    let at = clock::unix_s();
    let signature = secret.sign(&id, at, &body);
    let mut headers = common_headers();
    headers.push((header::CONTENT_TYPE, HeaderValue::from_static("application/json")));
    for (name, value) in [("webhook-id", id), ("webhook-timestamp", at.to_string()), ("webhook-signature", signature)] {
        headers.extend(HeaderValue::try_from(value).map(|value| (HeaderName::from_static(name), value)));
    }
    let follow = false;
    match client.send(Outgoing { url: url.to_owned(), headers, body, follow }).await {
        Ok(response) if response.is_ok() => (Delivered::Done { has_it }, false),
        // Source: the specification, "410 Gone": the receiver wants no more.
        Ok(response) if response.status == 410 => {
            (Delivered::Failed { reason: "410".to_owned(), may_have_arrived: true }, false)
        }
        Ok(response) => {
            let delivered = again(due.tries, response.retry_after_s, response.status.to_string(), true);
            (delivered, is_down(&response))
        }
        // Receivers must expect an event twice, so nothing is lost by sending it again.
        Err(silence) => (again(due.tries, None, reason(silence).to_owned(), silence == Silence::NoAnswer), true),
    }
}
