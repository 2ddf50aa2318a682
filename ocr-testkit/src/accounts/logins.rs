//! Accounts.

use ocr_core::{
    ErrorKind,
    account_store::{Account, AccountChange, AuditAction, Role},
};

use super::fixture::{AccountFixture, entry, hash, start};
use crate::{harness::refused, samples};

/// An account comes back with all it had, by its user and by its login.
pub async fn an_account_comes_back_as_it_was_kept(fixture: &AccountFixture) {
    let store = &fixture.store;
    let plain = Account::new(samples::user(), "ada@example.org", start());
    store
        .create_account(plain.clone(), true, entry(AuditAction::AccountCreated))
        .await
        .unwrap();
    let full = fixture.account_with("grace", Role::Admin).await;
    for account in [plain, full] {
        assert_eq!(store.account(account.id).await.unwrap().as_ref(), Some(&account));
        let by_login = store.account_of(account.login.clone()).await.unwrap();
        assert_eq!(by_login, Some(account));
    }
    assert_eq!(store.account_of("Ada@example.org".into()).await.unwrap(), None);
    assert_eq!(store.account(samples::user()).await.unwrap(), None);
    store.check().await.unwrap();
    assert!(!store.name().is_empty());
}

/// A login is taken by one account, and a user has one.
pub async fn a_login_belongs_to_one_account(fixture: &AccountFixture) {
    let ada = fixture.account("ada").await;
    let same_login = Account::new(samples::user(), "ada", start());
    let same_user = Account::new(ada.id, "grace", start());
    for account in [same_login, same_user] {
        let kept = fixture
            .store
            .create_account(account, false, entry(AuditAction::AccountCreated));
        refused(kept.await, ErrorKind::AlreadyExists);
    }
    assert_eq!(fixture.store.accounts(None, 10).await.unwrap(), [ada]);
}

/// Of those who make the first account, at once or one after the other, one succeeds.
pub async fn the_first_account_is_made_once(fixture: &AccountFixture) {
    let make = |login: &str| {
        let account = Account::new(samples::user(), login, start());
        let entry = entry(AuditAction::AccountCreated);
        fixture.store.create_account(account, true, entry)
    };
    let (one, other) = tokio::join!(make("ada"), make("grace"));
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    refused(one.and(other), ErrorKind::Conflict);
    refused(make("joan").await, ErrorKind::Conflict);
    assert_eq!(fixture.store.accounts(None, 10).await.unwrap().len(), 1);
}

/// Accounts are listed by login, in pieces.
pub async fn accounts_are_listed_by_login(fixture: &AccountFixture) {
    for login in ["grace", "ada", "joan@example.org", "joan"] {
        fixture.account(login).await;
    }
    let list = async |after: Option<&str>, limit| {
        let found = fixture.store.accounts(after.map(str::to_owned), limit).await;
        let logins = found.unwrap().into_iter().map(|account| account.login);
        logins.collect::<Vec<_>>()
    };
    assert_eq!(list(None, 10).await, ["ada", "grace", "joan", "joan@example.org"]);
    assert_eq!(list(Some("ada"), 2).await, ["grace", "joan"]);
    assert!(list(Some("joan@example.org"), 2).await.is_empty());
}

/// What is not there is not changed.
pub async fn an_account_that_is_not_there_is_not_changed(fixture: &AccountFixture) {
    let change = AccountChange::Role(Role::Admin);
    let changed =
        fixture
            .store
            .change_account(samples::user(), change, Some(entry(AuditAction::RoleChanged)));
    refused(changed.await, ErrorKind::NotFound);
    assert_eq!(fixture.noted(AuditAction::RoleChanged).await, 0);
}

/// A hash under other parameters takes the place of the one it was made of, and of no other; sessions go on.
pub async fn a_rehash_changes_nothing_but_the_hash(fixture: &AccountFixture) {
    let ada = fixture.account("ada").await;
    fixture.session(ada.id).await;
    let rehash = async |from: &str, to: &str| {
        let change = AccountChange::Rehashed {
            from: hash(from),
            to: hash(to),
        };
        let changed = fixture.store.change_account(ada.id, change, None).await;
        changed.unwrap().password
    };
    assert_eq!(rehash("ada", "new").await, Some(hash("new")));
    assert_eq!(rehash("ada", "late").await, Some(hash("new")));
    let account = fixture.store.account(ada.id).await.unwrap().unwrap();
    assert_eq!(account.password, Some(hash("new")));
    assert_eq!(fixture.store.sessions(ada.id, start()).await.unwrap().len(), 1);
}

/// The last administrator who can sign in is neither disabled nor made a user; one without a password cannot sign in.
pub async fn the_last_administrator_stays(fixture: &AccountFixture) {
    let admin = fixture.account_with("ada", Role::Admin).await;
    let other = fixture.account("grace").await;
    let invited = Account::new(samples::user(), "joan", start()).with_role(Role::Admin);
    fixture
        .store
        .create_account(invited, false, entry(AuditAction::AccountCreated))
        .await
        .unwrap();
    let change = async |user, change| fixture.store.change_account(user, change, None).await;
    for leaving in [AccountChange::Role(Role::User), AccountChange::Disabled(true)] {
        refused(change(admin.id, leaving).await, ErrorKind::Conflict);
    }
    assert_eq!(
        fixture.store.account(admin.id).await.unwrap().as_ref(),
        Some(&admin)
    );
    change(other.id, AccountChange::Role(Role::Admin)).await.unwrap();
    change(admin.id, AccountChange::Disabled(true)).await.unwrap();
    refused(
        change(other.id, AccountChange::Role(Role::User)).await,
        ErrorKind::Conflict,
    );
    change(admin.id, AccountChange::Disabled(false)).await.unwrap();
    change(other.id, AccountChange::Role(Role::User)).await.unwrap();
}
