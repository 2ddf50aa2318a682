//! Refresh tokens: each names its session and its place in the chain, and the next follows from it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

use super::Secret;
use crate::{
    Error, ErrorKind, Result,
    account_store::{RefreshChain, RefreshSalt, TokenHash},
    id::SessionId,
    password_hasher::SecretSource,
};

/// What every refresh token begins with, so that it is known for one when it turns up somewhere.
const PREFIX: &str = "ocrr_";
/// Bytes of a session's id, of the place in the chain, and of the secret.
const LENGTHS: [usize; 3] = [16, 4, 32];
/// Maximum number of tokens of a chain: two weeks of one every two minutes. It bounds what looking for an old one costs.
pub(super) const MAX_GENERATIONS: u32 = 10_000;

/// A refresh token. It is not shown.
#[derive(Clone)]
pub(super) struct RefreshToken {
    pub(super) session: SessionId,
    /// How many there were before it.
    pub(super) generation: u32,
    secret: [u8; 32],
}

impl std::fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefreshToken")
            .field("session", &self.session)
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

impl RefreshToken {
    /// The first one of a session.
    pub(super) fn first(session: SessionId, source: &dyn SecretSource) -> Result<Self> {
        let mut secret = [0; 32];
        source.fill(&mut secret)?;
        Ok(Self {
            session,
            generation: 0,
            secret,
        })
    }

    /// A token that somebody sent. `Unauthenticated` for a text that cannot be one of ours.
    pub(super) fn sent(text: &str) -> Result<Self> {
        // Only base64 of this one length is decoded at all.
        let [id, place, _] = LENGTHS;
        let written = LENGTHS.iter().sum::<usize>().div_ceil(3) * 4;
        let ours = text.strip_prefix(PREFIX).filter(|text| text.len() <= written);
        let bytes = ours.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        let parts = bytes.as_deref().and_then(|bytes| {
            let (id, rest) = bytes.split_at_checked(id)?;
            let (place, secret) = rest.split_at_checked(place)?;
            Some(Self {
                session: SessionId(Uuid::from_slice(id).ok()?),
                generation: u32::from_be_bytes(place.try_into().ok()?),
                secret: secret.try_into().ok()?,
            })
        });
        parts.ok_or_else(spent)
    }

    /// The token as its holder has it.
    pub(super) fn written(&self) -> Secret {
        let parts = [
            self.session.0.as_bytes().as_slice(),
            &self.generation.to_be_bytes(),
            &self.secret,
        ];
        Secret::written(PREFIX, &parts.concat())
    }

    /// What is kept of it.
    pub(super) fn hash(&self) -> TokenHash {
        self.written().hash()
    }

    /// The token that takes its place: the same each time, and nobody can tell it without the salt.
    pub(super) fn next(&self, salt: &RefreshSalt) -> Self {
        // RFC 2104 pads a short key with zeros to the block of the hash; a salt as we make it fills it.
        let mut block = [0_u8; 64];
        for (byte, given) in block.iter_mut().zip(salt.as_str().bytes()) {
            *byte = given;
        }
        let generation = self.generation.saturating_add(1);
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
        mac.update(self.session.0.as_bytes());
        mac.update(&generation.to_be_bytes());
        mac.update(&self.secret);
        Self {
            session: self.session,
            generation,
            secret: mac.finalize().into_bytes().into(),
        }
    }

    /// How many tokens of `chain` came after this one, and the present one. `None` when it was never one of them.
    pub(super) fn place_in(&self, chain: &RefreshChain) -> Option<(u32, Self)> {
        let later = chain.generation.checked_sub(self.generation)?;
        if later > MAX_GENERATIONS {
            return None;
        }
        let present = (0..later).fold(self.clone(), |token, _| token.next(&chain.salt));
        (present.hash() == chain.token).then_some((later, present))
    }
}

/// One answer for whatever is wrong with a refresh token.
pub(super) fn spent() -> Error {
    let message = "this refresh token does not work any more; sign in again";
    Error::new(ErrorKind::Unauthenticated, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        account_store::KeyScope,
        clock::Timestamp,
        id::{IdGenerator, RandomIds},
    };

    #[derive(Debug)]
    struct Same;

    impl SecretSource for Same {
        fn fill(&self, bytes: &mut [u8]) -> Result<()> {
            bytes.fill(251);
            Ok(())
        }
    }

    fn first() -> RefreshToken {
        RefreshToken::first(SessionId(RandomIds.next()), &Same).unwrap()
    }

    fn salt() -> RefreshSalt {
        RefreshSalt::new("ab".repeat(32))
    }

    #[test]
    fn a_token_comes_back_as_it_was_written_and_is_not_shown() {
        let token = first().next(&salt());
        let written = token.written();
        let sent = RefreshToken::sent(written.expose()).unwrap();
        assert_eq!((sent.session, sent.generation), (token.session, 1));
        assert_eq!(sent.hash(), token.hash());
        assert!(Secret::sent(written.expose()).is_ok(), "it fits everywhere");
        assert!(!format!("{token:?}").contains("secret"));
        let long = format!("{}A", written.expose());
        for odd in ["", "ocrr_", "ocr_abc", "ocrr_ä", &written.expose()[..40], &long] {
            assert!(RefreshToken::sent(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn the_next_token_is_the_same_each_time_and_another_under_another_salt() {
        let token = first();
        assert_eq!(token.next(&salt()).hash(), token.next(&salt()).hash());
        let other = RefreshSalt::new("cd".repeat(32));
        assert_ne!(token.next(&salt()).hash(), token.next(&other).hash());
        assert_ne!(token.next(&salt()).hash(), token.hash());
    }

    #[test]
    fn an_old_token_is_known_and_a_guess_is_not() {
        let start = first();
        let second = start.next(&salt());
        let third = second.next(&salt());
        let chain = RefreshChain::new(KeyScope::Read, start.hash(), salt(), Timestamp::default());
        let chain = chain.rotated(2, third.hash(), Timestamp::default());
        let place = |token: &RefreshToken| token.place_in(&chain).map(|(later, _)| later);
        assert_eq!([&start, &second, &third].map(place), [Some(2), Some(1), Some(0)]);
        let present = start.place_in(&chain).unwrap().1;
        assert_eq!(present.hash(), third.hash());
        let mut guess = start.clone();
        guess.secret[0] ^= 1;
        assert_eq!(place(&guess), None);
        assert_eq!(place(&third.next(&salt())), None, "from the future");
        let endless = chain.rotated(u32::MAX, third.hash(), Timestamp::default());
        assert!(start.place_in(&endless).is_none());
    }
}
