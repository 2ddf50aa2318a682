//! The ShareStore port: links with which others can read a document. Optional on a
//! [`Platform`](crate::platform::Platform).
//!
//! A further trait of a store, not a store of its own: a link ends in the transaction in which its document is deleted.

use async_trait::async_trait;

pub use crate::model::{Share, ShareVisit};
use crate::{
    Error, ErrorKind, Result,
    clock::Timestamp,
    id::{ShareId, TaskId},
    model::{Scope, TokenHash},
    store::{StoreBase, Write},
};

/// Maximum number of links to one document.
pub const MAX_SHARES: usize = 50;
/// Maximum number of visits of one link at a time.
pub const MAX_SHARE_VISITS: usize = 500;

/// Links with which others can read a document. Of their secrets only a hash comes here.
///
/// A link ends with its document: it is gone, with its visits, once the document is in the trash or has another owner, and
/// does not come back when the document is restored.
///
/// A method may be dropped at any await point: either nothing or everything it says happened.
#[async_trait]
pub trait ShareStore: StoreBase {
    /// Keeps a new link to a live document in `scope`.
    ///
    /// # Behavior
    /// - `NotFound`, and nothing kept, when the task does not exist, is in the trash, is not in `scope`, or belongs to
    ///   somebody else than [`Share::owner`].
    /// - Links to the document whose time was over at [`Share::created_at`] are removed.
    /// - `Conflict`, made by [`too_many_shares`], and nothing kept, when there are [`MAX_SHARES`] others.
    async fn create_share(&self, scope: Scope, share: Share, write: Write) -> Result<()>;

    /// Links to documents in `scope`, or to the one of `task` only, with the greatest id first, at most `limit`; also those
    /// whose time is over, until they are removed.
    async fn shares(&self, scope: Scope, task: Option<TaskId>, limit: usize) -> Result<Vec<Share>>;

    /// The link with this id and this secret, if [`Share::opens_at`] says at `now` that it opens.
    async fn share(&self, id: ShareId, token: TokenHash, now: Timestamp) -> Result<Option<Share>>;

    /// Opens a link: counts it, and keeps the visit.
    ///
    /// # Behavior
    /// - `None`, and nothing is changed, where [`ShareStore::share`] would find none. Of several who open it at once, no
    ///   more succeed than [`Share::max_opens`] says.
    /// - The answer is the link as it is afterwards.
    /// - Visits of the link whose time is over at `now` are removed. `RateLimited`, made by [`too_many_visits`], and nothing
    ///   is changed, when there are [`MAX_SHARE_VISITS`] others.
    async fn open_share(
        &self,
        id: ShareId,
        token: TokenHash,
        visit: ShareVisit,
        now: Timestamp,
        write: Write,
    ) -> Result<Option<Share>>;

    /// The link with this id that somebody visits with this secret, unless the time of the link or of the visit is over at
    /// `now`.
    async fn visited_share(&self, id: ShareId, visit: TokenHash, now: Timestamp) -> Result<Option<Share>>;

    /// Removes a link to a document in `scope`, with its visits, and returns it. `NotFound`, made by [`no_such_share`], when
    /// there is none.
    async fn delete_share(&self, scope: Scope, id: ShareId, write: Write) -> Result<Share>;
}

/// The error for a link beyond [`MAX_SHARES`].
pub fn too_many_shares() -> Error {
    let message = format!("there are {MAX_SHARES} links to this document already; revoke one first");
    Error::new(ErrorKind::Conflict, message)
}

/// The error for a visit beyond [`MAX_SHARE_VISITS`].
pub fn too_many_visits() -> Error {
    let message = "too many people look at this document now; try again later";
    Error::new(ErrorKind::RateLimited, message)
}

/// The error for a link that does not exist, for whoever looks after links of their own.
pub fn no_such_share() -> Error {
    Error::new(ErrorKind::NotFound, "there is no such link")
}
