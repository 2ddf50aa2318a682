//! The keys with which access tokens are signed, as this process last read them.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::AccountService;
use crate::{
    Error, ErrorKind, Result,
    access_token_signer::AccessTokenSigner,
    account_store::{AuditAction, AuditOrigin, PrivateKey, SigningKey},
    clock::{Timestamp, later},
    id::SigningKeyId,
};

/// How long what a key signed is believed after another has taken its place: an hour, many times the life of a token.
pub const KEY_OVERLAP: Duration = Duration::from_hours(1);
/// How long keys that were read are used before they are read again.
const FRESH: Duration = Duration::from_mins(1);
/// How soon they are read again for a token that names another: nobody makes us read with each request.
const AGAIN: Duration = Duration::from_secs(1);
/// How long a key is known before it signs, where there is another: every server has read it by then.
const SETTLED: Duration = Duration::from_mins(2);

/// What signs access tokens, and the keys it signs with.
#[derive(Debug)]
pub(super) struct TokenIssuer {
    pub(super) signer: Arc<dyn AccessTokenSigner>,
    ring: KeyRing,
}

impl TokenIssuer {
    pub(super) fn new(signer: Arc<dyn AccessTokenSigner>) -> Self {
        Self {
            signer,
            ring: KeyRing::default(),
        }
    }
}

/// Keys that were read, newest first, and when.
#[derive(Debug, Default)]
struct KeyRing(Mutex<Option<(Timestamp, Arc<[SigningKey]>)>>);

impl KeyRing {
    fn read_within(&self, age: Duration, now: Timestamp) -> Option<Arc<[SigningKey]>> {
        let read = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, keys) = read.as_ref()?;
        (*at <= now && now < later(*at, age)).then(|| Arc::clone(keys))
    }

    fn keep(&self, keys: &Arc<[SigningKey]>, now: Timestamp) {
        // Where there is none yet, the first one is found at once.
        let read = (!keys.is_empty()).then(|| (now, Arc::clone(keys)));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = read;
    }
}

impl AccountService {
    /// Keys whose tokens are believed, newest first; none where programs are given no tokens.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKey>> {
        let Some(issuer) = &self.tokens else {
            return Ok(Vec::new());
        };
        let now = self.platform.clock.now();
        let keys = self.keys_within(issuer, FRESH).await?;
        Ok(keys.iter().filter(|key| key.is_believed(now)).cloned().collect())
    }

    /// Makes another key. It signs from two minutes later, when every server knows it; what the present one signed is
    /// believed for [`KEY_OVERLAP`], or not any more with `at_once`, as when somebody else may have it. Other servers
    /// learn of it within a minute.
    ///
    /// # Errors
    /// `Unsupported` where programs are given no tokens.
    pub async fn rotate_signing_keys(&self, at_once: bool, origin: &AuditOrigin) -> Result<SigningKeyId> {
        let issuer = self.issuer()?;
        let now = self.platform.clock.now();
        let until = if at_once { now } else { later(now, KEY_OVERLAP) };
        let id = self.keep_new_key(issuer, Some(until), origin).await?;
        self.keys_within(issuer, Duration::ZERO).await?;
        Ok(id)
    }

    async fn keep_new_key(
        &self,
        issuer: &TokenIssuer,
        others_until: Option<Timestamp>,
        origin: &AuditOrigin,
    ) -> Result<SigningKeyId> {
        let mut seed = [0; 32];
        self.secrets.fill(&mut seed)?;
        let private = PrivateKey::new(URL_SAFE_NO_PAD.encode(seed));
        let public = issuer.signer.public_half(&private)?;
        let id = SigningKeyId(self.platform.ids.next());
        let key = SigningKey::new(id, private, public, self.platform.clock.now());
        let entry = self.entry(origin, AuditAction::SigningKeyRotated, id.to_string());
        self.store.keep_signing_key(key, others_until, entry).await?;
        Ok(id)
    }

    /// The keys as they were at most `age` ago.
    async fn keys_within(&self, issuer: &TokenIssuer, age: Duration) -> Result<Arc<[SigningKey]>> {
        let now = self.platform.clock.now();
        if let Some(keys) = issuer.ring.read_within(age, now) {
            return Ok(keys);
        }
        let keys: Arc<[SigningKey]> = self.store.signing_keys(now).await?.into();
        issuer.ring.keep(&keys, now);
        Ok(keys)
    }

    /// The key that signs now; the first one is made when it is needed.
    pub(super) async fn signing_key(&self, issuer: &TokenIssuer) -> Result<SigningKey> {
        let now = self.platform.clock.now();
        let keys = self.keys_within(issuer, FRESH).await?;
        if let Some(key) = signs_at(&keys, now) {
            return Ok(key.clone());
        }
        self.keep_new_key(issuer, None, &AuditOrigin::default()).await?;
        // Another server may have made one at the same moment: all of them sign with the same one.
        let keys = self.keys_within(issuer, Duration::ZERO).await?;
        let key = signs_at(&keys, self.platform.clock.now()).cloned();
        key.ok_or_else(|| Error::new(ErrorKind::Internal, "there is no key to sign access tokens with"))
    }

    /// The key that a token names.
    pub(super) async fn believed_key(
        &self,
        issuer: &TokenIssuer,
        id: SigningKeyId,
    ) -> Result<Option<SigningKey>> {
        let now = self.platform.clock.now();
        let named = |keys: &[SigningKey]| {
            let found = keys.iter().find(|key| key.id == id && key.is_believed(now));
            found.cloned()
        };
        let known = named(&self.keys_within(issuer, FRESH).await?);
        match known {
            Some(key) => Ok(Some(key)),
            None => Ok(named(&self.keys_within(issuer, AGAIN).await?)),
        }
    }
}

/// Of keys from the newest to the oldest, the one that signs at `now`.
fn signs_at(keys: &[SigningKey], now: Timestamp) -> Option<&SigningKey> {
    let believed = || keys.iter().filter(|key| key.is_believed(now));
    let settled = believed().find(|key| now >= later(key.created_at, SETTLED));
    settled.or_else(|| believed().next_back())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{IdGenerator, RandomIds};

    #[test]
    fn a_new_key_signs_once_every_server_knows_it() {
        let start = Timestamp::default();
        let at = |seconds| later(start, Duration::from_secs(seconds));
        let key = |made| {
            let id = SigningKeyId(RandomIds.next());
            SigningKey::new(id, PrivateKey::new("private"), "public", at(made))
        };
        let (old, new) = (key(0).with_expires_at(at(4000)), key(1000));
        let keys = [new.clone(), old.clone()];
        let signs = |seconds| signs_at(&keys, at(seconds)).map(|key| key.id);
        assert_eq!(signs(1000), Some(old.id));
        assert_eq!(signs(1119), Some(old.id));
        assert_eq!(signs(1120), Some(new.id));
        assert_eq!(signs(5000), Some(new.id));
        let alone = [new.clone(), key(0).with_expires_at(at(1000))];
        assert_eq!(signs_at(&alone, at(1000)).map(|key| key.id), Some(new.id));
        assert_eq!(signs_at(&[], start), None);
    }
}
