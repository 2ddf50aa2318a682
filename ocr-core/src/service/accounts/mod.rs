//! The use cases of accounts: signing in and out, passwords, sessions, keys, and looking after others.

mod access_tokens;
mod admin;
mod announce;
mod identified;
mod identify;
mod key_ring;
mod keys;
mod password;
mod refresh_token;
mod second_factor;
mod secret;
mod sessions;
mod shared_document;
mod shares;
mod sign_in;
mod tickets;
mod totp;
mod written;

pub use access_tokens::{ACCESS_TOKEN_LIFETIME, IssuedTokens, REFRESH_GRACE};
pub use admin::{AccountInvitation, MAX_ACCOUNTS};
pub use announce::Endings;
pub use identified::IdentifiedSignIn;
pub use key_ring::KEY_OVERLAP;
pub use keys::{NewApiKey, NewKey};
pub use second_factor::{NewSecondFactor, SecondFactorState};
pub use secret::Secret;
pub use shared_document::{SharedDocument, VISIT_LIFETIME};
pub use shares::{NewShare, OpenedShare, ShareInvitation, ShareService};
pub use sign_in::{SESSION_LIFETIME, SignIn, SignedIn};
pub use tickets::TICKET_LIFETIME;
pub use written::{MAX_PASSWORD, MIN_PASSWORD, normalised_login};

use std::sync::Arc;

use key_ring::TokenIssuer;

use crate::{
    Error, ErrorKind, Result,
    access_token_signer::AccessTokenSigner,
    account_store::{AccountStore, AuditAction, AuditEntry, AuditOrigin, PasswordHash},
    id::AuditId,
    password_hasher::{PasswordHasher, SecretSource},
    platform::Platform,
};

/// The use cases of accounts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AccountService {
    platform: Platform,
    store: Arc<dyn AccountStore>,
    hasher: Arc<dyn PasswordHasher>,
    secrets: Arc<dyn SecretSource>,
    /// The hash of a password that nobody knows, under the present parameters: who does not exist is checked against
    /// it, so that it takes as long.
    nobody: PasswordHash,
    endings: Endings,
    /// What programs are given tokens with; nothing where they use keys only.
    tokens: Option<Arc<TokenIssuer>>,
}

impl AccountService {
    /// The use cases of the accounts of `platform`.
    ///
    /// # Errors
    /// `Unsupported` when it has no account store.
    pub async fn new(
        platform: Platform,
        hasher: Arc<dyn PasswordHasher>,
        secrets: Arc<dyn SecretSource>,
    ) -> Result<Self> {
        let store = platform
            .account_store
            .clone()
            .ok_or_else(|| Error::new(ErrorKind::Unsupported, "this platform has no account store"))?;
        let unknown = Secret::new(secrets.as_ref(), "")?.into_inner();
        let nobody = hasher.hash(unknown, secret::salt(secrets.as_ref())?).await?;
        Ok(Self {
            platform,
            store,
            hasher,
            secrets,
            nobody,
            endings: Endings::default(),
            tokens: None,
        })
    }

    /// The same, giving programs access tokens that `signer` signs.
    #[must_use]
    pub fn with_access_tokens(mut self, signer: Arc<dyn AccessTokenSigner>) -> Self {
        self.tokens = Some(Arc::new(TokenIssuer::new(signer)));
        self
    }

    /// Told whenever a session or key of this process may have ended.
    pub fn endings(&self) -> Endings {
        self.endings.clone()
    }

    /// An entry of the audit log, stamped now.
    fn entry(&self, origin: &AuditOrigin, action: AuditAction, object: impl Into<String>) -> AuditEntry {
        let id = AuditId(self.platform.ids.next());
        AuditEntry::new(id, self.platform.clock.now(), origin.clone(), action).with_object(object)
    }

    /// Adds an entry to the audit log that tells of something outside of the account store, such as a deleted document.
    pub async fn note(
        &self,
        origin: &AuditOrigin,
        action: AuditAction,
        object: impl Into<String>,
    ) -> Result<()> {
        self.store.record(self.entry(origin, action, object)).await
    }
}
