//! The page that a problem's `type` points to.

use axum::response::Html;
use pledge_api::ProblemType;
use std::fmt::Write;

/// `GET /problems`: lists every problem with its code, its status and advice.
pub async fn list_problems() -> Html<String> {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Problems</title>\
         <link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"site.css\"><main><h1>Problems</h1>\
         <p>The problems that the signature server returns when it refuses a request (RFC 9457). \
         Switch on <code>code</code>.</p><dl>",
    );
    for kind in ProblemType::ALL {
        // Writing to a string cannot fail. Every value comes from a constant table and needs no escaping.
        let _ = write!(
            page,
            "<dt id=\"{code}\"><code>{code}</code> ({status})</dt><dd>{title}. {advice}</dd>",
            code = kind.code(),
            status = kind.status(),
            title = kind.title(),
            advice = kind.advice(),
        );
    }
    page.push_str("</dl></main></html>\n");
    Html(page)
}
