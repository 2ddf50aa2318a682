//! Accounts of people who sign in with a provider.

use ocr_core::{
    ErrorKind,
    account_store::{Account, AuditAction, Identity},
};

use super::fixture::{AccountFixture, entry, start};
use crate::samples;

const ISSUER: &str = "https://id.example";

fn identity(subject: &str) -> Identity {
    Identity::new(ISSUER, subject).unwrap()
}

impl AccountFixture {
    async fn identified(&self, identity: Identity) -> Option<Account> {
        self.store.account_identified(identity).await.unwrap()
    }
}

/// An identity is found by issuer and subject exactly, and belongs to one account; an account may have several.
pub async fn an_identity_has_one_account(fixture: &AccountFixture) {
    let store = &fixture.store;
    let (ada, grace) = (fixture.account("ada").await, fixture.account("grace").await);
    let linked = || entry(AuditAction::IdentityLinked);
    assert_eq!(fixture.identified(identity("1")).await, None);
    for subject in ["1", "ä'1"] {
        store
            .link_identity(ada.id, identity(subject), linked())
            .await
            .unwrap();
        assert_eq!(fixture.identified(identity(subject)).await, Some(ada.clone()));
    }
    let elsewhere = Identity::new("https://id.example/", "1").unwrap();
    for other in [identity("1 "), identity("Ä'1"), elsewhere] {
        assert_eq!(fixture.identified(other).await, None);
    }
    for user in [grace.id, ada.id] {
        let taken = store.link_identity(user, identity("1"), linked()).await;
        assert_eq!(taken.unwrap_err().kind(), ErrorKind::AlreadyExists);
    }
    let nobody = store
        .link_identity(samples::user(), identity("2"), linked())
        .await;
    assert_eq!(nobody.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(fixture.noted(AuditAction::IdentityLinked).await, 2);
}

/// A new account is kept with its identity; of two at once for the same identity one is, and with a login that is taken
/// nothing is.
pub async fn an_account_with_an_identity_is_kept_whole_or_not(fixture: &AccountFixture) {
    let store = &fixture.store;
    fixture.account("taken").await;
    let before = fixture.noted(AuditAction::AccountCreated).await;
    let create = |login: &str, subject: &str| {
        let account = Account::new(samples::user(), login, start());
        let entry = entry(AuditAction::AccountCreated);
        store.create_identified(account, identity(subject), entry)
    };
    let refused = create("taken", "1").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
    assert_eq!(fixture.identified(identity("1")).await, None);
    let (one, other) = tokio::join!(create("ada", "1"), create("ada2", "1"));
    let errors: Vec<ErrorKind> = [one, other]
        .into_iter()
        .filter_map(|made| made.err().map(|error| error.kind()))
        .collect();
    assert_eq!(errors, [ErrorKind::AlreadyExists]);
    let kept = fixture.identified(identity("1")).await.unwrap();
    assert_eq!(store.account(kept.id).await.unwrap(), Some(kept));
    assert_eq!(store.accounts(None, 10).await.unwrap().len(), 2);
    assert_eq!(fixture.noted(AuditAction::AccountCreated).await, before + 1);
}

/// The identities of a user who is forgotten are, and may then belong to somebody else.
pub async fn an_identity_is_forgotten_with_its_user(fixture: &AccountFixture) {
    let store = &fixture.store;
    let (ada, grace) = (fixture.account("ada").await, fixture.account("grace").await);
    let linked = || entry(AuditAction::IdentityLinked);
    store
        .link_identity(ada.id, identity("1"), linked())
        .await
        .unwrap();
    while store.seal_entries(100).await.unwrap() > 0 {}
    let left = store.erase_user(ada.id, entry(AuditAction::UserErased)).await;
    assert_eq!(left.unwrap(), 0);
    assert_eq!(fixture.identified(identity("1")).await, None);
    store
        .link_identity(grace.id, identity("1"), linked())
        .await
        .unwrap();
    assert_eq!(fixture.identified(identity("1")).await, Some(grace));
}
