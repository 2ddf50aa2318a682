//! The SavedSearchStore port: queries that users gave a name. Optional on a [`Platform`](crate::platform::Platform).
//!
//! A further trait of a store, not a store of its own.

use async_trait::async_trait;

use crate::{
    Error, ErrorKind, Result,
    id::{SavedSearchId, UserId},
    model::FilingName,
    store::StoreBase,
};

/// Maximum number of searches that a user saves.
pub const MAX_SAVED_SEARCHES: usize = 100;

/// Queries that users gave a name, to ask them again.
///
/// A method may be dropped at any await point: either nothing or everything it says happened.
#[async_trait]
pub trait SavedSearchStore: StoreBase {
    /// The searches of a user, ascending by [`FilingName::key`].
    async fn saved_searches(&self, owner: UserId) -> Result<Vec<SavedSearch>>;

    /// Saves a search for a user, and gives it back as it is kept.
    ///
    /// # Behavior
    /// - One of the same name, however it is written, is replaced; its id stays.
    /// - `InvalidInput`, made by [`too_many_saved_searches`], and nothing saved, when the user has [`MAX_SAVED_SEARCHES`] others. Of several that are saved at
    ///   the same moment a few more may be.
    async fn save_search(&self, owner: UserId, search: SavedSearch) -> Result<SavedSearch>;

    /// Deletes a search of a user. `NotFound`, made by [`no_such_saved_search`], when the user has
    /// none of this id.
    async fn delete_saved_search(&self, owner: UserId, id: SavedSearchId) -> Result<()>;
}

/// A query that a user gave a name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SavedSearch {
    /// Its identity.
    pub id: SavedSearchId,
    /// What the user calls it.
    pub name: FilingName,
    /// What is searched for, as it was typed.
    pub query: String,
}

impl SavedSearch {
    /// `query` under the name `name`.
    pub fn new(id: SavedSearchId, name: FilingName, query: impl Into<String>) -> Self {
        Self {
            id,
            name,
            query: query.into(),
        }
    }
}

/// The error for a search beyond [`MAX_SAVED_SEARCHES`].
pub fn too_many_saved_searches() -> Error {
    let message = format!("at most {MAX_SAVED_SEARCHES} searches are saved; delete one first");
    Error::new(ErrorKind::InvalidInput, message)
}

/// The error for a search that the user does not have.
pub fn no_such_saved_search() -> Error {
    Error::new(ErrorKind::NotFound, "there is no such saved search")
}
