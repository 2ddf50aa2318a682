//! Sessions and keys.

use ocr_core::{
    ErrorKind,
    account_store::{AccountChange, AuditAction, Lookup, Role},
    id::{IdGenerator, KeyId, RandomIds, SessionId},
};

use super::fixture::{AccountFixture, entry, hash, in_seconds, session, start};
use crate::{harness::refused, samples};

/// A session is found by its secret and by its id, with its account, until it ends or expires.
pub async fn a_session_is_found_until_it_ends(fixture: &AccountFixture) {
    let store = &fixture.store;
    let ada = fixture.account("ada").await;
    let kept = fixture.session(ada.id).await;
    let ada = ada.with_last_sign_in(start());
    for which in [Lookup::Token(kept.token.clone()), Lookup::Id(kept.id)] {
        let found = store.session(which.clone(), in_seconds(3599)).await.unwrap();
        assert_eq!(found, Some((kept.clone(), ada.clone())));
        assert_eq!(store.session(which, in_seconds(3600)).await.unwrap(), None);
    }
    let unknown = Lookup::Id(SessionId(RandomIds.next()));
    assert_eq!(store.session(unknown, start()).await.unwrap(), None);
    let other = fixture.session(ada.id).await;
    assert_eq!(store.sessions(ada.id, start()).await.unwrap().len(), 2);
    store
        .end_session(ada.id, kept.id, entry(AuditAction::SignedOut))
        .await
        .unwrap();
    assert_eq!(store.session(Lookup::Id(kept.id), start()).await.unwrap(), None);
    assert_eq!(store.sessions(ada.id, start()).await.unwrap(), [other]);
    assert_eq!(store.sessions(ada.id, in_seconds(3600)).await.unwrap(), []);
    let stranger = store
        .create_session(session(samples::user()), None, entry(AuditAction::SignedIn))
        .await;
    refused(stranger, ErrorKind::NotFound);
}

/// Nobody ends the session of somebody else.
pub async fn a_session_is_ended_by_its_owner_only(fixture: &AccountFixture) {
    let (ada, grace) = (fixture.account("ada").await, fixture.account("grace").await);
    let kept = fixture.session(ada.id).await;
    let ended = fixture
        .store
        .end_session(grace.id, kept.id, entry(AuditAction::SessionRevoked))
        .await;
    refused(ended, ErrorKind::NotFound);
    assert_eq!(fixture.noted(AuditAction::SessionRevoked).await, 0);
    assert_eq!(fixture.store.sessions(ada.id, start()).await.unwrap(), [kept]);
}

/// Another password ends all sessions but the one in which it was chosen, and those of nobody else.
pub async fn another_password_ends_other_sessions(fixture: &AccountFixture) {
    let store = &fixture.store;
    let (ada, grace) = (fixture.account("ada").await, fixture.account("grace").await);
    let kept = fixture.session(ada.id).await;
    fixture.session(ada.id).await;
    let of_grace = fixture.session(grace.id).await;
    for (keep, left) in [(Some(kept.id), vec![kept.clone()]), (None, vec![])] {
        let change = AccountChange::Password {
            from: None,
            hash: hash("new"),
            keep,
        };
        let changed = store
            .change_account(ada.id, change, Some(entry(AuditAction::PasswordChanged)))
            .await
            .unwrap();
        assert_eq!(changed.password, Some(hash("new")));
        assert_eq!(store.sessions(ada.id, start()).await.unwrap(), left);
    }
    assert_eq!(store.sessions(grace.id, start()).await.unwrap(), [of_grace]);
    assert_eq!(fixture.noted(AuditAction::PasswordChanged).await, 2);
}

/// A sign-in whose password was verified before it was changed begins no session; with the present one it does.
pub async fn a_sign_in_does_not_outlive_its_password(fixture: &AccountFixture) {
    let store = &fixture.store;
    let ada = fixture.account("ada").await;
    let change = AccountChange::Password {
        from: Some(hash("ada")),
        hash: hash("new"),
        keep: None,
    };
    store.change_account(ada.id, change, None).await.unwrap();
    let begin = async |verified: &str| {
        let entry = entry(AuditAction::SignedIn);
        store
            .create_session(session(ada.id), Some(hash(verified)), entry)
            .await
    };
    refused(begin("ada").await, ErrorKind::NotFound);
    assert_eq!(store.sessions(ada.id, start()).await.unwrap(), []);
    assert_eq!(fixture.noted(AuditAction::SignedIn).await, 0);
    let account = store.account(ada.id).await.unwrap().unwrap();
    assert_eq!(account.last_sign_in, None);
    begin("new").await.unwrap();
    assert_eq!(store.sessions(ada.id, start()).await.unwrap().len(), 1);
}

/// Another password takes the place of the one that was verified and of no other; of two at once, one is kept.
pub async fn a_password_is_changed_by_whoever_knows_the_present_one(fixture: &AccountFixture) {
    let store = &fixture.store;
    let ada = fixture.account("ada").await;
    let kept = fixture.session(ada.id).await;
    let change = |from: &str, to: &str| {
        let change = AccountChange::Password {
            from: Some(hash(from)),
            hash: hash(to),
            keep: None,
        };
        store.change_account(ada.id, change, Some(entry(AuditAction::PasswordChanged)))
    };
    refused(change("other", "new").await, ErrorKind::PermissionDenied);
    assert_eq!(
        store.account(ada.id).await.unwrap().unwrap().password,
        Some(hash("ada"))
    );
    assert_eq!(store.sessions(ada.id, start()).await.unwrap(), [kept]);
    let (one, other) = tokio::join!(change("ada", "one"), change("ada", "other"));
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    refused(one.and(other), ErrorKind::PermissionDenied);
    assert_eq!(fixture.noted(AuditAction::PasswordChanged).await, 1);
}

/// Whoever is disabled is signed out and cannot sign in; keys work again afterwards, sessions do not.
pub async fn a_disabled_account_has_no_sessions_and_no_keys(fixture: &AccountFixture) {
    let store = &fixture.store;
    fixture.account_with("root", Role::Admin).await;
    let ada = fixture.account("ada").await;
    let (kept, key) = (fixture.session(ada.id).await, fixture.key(ada.id).await);
    let disable = async |disabled| {
        let change = AccountChange::Disabled(disabled);
        store.change_account(ada.id, change, None).await.unwrap();
    };
    disable(true).await;
    assert_eq!(store.session(Lookup::Id(kept.id), start()).await.unwrap(), None);
    assert_eq!(store.key(Lookup::Id(key.id), start()).await.unwrap(), None);
    let again = store
        .create_session(session(ada.id), None, entry(AuditAction::SignedIn))
        .await;
    refused(again, ErrorKind::NotFound);
    disable(false).await;
    assert_eq!(store.session(Lookup::Id(kept.id), start()).await.unwrap(), None);
    assert!(store.key(Lookup::Id(key.id), start()).await.unwrap().is_some());
}

/// A key is found by its secret and by its id, with its account, until it is revoked by its owner or expires.
pub async fn a_key_is_found_until_it_is_revoked(fixture: &AccountFixture) {
    let store = &fixture.store;
    let (ada, grace) = (fixture.account("ada").await, fixture.account("grace").await);
    let kept = fixture.key(ada.id).await;
    for which in [Lookup::Token(kept.token.clone()), Lookup::Id(kept.id)] {
        let found = store.key(which.clone(), in_seconds(3599)).await.unwrap();
        assert_eq!(found, Some((kept.clone(), ada.clone())));
        assert_eq!(store.key(which, in_seconds(3600)).await.unwrap(), None);
    }
    let revoke = async |user, id| store.revoke_key(user, id, entry(AuditAction::KeyRevoked)).await;
    refused(revoke(grace.id, kept.id).await, ErrorKind::NotFound);
    refused(revoke(ada.id, KeyId(RandomIds.next())).await, ErrorKind::NotFound);
    assert_eq!(store.keys(ada.id).await.unwrap(), std::slice::from_ref(&kept));
    revoke(ada.id, kept.id).await.unwrap();
    assert_eq!(store.keys(ada.id).await.unwrap(), []);
    assert_eq!(store.key(Lookup::Token(kept.token), start()).await.unwrap(), None);
    assert_eq!(fixture.noted(AuditAction::KeyRevoked).await, 1);
}

/// The last use is noted, and a session that is used lasts longer.
pub async fn what_was_used_is_noted(fixture: &AccountFixture) {
    let store = &fixture.store;
    let ada = fixture.account("ada").await;
    let (kept, key) = (fixture.session(ada.id).await, fixture.key(ada.id).await);
    store
        .touch_session(kept.id, in_seconds(60), in_seconds(7200))
        .await
        .unwrap();
    store.touch_key(key.id, in_seconds(60)).await.unwrap();
    let (used, _) = store
        .session(Lookup::Id(kept.id), in_seconds(7199))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (used.last_used_at, used.expires_at),
        (in_seconds(60), in_seconds(7200))
    );
    let keys = store.keys(ada.id).await.unwrap();
    assert_eq!(keys[0].last_used_at, Some(in_seconds(60)));
    let gone = SessionId(RandomIds.next());
    store
        .touch_session(gone, in_seconds(60), in_seconds(61))
        .await
        .unwrap();
}
