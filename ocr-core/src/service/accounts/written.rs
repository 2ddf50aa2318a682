//! Names and passwords as they are kept, however they were typed.

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;

use crate::{Error, ErrorKind, Result};

/// Maximum number of characters of a login.
const MAX_LOGIN: usize = 200;
/// Minimum number of characters of a password.
pub const MIN_PASSWORD: usize = 8;
/// Maximum number of characters of a password: longer ones cost time and protect no better.
pub const MAX_PASSWORD: usize = 256;
/// Maximum number of bytes of a character in UTF-8.
const CHARACTER: usize = 4;

/// A login as it is kept: normalised, in small letters.
///
/// # Errors
/// `InvalidInput` unless it has 1 to 200 characters, none of them a space or a control character.
pub fn normalised_login(given: &str) -> Result<String> {
    let odd = |character: char| character.is_whitespace() || character.is_control();
    let invalid = || {
        let message = format!("a name has 1 to {MAX_LOGIN} characters and no spaces");
        Error::new(ErrorKind::InvalidInput, message)
    };
    let given = given.trim();
    if given.len() > MAX_LOGIN * CHARACTER {
        return Err(invalid());
    }
    let login = given.nfkc().collect::<String>().to_lowercase();
    if login.is_empty() || login.chars().count() > MAX_LOGIN || login.contains(odd) {
        return Err(invalid());
    }
    Ok(login)
}

/// A password as it is hashed: however a keyboard composes its letters.
///
/// # Errors
/// `InvalidInput` unless it has 8 to 256 characters.
pub(super) fn normalised_password(password: &SecretString) -> Result<SecretString> {
    let given = password.expose_secret();
    // Bytes first: nothing is done with a text that is far too long.
    let long = given.len() > MAX_PASSWORD * CHARACTER;
    let characters = if long { 0 } else { given.chars().count() };
    if !(MIN_PASSWORD..=MAX_PASSWORD).contains(&characters) {
        let message = format!("a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters");
        return Err(Error::new(ErrorKind::InvalidInput, message));
    }
    Ok(given.nfc().collect::<String>().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_in_one_form() {
        assert_eq!(normalised_login(" Ada@Example.ORG ").unwrap(), "ada@example.org");
        assert_eq!(normalised_login("ＡＤＡ").unwrap(), "ada");
        for odd in [
            "",
            "  ",
            "a b",
            "a\u{0}b",
            "a\nb",
            &"x".repeat(201),
            &"x".repeat(100_000),
        ] {
            assert!(normalised_login(odd).is_err(), "{odd:?}");
        }
    }

    #[test]
    fn passwords_have_bounds_and_one_form() {
        let of = |text: &str| {
            let kept = normalised_password(&SecretString::from(text));
            kept.map(|password| password.expose_secret().to_owned())
        };
        assert!(of("1234567").is_err());
        assert!(of(&"ä".repeat(8)).is_ok());
        assert!(of(&"\u{1f600}".repeat(256)).is_ok());
        assert!(of(&"x".repeat(257)).is_err());
        assert!(of(&"x".repeat(1_000_000)).is_err());
        assert_eq!(of("a\u{308}bcdefgh").unwrap(), of("\u{e4}bcdefgh").unwrap());
    }
}
