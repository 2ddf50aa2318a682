//! What an app for one-time codes does, for tests of a second factor.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// The letters of base 32 (RFC 4648, section 6).
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Seconds for which a code stands.
const STEP: u64 = 30;

/// The code of six digits (RFC 6238, with SHA-1) for `secret`, in base 32 without padding, at `seconds` since 1970.
///
/// # Panics
/// When the secret is not in base 32, or longer than 64 bytes: tests give secrets that the platform made.
pub fn one_time_code(secret: &str, seconds: u64) -> String {
    let bits: Vec<usize> = secret
        .bytes()
        .map(|letter| {
            LETTERS
                .iter()
                .position(|known| *known == letter)
                .expect("base 32")
        })
        .flat_map(|value| (0..5).rev().map(move |bit| value >> bit & 1))
        .collect();
    let mut key = [0_u8; 64];
    for (byte, bits) in key.iter_mut().zip(bits.chunks_exact(8)) {
        *byte = bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit == 1));
    }
    let mut mac = <Hmac<Sha1> as KeyInit>::new(&key.into());
    mac.update(&(seconds / STEP).to_be_bytes());
    let digest: [u8; 20] = mac.finalize().into_bytes().into();
    let offset = usize::from(digest[19] & 15);
    let word = digest[offset..offset + 4]
        .iter()
        .fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::one_time_code;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six digits of its eight; the secret is "12345678901234567890".
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        assert_eq!(one_time_code(secret, 59), "287082");
        assert_eq!(one_time_code(secret, 1_111_111_109), "081804");
        assert_eq!(one_time_code(secret, 20_000_000_000), "353130");
    }
}
