//! SHA-256 as S3 writes it (base64) and as we write it (lower-case hex).

use std::fmt::Write;

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Bytes of a SHA-256.
const LEN: usize = 32;

/// The base64 of a digest in hex; `None` for anything but 64 hex digits.
pub(super) fn to_base64(hex: &str) -> Option<String> {
    let digits: Vec<u8> = hex
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
        .collect();
    (digits.len() == 2 * LEN).then(|| STANDARD.encode(bytes))
}

/// The hex of a digest in base64; `None` for what is not one of a whole object, such as the
/// checksum of checksums of an upload in parts.
pub(super) fn from_base64(base64: &str) -> Option<String> {
    let bytes = STANDARD.decode(base64).ok()?;
    (bytes.len() == LEN).then(|| {
        bytes
            .iter()
            .fold(String::with_capacity(2 * LEN), |mut text, byte| {
                // Writing to a String cannot fail.
                let _ = write!(text, "{byte:02x}");
                text
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_written_both_ways() {
        let hex = ocr_core::digest::sha256_hex(b"ab");
        let base64 = to_base64(&hex).unwrap();
        assert_eq!(base64, "+44g/C5MPySMYMOb1lLzwTRymLuXe4tNWQO4UFViBgM=");
        assert_eq!(from_base64(&base64), Some(hex));
    }

    #[test]
    fn what_is_no_digest_of_a_whole_object_is_none() {
        assert_eq!(to_base64("abc"), None);
        assert_eq!(to_base64(&"g".repeat(64)), None);
        assert_eq!(
            from_base64("+44g/C5MPySMYMOb1lLzwTRymLuXe4tNWQO4UFViBgM=-3"),
            None
        );
        assert_eq!(from_base64("YWI="), None);
    }
}
