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
        "password_required",
        "The document opens with a password that was not given, or with another one: give it with unlock.",
    ),
    (
        "too_many_pages",
        "The document has more pages than this server reads: split it.",
    ),
    (
        "too_many_pixels",
        "A picture of the document has more pixels than this server reads: save it with fewer dots per inch.",
    ),
    (
        "out_of_memory",
        "The document, or the page that the detail names, needs more memory than is allowed: save it anew, or with fewer \
         dots per inch.",
    ),
    (
        "out_of_time",
        "The document, or the page that the detail names, needs more time than is allowed: save it anew, or split it.",
    ),
    (
        "crashed",
        "The document, or the page that the detail names, ends the program that reads it: save it anew.",
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
        "With status 415, this type of file cannot be read: send PDF, PNG, JPEG, TIFF, WEBP, BMP, GIF or JPEG 2000 (a \
         picture in HEIC saved as JPEG); of a JSON body, Content-Type must be application/json. With status 422, \
         the document has something that cannot be read, or this server does not offer what was asked for; the \
         detail says which.",
    ),
    ("too_large", "The file has more bytes than this server accepts."),
    (
        "unauthenticated",
        "Sign in first, or again: what you signed in with has ended, or name and password are wrong.",
    ),
    (
        "permission_denied",
        "The link has expired, the request comes from a page of another site, or you may not do this.",
    ),
    (
        "rate_limited",
        "Too many requests: wait as long as Retry-After says.",
    ),
    (
        "quota_exceeded",
        "You have used up what you may use: the detail says what, and when it begins anew, as Retry-After does. A document \
         with this code waits for money and goes on by itself.",
    ),
    (
        "unavailable",
        "A dependency of the server is unavailable: try again after Retry-After.",
    ),
    (
        "storage_full",
        "The server has too little room left on its disk: try again later. Documents that were accepted wait.",
    ),
    (
        "no_engine",
        "This server has no engine that reads: its operator must set one up.",
    ),
    (
        "timeout",
        "A part of the platform, or with status 408 the body of the request, did not come in time: try again.",
    ),
    ("config", "The server configuration is wrong: tell its operator."),
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

#[cfg(test)]
mod tests {
    use axum::{body::to_bytes, http::HeaderMap};
    use ocr_core::{Error, ErrorKind};
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::http::error::ApiError;

    #[tokio::test]
    async fn every_entry_is_answered_as_a_problem() {
        let mut answers = Map::new();
        for (code, _) in CATALOGUE {
            let kind: ErrorKind = serde_json::from_value(json!(code)).unwrap();
            let response = ApiError::from(Error::new(kind, "what is wrong")).into_response();
            let status = response.status().as_u16();
            let header = |headers: &HeaderMap, name| {
                let value = headers.get(name).map(|value| value.to_str().unwrap().to_owned());
                value.map_or(Value::Null, Value::String)
            };
            let content_type = header(response.headers(), header::CONTENT_TYPE);
            let retry_after = header(response.headers(), header::RETRY_AFTER);
            let body = to_bytes(response.into_body(), 10_000).await.unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["code"], *code);
            let answer = json!({
                "status": status, "contentType": content_type, "retryAfter": retry_after, "body": body,
            });
            answers.insert((*code).to_owned(), answer);
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../../../tests/it/snapshots");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_sort_maps(true);
        settings.bind(|| insta::assert_json_snapshot!("error-catalogue", Value::Object(answers)));
    }
}
