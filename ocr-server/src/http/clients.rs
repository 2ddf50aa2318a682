//! Lines a web browser needs to keep an answer harmless.

use std::fmt::Write;

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

/// For pages of our own: everything from here, nothing inline; pictures also from the page's memory.
pub(crate) const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
     connect-src 'self' ws: wss:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);

/// For files of users: they may be anything, so they may do nothing.
pub(crate) const USER_FILE_POLICY: HeaderValue =
    HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'");

/// `attachment` with the file's name, for old and new browsers (RFC 6266, RFC 8187).
pub(crate) fn attachment(filename: &str) -> HeaderValue {
    let plain: String = filename
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' {
                c
            } else {
                '_'
            }
        })
        .collect();
    let mut encoded = String::with_capacity(filename.len());
    for byte in filename.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    let value = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out_of_the_header() {
        let header = attachment("a\"; x=\r\nSet-Cookie: b ü.pdf");
        let text = header.to_str().unwrap();
        assert!(
            text.starts_with("attachment; filename=\"a_; x=__Set-Cookie: b _.pdf\""),
            "{text}"
        );
        assert!(
            text.ends_with("filename*=UTF-8''a%22%3B%20x%3D%0D%0ASet-Cookie%3A%20b%20%C3%BC.pdf"),
            "{text}"
        );
    }
}
