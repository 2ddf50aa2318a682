//! Queries that users gave a name.

use super::OcrService;
use crate::{
    Error, ErrorKind, Result,
    id::{SavedSearchId, UserId},
    model::FilingName,
    platform::Platform,
    saved_search_store::{SavedSearch, SavedSearchStore},
    search::SearchQuery,
};

impl OcrService {
    /// The searches that a user saved, by name.
    ///
    /// # Errors
    /// `Unsupported` where the platform keeps none.
    pub async fn saved_searches(&self, owner: UserId) -> Result<Vec<SavedSearch>> {
        saved_search_store(&self.platform)?.saved_searches(owner).await
    }

    /// Saves `query` under a name, in place of what the user has under it.
    ///
    /// # Errors
    /// `InvalidInput` for what is no query, and when the user has the maximum of
    /// [`MAX_SAVED_SEARCHES`](crate::saved_search_store::MAX_SAVED_SEARCHES); `Unsupported` where the platform keeps none.
    pub async fn save_search(&self, owner: UserId, name: FilingName, query: &str) -> Result<SavedSearch> {
        let store = saved_search_store(&self.platform)?;
        let query = SearchQuery::parse(query.trim())?;
        let id = SavedSearchId(self.platform.ids.next());
        store
            .save_search(owner, SavedSearch::new(id, name, query.text))
            .await
    }

    /// Deletes a search that a user saved.
    ///
    /// # Errors
    /// `NotFound` when the user has none of this id; `Unsupported` where the platform keeps none.
    pub async fn delete_saved_search(&self, owner: UserId, id: SavedSearchId) -> Result<()> {
        saved_search_store(&self.platform)?
            .delete_saved_search(owner, id)
            .await
    }
}

/// Where the platform keeps saved searches.
fn saved_search_store(platform: &Platform) -> Result<&dyn SavedSearchStore> {
    platform
        .saved_searches
        .as_deref()
        .ok_or_else(|| Error::new(ErrorKind::Unsupported, "searches are not saved here"))
}
