//! The SearchIndex port: finds pages of what was read. Optional on a [`Platform`](crate::platform::Platform).
//!
//! An index holds copies: it is fed from the change log, may lag behind the store by a moment, and can be thrown away and
//! built anew. What a query means is not the index's business but that of [`crate::search`].

use std::fmt;

use async_trait::async_trait;

use crate::{
    Result,
    builder::builder,
    clock::Timestamp,
    id::{TaskId, UserId},
    model::{ChangeCursor, Filing, MediaType, PageText, Scope, Task, TaskStatus},
    search::{Exactness, SearchQuery, Token, page_tokens},
};

/// Maximum number of pages that are ranked of those that answer as literally. To rank a page takes as long as to read its
/// words, and nobody looks through more.
pub const MAX_RANKED: usize = 1000;

/// Finds pages of what was read.
///
/// A method may be dropped at any await point: either nothing or everything it says happened.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SearchIndex: fmt::Debug + Send + Sync + 'static {
    /// Short lower-case name for logs and metrics: `sqlite`.
    fn name(&self) -> &'static str;

    /// What this adapter can do; fixed after construction.
    fn capabilities(&self) -> SearchCapabilities;

    /// Succeeds when the index can be used now.
    async fn check(&self) -> Result<()>;

    /// Up to where in the change log the index has everything; `None` while it has not been built.
    async fn position(&self) -> Result<Option<ChangeCursor>>;

    /// Takes documents in and out, and moves on to [`IndexBatch::position`].
    ///
    /// # Behavior
    /// - All of it happens, or nothing.
    /// - `Conflict`, and nothing changed, when the index is not at [`IndexBatch::since`]: somebody else was faster, and
    ///   what this batch holds may be older than what the index has.
    /// - A document that is there is replaced with all its pages. Removing one that is not there does nothing.
    async fn apply(&self, batch: IndexBatch) -> Result<()>;

    /// Forgets every document and the position.
    async fn clear(&self) -> Result<()>;

    /// Pages that answer a query.
    ///
    /// # Behavior
    /// - Exactly the pages of documents in `scope` that meet each filter of the query and answer its words, as
    ///   [`find`](crate::search::find) says. For a query without words: of each document the first page of those that
    ///   meet the filters and hold nothing that is unwanted.
    /// - By [`Exactness`]. Of pages that answer as literally the newest [`MAX_RANKED`] come by score, best first, and behind
    ///   them the others, newest first, with a score of 0. Newer is what has the greater task, and within one task the smaller
    ///   number. The same question has the same order while nothing changes.
    /// - An index without [`SearchCapabilities::typing`] finds nothing by [`Exactness::Typing`].
    async fn search(&self, scope: Scope, request: IndexRequest) -> Result<Vec<FoundPage>>;

    /// What is in the index, ascending by task, after `after`, at most `limit`: to compare it with the store.
    async fn entries(&self, after: Option<TaskId>, limit: usize) -> Result<Vec<IndexEntry>>;
}

/// What an index can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SearchCapabilities {
    /// Whether it finds words in spite of errors of typing.
    pub typing: bool,
    /// Whether what is written survives the end of the process.
    pub durable: bool,
}

builder!(SearchCapabilities {
    with_typing(typing: bool) "The same, finding words in spite of errors of typing or not."
    with_durable(durable: bool) "The same, surviving the end of the process or not."
});

/// What goes into an index and out of it at once.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct IndexBatch {
    /// Where the index must be.
    pub since: Option<ChangeCursor>,
    /// Where it is afterwards.
    pub position: Option<ChangeCursor>,
    /// Documents to take in, each in place of the one of its task.
    pub put: Vec<IndexedDocument>,
    /// Tasks whose documents are taken out.
    pub remove: Vec<TaskId>,
}

builder!(IndexBatch {
    with_position(position: impl Into<Option<ChangeCursor>>) "The same, moving the index on to here."
    with_put(put: Vec<IndexedDocument>) "The same with these documents to take in."
    with_remove(remove: Vec<TaskId>) "The same with these tasks to take out."
});

impl IndexBatch {
    /// Nothing yet, for an index that is at `position` and stays there.
    pub fn at(position: Option<ChangeCursor>) -> Self {
        Self {
            since: position,
            position,
            ..Self::default()
        }
    }
}

/// A document as it is searched.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct IndexedDocument {
    /// The task that read it.
    pub task: TaskId,
    /// Who owns it.
    pub owner: UserId,
    /// The name the user gave the file.
    pub filename: String,
    /// Where the task stands.
    pub status: TaskStatus,
    /// The type of the file.
    pub media_type: MediaType,
    /// When the task was accepted.
    pub created_at: Timestamp,
    /// When anything about the task last changed: tells an entry that is out of date.
    pub updated_at: Timestamp,
    /// How it is filed.
    pub filing: Filing,
    /// Its pages, ascending by number.
    pub pages: Vec<IndexedPage>,
}

builder!(IndexedDocument {
    with_filename(filename: impl Into<String>) "The same under another name."
    with_status(status: TaskStatus) "The same of a task that stands there."
    with_media_type(media_type: MediaType) "The same as a file of this type."
    with_created_at(created_at: Timestamp) "The same, accepted then."
    with_updated_at(updated_at: Timestamp) "The same, last changed then."
    with_filing(filing: Filing) "The same filed so."
    with_pages(pages: Vec<IndexedPage>) "The same with these pages."
});

impl IndexedDocument {
    /// The document of `task` with these pages. An engine of the whole is the engine of each page that names none.
    pub fn new(task: &Task, pages: &[PageText]) -> Self {
        let engine = task.result.as_ref().map(|result| result.engine.as_str());
        let engine = engine.or(task.options.engine.as_deref());
        Self {
            task: task.id,
            owner: task.owner,
            filename: task.file.filename.clone(),
            status: task.status(),
            media_type: task.file.media_type,
            created_at: task.created_at,
            updated_at: task.updated_at,
            filing: Filing::default(),
            pages: pages.iter().map(|page| IndexedPage::new(page, engine)).collect(),
        }
    }
}

/// A page as it is searched.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct IndexedPage {
    /// One-based number in the document.
    pub number: u32,
    /// What it holds.
    pub tokens: Vec<Token>,
    /// Mean confidence in 0..=1; `None` without words.
    pub confidence: Option<f32>,
    /// Small letters; empty when not known.
    pub engine: String,
    /// BCP 47 tag in small letters; empty when not known.
    pub language: String,
}

impl IndexedPage {
    /// A page, read by `engine` unless it names its own.
    pub fn new(page: &PageText, engine: Option<&str>) -> Self {
        let own = page.engine.as_ref().map(|engine| engine.name.as_str());
        Self {
            number: page.number,
            tokens: page_tokens(page),
            confidence: page.confidence,
            engine: own.or(engine).unwrap_or_default().to_lowercase(),
            language: page.language.as_deref().unwrap_or_default().to_lowercase(),
        }
    }
}

/// Which answers of an index are wanted.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct IndexRequest {
    /// What is searched for.
    pub query: SearchQuery,
    /// The one document that is searched; all when absent.
    pub task: Option<TaskId>,
    /// Answers to pass over.
    pub offset: usize,
    /// Maximum number of answers.
    pub limit: usize,
}

impl IndexRequest {
    /// At most `limit` answers to `query` after the first `offset`.
    pub fn new(query: SearchQuery, offset: usize, limit: usize) -> Self {
        Self {
            query,
            task: None,
            offset,
            limit,
        }
    }
}

builder!(IndexRequest {
    with_task(task: impl Into<Option<TaskId>>) "The same in the document of this task only."
});

/// A page that answers a query.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct FoundPage {
    /// The task whose document it belongs to.
    pub task: TaskId,
    /// Its one-based number.
    pub page: u32,
    /// How literally it answers.
    pub exactness: Exactness,
    /// How well, among the pages that answer as literally; comparable within one answer only. 0 for one that was not
    /// ranked.
    pub score: f32,
}

impl FoundPage {
    /// Page `page` of `task`.
    pub fn new(task: TaskId, page: u32, exactness: Exactness, score: f32) -> Self {
        Self {
            task,
            page,
            exactness,
            score,
        }
    }
}

/// A document of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct IndexEntry {
    /// Its task.
    pub task: TaskId,
    /// When the task had last changed when it was taken in.
    pub updated_at: Timestamp,
    /// Pages that can be found.
    pub pages: u32,
}

impl IndexEntry {
    /// An entry of `task` with this many pages.
    pub fn new(task: TaskId, updated_at: Timestamp, pages: u32) -> Self {
        Self {
            task,
            updated_at,
            pages,
        }
    }
}
