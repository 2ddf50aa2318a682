//! The SamePageStore port: finds a page that was read before by what it was read from and how. Optional on a
//! [`Platform`](crate::platform::Platform).
//!
//! A further trait of a store, not a store of its own: what is found are the stored pages themselves. Nothing is kept
//! beside them, so that nothing has to be collected, and nothing of a document is left when it is purged.

use async_trait::async_trait;

use crate::{
    Result,
    clock::Timestamp,
    id::{TaskId, UserId},
    model::PageText,
    store::StoreBase,
};

/// Finds pages that were read before.
///
/// [`PageStore::put_pages`](crate::store::PageStore::put_pages) of a store that is one keeps
/// [`PageText::digest`] where it can be looked up.
#[async_trait]
pub trait SamePageStore: StoreBase {
    /// The newest page with this digest, by the ids of the tasks: one of a task of `owner` that was accepted at `since`
    /// or later and is not in the trash, in whatever status. `None` when there is none.
    ///
    /// # Behavior
    /// - The page is what was stored last under its number, without corrections.
    /// - A page is found as soon as it is stored. It is not found any more once it is replaced by one with another
    ///   digest, once its task is asked for again, and once its task is purged.
    /// - Takes no longer the more pages there are with other digests.
    async fn same_page(&self, owner: UserId, digest: String, since: Timestamp)
    -> Result<Option<EarlierPage>>;
}

/// A page that was read before.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EarlierPage {
    /// The task.
    pub task: TaskId,
    /// The page as it was stored.
    pub page: PageText,
}

impl EarlierPage {
    /// `page` as it is stored for `task`.
    pub const fn new(task: TaskId, page: PageText) -> Self {
        Self { task, page }
    }
}
