//! Refresh tokens, and the keys with which access tokens are signed.

use ocr_core::{
    account_store::{
        AuditAction, KeyScope, Lookup, PrivateKey, RefreshChain, RefreshSalt, Session, SigningKey, TokenHash,
    },
    id::{IdGenerator, RandomIds, SessionId, SigningKeyId, UserId},
};

use super::fixture::{AccountFixture, entry, in_seconds, session, start};

impl AccountFixture {
    /// A new session of a program of `user` that lasts an hour.
    async fn program(&self, user: UserId) -> Session {
        let salt = RefreshSalt::new("ab".repeat(32));
        let chain = RefreshChain::new(KeyScope::Read, TokenHash::of("first"), salt, start());
        let session = session(user).with_refresh(chain);
        self.store
            .create_session(session.clone(), None, entry(AuditAction::TokensIssued))
            .await
            .unwrap();
        session
    }

    /// The refresh tokens of a session.
    async fn chain(&self, id: SessionId) -> Option<RefreshChain> {
        let found = self.store.session(Lookup::Id(id), start()).await.unwrap();
        found.and_then(|(session, _)| session.refresh)
    }

    async fn keep_key(&self, key: &SigningKey, others_until: Option<u64>) {
        let entry = entry(AuditAction::SigningKeyRotated);
        self.store
            .keep_signing_key(key.clone(), others_until.map(in_seconds), entry)
            .await
            .unwrap();
    }

    /// Ids of the keys that are believed after some seconds.
    async fn believed(&self, seconds: u64) -> Vec<SigningKeyId> {
        let keys = self.store.signing_keys(in_seconds(seconds)).await.unwrap();
        keys.into_iter().map(|key| key.id).collect()
    }
}

fn signing_key(made: u64) -> SigningKey {
    let id = SigningKeyId(RandomIds.next());
    SigningKey::new(id, PrivateKey::new(id.to_string()), "public", in_seconds(made))
}

/// The refresh tokens of a session come back as they were kept; a browser has none.
pub async fn refresh_tokens_come_back(fixture: &AccountFixture) {
    let ada = fixture.account("ada").await;
    let program = fixture.program(ada.id).await;
    let browser = fixture.session(ada.id).await;
    for kept in [&program, &browser] {
        let found = fixture.store.session(Lookup::Id(kept.id), start()).await;
        assert_eq!(found.unwrap().map(|(session, _)| session).as_ref(), Some(kept));
    }
    assert_eq!(fixture.chain(program.id).await, program.refresh);
    assert_eq!(fixture.chain(browser.id).await, None);
}

/// Of those who put the next refresh token in the place of the same one, at once or one after the other, one succeeds.
pub async fn a_refresh_token_gives_way_once(fixture: &AccountFixture) {
    let ada = fixture.account("ada").await;
    let program = fixture.program(ada.id).await;
    let chain = program.refresh.clone().unwrap();
    let second = chain.clone().rotated(1, TokenHash::of("second"), in_seconds(5));
    let rotate = |from, next: &RefreshChain| fixture.store.rotate_refresh(program.id, from, next.clone());
    let (one, other) = tokio::join!(rotate(0, &second), rotate(0, &second));
    assert!(one.unwrap() != other.unwrap());
    assert_eq!(fixture.chain(program.id).await, Some(second.clone()));
    let late = chain.rotated(1, TokenHash::of("late"), in_seconds(6));
    assert!(!rotate(0, &late).await.unwrap());
    assert_eq!(fixture.chain(program.id).await, Some(second.clone()));
    let third = second.rotated(2, TokenHash::of("third"), in_seconds(7));
    assert!(rotate(1, &third).await.unwrap());
    assert_eq!(fixture.chain(program.id).await, Some(third.clone()));

    let browser = fixture.session(ada.id).await;
    for id in [browser.id, SessionId(RandomIds.next())] {
        let rotated = fixture.store.rotate_refresh(id, 0, third.clone()).await;
        assert!(!rotated.unwrap());
    }
    assert_eq!(fixture.chain(browser.id).await, None);
}

/// Signing keys are listed newest first while they are believed. A new one gives the others an end, and never a later
/// one than they have.
pub async fn a_signing_key_gives_way_to_a_newer_one(fixture: &AccountFixture) {
    let (first, second, third) = (signing_key(0), signing_key(10), signing_key(20));
    assert_eq!(fixture.believed(0).await, []);
    fixture.keep_key(&first, None).await;
    let kept = fixture.store.signing_keys(start()).await.unwrap();
    assert_eq!(kept, std::slice::from_ref(&first));
    fixture.keep_key(&second, Some(100)).await;
    assert_eq!(fixture.believed(99).await, [second.id, first.id]);
    assert_eq!(fixture.believed(100).await, [second.id]);
    fixture.keep_key(&third, Some(200)).await;
    assert_eq!(
        fixture.believed(99).await,
        [third.id, second.id, first.id],
        "the first keeps its end"
    );
    assert_eq!(fixture.believed(100).await, [third.id, second.id]);
    assert_eq!(fixture.believed(200).await, [third.id]);
    assert_eq!(fixture.noted(AuditAction::SigningKeyRotated).await, 3);

    assert_eq!(fixture.store.forget_expired(in_seconds(100)).await.unwrap(), 1);
    assert_eq!(fixture.believed(0).await, [third.id, second.id]);
}
