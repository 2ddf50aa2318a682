//! The header that names a download.

use std::fmt::Write;

/// The `Content-Disposition` of a download saved as `filename`, for old and new browsers (RFC 6266,
/// RFC 8187). Whatever the name holds, the value is printable ASCII.
pub fn attachment(filename: &str) -> String {
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
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out_of_the_header() {
        let header = attachment("a\"; x=\r\nSet-Cookie: b ü.pdf");
        assert!(
            header.starts_with("attachment; filename=\"a_; x=__Set-Cookie: b _.pdf\""),
            "{header}"
        );
        assert!(
            header.ends_with("filename*=UTF-8''a%22%3B%20x%3D%0D%0ASet-Cookie%3A%20b%20%C3%BC.pdf"),
            "{header}"
        );
    }
}
