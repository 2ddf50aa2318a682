//! The chain of the audit log.

use ocr_core::{
    ErrorKind,
    account_store::{AuditAction, AuditAnchor, AuditEntry, AuditFilter, AuditOrigin, Lookup},
    id::{AuditId, IdGenerator, RandomIds, TaskId},
    model::ChainVerifier,
    store::{Scope, Write},
};

use super::fixture::{AccountFixture, entry, in_seconds};
use crate::{
    harness::{not_offered, refused},
    samples,
};

/// Adds an entry of this second about `object`.
async fn record(fixture: &AccountFixture, second: u64, object: &str) -> AuditEntry {
    let origin = AuditOrigin::new(Some(samples::user()), "2001:db8::1");
    let id = AuditId(RandomIds.next());
    let entry =
        AuditEntry::new(id, in_seconds(second), origin, AuditAction::DocumentViewed).with_object(object);
    fixture.store.record(entry.clone()).await.unwrap();
    entry
}

/// Goes along the whole chain, three seals at once, and says how many entries it holds.
async fn verified(fixture: &AccountFixture) -> u64 {
    let anchor = fixture.store.audit_anchor().await.unwrap();
    let mut verifier = ChainVerifier::new(anchor);
    loop {
        let after = verifier.last().seq;
        let found = fixture.store.sealed_entries(after, 3).await.unwrap();
        assert!(found.len() <= 3);
        if found.is_empty() {
            return verifier.checked();
        }
        for sealed in &found {
            verifier.check(sealed).unwrap();
        }
    }
}

/// What was done with a document is found by it.
pub async fn entries_of_one_document_are_found(fixture: &AccountFixture) {
    let documents = [TaskId(RandomIds.next()), TaskId(RandomIds.next())];
    for second in 0..6 {
        let document = documents[usize::from(second % 3 == 0)];
        record(fixture, second, &document.to_string()).await;
    }
    let filter = AuditFilter::default().with_document(documents[0]);
    let found = fixture.store.audit(filter, 10).await.unwrap();
    assert_eq!(found.len(), 4);
    assert!(found.iter().all(|entry| entry.object == documents[0].to_string()));
    let rest = filter.with_before(found[2].id);
    assert_eq!(fixture.store.audit(rest, 10).await.unwrap(), found[3..]);
    let other = filter.with_action(AuditAction::DocumentDeleted);
    assert!(fixture.store.audit(other, 10).await.unwrap().is_empty());
}

/// Entries are sealed by id, some at once, and hold together.
pub async fn entries_are_sealed_in_order(fixture: &AccountFixture) {
    let store = &fixture.store;
    assert_eq!(store.seal_entries(10).await.unwrap(), 0);
    let mut ids = Vec::new();
    for second in 0..5 {
        ids.push(record(fixture, second, "näme\n").await.id);
    }
    ids.sort();
    assert_eq!(store.unsealed_entries().await.unwrap(), 5);
    assert_eq!(store.seal_entries(3).await.unwrap(), 3);
    assert_eq!(store.unsealed_entries().await.unwrap(), 2);
    assert_eq!(verified(fixture).await, 3);
    record(fixture, 6, "later").await;
    assert_eq!(store.seal_entries(10).await.unwrap(), 3);
    assert_eq!(store.seal_entries(10).await.unwrap(), 0);
    assert_eq!(verified(fixture).await, 6);
    let sealed = store.sealed_entries(0, 5).await.unwrap();
    let in_chain: Vec<String> = sealed
        .iter()
        .map(|sealed| sealed.record.as_ref().unwrap().id.clone())
        .collect();
    let wanted: Vec<String> = ids.iter().map(ToString::to_string).collect();
    assert_eq!(in_chain, wanted);
    let salts: std::collections::BTreeSet<_> = sealed.iter().map(|sealed| &sealed.seal.salt).collect();
    assert_eq!(salts.len(), 5, "each entry has a salt of its own");
}

/// Processes that seal at once make one chain.
pub async fn entries_are_sealed_once_by_many(fixture: &AccountFixture) {
    for second in 0..20 {
        record(fixture, second, "object").await;
    }
    let sealed = futures::future::join_all((0..8).map(|_| fixture.store.seal_entries(5))).await;
    let sealed: usize = sealed.into_iter().map(Result::unwrap).sum();
    assert!((1..=20).contains(&sealed), "{sealed}");
    while fixture.store.seal_entries(5).await.unwrap() > 0 {}
    assert_eq!(verified(fixture).await, 20);
}

/// Old entries are removed from the beginning; what follows can still be verified, and is told of.
pub async fn old_entries_leave_an_anchor(fixture: &AccountFixture) {
    let store = &fixture.store;
    for second in 0..6 {
        record(fixture, second, "object").await;
    }
    assert_eq!(store.seal_entries(4).await.unwrap(), 4);
    assert_eq!(
        store
            .prune_entries(in_seconds(0), entry(AuditAction::AuditPruned))
            .await
            .unwrap(),
        0
    );
    assert_eq!(store.audit_anchor().await.unwrap(), None);
    assert_eq!(fixture.noted(AuditAction::AuditPruned).await, 0);
    let fourth = store.sealed_entries(3, 1).await.unwrap()[0].seal.anchor();
    // The fifth is old enough, and not sealed yet.
    let pruned = store.prune_entries(in_seconds(5), entry(AuditAction::AuditPruned));
    assert_eq!(pruned.await.unwrap(), 4);
    assert_eq!(store.audit_anchor().await.unwrap(), Some(fourth.clone()));
    let told = AuditFilter::default().with_action(AuditAction::AuditPruned);
    let told = store.audit(told, 10).await.unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].object.parse::<AuditAnchor>().unwrap(), fourth);
    assert_eq!(store.seal_entries(10).await.unwrap(), 3);
    assert_eq!(verified(fixture).await, 3);
    let next = store.sealed_entries(0, 1).await.unwrap();
    assert_eq!(next[0].seal.seq, 5, "the chain goes on behind the anchor");
}

/// Where documents are in the same tables, a change and its entry are kept together or not at all.
pub async fn a_change_of_a_document_is_in_the_log_with_it(fixture: &AccountFixture) {
    let Some(documents) = &fixture.documents else {
        return not_offered("documents beside accounts");
    };
    assert!(documents.capabilities().audit);
    let owner = samples::user();
    documents.ensure_user(owner).await.unwrap();
    let task = samples::new_task(owner);
    let about = |action, id: TaskId| entry(action).with_object(id.to_string());
    let id = task.id;
    let write = Write::by(Scope::owner(owner)).with_audit([about(AuditAction::DocumentSubmitted, id)]);
    documents.create_task(task, write).await.unwrap();
    assert_eq!(fixture.noted(AuditAction::DocumentSubmitted).await, 1);
    let write = Write::by(Scope::owner(owner)).with_audit([about(AuditAction::DocumentDeleted, id)]);
    let deleted = documents.trash_task(Scope::owner(owner), id, in_seconds(3600), write.clone());
    deleted.await.unwrap();
    let again = documents.trash_task(Scope::owner(owner), id, in_seconds(3600), write);
    refused(again.await, ErrorKind::NotFound);
    assert_eq!(fixture.noted(AuditAction::DocumentDeleted).await, 1);
}

/// Of a user who is forgotten nothing is left, in the log neither; and the chain is whole.
pub async fn a_user_is_forgotten_and_the_chain_stays_whole(fixture: &AccountFixture) {
    let store = &fixture.store;
    let (ada, bob) = (fixture.account("ada").await, fixture.account("bob").await);
    let (session, key) = (fixture.session(ada.id).await, fixture.key(ada.id).await);
    let theirs = |action| {
        let origin = AuditOrigin::new(Some(ada.id), "192.0.2.7");
        AuditEntry::new(AuditId(RandomIds.next()), in_seconds(1), origin, action)
    };
    store.record(theirs(AuditAction::SignedOut)).await.unwrap();
    let about = format!("{} to {}", bob.id, ada.id);
    for object in [ada.id.to_string(), "ada".to_owned(), about, bob.id.to_string()] {
        record(fixture, 2, &object).await;
    }
    while store.seal_entries(10).await.unwrap() > 0 {}
    // Nothing but the login tells whom this is about.
    record(fixture, 3, "ada").await;
    let erase = async || {
        store
            .erase_user(ada.id, entry(AuditAction::UserErased))
            .await
            .unwrap()
    };
    assert_eq!(erase().await, 1, "one entry is not sealed yet");
    let login = store.account_of("ada".into()).await.unwrap();
    assert!(login.is_some(), "that entry is found by the login alone");
    while store.seal_entries(10).await.unwrap() > 0 {}
    assert_eq!(erase().await, 0);
    while store.seal_entries(10).await.unwrap() > 0 {}

    assert_eq!(store.account(ada.id).await.unwrap(), None);
    assert_eq!(store.account_of("ada".into()).await.unwrap(), None);
    let now = in_seconds(2);
    assert!(
        store
            .session(Lookup::Id(session.id), now)
            .await
            .unwrap()
            .is_none()
    );
    assert!(store.key(Lookup::Id(key.id), now).await.unwrap().is_none());
    assert!(store.account(bob.id).await.unwrap().is_some());
    let left = store.audit(AuditFilter::default(), 100).await.unwrap();
    let id = ada.id.to_string();
    for entry in &left {
        assert!(
            entry.actor != Some(ada.id) && !entry.object.contains(&id),
            "{entry:?}"
        );
        assert!(entry.object != "ada" && entry.address != "192.0.2.7", "{entry:?}");
    }
    assert!(left.iter().any(|entry| entry.object == bob.id.to_string()));
    assert_eq!(verified(fixture).await, left.len() as u64);
    let sealed = store.sealed_entries(0, 100).await.unwrap();
    let blanked = sealed.iter().filter(|sealed| sealed.seal.salt.is_none()).count();
    assert_eq!(blanked, 5);
}
