//! Files: the built widget, and the public site.

use crate::Config;
use crate::campaigns::nearest_file;
use crate::reply::Refusal;
use axum::Router;
use axum::extract::{Request, State};
use axum::handler::HandlerWithoutStateExt;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use pledge_api::ProblemType;
use pledge_domain::{Campaign, CampaignId, Value};
use std::path::{Path, PathBuf};
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

/// Our own pages load nothing from anywhere else and run no inline code. What they embed is the widget itself.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'self'; require-trusted-types-for 'script'";

/// The widget's files and, for everything else, the site.
pub fn router(config: &Config) -> Router {
    let loader_age = format!("public, max-age={}", config.loader_max_age_s);
    let loader = ServeFile::new(config.dist.join("pledge.js")).precompressed_br().precompressed_gzip();
    let folder = |path: PathBuf| ServeDir::new(path).call_fallback_on_method_not_allowed(true);
    let assets = folder(config.dist.join("assets")).precompressed_br().precompressed_gzip();
    let assets = assets.fallback(not_found.into_service());
    // What is made from the attribute table stands in the release, everything else of the site in its own folder.
    let made = folder(config.dist.clone()).fallback(not_found.into_service());
    let pages = folder(config.www.clone()).fallback(made);
    let loader_age = HeaderValue::from_str(&loader_age).unwrap_or(HeaderValue::from_static("no-cache"));
    let site = ServiceBuilder::new()
        .layer(cache(HeaderValue::from_static("no-cache")))
        .layer(set(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY)))
        .layer(CompressionLayer::new())
        .service(pages);
    Router::new()
        .route_service(
            "/campaigns/{file}",
            ServiceBuilder::new()
                .layer(from_fn_with_state(config.www.join("campaigns"), nearest))
                .service(site.clone()),
        )
        .route_service("/pledge.js", ServiceBuilder::new().layer(cache(loader_age)).service(loader))
        .nest_service(
            "/assets",
            ServiceBuilder::new()
                .layer(cache(HeaderValue::from_static("public, max-age=31536000, immutable")))
                .service(assets),
        )
        .fallback_service(site)
        .layer(from_fn(complete))
}

/// Types of files that are text. A browser reads one without a `charset` in the encoding of the page around it, which
/// may be windows-1252 or UTF-16; all of ours are UTF-8.
const TEXT_TYPES: [&str; 2] = ["application/json", "application/javascript"];

/// Says the encoding of each text, and makes redirects relative.
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

/// A redirect from a folder's name to the folder, from its last name on: a proxy may show this server below a path that
/// the server does not know of.
fn relative(location: &str) -> Option<String> {
    let (path, query) = location.split_at(location.find('?').unwrap_or(location.len()));
    let name = path.strip_prefix('/')?.strip_suffix('/')?.rsplit('/').next()?;
    // With `./` in front, a colon in the name does not make a scheme of it.
    Some(format!("./{name}/{query}"))
}

/// The page of a campaign that has none of its own; `None` where it has one, or where there is no such campaign.
fn campaign_page(folder: &Path, id: &CampaignId) -> Option<String> {
    let english = format!("{id}.en.json");
    if folder.join(format!("{id}.html")).is_file() {
        return None;
    }
    let name = if folder.join(&english).is_file() { english } else { nearest_file(folder, &english)? };
    let file: Value = serde_json::from_str(&std::fs::read_to_string(folder.join(name)).ok()?).ok()?;
    let campaign = Campaign::read(&file).campaign?;
    let title = campaign.title().replace('&', "&amp;").replace('<', "&lt;");
    // An id and a language tag are made of letters, digits and hyphens, so they need no escape.
    Some(format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"../site.css\">\n</head>\n<body>\n<main>\n\
         <h1 dir=\"auto\">{title}</h1>\n\
         <script async class=\"place\" src=\"../pledge.js\" data-campaign=\"{id}\" data-source=\"campaign-page\" data-load=\"eager\"></script>\n\
         <noscript><p lang=\"en\">The form needs JavaScript.</p></noscript>\n</main>\n</body>\n</html>\n",
        campaign.locale
    ))
}

/// Asks for the campaign file in the nearest language instead, where there is none in the one asked for. A campaign whose staff
/// have put up no page of their own has a plain one with the form.
async fn nearest(State(folder): State<PathBuf>, mut request: Request, next: Next) -> Response {
    let name = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
    if let Some(id) = name.strip_suffix(".html").and_then(CampaignId::parse) {
        let look = tokio::task::spawn_blocking(move || campaign_page(&folder, &id)).await;
        return match look.ok().flatten() {
            Some(page) => {
                let headers = [(header::CACHE_CONTROL, "no-cache"), (header::CONTENT_SECURITY_POLICY, PAGE_POLICY)];
                (headers, Html(page)).into_response()
            }
            None => next.run(request).await,
        };
    }
    let nearest = tokio::task::spawn_blocking(move || nearest_file(&folder, &name)).await;
    // A file's name is made of letters, digits, hyphens and dots, so it makes an address.
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

/// The answer where nothing is found.
async fn not_found() -> Response {
    Refusal::from(ProblemType::NotFound).into_response()
}
