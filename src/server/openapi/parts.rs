//! Parts of which the document is made.

use super::names::{problem_name, refer};
use pledge_api::ProblemType;
use serde_json::{Value, json};
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::OperationBuilder;
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{Content, ContentBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Schema};

/// Returns a schema with any keyword. utoipa's types lack `const`, `not`, `contains` and `if`.
///
/// `Extensions` are flattened into the object, and `collect` does not put `x-` in front of their names, as
/// `ExtensionsBuilder::add` does.
pub fn raw(schema: Value) -> RefOr<Schema> {
    let Value::Object(members) = schema else { return ObjectBuilder::new().schema_type(SchemaType::AnyValue).into() };
    let keywords: Extensions = members.into_iter().collect();
    ObjectBuilder::new().schema_type(SchemaType::AnyValue).extensions(Some(keywords)).into()
}

/// Every header of a response: the name of its component, its own name, its description and its schema.
pub fn headers() -> Vec<(&'static str, &'static str, &'static str, Value)> {
    let only = |value: &str| json!({ "type": "string", "const": value });
    vec![
        (
            "AllowAnyOrigin",
            "Access-Control-Allow-Origin",
            "Every page of the web may read the response, but without cookies.",
            only("*"),
        ),
        (
            "ExposedHeaders",
            "Access-Control-Expose-Headers",
            "The headers that scripts of other sites may read.",
            only("retry-after,date,age"),
        ),
        ("NoSniff", "X-Content-Type-Options", "The content type is right.", only("nosniff")),
        ("NoReferrer", "Referrer-Policy", "A page does not tell the next one its address.", only("no-referrer")),
        (
            "CrossOrigin",
            "Cross-Origin-Resource-Policy",
            "Every page of the web may use the resource.",
            only("cross-origin"),
        ),
        ("NoStore", "Cache-Control", "Nothing may keep the response.", only("no-store")),
        (
            "ThirtySeconds",
            "Cache-Control",
            "Everything may keep the response for half a minute.",
            only("public, max-age=30"),
        ),
        ("NoIndex", "X-Robots-Tag", "Search engines leave it out.", only("noindex")),
        (
            "PagePolicy",
            "Content-Security-Policy",
            "The page runs no script, and its forms go to this server only.",
            json!({ "type": "string", "pattern": "^default-src 'none'; " }),
        ),
        (
            "Allow",
            "Allow",
            "The methods that the address accepts.",
            json!({ "type": "string", "enum": ["GET,HEAD", "POST", "GET,HEAD,POST"] }),
        ),
        (
            "RetryAfter",
            "Retry-After",
            "How long to wait before the same request is sent again, in seconds.",
            json!({ "type": "integer", "minimum": 1, "maximum": 3700 }),
        ),
    ]
}

/// Returns a header that is always there. utoipa's `Header` lacks `required`, so it is put in like a keyword above.
pub fn header(description: &str, schema: Value) -> Header {
    let required: Extensions = [("required", Value::Bool(true))].into_iter().collect();
    HeaderBuilder::new().schema(Some(raw(schema))).description(Some(description)).extensions(Some(required)).build()
}

/// The headers of every response of the public address.
pub const ALWAYS: [&str; 5] = ["AllowAnyOrigin", "ExposedHeaders", "NoSniff", "NoReferrer", "CrossOrigin"];

pub fn with_headers(mut response: ResponseBuilder, names: &[&str]) -> ResponseBuilder {
    for (component, name, ..) in headers() {
        if names.contains(&component) {
            response = response.header_ref(name, Ref::new(format!("#/components/headers/{component}")));
        }
    }
    response
}

pub fn respond(description: impl Into<String>, more: &[&str]) -> ResponseBuilder {
    with_headers(ResponseBuilder::new().description(description), &[&ALWAYS[..], more].concat())
}

pub fn content(schema: impl Into<RefOr<Schema>>) -> Content {
    ContentBuilder::new().schema(Some(schema)).build()
}

pub fn html() -> Content {
    content(raw(json!({ "type": "string", "pattern": "^<!DOCTYPE html>", "description": "A page for people." })))
}

pub fn page(description: &str) -> Response {
    respond(description, &["NoStore", "PagePolicy", "NoIndex"]).content("text/html", html()).build()
}

/// Returns the response for problems that have the same status.
pub fn problem(kinds: &[ProblemType]) -> ResponseBuilder {
    let titles: Vec<&str> = kinds.iter().map(|kind| kind.title()).collect();
    let waits = kinds
        .iter()
        .any(|kind| kind.status() >= 500 || matches!(kind, ProblemType::TooManySignatures | ProblemType::ProofNeeded));
    let names: &[&str] = if waits { &["NoStore", "RetryAfter"] } else { &["NoStore"] };
    let refs: Vec<Value> = kinds.iter().map(|kind| refer(&problem_name(*kind))).collect();
    let schema = match refs.as_slice() {
        [one] => one.clone(),
        several => json!({ "oneOf": several }),
    };
    respond(format!("{}.", titles.join("; ")), names).content("application/problem+json", content(raw(schema)))
}

/// Adds a response for each status of these problems.
pub fn refusals(mut operation: OperationBuilder, kinds: &[ProblemType]) -> OperationBuilder {
    let mut rest = kinds.to_vec();
    while let Some(first) = rest.first().copied() {
        let (same, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(|kind| kind.status() == first.status());
        operation = operation.response(first.status().to_string(), problem(&same));
        rest = others;
    }
    operation
}
