//! `GET /docs/errors`: the page that `type` of every problem document leads to.

use axum::{
    http::header,
    response::{Html, IntoResponse, Response},
};

use crate::http::clients::PAGE_POLICY;

/// Every code an answer can carry, and what to do about it.
pub(crate) const CATALOGUE: &[(&str, &str)] = &[
    ("not_found", "The task or file does not exist, or is not yours."),
    ("already_exists", "An object with this identity exists already."),
    (
        "conflict",
        "The task or upload is not in a state that allows this.",
    ),
    ("lease_lost", "The work has passed to another worker."),
    ("cancelled", "The work was cancelled."),
    (
        "invalid_input",
        "The request or the document is malformed, or over a limit of its content, or its idempotency key was \
         used for another request; the detail says which.",
    ),
    (
        "checksum_mismatch",
        "The bytes that came are not those whose checksum was announced: send them again.",
    ),
    (
        "corrupt",
        "What the server stored can no longer be read as it was written: tell its operator.",
    ),
    (
        "unsupported",
        "This type of file cannot be read: send PDF, PNG, JPEG, TIFF or WEBP. Of a JSON body: Content-Type must \
         be application/json.",
    ),
    ("too_large", "The file has more bytes than this server accepts."),
    ("unauthenticated", "Sign in first."),
    (
        "permission_denied",
        "The link has expired, or the request comes from a page of another site.",
    ),
    (
        "rate_limited",
        "Too many requests: wait as long as Retry-After says.",
    ),
    (
        "unavailable",
        "A part of the platform is down: try again after Retry-After.",
    ),
    (
        "timeout",
        "A part of the platform, or with status 408 the body of the request, did not come in time: try again.",
    ),
    ("config", "The server is set up wrongly: tell its operator."),
    ("internal", "A defect of the server: tell its operator."),
];

pub(crate) async fn page() -> Response {
    let entries: Vec<String> = CATALOGUE
        .iter()
        .map(|(code, about)| {
            format!(
                "<dt id=\"{code}\"><code>{code}</code></dt><dd>{}</dd>",
                escape(about)
            )
        })
        .collect();
    let entries = entries.concat();
    let page = Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>Errors</title>\
         <link rel=\"stylesheet\" href=\"/assets/errors.css\">\
         <main><h1>Errors</h1><dl>{entries}</dl></main></html>"
    ));
    ([(header::CONTENT_SECURITY_POLICY, PAGE_POLICY)], page).into_response()
}

/// Text that is safe inside HTML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
