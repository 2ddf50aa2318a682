//! What every [`SavedSearchStore`] must do, clause by clause.

use std::sync::Arc;

use ocr_core::{
    ErrorKind,
    id::{IdGenerator, RandomIds, SavedSearchId},
    model::FilingName,
    saved_search_store::{MAX_SAVED_SEARCHES, SavedSearch, SavedSearchStore},
};

use crate::{
    harness::{Guard, no_guard, refused, with_guard},
    samples,
};

/// An empty store of its own that keeps saved searches.
#[non_exhaustive]
pub struct SavedSearchFixture {
    /// The store.
    pub store: Arc<dyn SavedSearchStore>,
    /// Keeps what it needs alive.
    pub guard: Guard,
}

impl std::fmt::Debug for SavedSearchFixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SavedSearchFixture")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

impl SavedSearchFixture {
    /// An empty `store` of its own; nothing needs to be kept alive.
    pub fn new(store: Arc<dyn SavedSearchStore>) -> Self {
        Self {
            store,
            guard: no_guard(),
        }
    }

    with_guard!();
}

fn search(name: &str, query: &str) -> SavedSearch {
    let id = SavedSearchId(RandomIds.next());
    SavedSearch::new(id, FilingName::new(name).unwrap(), query)
}

/// Searches are kept exactly and listed by name, each for its user.
pub async fn searches_are_kept_for_their_user(fixture: &SavedSearchFixture) {
    let (owner, other) = (samples::user(), samples::user());
    let store = &fixture.store;
    assert_eq!(store.saved_searches(owner).await.unwrap(), []);
    let wanted = [
        search("100% it's", "a"),
        search("Ab", "\"total amount\" -draft near/3 größe"),
        search("ac", "label:\"tax 2024\""),
    ];
    for number in [2, 0, 1] {
        let one = wanted[number].clone();
        assert_eq!(store.save_search(owner, one.clone()).await.unwrap(), one);
    }
    let foreign = search("Ab", "other");
    store.save_search(other, foreign.clone()).await.unwrap();
    assert_eq!(store.saved_searches(owner).await.unwrap(), wanted);
    assert_eq!(store.saved_searches(other).await.unwrap(), [foreign]);
}

/// A search of the same name is replaced, and stays the same search.
pub async fn a_search_of_the_same_name_is_replaced(fixture: &SavedSearchFixture) {
    let owner = samples::user();
    let first = search("Open invoices", "invoice -paid");
    fixture.store.save_search(owner, first.clone()).await.unwrap();
    let again = search("OPEN invoices", "invoice -settled");
    let wanted = SavedSearch::new(first.id, again.name.clone(), "invoice -settled");
    assert_eq!(fixture.store.save_search(owner, again).await.unwrap(), wanted);
    assert_eq!(fixture.store.saved_searches(owner).await.unwrap(), [wanted]);
}

/// There is a maximum, up to which names that are there can be saved again.
pub async fn saved_searches_are_bounded(fixture: &SavedSearchFixture) {
    let owner = samples::user();
    for number in 0..MAX_SAVED_SEARCHES {
        let one = search(&number.to_string(), "x");
        fixture.store.save_search(owner, one).await.unwrap();
    }
    let more = fixture.store.save_search(owner, search("one more", "x")).await;
    refused(more, ErrorKind::InvalidInput);
    fixture.store.save_search(owner, search("7", "y")).await.unwrap();
    fixture
        .store
        .save_search(samples::user(), search("x", "x"))
        .await
        .unwrap();
    let kept = fixture.store.saved_searches(owner).await.unwrap();
    assert_eq!(kept.len(), MAX_SAVED_SEARCHES);
}

/// A search is deleted once, by its user.
pub async fn a_search_is_deleted_by_its_user(fixture: &SavedSearchFixture) {
    let owner = samples::user();
    let one = search("x", "x");
    fixture.store.save_search(owner, one.clone()).await.unwrap();
    let foreign = fixture.store.delete_saved_search(samples::user(), one.id).await;
    refused(foreign, ErrorKind::NotFound);
    fixture.store.delete_saved_search(owner, one.id).await.unwrap();
    assert_eq!(fixture.store.saved_searches(owner).await.unwrap(), []);
    let again = fixture.store.delete_saved_search(owner, one.id).await;
    refused(again, ErrorKind::NotFound);
}

/// Expands to one test for each clause of the [`SavedSearchStore`] contract.
///
/// Takes a path to an `async fn() -> SavedSearchFixture` that makes an empty store of its own.
#[macro_export]
macro_rules! saved_search_conformance {
    ($fresh:expr) => {
        $crate::clauses! { $fresh, saved_searches:
            searches_are_kept_for_their_user
            a_search_of_the_same_name_is_replaced
            saved_searches_are_bounded
            a_search_is_deleted_by_its_user
        }
    };
}
