//! A campaign's description and its public count.

use super::AppState;
use crate::campaigns::CampaignInfo;
use crate::clock;
use crate::reply::{Refusal, json};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use pledge_api::{Count, ProblemType};
use pledge_domain::{CampaignId, Value};
use std::sync::Arc;

/// How long a count may be cached. It is the same for everyone, so shared caches may store it too.
const COUNT_CACHE: HeaderValue = HeaderValue::from_static("public, max-age=30");

/// `GET /v1/campaigns`: for the Studio, returns every campaign (languages, titles and goal), and the email address of
/// the people who run the server.
pub async fn list_campaigns(State(state): State<AppState>) -> Result<Response, Refusal> {
    refresh(&state).await?;
    let campaigns = state.campaigns.all().into_iter().map(|(id, info)| describe(&id, info)).collect();
    let contact = state.contact.map_or(Value::Null, Value::Text);
    Ok(cached(json(StatusCode::OK, &Value::map([("campaigns", Value::List(campaigns)), ("contact", contact)]))))
}

/// `GET /v1/campaigns/{id}`: returns languages, titles and goal.
pub async fn get_campaign(State(state): State<AppState>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let (id, info) = find(&state, &id).await?;
    Ok(cached(json(StatusCode::OK, &describe(&id, info))))
}

fn describe(id: &CampaignId, info: CampaignInfo) -> Value {
    let titles = info.titles.into_iter().map(|(locale, title)| (locale, Value::Text(title))).collect();
    Value::map([
        ("id", Value::text(id.as_str())),
        ("titles", Value::Map(titles)),
        ("goal", info.goal.map_or(Value::Null, |goal| Value::Number(goal as f64))),
    ])
}

/// `GET /v1/campaigns/{id}/count`: returns the count from memory, so the cost does not depend on it.
pub async fn get_count(State(state): State<AppState>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let (id, _) = find(&state, &id).await?;
    let signature_count = state.counts.shown(&id, state.store.count(&id));
    let count = Count { signature_count, as_of: clock::now() };
    Ok(cached(json(StatusCode::OK, &count.to_value())))
}

/// Returns the campaign with that id. Scans the campaigns folder first if that is due.
pub async fn find(state: &AppState, id: &str) -> Result<(CampaignId, CampaignInfo), Refusal> {
    let id = CampaignId::parse(id).ok_or(ProblemType::UnknownCampaign)?;
    refresh(state).await?;
    let info = state.campaigns.get(&id).ok_or(ProblemType::UnknownCampaign)?;
    Ok((id, info))
}

/// Scans the campaigns folder if that is due.
async fn refresh(state: &AppState) -> Result<(), Refusal> {
    if state.campaigns.is_due() {
        let campaigns = Arc::clone(&state.campaigns);
        tokio::task::spawn_blocking(move || campaigns.refresh()).await.map_err(|_| ProblemType::Internal)?;
    }
    Ok(())
}

fn cached(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, COUNT_CACHE);
    response
}
