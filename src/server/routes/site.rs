//! Files: the built widget, and the public site.

use super::not_found;
use crate::Config;
use axum::Router;
use axum::handler::HandlerWithoutStateExt;
use axum::http::{HeaderName, HeaderValue, header};
use std::path::PathBuf;
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

/// Our own pages load nothing from anywhere else and run no inline code. What they embed is the widget itself.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'";

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
    Router::new()
        .route_service("/pledge.js", ServiceBuilder::new().layer(cache(loader_age)).service(loader))
        .nest_service(
            "/assets",
            ServiceBuilder::new()
                .layer(cache(HeaderValue::from_static("public, max-age=31536000, immutable")))
                .service(assets),
        )
        .fallback_service(
            ServiceBuilder::new()
                .layer(cache(HeaderValue::from_static("no-cache")))
                .layer(set(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY)))
                .layer(CompressionLayer::new())
                .service(pages),
        )
}

fn cache(value: HeaderValue) -> SetResponseHeaderLayer<HeaderValue> {
    set(header::CACHE_CONTROL, value)
}

fn set(name: HeaderName, value: HeaderValue) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, value)
}
