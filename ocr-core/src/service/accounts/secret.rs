//! Secrets that are made here: 256 random bits, written so that they fit into a cookie, a header and an address.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    Error, ErrorKind, Result,
    account_store::TokenHash,
    password_hasher::{Salt, SecretSource},
};

/// Maximum number of characters of a secret that somebody sends: one of ours is shorter.
const MAX_SENT: usize = 200;

/// A secret of 256 random bits. It is shown to nobody but whom it is for.
#[derive(Debug, Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// A new secret that begins with `prefix`.
    pub(super) fn new(source: &dyn SecretSource, prefix: &str) -> Result<Self> {
        let mut bytes = [0; 32];
        source.fill(&mut bytes)?;
        Ok(Self::written(prefix, &bytes))
    }

    /// The secret that these bytes are, behind `prefix`.
    pub(super) fn written(prefix: &str, bytes: &[u8]) -> Self {
        Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes)).into())
    }

    /// A secret that somebody sent.
    ///
    /// # Errors
    /// `Unauthenticated` for a text that cannot be one of ours.
    pub fn sent(text: &str) -> Result<Self> {
        let ours = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if text.is_empty() || text.len() > MAX_SENT || !text.bytes().all(ours) {
            return Err(Error::new(ErrorKind::Unauthenticated, "sign in first"));
        }
        Ok(Self(text.into()))
    }

    /// The text, for whom it is for.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What is kept of it.
    pub(super) fn hash(&self) -> TokenHash {
        TokenHash::of(self.expose())
    }

    pub(super) fn into_inner(self) -> SecretString {
        self.0
    }
}

/// A new salt.
pub(super) fn salt(source: &dyn SecretSource) -> Result<Salt> {
    let mut salt = Salt::default();
    source.fill(&mut salt)?;
    Ok(salt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Same;

    impl SecretSource for Same {
        fn fill(&self, bytes: &mut [u8]) -> Result<()> {
            bytes.fill(251);
            Ok(())
        }
    }

    #[test]
    fn a_secret_fits_everywhere_and_is_not_shown() {
        let secret = Secret::new(&Same, "ocr_").unwrap();
        assert_eq!(secret.expose().len(), 4 + 43);
        assert_eq!(Secret::sent(secret.expose()).unwrap().hash(), secret.hash());
        assert!(!format!("{secret:?}").contains(secret.expose()));
        for odd in ["", "a b", "ä", "a\n", &"x".repeat(201)] {
            assert!(Secret::sent(odd).is_err(), "{odd}");
        }
    }
}
