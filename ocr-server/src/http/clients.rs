//! Security headers of HTTP responses.

use axum::http::{HeaderName, HeaderValue, header};

/// Headers of every answer: nothing is guessed, framed, or referred.
pub(crate) const SAFETY: [(HeaderName, HeaderValue); 4] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-site"),
    ),
];

/// For pages of our own: everything from here, nothing inline. `'self'` covers our sockets too.
pub(crate) const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);

/// For the description of the API, which brings its own styles with it and draws icons from `data:`.
pub(crate) const DOCS_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
);

/// Content security policy for files of users: scripts, forms and frames are not allowed.
pub(crate) const USER_FILE_POLICY: HeaderValue =
    HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'");

/// `attachment` with the file's name.
pub(crate) fn attachment(filename: &str) -> HeaderValue {
    HeaderValue::from_str(&ocr_core::blob::attachment(filename))
        .unwrap_or(HeaderValue::from_static("attachment"))
}
