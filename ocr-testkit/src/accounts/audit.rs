//! The audit log.

use ocr_core::{
    ErrorKind,
    account_store::{Account, AuditAction, AuditEntry, AuditFilter, AuditOrigin},
    id::{AuditId, IdGenerator, RandomIds},
};

use super::fixture::{AccountFixture, entry, in_seconds, start};
use crate::{harness::refused, samples};

/// Entries come back whole, the newest first, by who and what, in pieces.
pub async fn entries_are_listed_newest_first(fixture: &AccountFixture) {
    let (ada, store) = (samples::user(), &fixture.store);
    let mut wanted = Vec::new();
    for (number, action) in [
        AuditAction::SignedIn,
        AuditAction::DocumentDeleted,
        AuditAction::SignedOut,
        AuditAction::SignInFailed,
    ]
    .into_iter()
    .enumerate()
    {
        let actor = (action != AuditAction::SignInFailed).then_some(ada);
        let origin = AuditOrigin::new(actor, "2001:db8::1");
        let id = AuditId(RandomIds.next());
        let entry = AuditEntry::new(id, in_seconds(number as u64), origin, action).with_object("näme\n");
        store.record(entry.clone()).await.unwrap();
        wanted.insert(0, entry);
    }
    wanted.sort_by_key(|entry| std::cmp::Reverse(entry.id));
    let list = async |filter, limit| store.audit(filter, limit).await.unwrap();
    assert_eq!(list(AuditFilter::default(), 10).await, wanted);
    let of_ada = list(AuditFilter::default().with_actor(ada), 10).await;
    assert_eq!(of_ada.len(), 3);
    assert!(of_ada.iter().all(|entry| entry.actor == Some(ada)));
    let deleted = AuditFilter::default().with_action(AuditAction::DocumentDeleted);
    assert_eq!(list(deleted, 10).await.len(), 1);
    let rest = AuditFilter::default().with_before(wanted[1].id);
    assert_eq!(list(rest, 1).await, wanted[2..3]);
}

/// What did not happen is not in the log.
pub async fn a_change_that_is_refused_is_not_in_the_log(fixture: &AccountFixture) {
    fixture.account("ada").await;
    let again = Account::new(samples::user(), "ada", start());
    let kept = fixture
        .store
        .create_account(again, false, entry(AuditAction::AccountCreated));
    refused(kept.await, ErrorKind::AlreadyExists);
    assert_eq!(fixture.noted(AuditAction::AccountCreated).await, 1);
}
