//! The store of saved searches by its calls.

use async_trait::async_trait;

use super::Layered;
use crate::{
    Result,
    id::{SavedSearchId, UserId},
    saved_search_store::{SavedSearch, SavedSearchStore},
};

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: SavedSearchStore + ?Sized> SavedSearchStore for Layered<P> {
    async fn saved_searches(&self, owner: UserId) -> Result<Vec<SavedSearch>> {
        self.calls
            .repeated("saved_searches", || self.inner.saved_searches(owner))
            .await
    }

    async fn save_search(&self, owner: UserId, search: SavedSearch) -> Result<SavedSearch> {
        self.calls
            .repeated("save_search", || self.inner.save_search(owner, search.clone()))
            .await
    }

    async fn delete_saved_search(&self, owner: UserId, id: SavedSearchId) -> Result<()> {
        // Once: done twice, it would not find what it deleted.
        self.calls
            .once("delete_saved_search", self.inner.delete_saved_search(owner, id))
            .await
    }
}
