//! Who somebody is at a provider of sign-ins.

use crate::{Error, ErrorKind, Result};

/// Maximum number of characters of the name of a provider.
const MAX_ISSUER: usize = 500;
/// Maximum number of characters of a name within it. OpenID Connect Core 1.0, section 2.
const MAX_SUBJECT: usize = 255;

/// Who somebody is at a provider of sign-ins: the provider, and the name that it never gives to anybody else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Identity {
    /// The provider: the `iss` of its tokens.
    pub issuer: String,
    /// Whom it means: the `sub` of its tokens. Upper and lower case differ.
    pub subject: String,
}

impl Identity {
    /// Whom `issuer` calls `subject`.
    ///
    /// # Errors
    /// `InvalidInput` unless the issuer has 1 to 500 characters and the subject 1 to 255, none of them a control
    /// character.
    pub fn new(issuer: impl Into<String>, subject: impl Into<String>) -> Result<Self> {
        let (issuer, subject) = (issuer.into(), subject.into());
        if !is_name(&issuer, MAX_ISSUER) || !is_name(&subject, MAX_SUBJECT) {
            let message =
                format!("a subject has 1 to {MAX_SUBJECT} characters, none of them a control character");
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        Ok(Self { issuer, subject })
    }
}

fn is_name(text: &str, most: usize) -> bool {
    // Bytes first: nothing is done with a text that is far too long.
    let fits = !text.is_empty() && text.len() <= most * 4 && text.chars().count() <= most;
    fits && !text.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_has_bounds() {
        assert!(Identity::new("https://id.example", "Ada|1").is_ok());
        assert!(Identity::new("https://id.example", "ä".repeat(255)).is_ok());
        for (issuer, subject) in [
            ("", "ada"),
            ("https://id.example", ""),
            ("https://id.example", "a\0b"),
            ("https://id.example", &"x".repeat(256)),
            (&"x".repeat(501), "ada"),
        ] {
            assert!(Identity::new(issuer, subject).is_err(), "{issuer} {subject:?}");
        }
    }
}
