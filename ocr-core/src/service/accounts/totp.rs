//! One-time codes by time (RFC 6238): SHA-1, six digits, thirty seconds, as every app for them has it.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::{
    Error, ErrorKind, Result, account_store::TotpSecret, clock::Timestamp, password_hasher::SecretSource,
};

/// Bytes of a secret, and of what a hash makes of it.
const SECRET: usize = 20;
/// Bytes of the block of SHA-1.
const BLOCK: usize = 64;
/// Seconds of a step.
const STEP: u64 = 30;
/// One more than the greatest code.
const CODES: u32 = 1_000_000;
/// The letters of base 32 (RFC 4648).
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// What an app calls the server.
const ISSUER: &str = "OCR";

/// A new secret.
pub(super) fn new_secret(source: &dyn SecretSource) -> Result<TotpSecret> {
    let mut bytes = [0; SECRET];
    source.fill(&mut bytes)?;
    Ok(TotpSecret::new(URL_SAFE_NO_PAD.encode(bytes)))
}

fn bytes(secret: &TotpSecret) -> Result<Vec<u8>> {
    let decoded = URL_SAFE_NO_PAD.decode(secret.as_str()).ok();
    let ours = decoded.filter(|bytes| bytes.len() == SECRET);
    ours.ok_or_else(|| Error::new(ErrorKind::Corrupt, "the secret of a second factor cannot be read"))
}

/// The step of time that `now` is in.
fn step_at(now: Timestamp) -> u64 {
    u64::try_from(now.timestamp()).unwrap_or(0) / STEP
}

/// The code of a step (RFC 4226).
fn code_of(secret: &[u8], step: u64) -> u32 {
    // RFC 2104 pads a short key with zeros to the block of the hash.
    let mut block = [0_u8; BLOCK];
    for (byte, given) in block.iter_mut().zip(secret) {
        *byte = *given;
    }
    let mut mac = <Hmac<Sha1> as KeyInit>::new(&block.into());
    mac.update(&step.to_be_bytes());
    let digest: [u8; SECRET] = mac.finalize().into_bytes().into();
    let offset = usize::from(digest[SECRET - 1] & 0xf);
    let word = digest[offset..offset + 4]
        .iter()
        .fold(0_u32, |word, byte| (word << 8) | u32::from(*byte));
    (word & 0x7fff_ffff) % CODES
}

/// The step after `last` whose code this is, of the present one and one before and after it.
pub(super) fn step_of(secret: &TotpSecret, code: u32, now: Timestamp, last: u64) -> Result<Option<u64>> {
    let secret = bytes(secret)?;
    let now = step_at(now);
    let steps = now.saturating_sub(1)..=now.saturating_add(1);
    let mut found = steps.filter(|step| *step > last && code_of(&secret, *step) == code);
    Ok(found.next_back())
}

/// A code as somebody typed it: six digits, with spaces anywhere. `None` for what is none.
pub(super) fn typed(text: &str) -> Option<u32> {
    let digits: String = text
        .chars()
        .filter(|character| *character != ' ')
        .take(7)
        .collect();
    let is_code = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_code.then(|| digits.parse().ok()).flatten()
}

/// A secret in base 32, for who types it into an app.
pub(super) fn shown(secret: &TotpSecret) -> Result<String> {
    Ok(base32(&bytes(secret)?))
}

/// The address that an app reads: the key URI format that all of them know.
pub(super) fn uri(secret: &TotpSecret, login: &str) -> Result<String> {
    let (secret, login) = (shown(secret)?, percent_encoded(login));
    Ok(format!(
        "otpauth://totp/{ISSUER}:{login}?secret={secret}&issuer={ISSUER}&algorithm=SHA1&digits=6&period={STEP}"
    ))
}

/// Base 32 of a multiple of five bytes.
pub(super) fn base32(bytes: &[u8]) -> String {
    let letters = bytes.chunks(5).flat_map(|chunk| {
        let bits = chunk
            .iter()
            .fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        (0..8).rev().map(move |place| {
            let letter = (bits >> (5 * place)) & 31;
            char::from(LETTERS[letter as usize])
        })
    });
    letters.collect()
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::later;

    fn secret() -> TotpSecret {
        TotpSecret::new(URL_SAFE_NO_PAD.encode(b"12345678901234567890"))
    }

    fn at(seconds: u64) -> Timestamp {
        later(Timestamp::default(), Duration::from_secs(seconds))
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, the last six of its eight digits.
        for (seconds, code) in [
            (59, 287_082),
            (1_111_111_109, 81_804),
            (1_111_111_111, 50_471),
            (1_234_567_890, 5_924),
            (2_000_000_000, 279_037),
        ] {
            assert_eq!(code_of(b"12345678901234567890", step_at(at(seconds))), code);
            let step = step_of(&secret(), code, at(seconds), 0).unwrap();
            assert_eq!(step, Some(seconds / 30));
        }
    }

    #[test]
    fn a_code_works_once_within_one_step() {
        let step = |seconds, last| step_of(&secret(), 287_082, at(seconds), last).unwrap();
        assert_eq!(step(29, 0), Some(1), "a clock that is behind");
        assert_eq!(step(89, 0), Some(1), "a clock that is ahead");
        assert_eq!(step(90, 0), None);
        assert_eq!(step(59, 1), None, "it was used");
        assert!(step_of(&TotpSecret::new("odd"), 1, at(0), 0).is_err());
    }

    #[test]
    fn a_code_is_read_as_it_is_typed() {
        assert_eq!(typed("287 082"), Some(287_082));
        assert_eq!(typed(" 005924 "), Some(5_924));
        for odd in ["", "12345", "1234567", "12345a", "+12345", "١٢٣٤٥٦"] {
            assert_eq!(typed(odd), None, "{odd}");
        }
    }

    #[test]
    fn an_app_can_read_the_secret() {
        assert_eq!(shown(&secret()).unwrap(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let uri = uri(&secret(), "ada@example.org").unwrap();
        assert!(
            uri.starts_with("otpauth://totp/OCR:ada%40example.org?secret=GEZD"),
            "{uri}"
        );
    }
}
