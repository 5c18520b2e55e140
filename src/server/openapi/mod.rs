//! The OpenAPI document of the routes, which the server shows at `/openapi.json`.
//!
//! Requests and responses are trees of values in other rooms, so nothing can be derived from types. The schemas are here,
//! made of the limits and the tables that the code uses, and a test tries thousands of requests to find out whether the
//! server does what the document says (`tests/contract/openapi.rs`).

mod names;
mod parts;
mod paths;
mod schemas;

use std::sync::LazyLock;
use utoipa::openapi::server::ServerBuilder;
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};

/// Returns the document as JSON, with members in alphabetical order, so that it is the same each time.
pub fn text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        // A tree of texts and numbers with text keys can always be written.
        let mut value = serde_json::to_value(document()).unwrap_or_default();
        // utoipa keeps extensions in a `HashMap`.
        value.sort_all_objects();
        value.to_string()
    });
    &TEXT
}

/// Returns the document.
fn document() -> OpenApi {
    let license = LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build();
    let info = InfoBuilder::new()
        .title("Pledge signature server")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Stores signatures and counts them. Refusals are problem documents (RFC 9457): decide by `code`. Every \
             address answers `OPTIONS` for CORS, and `HEAD` where it answers `GET`; other methods get 405 with `Allow`.",
        ))
        .license(Some(license))
        .build();
    let tags = [
        ("api", "For forms and programs."),
        ("pages", "For people, who come from an email or with a receipt. Forms, not JSON."),
        ("monitoring", "For monitoring systems."),
    ];
    let tags = tags.map(|(name, text)| TagBuilder::new().name(name).description(Some(text)).build());
    let mut components = ComponentsBuilder::new();
    for (name, schema) in
        schemas::schemas().into_iter().map(|(name, schema)| (name.to_owned(), schema)).chain(schemas::problems())
    {
        components = components.schema(name, parts::raw(schema));
    }
    for (name, _, text, schema) in parts::headers() {
        components = components.header(name, parts::header(text, schema));
    }
    let server = ServerBuilder::new().url("https://pledge.example.org").build();
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([server]))
        .tags(Some(tags))
        .paths(paths::paths())
        .components(Some(components.build()))
        .build()
}
