//! Serves files: the built widget and the public site.

use crate::Config;
use crate::bundle::Folders;
use crate::campaigns::nearest_file;
use crate::files::{self, Found};
use crate::reply::Refusal;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, html};
use pledge_api::ProblemType;
use pledge_domain::{Campaign, CampaignId, Value};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

/// The content security policy of the site's own pages: they load nothing from other origins and run no inline code.
/// They embed the widget itself.
pub const PAGE_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'self'; require-trusted-types-for 'script'";

/// How much of a file is in memory while it is sent, in bytes.
const CHUNK_BYTES: usize = 8 * 1024;

/// Returns a router for the widget's files and, for all other paths, the site.
pub fn router(folders: &Folders, config: &Config) -> Router {
    let (www, dist) = (&folders.www, &folders.dist);
    let loader_age = format!("public, max-age={}", config.loader_max_age_s);
    let loader =
        ServeFile::new(dist.join("pledge.js")).with_buf_chunk_size(CHUNK_BYTES).precompressed_br().precompressed_gzip();
    let folder = |path: &Path| ServeDir::new(path).with_buf_chunk_size(CHUNK_BYTES);
    let asset_folder = dist.join("assets");
    let assets = folder(&asset_folder).precompressed_br().precompressed_gzip();
    // The site's pages come from its own folder, except those that the build generates from the attribute table.
    let common = folders.common.as_ref().unwrap_or(www);
    let pages = folder(www).fallback(folder(dist).fallback(folder(common)));
    let only = |folders: Vec<PathBuf>| from_fn_with_state(Arc::new(folders), only_pages);
    let loader_age = HeaderValue::from_str(&loader_age).unwrap_or(HeaderValue::from_static("no-cache"));
    let site = ServiceBuilder::new()
        .layer(cache(HeaderValue::from_static("no-cache")))
        .layer(set(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY)))
        .layer(from_fn(weaken))
        .layer(CompressionLayer::new())
        .layer(only(vec![www.clone(), dist.clone(), common.clone()]))
        .service(pages);
    Router::new()
        .route_service(
            "/campaigns/{file}",
            ServiceBuilder::new().layer(from_fn_with_state(www.join("campaigns"), nearest)).service(site.clone()),
        )
        .route_service("/pledge.js", ServiceBuilder::new().layer(cache(loader_age)).service(loader))
        .nest_service(
            "/assets",
            ServiceBuilder::new()
                .layer(cache(HeaderValue::from_static("public, max-age=31536000, immutable")))
                .layer(only(vec![asset_folder]))
                .service(assets),
        )
        .fallback_service(site)
        .layer(from_fn(complete))
}

/// Passes a request on only if it asks for a page of one of the folders, the first that has something at its path.
async fn only_pages(State(folders): State<Arc<Vec<PathBuf>>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let look = move || {
        let found = folders.iter().map(|folder| files::find(folder, &path));
        found.into_iter().find(|found| *found != Found::Nothing).unwrap_or(Found::Nothing)
    };
    match tokio::task::spawn_blocking(look).await {
        Ok(Found::Page) if matches!(*request.method(), Method::GET | Method::HEAD) => next.run(request).await,
        Ok(Found::Page) => {
            let mut response = Refusal::from(ProblemType::MethodNotAllowed).into_response();
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET,HEAD"));
            response
        }
        _ => Refusal::from(ProblemType::NotFound).into_response(),
    }
}

/// Makes the ETag of a page weak. The same page is sent compressed in several ways, and a strong ETag would say that
/// they are the same bytes (RFC 9110, 8.8.3.3).
async fn weaken(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let strong = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok());
    let weak = strong.filter(|tag| !tag.starts_with("W/")).map(|tag| format!("W/{tag}"));
    if let Some(weak) = weak.and_then(|weak| HeaderValue::try_from(weak).ok()) {
        response.headers_mut().insert(header::ETAG, weak);
    }
    response
}

/// Content types of text that do not start with `text/`. Without a `charset`, a browser decodes such a file in the
/// encoding of the page that loads it, which may be windows-1252 or UTF-16. All files here are UTF-8.
const TEXT_TYPES: [&str; 2] = ["application/json", "application/javascript"];

/// Adds the encoding to the content type of each text, and makes redirects relative.
async fn complete(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let text = |name| response.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let kind = text(header::CONTENT_TYPE).filter(|kind| kind.starts_with("text/") || TEXT_TYPES.contains(kind));
    let kind = kind.filter(|kind| !kind.contains("charset")).map(|kind| format!("{kind}; charset=utf-8"));
    let location = text(header::LOCATION).and_then(relative);
    for (name, value) in [(header::CONTENT_TYPE, kind), (header::LOCATION, location)] {
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Returns the relative form of a redirect to a folder. A proxy may serve this server below a path that the server does
/// not know, so an absolute path would be wrong.
fn relative(location: &str) -> Option<String> {
    let (path, query) = location.split_at(location.find('?').unwrap_or(location.len()));
    let name = path.strip_prefix('/')?.strip_suffix('/')?.rsplit('/').next()?;
    // Without `./` in front, a name with a colon would be read as a scheme.
    Some(format!("./{name}/{query}"))
}

/// Returns a plain page for a campaign that has no page. Returns `None` if it has one, or if there is no such campaign.
fn campaign_page(folder: &Path, id: &CampaignId) -> Option<String> {
    let english = format!("{id}.en.json");
    if folder.join(format!("{id}.html")).is_file() {
        return None;
    }
    let name = if folder.join(&english).is_file() { english } else { nearest_file(folder, &english)? };
    let file: Value = serde_json::from_str(&files::read(folder, &name).ok()?).ok()?;
    let campaign = Campaign::read(&file).campaign?;
    let title = campaign.title();
    let page = html! {
        (DOCTYPE)
        html lang=(campaign.locale.as_str()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="../site.css";
            }
            body {
                main {
                    // The form has the title.
                    h1 dir="auto" { (campaign.controller().unwrap_or(title)) }
                    script.place async src="../pledge.js" data-campaign=(id.as_str()) data-source="campaign-page"
                        data-load="eager" {}
                    noscript { p lang="en" { "The form needs JavaScript." } }
                }
            }
        }
    };
    Some(page.into_string())
}

/// Serves the campaign file in the nearest language if there is none in the requested one, and a plain page with the
/// form for a campaign that has no page.
async fn nearest(State(folder): State<PathBuf>, mut request: Request, next: Next) -> Response {
    let name = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
    if let Some(id) = name.strip_suffix(".html").and_then(CampaignId::parse) {
        let page = tokio::task::spawn_blocking(move || campaign_page(&folder, &id)).await;
        return match page.ok().flatten() {
            Some(page) => {
                let headers = [(header::CACHE_CONTROL, "no-cache"), (header::CONTENT_SECURITY_POLICY, PAGE_POLICY)];
                (headers, Html(page)).into_response()
            }
            None => next.run(request).await,
        };
    }
    let nearest = tokio::task::spawn_blocking(move || nearest_file(&folder, &name)).await;
    // File names consist of letters, digits, hyphens and dots, so they are valid in a URI.
    if let Some(uri) = nearest.ok().flatten().and_then(|name| format!("/campaigns/{name}").parse().ok()) {
        *request.uri_mut() = uri;
    }
    next.run(request).await
}

fn cache(value: HeaderValue) -> SetResponseHeaderLayer<HeaderValue> {
    set(header::CACHE_CONTROL, value)
}

fn set(name: HeaderName, value: HeaderValue) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, value)
}
