//! Documents that pass to an account.

use ocr_core::{
    ErrorKind,
    account_store::AuditAction,
    id::{IdGenerator, RandomIds, SavedSearchId, UserId},
    model::FilingName,
    saved_search_store::SavedSearch,
    store::{Created, Scope, Write},
};

use super::fixture::{AccountFixture, entry};
use crate::{
    harness::{not_offered, refused},
    samples,
};

/// All documents of an owner without an account pass to one, and to nobody who has none.
pub async fn documents_pass_to_an_account(fixture: &AccountFixture) {
    let store = &fixture.store;
    let ada = fixture.account("ada").await;
    let old = samples::user();
    let adopt = async |to| store.adopt(old, to, entry(AuditAction::DocumentsAdopted)).await;
    let (true, Some(documents)) = (store.capabilities().adoption, &fixture.documents) else {
        refused(adopt(ada.id).await, ErrorKind::Unsupported);
        return not_offered("adoption");
    };
    documents.ensure_user(old).await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let new = samples::new_task(old);
        ids.push(new.id);
        let created = documents.create_task(new, Write::default()).await.unwrap();
        assert!(matches!(created, Created::New(_)));
    }
    assert_eq!(store.strangers(10).await.unwrap(), [(old, 2)]);
    refused(adopt(samples::user()).await, ErrorKind::NotFound);
    assert_eq!(adopt(ada.id).await.unwrap(), 2);
    for id in ids {
        let task = documents.task(Scope::owner(ada.id), id).await.unwrap();
        assert_eq!(task.unwrap().owner, ada.id);
        assert_eq!(documents.task(Scope::owner(old), id).await.unwrap(), None);
    }
    assert_eq!(store.strangers(10).await.unwrap(), []);
    assert_eq!(adopt(ada.id).await.unwrap(), 0);
    assert_eq!(documents.stats(Scope::owner(ada.id)).await.unwrap().pending, 2);
    assert_eq!(fixture.noted(AuditAction::DocumentsAdopted).await, 2);
}

/// Saved searches pass to the account too. One of a name that it has already, however it is written, stays.
pub async fn saved_searches_pass_to_an_account(fixture: &AccountFixture) {
    let Some(searches) = &fixture.searches else {
        return not_offered("saved searches");
    };
    let ada = fixture.account("ada").await;
    let old = samples::user();
    let save = async |owner: UserId, name: &str, query: &str| {
        let id = SavedSearchId(RandomIds.next());
        let search = SavedSearch::new(id, FilingName::new(name).unwrap(), query);
        searches.save_search(owner, search).await.unwrap()
    };
    let moved = save(old, "bills", "total").await;
    let stays = save(old, "Letters", "old").await;
    let own = save(ada.id, "letters", "new").await;
    let adopt = async |from, to| {
        let entry = entry(AuditAction::DocumentsAdopted);
        fixture.store.adopt(from, to, entry).await.unwrap()
    };
    for from in [old, ada.id] {
        assert_eq!(adopt(from, ada.id).await, 0, "documents alone are counted");
        let of_ada = searches.saved_searches(ada.id).await.unwrap();
        assert_eq!(of_ada, [moved.clone(), own.clone()]);
    }
    assert_eq!(searches.saved_searches(old).await.unwrap(), [stays]);
}
