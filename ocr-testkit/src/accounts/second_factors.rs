//! Second factors of accounts.

use ocr_core::account_store::{AuditAction, SecondFactor, TokenHash, TotpSecret};

use super::fixture::{AccountFixture, entry};
use crate::samples;

fn new_factor() -> SecondFactor {
    SecondFactor::new(TotpSecret::new("secret"))
}

/// A second factor comes back as it was kept, and goes when it is removed.
pub async fn a_second_factor_comes_back_as_it_was_kept(fixture: &AccountFixture) {
    let store = &fixture.store;
    let user = fixture.account("ada").await.id;
    assert_eq!(store.second_factor(user).await.unwrap(), None);
    let plain = new_factor();
    let kept = store.replace_second_factor(user, None, Some(plain.clone()), None);
    assert!(kept.await.unwrap());
    assert_eq!(store.second_factor(user).await.unwrap(), Some(plain.clone()));
    let codes = ["one", "two"].map(TokenHash::of).to_vec();
    let full = plain.confirmed(57_000_000, codes);
    let added = Some(entry(AuditAction::SecondFactorAdded));
    let kept = store.replace_second_factor(user, Some(0), Some(full.clone()), added);
    assert!(kept.await.unwrap());
    assert_eq!(store.second_factor(user).await.unwrap(), Some(full.clone()));
    let other = fixture.account("grace").await.id;
    assert_eq!(store.second_factor(other).await.unwrap(), None);
    let removed = Some(entry(AuditAction::SecondFactorRemoved));
    let gone = store.replace_second_factor(user, Some(full.version), None, removed);
    assert!(gone.await.unwrap());
    assert_eq!(store.second_factor(user).await.unwrap(), None);
    assert_eq!(fixture.noted(AuditAction::SecondFactorAdded).await, 1);
    assert_eq!(fixture.noted(AuditAction::SecondFactorRemoved).await, 1);
}

/// Of those who change a second factor from the same version, at once or one after the other, one succeeds; a change that
/// does not is not in the log.
pub async fn a_second_factor_is_changed_once_from_each_version(fixture: &AccountFixture) {
    let store = &fixture.store;
    let user = fixture.account("ada").await.id;
    let replace = |version, to| {
        let entry = Some(entry(AuditAction::RecoveryCodeUsed));
        store.replace_second_factor(user, version, to, entry)
    };
    let first = new_factor();
    let (one, other) = tokio::join!(
        replace(None, Some(first.clone())),
        replace(None, Some(first.clone()))
    );
    assert!(one.unwrap() != other.unwrap());
    let second = first.used(7);
    let (one, other) = tokio::join!(
        replace(Some(0), Some(second.clone())),
        replace(Some(0), Some(second.clone()))
    );
    assert!(one.unwrap() != other.unwrap());
    for (version, to) in [
        (Some(0), Some(new_factor())),
        (Some(0), None),
        (None, Some(new_factor())),
        (None, None),
    ] {
        assert!(!replace(version, to).await.unwrap(), "{version:?}");
    }
    assert_eq!(store.second_factor(user).await.unwrap(), Some(second));
    assert_eq!(fixture.noted(AuditAction::RecoveryCodeUsed).await, 2);
    let nobody = store.replace_second_factor(samples::user(), None, Some(new_factor()), None);
    assert!(!nobody.await.unwrap());
}
