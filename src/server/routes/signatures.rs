//! Accepts a signature.

use super::body::{check_type, read_body};
use super::confirm::LINK_LIFE;
use super::{AppState, campaigns};
use crate::campaigns::CampaignInfo;
use crate::clock;
use crate::limits::Peer;
use crate::proof::Price;
use crate::reply::{Refusal, json, wait};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pledge_api::{Accepted, Problem, ProblemType, signature};
use pledge_domain::campaign::{Availability, Confirmation};
use pledge_domain::limits::SIGNATURE_BODY_MAX_BYTES;
use pledge_domain::{CampaignId, Signature, Value};
use pledge_store::{Added, NewMail, NewSignature, StoreError};

/// `POST /v1/campaigns/{id}/signatures`: responds once the signature is on disk.
///
/// Returns 201 for a new signature, and 200 with the same response body if the request is a retry with the same bytes.
/// The response does not reveal whether the mailbox has signed before.
pub async fn create_signature(
    State(state): State<AppState>,
    Path(id): Path<String>,
    peer: Option<Extension<Peer>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let bytes = read_body(body, SIGNATURE_BODY_MAX_BYTES, state.client_timeout).await?;
    let (campaign, info) = campaigns::find(&state, &id).await?;
    // Browsers send `text/plain` without a preflight.
    check_type(&headers, &["", "text/plain", "application/json"])?;
    if bytes.is_empty() {
        return Err(ProblemType::MissingBody.into());
    }
    let value: Value = serde_json::from_slice(&bytes).map_err(|_| ProblemType::MalformedJson)?;
    let locale = value.get("locale").and_then(Value::as_text).unwrap_or_default();
    let file = info.file(locale).ok_or(ProblemType::UnknownCampaign)?;
    if state.store.closed_on(&campaign).is_some() {
        return Err(ProblemType::CampaignClosed.into());
    }
    match file.availability(&clock::now()) {
        Availability::Open => {}
        Availability::NotYet => return Err(ProblemType::CampaignNotOpen.into()),
        Availability::Closed => return Err(ProblemType::CampaignClosed.into()),
    }
    let signature =
        signature::from_value(&value, &file.lanes).map_err(|defects| Refusal(Problem::invalid_signature(defects)))?;
    let receipt = state.key.receipt(&campaign, signature.id);
    let confirmation = confirmation(&state, &info, &campaign, &signature)?;
    let (id, mut by_email) = (signature.id, confirmation.is_some());
    let new = NewSignature {
        mailbox: signature.email().map(|email| state.key.mailbox(&campaign, &email, signature.lane)),
        body: state.key.body(&bytes),
        receipt: receipt.print(),
        confirmation,
        received_on: clock::today(),
        campaign,
        signature,
    };
    // Only what would be stored counts for the limit, so that nobody can use up the room of others with nonsense.
    let network = state.limits.network(peer.map(|Extension(peer)| peer), &headers);
    // In the address and not in the body, so that a retry has the same bytes.
    if !state.proofs.accept(
        &new.campaign,
        &sent(query.as_deref(), "proof").unwrap_or_default(),
        price(&state, network.as_ref(), query.as_deref()),
    ) {
        return Err(ProblemType::ProofNeeded.into());
    }
    if let Some(time) = network.and_then(|network| state.limits.take(&network)) {
        state.metrics.limited.inc();
        return Ok(wait(time));
    }
    // A task of its own, so that it ends even if the client does not wait for the answer.
    let adding = tokio::spawn(add(state, new, network));
    let status = match adding.await.map_err(|_| ProblemType::Internal)?? {
        Added::New => StatusCode::CREATED,
        Added::Same { by_email: before } => {
            // As the first time, even if the campaign has changed its mind: the receipt is only for the mailbox then.
            by_email = before;
            StatusCode::OK
        }
        Added::IdReused => return Err(ProblemType::IdReused.into()),
    };
    let accepted = if by_email { Accepted::pending(id) } else { Accepted::signed(id, receipt.to_string()) };
    let mut response = json(status, &accepted.to_value());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Returns a value in the address of a request.
fn sent(query: Option<&str>, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// Returns what a signature from this network costs now. The first half of a network's room is free, so that the few who
/// share one do no work.
///
/// The form says `trap` in the address if a field was filled in that only programs see.
fn price(state: &AppState, network: Option<&[u8; 16]>, query: Option<&str>) -> Price {
    if !state.asks_for_proofs {
        return Price::Free;
    }
    if sent(query, "trap").is_some() {
        return Price::Hard;
    }
    let used = network.map_or(0.0, |network| state.limits.used(network));
    match used {
        0.9.. => Price::Hard,
        0.5.. => Price::Usual,
        // For everyone, if half of the connections are in use.
        _ if state.connections.is_crowded() => Price::Usual,
        _ => Price::Free,
    }
}

/// `GET /v1/campaigns/{id}/challenge`: returns what must be solved before a signature is sent, or 204 if nothing.
pub async fn get_challenge(
    State(state): State<AppState>,
    Path(id): Path<String>,
    peer: Option<Extension<Peer>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (campaign, _) = campaigns::find(&state, &id).await?;
    let network = state.limits.network(peer.map(|Extension(peer)| peer), &headers);
    let challenge = state.proofs.challenge(&campaign, price(&state, network.as_ref(), query.as_deref()));
    let no_store = (header::CACHE_CONTROL, "no-store");
    Ok(match challenge.and_then(|challenge| serde_json::to_string(&challenge).ok()) {
        Some(text) => ([no_store, (header::CONTENT_TYPE, "application/json")], text).into_response(),
        None => (StatusCode::NO_CONTENT, [no_store]).into_response(),
    })
}

/// Adds a signature. If it belongs to a burst, marks it, so that staff can see it and take it out.
async fn add(state: AppState, new: NewSignature, network: Option<[u8; 16]>) -> Result<Added, StoreError> {
    let signature = (new.campaign.clone(), new.signature.id);
    let added = state.store.add(new).await;
    match (&added, network) {
        (Ok(Added::New), Some(network)) => {
            if let Some(burst) = state.limits.note(&network, signature) {
                if burst.is_new {
                    state.metrics.bursts.inc();
                    // Without its name: with the time of this line, the log of a proxy would say whose it is.
                    tracing::warn!("many signatures from one network; see pledge-server stats --by burst");
                }
                // The signatures are stored and counted anyway. The store logs why it failed.
                let _ = state.store.mark_burst(burst.marked, burst.name).await;
            }
        }
        // It was there already, or could not be stored.
        (_, Some(network)) => state.limits.give_back(&network),
        (_, None) => {}
    }
    if matches!(added, Ok(Added::New)) {
        state.metrics.signatures.inc();
    }
    added
}

/// Returns the email that asks for confirmation, if the campaign wants one.
///
/// # Errors
/// Returns an error if the campaign wants one and the server cannot send it: then nobody could ever confirm.
fn confirmation(
    state: &AppState,
    info: &CampaignInfo,
    campaign: &CampaignId,
    signature: &Signature,
) -> Result<Option<NewMail>, Refusal> {
    // If one of the languages asks for it, all do. Otherwise anyone could choose another language.
    if !info.files.values().any(|file| file.confirmation() == Some(Confirmation::Email)) {
        return Ok(None);
    }
    // Without an address there is nothing to confirm.
    let Some(email) = signature.email() else { return Ok(None) };
    if !state.can_send {
        tracing::error!(
            campaign = campaign.as_str(),
            "the campaign asks for confirmation by email, but the server cannot send any; set --smtp-url"
        );
        return Err(ProblemType::EmailUnavailable.into());
    }
    Ok(Some(NewMail {
        link: state.key.link(campaign, signature.id, 1).print(),
        owner: state.key.owner(&email),
        send_at: clock::now(),
        expires_at: clock::later(LINK_LIFE),
    }))
}
