//! What signs access tokens and looks whether they are ours.

use std::fmt;

use crate::{
    Result,
    clock::Timestamp,
    id::{AccessTokenId, SessionId, SigningKeyId, UserId},
    model::{KeyScope, PrivateKey, SigningKey},
};

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessClaims {
    /// The token itself.
    pub id: AccessTokenId,
    /// On whose behalf it is used.
    pub user: UserId,
    /// The session it belongs to.
    pub session: SessionId,
    /// What it may be used for, as a hint for its holder: what is done goes by the session.
    pub scope: KeyScope,
    /// When it was made, in whole seconds.
    pub issued_at: Timestamp,
    /// When it stops working, in whole seconds.
    pub expires_at: Timestamp,
}

impl AccessClaims {
    /// What a token of this session says that works from `issued_at` to `expires_at`.
    pub fn new(
        id: AccessTokenId,
        user: UserId,
        session: SessionId,
        scope: KeyScope,
        issued_at: Timestamp,
        expires_at: Timestamp,
    ) -> Self {
        Self {
            id,
            user,
            session,
            scope,
            issued_at,
            expires_at,
        }
    }
}

/// Signs access tokens, and looks whether they are ours. It names the issuer and the audience in each, and believes none
/// that names others or nobody.
pub trait AccessTokenSigner: fmt::Debug + Send + Sync + 'static {
    /// The public half of a private one. `Internal` for what is none.
    fn public_half(&self, private: &PrivateKey) -> Result<String>;

    /// A token that says this, signed with `key`. `Internal` when it cannot sign.
    fn sign(&self, key: &SigningKey, claims: &AccessClaims) -> Result<String>;

    /// The key that a token says it was signed with. `None` for what is no token.
    fn key_named(&self, token: &str) -> Option<SigningKeyId>;

    /// What a token says.
    ///
    /// # Behavior
    /// - `Unauthenticated` unless `key` signed it, by the one algorithm of this signer, for this issuer and audience.
    /// - `Unauthenticated` also when it lacks anything of [`AccessClaims`], or says it in another form.
    /// - Times are not looked at: whoever asks knows what time it is.
    fn verify(&self, token: &str, key: &SigningKey) -> Result<AccessClaims>;
}
