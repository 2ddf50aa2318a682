//! Keys with which access tokens are signed.

use std::fmt;

use crate::{builder::builder, clock::Timestamp, id::SigningKeyId};

/// A key with which access tokens are signed, and until when what it signed is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SigningKey {
    /// Its identity, which each token names.
    pub id: SigningKeyId,
    /// The half that signs.
    pub private: PrivateKey,
    /// The half that everybody may know: base64url without padding.
    pub public: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is not believed any more; never when absent.
    pub expires_at: Option<Timestamp>,
}

builder!(SigningKey {
    with_expires_at(expires_at: impl Into<Option<Timestamp>>) "The same, believed until then."
});

impl SigningKey {
    /// A key that is believed until another one takes its place.
    pub fn new(
        id: SigningKeyId,
        private: PrivateKey,
        public: impl Into<String>,
        created_at: Timestamp,
    ) -> Self {
        Self {
            id,
            private,
            public: public.into(),
            created_at,
            expires_at: None,
        }
    }

    /// Whether what it signed is believed at `now`.
    pub fn is_believed(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| end > now)
    }
}

/// The private half of a signing key, 256 random bits as base64url without padding. It is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey(String);

impl PrivateKey {
    /// The half that this text is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{IdGenerator, RandomIds};

    #[test]
    fn the_private_half_is_not_shown() {
        let id = SigningKeyId(RandomIds.next());
        let key = SigningKey::new(id, PrivateKey::new("canary"), "public", Timestamp::default());
        let shown = format!("{key:?}");
        assert!(shown.contains("public") && !shown.contains("canary"), "{shown}");
    }
}
