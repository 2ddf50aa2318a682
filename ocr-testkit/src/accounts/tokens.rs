//! Secrets that work once.

use ocr_core::{
    account_store::{AccountChange, AuditAction, Credential, OneTimeToken, TokenHash, TokenPurpose},
    clock::Timestamp,
};

use super::fixture::{AccountFixture, entry, hash, in_seconds, start};

fn token(secret: &str, purpose: TokenPurpose, expires_at: Timestamp) -> OneTimeToken {
    OneTimeToken::new(TokenHash::of(secret), purpose, expires_at)
}

impl AccountFixture {
    async fn keep(&self, secret: &str, purpose: TokenPurpose) {
        let token = token(secret, purpose, in_seconds(30));
        self.store.keep_token(token).await.unwrap();
    }

    async fn take(&self, secret: &str) -> Option<TokenPurpose> {
        let taken = self.store.take_token(TokenHash::of(secret), start()).await;
        taken.unwrap().map(|token| token.purpose)
    }
}

/// A secret works once, also when several try at once, and not after it has expired.
pub async fn a_secret_works_once(fixture: &AccountFixture) {
    let store = &fixture.store;
    let ada = fixture.account("ada").await;
    let session = Credential::Session(fixture.session(ada.id).await.id);
    let key = Credential::Key(fixture.key(ada.id).await.id);
    for purpose in [
        TokenPurpose::SetUp,
        TokenPurpose::Reset(ada.id),
        TokenPurpose::Live(session),
        TokenPurpose::Live(key),
    ] {
        let kept = token("secret", purpose, in_seconds(30));
        store.keep_token(kept.clone()).await.unwrap();
        let take = || store.take_token(TokenHash::of("secret"), start());
        let (one, other) = tokio::join!(take(), take());
        let taken: Vec<OneTimeToken> = [one, other].into_iter().filter_map(Result::unwrap).collect();
        assert_eq!(taken, [kept]);
        store
            .keep_token(token("late", purpose, in_seconds(30)))
            .await
            .unwrap();
        let late = store.take_token(TokenHash::of("late"), in_seconds(30)).await;
        assert_eq!(late.unwrap(), None);
    }
    assert_eq!(fixture.take("unknown").await, None);
}

/// Of links for the same there is one; tickets are as many as are wanted.
pub async fn a_newer_link_takes_the_place_of_an_older_one(fixture: &AccountFixture) {
    let (ada, grace) = (fixture.account("ada").await, fixture.account("grace").await);
    let live = TokenPurpose::Live(Credential::Session(fixture.session(ada.id).await.id));
    let reset = TokenPurpose::Reset;
    for (secret, purpose) in [
        ("set up 1", TokenPurpose::SetUp),
        ("set up 2", TokenPurpose::SetUp),
        ("grace", reset(grace.id)),
        ("ada 1", reset(ada.id)),
        ("ada 2", reset(ada.id)),
        ("live 1", live),
        ("live 2", live),
    ] {
        fixture.keep(secret, purpose).await;
    }
    for (secret, purpose) in [
        ("set up 1", None),
        ("set up 2", Some(TokenPurpose::SetUp)),
        ("grace", Some(reset(grace.id))),
        ("ada 1", None),
        ("ada 2", Some(reset(ada.id))),
        ("live 1", Some(live)),
        ("live 2", Some(live)),
    ] {
        assert_eq!(fixture.take(secret).await, purpose, "{secret}");
    }
}

/// A ticket ends with its session or key, and links with the next password.
pub async fn tickets_end_with_what_they_were_made_for(fixture: &AccountFixture) {
    let store = &fixture.store;
    let ada = fixture.account("ada").await;
    let ended = fixture.session(ada.id).await;
    let (session, key) = (fixture.session(ada.id).await, fixture.key(ada.id).await);
    let live = TokenPurpose::Live;
    fixture.keep("ended", live(Credential::Session(ended.id))).await;
    fixture
        .keep("session", live(Credential::Session(session.id)))
        .await;
    fixture.keep("key", live(Credential::Key(key.id))).await;
    fixture.keep("link", TokenPurpose::Reset(ada.id)).await;
    store
        .end_session(ada.id, ended.id, entry(AuditAction::SignedOut))
        .await
        .unwrap();
    assert_eq!(fixture.take("ended").await, None);
    let change = AccountChange::Password {
        from: None,
        hash: hash("new"),
        keep: Some(session.id),
    };
    store.change_account(ada.id, change, None).await.unwrap();
    assert_eq!(fixture.take("link").await, None);
    assert_eq!(fixture.take("key").await, None);
    fixture.keep("key", live(Credential::Key(key.id))).await;
    store
        .revoke_key(ada.id, key.id, entry(AuditAction::KeyRevoked))
        .await
        .unwrap();
    assert_eq!(fixture.take("key").await, None);
    assert!(fixture.take("session").await.is_some(), "the session was kept");
}

/// Links are kept while passwords are chosen, and neither is refused for the other.
pub async fn links_are_kept_while_passwords_are_chosen(fixture: &AccountFixture) {
    let user = fixture.account("ada").await.id;
    fixture.keep("first", TokenPurpose::Reset(user)).await;
    let links = (0..10).map(|number| async move {
        let secret = format!("link {number}");
        fixture.keep(&secret, TokenPurpose::Reset(user)).await;
    });
    let passwords = (0..10).map(|number| async move {
        let change = AccountChange::Password {
            from: None,
            hash: hash(&format!("password {number}")),
            keep: None,
        };
        fixture.store.change_account(user, change, None).await.unwrap();
    });
    tokio::join!(
        futures::future::join_all(links),
        futures::future::join_all(passwords)
    );
}

/// What has expired is forgotten, and nothing else.
pub async fn what_has_expired_is_forgotten(fixture: &AccountFixture) {
    let store = &fixture.store;
    let ada = fixture.account("ada").await;
    fixture.session(ada.id).await;
    fixture.keep("link", TokenPurpose::Reset(ada.id)).await;
    assert_eq!(store.forget_expired(in_seconds(29)).await.unwrap(), 0);
    assert_eq!(store.forget_expired(in_seconds(30)).await.unwrap(), 1);
    assert_eq!(store.forget_expired(in_seconds(3600)).await.unwrap(), 1);
    assert_eq!(store.sessions(ada.id, start()).await.unwrap(), []);
    assert!(store.account(ada.id).await.unwrap().is_some());
}
