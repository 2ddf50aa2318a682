//! Queries that users gave a name.

use async_trait::async_trait;

use super::{MemoryStore, lock};
use crate::{
    Result,
    id::{SavedSearchId, UserId},
    saved_search_store::{
        MAX_SAVED_SEARCHES, SavedSearch, SavedSearchStore, no_such_saved_search, too_many_saved_searches,
    },
};

#[async_trait]
impl SavedSearchStore for MemoryStore {
    async fn saved_searches(&self, owner: UserId) -> Result<Vec<SavedSearch>> {
        let tables = lock(&self.tables);
        let searches = tables.saved_searches.get(&owner).into_iter();
        Ok(searches.flat_map(|own| own.values()).cloned().collect())
    }

    async fn save_search(&self, owner: UserId, mut search: SavedSearch) -> Result<SavedSearch> {
        let mut tables = lock(&self.tables);
        let own = tables.saved_searches.entry(owner).or_default();
        match own.get(search.name.key()) {
            Some(present) => search.id = present.id,
            None if own.len() >= MAX_SAVED_SEARCHES => return Err(too_many_saved_searches()),
            None => {}
        }
        own.insert(search.name.key().to_owned(), search.clone());
        Ok(search)
    }

    async fn delete_saved_search(&self, owner: UserId, id: SavedSearchId) -> Result<()> {
        let mut tables = lock(&self.tables);
        let own = tables.saved_searches.entry(owner).or_default();
        let before = own.len();
        own.retain(|_, search| search.id != id);
        if own.len() == before {
            return Err(no_such_saved_search());
        }
        Ok(())
    }
}
