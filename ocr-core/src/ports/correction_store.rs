//! The CorrectionStore port: what people changed about pages. Optional on a [`Platform`](crate::platform::Platform).
//!
//! A further trait of a store, not a store of its own: a correction is committed together with the change log and the
//! outbox, by which everybody learns of it. What an entry means is not the store's business but that of
//! [`crate::corrections`].

use std::{error::Error as StdError, fmt};

use async_trait::async_trait;

use crate::{
    Error, ErrorKind, Result,
    corrections::{Entry, PageLog},
    id::TaskId,
    model::Scope,
    store::{StoreBase, Write},
};

/// What people changed about pages, as logs to which entries are added.
///
/// A method may be dropped at any await point: either nothing or everything it says happened.
#[async_trait]
pub trait CorrectionStore: StoreBase {
    /// Logs of pages with numbers in `from..=to`, ascending; pages of which nobody changed anything are left out. Empty
    /// when the task is not in `scope`.
    async fn correction_logs(&self, scope: Scope, task: TaskId, from: u32, to: u32) -> Result<Vec<PageLog>>;

    /// The versions of all pages that somebody changed, ascending by page. Empty when the task is not in `scope`.
    async fn correction_versions(&self, scope: Scope, task: TaskId) -> Result<Vec<PageVersion>>;

    /// Adds to the log of a page.
    ///
    /// # Behavior
    /// - The versions of the entries follow `addition.seen` one by one. All of them are added, or none.
    /// - `Conflict`, made by [`version_conflict`], when the page is not at `addition.seen`: of two who saw the same
    ///   version, one succeeds.
    /// - `NotFound` for a task that does not exist, is in the trash, or is not in `scope`.
    /// - The task is changed by it: `updated_at` is now, and the change log has an update of the task.
    /// - Logs stay when the task is asked for again, and go with it when it is purged.
    async fn add_corrections(&self, scope: Scope, addition: Addition, write: Write) -> Result<()>;
}

/// Entries to be added to the log of a page.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Addition {
    /// The task.
    pub task: TaskId,
    /// One-based number of the page.
    pub page: u32,
    /// The version of the page on which they were made; 0 for one that nobody changed before.
    pub seen: u32,
    /// The entries, the oldest first.
    pub entries: Vec<Entry>,
}

impl Addition {
    /// `entries` for page `page` of `task`, made on version `seen`.
    pub fn new(task: TaskId, page: u32, seen: u32, entries: Vec<Entry>) -> Self {
        Self {
            task,
            page,
            seen,
            entries,
        }
    }
}

/// The version of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct PageVersion {
    /// One-based number of the page.
    pub page: u32,
    /// How often something was done to it.
    pub version: u32,
}

impl PageVersion {
    /// Page `page` is at version `version`.
    pub const fn new(page: u32, version: u32) -> Self {
        Self { page, version }
    }
}

/// The source of an error that says that a page was changed by somebody else meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct VersionConflict {
    /// The version that the page is at.
    pub present: u32,
}

impl fmt::Display for VersionConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the page is at version {}", self.present)
    }
}

impl StdError for VersionConflict {}

/// The error for a change of a page that is at version `present` by now.
pub fn version_conflict(present: u32) -> Error {
    let message = format!("somebody changed the page meanwhile; it is at version {present}");
    Error::new(ErrorKind::Conflict, message).with_source(VersionConflict { present })
}

/// The version that the page of a [`version_conflict`] is at; `None` for any other error.
pub fn present_version(error: &Error) -> Option<u32> {
    let conflict = error.source()?.downcast_ref::<VersionConflict>()?;
    Some(conflict.present)
}
