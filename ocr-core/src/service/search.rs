//! Search in everything that was read.

use std::collections::{BTreeSet, HashMap};

use futures::{StreamExt, TryStreamExt, stream};

use super::{OcrService, corrected_pages};
use crate::{
    Error, ErrorKind, Result,
    builder::builder,
    id::TaskId,
    model::{PageText, Polygon, Task},
    pagination::OffsetCursor,
    platform::Platform,
    search::{Exactness, SearchQuery, Snippet, find, page_tokens},
    search_index::{FoundPage, IndexRequest, SearchIndex},
    store::Scope,
};

/// Maximum number of hits in one answer.
pub const MAX_HITS: usize = 100;
/// Maximum number of answers of the index that are passed over: whoever has seen as many needs a better query.
const MAX_OFFSET: usize = 10_000;
/// Tasks and pages that one search fetches from the store at once.
const FETCHES: usize = 8;

/// Which answers are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SearchRequest {
    /// The one document that is searched; all when absent.
    pub task: Option<TaskId>,
    /// Maximum number of answers, 1..=[`MAX_HITS`].
    pub limit: usize,
    /// Where to go on.
    pub cursor: Option<OffsetCursor>,
}

builder!(SearchRequest {
    with_task(task: impl Into<Option<TaskId>>) "The same in the document of this task only."
    with_cursor(cursor: impl Into<Option<OffsetCursor>>) "The same, going on behind an earlier answer."
});

impl SearchRequest {
    /// The first `limit` answers, 1..=[`MAX_HITS`].
    pub fn first(limit: usize) -> Self {
        Self {
            task: None,
            limit,
            cursor: None,
        }
    }
}

/// One page of the answers to a query.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SearchHits {
    /// The answers, best first.
    pub hits: Vec<SearchHit>,
    /// Where the next ones are; `None` at the end.
    pub next: Option<OffsetCursor>,
}

/// A page that answers a query.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SearchHit {
    /// The task whose document it belongs to.
    pub task: Task,
    /// One-based number of the page.
    pub page: u32,
    /// How literally the page answers; more literal ones come first.
    pub exactness: Exactness,
    /// How well, among those that answer as literally; comparable within one answer only. 0 for one that was not ranked,
    /// because more than [`MAX_RANKED`](crate::search_index::MAX_RANKED) newer ones answer too.
    pub score: f32,
    /// A piece of the page around what was found.
    pub snippet: Snippet,
    /// The words that were found, in reading order; none where the query asks for no words.
    pub words: Vec<FoundWord>,
}

/// A word that was found on a page.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FoundWord {
    /// Its place among the words of the page, from 0 in reading order.
    pub index: u32,
    /// As it was read.
    pub text: String,
    /// Outline, normalised to the page.
    pub polygon: Polygon,
    /// Confidence in 0..=1.
    pub confidence: f32,
}

impl OcrService {
    /// Pages in `scope` that answer `query`, best first. What was
    /// deleted is not among them, whatever the index still says; so an answer may be shorter although more follow.
    ///
    /// # Errors
    /// `Unsupported` where the platform has no search index, `InvalidInput` for a limit out of range and for a cursor of
    /// another query, or one that leads further than we ever do.
    pub async fn search(
        &self,
        scope: Scope,
        query: &SearchQuery,
        request: SearchRequest,
    ) -> Result<SearchHits> {
        let SearchRequest { task, limit, cursor } = request;
        let index = search_index(&self.platform)?;
        if !(1..=MAX_HITS).contains(&limit) {
            let message = format!("limit must be between 1 and {MAX_HITS}");
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        let filter = format!("{:?} {task:?} {}", scope.owner_id(), query.text);
        let offset = cursor.map_or(Ok(0), |cursor| cursor.decode(&filter))?;
        if offset > MAX_OFFSET {
            let message = "there are too many answers to go on; ask for something that fewer pages hold";
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        let request = IndexRequest::new(query.clone(), offset, limit + 1).with_task(task);
        let mut found = index.search(scope, request).await?;
        let more = found.len() > limit;
        found.truncate(limit);
        let end = offset + found.len();
        let next = (more && end <= MAX_OFFSET).then(|| OffsetCursor::new(end, &filter));
        let hits = self.hits(scope, query, found).await?;
        Ok(SearchHits { hits, next })
    }

    /// The hits that pages are, in the same order, without those that are gone. Several are fetched at once.
    async fn hits(&self, scope: Scope, query: &SearchQuery, found: Vec<FoundPage>) -> Result<Vec<SearchHit>> {
        let store = &self.platform.store;
        let ids: BTreeSet<TaskId> = found.iter().map(|page| page.task).collect();
        let fetches: Vec<_> = ids.into_iter().map(|id| store.task(scope, id)).collect();
        let tasks: Vec<Option<Task>> = stream::iter(fetches).buffered(FETCHES).try_collect().await?;
        let tasks: HashMap<TaskId, Task> = tasks
            .into_iter()
            .flatten()
            .filter(|task| task.deleted_at.is_none())
            .map(|task| (task.id, task))
            .collect();
        let fetches: Vec<_> = found
            .into_iter()
            .filter_map(|page| Some((page, tasks.get(&page.task)?)))
            .map(|(page, task)| self.hit(scope, query, page, task))
            .collect();
        let hits: Vec<Option<SearchHit>> = stream::iter(fetches).buffered(FETCHES).try_collect().await?;
        Ok(hits.into_iter().flatten().collect())
    }

    /// The hit that a page of `task` is; `None` when it is gone, or was read anew and does not answer any more.
    async fn hit(
        &self,
        scope: Scope,
        query: &SearchQuery,
        found: FoundPage,
        task: &Task,
    ) -> Result<Option<SearchHit>> {
        let pages = corrected_pages(&self.platform, scope, found.task, found.page, found.page).await?;
        let hit = pages.first().and_then(|page| {
            let words = find(query, &page_tokens(page))?.words;
            Some(SearchHit {
                task: task.clone(),
                page: found.page,
                exactness: found.exactness,
                score: found.score,
                snippet: Snippet::of(page, &words),
                words: found_words(page, &words),
            })
        });
        Ok(hit)
    }
}

/// Words of a page by their places, ascending.
pub(super) fn found_words(page: &PageText, indices: &[u32]) -> Vec<FoundWord> {
    let words = (0..).zip(page.words());
    let found = words.filter(|(index, _)| indices.binary_search(index).is_ok());
    let found = found.map(|(index, word)| FoundWord {
        index,
        text: word.text.clone(),
        polygon: word.polygon,
        confidence: word.confidence,
    });
    found.collect()
}

/// The index of a platform.
fn search_index(platform: &Platform) -> Result<&dyn SearchIndex> {
    platform.search_index.as_deref().ok_or_else(|| {
        Error::new(
            ErrorKind::Unsupported,
            "nothing can be searched here: there is no search index",
        )
    })
}
