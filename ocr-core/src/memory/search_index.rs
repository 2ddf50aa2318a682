//! A search index in memory: looks at every page.

use std::{collections::BTreeMap, ops::RangeBounds as _, sync::Mutex};

use async_trait::async_trait;

use super::lock;
use crate::{
    Error, ErrorKind, Result,
    id::TaskId,
    model::{ChangeCursor, Scope},
    search::{
        PageMatch, SearchQuery, find,
        fold::fold,
        query::{Condition, Filter},
    },
    search_index::{
        FoundPage, IndexBatch, IndexEntry, IndexRequest, IndexedDocument, IndexedPage, MAX_RANKED,
        SearchCapabilities, SearchIndex,
    },
};

/// A search index in memory; it ends with its process.
#[derive(Debug, Default)]
pub struct MemorySearchIndex(Mutex<Content>);

#[derive(Debug, Default)]
struct Content {
    position: Option<ChangeCursor>,
    documents: BTreeMap<TaskId, IndexedDocument>,
}

#[async_trait]
impl SearchIndex for MemorySearchIndex {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn capabilities(&self) -> SearchCapabilities {
        SearchCapabilities::default().with_typing(true)
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }

    async fn position(&self) -> Result<Option<ChangeCursor>> {
        Ok(lock(&self.0).position)
    }

    async fn apply(&self, batch: IndexBatch) -> Result<()> {
        let mut content = lock(&self.0);
        if content.position != batch.since {
            return Err(Error::new(ErrorKind::Conflict, "the search index has moved on"));
        }
        for task in batch.remove {
            content.documents.remove(&task);
        }
        content
            .documents
            .extend(batch.put.into_iter().map(|document| (document.task, document)));
        content.position = batch.position;
        Ok(())
    }

    async fn clear(&self) -> Result<()> {
        *lock(&self.0) = Content::default();
        Ok(())
    }

    async fn search(&self, scope: Scope, request: IndexRequest) -> Result<Vec<FoundPage>> {
        let content = lock(&self.0);
        let mut found: Vec<FoundPage> = Vec::new();
        let searched = |document: &&IndexedDocument| {
            scope.covers(document.owner) && request.task.is_none_or(|task| task == document.task)
        };
        for document in content.documents.values().filter(searched) {
            let wanted = document
                .pages
                .iter()
                .filter(|page| meets(document, page, &request.query.filters));
            let matching = wanted.filter_map(|page| found_page(document, page, &request.query));
            if request.query.finds_words() {
                found.extend(matching);
            } else {
                found.extend(matching.take(1));
            }
        }
        if request.query.finds_words() {
            rank(&mut found);
        }
        Ok(found
            .into_iter()
            .skip(request.offset)
            .take(request.limit)
            .collect())
    }

    async fn entries(&self, after: Option<TaskId>, limit: usize) -> Result<Vec<IndexEntry>> {
        let content = lock(&self.0);
        let later = content
            .documents
            .values()
            .filter(|document| after.is_none_or(|after| document.task > after));
        let entry = |document: &IndexedDocument| {
            IndexEntry::new(document.task, document.updated_at, document.pages.len() as u32)
        };
        Ok(later.take(limit).map(entry).collect())
    }
}

/// The page, if it answers the words of `query`. What is found in a larger share of its words is better.
fn found_page(document: &IndexedDocument, page: &IndexedPage, query: &SearchQuery) -> Option<FoundPage> {
    let PageMatch { exactness, words, .. } = find(query, &page.tokens)?;
    let score = words.len() as f32 / page.tokens.len().max(1) as f32;
    Some(FoundPage::new(document.task, page.number, exactness, score))
}

/// Sorts pages as the port says. What is not ranked loses its score.
fn rank(found: &mut [FoundPage]) {
    let in_document = |a: &FoundPage, b: &FoundPage| a.page.cmp(&b.page);
    let newer = |a: &FoundPage, b: &FoundPage| b.task.cmp(&a.task).then(in_document(a, b));
    found.sort_by(|a, b| a.exactness.cmp(&b.exactness).then(newer(a, b)));
    for alike in found.chunk_by_mut(|a, b| a.exactness == b.exactness) {
        let count = alike.len().min(MAX_RANKED);
        let (ranked, others) = alike.split_at_mut(count);
        ranked.sort_by(|a, b| {
            let better = b.score.total_cmp(&a.score);
            better.then(a.task.cmp(&b.task)).then(in_document(a, b))
        });
        for page in others {
            page.score = 0.0;
        }
    }
}

fn meets(document: &IndexedDocument, page: &IndexedPage, filters: &[Filter]) -> bool {
    filters
        .iter()
        .all(|filter| is_met(document, page, &filter.condition) != filter.negated)
}

fn is_met(document: &IndexedDocument, page: &IndexedPage, condition: &Condition) -> bool {
    match condition {
        Condition::Name(part) => fold(&document.filename).contains(part),
        Condition::Status(statuses) => statuses.contains(&document.status),
        Condition::Date { from, before } => {
            from.is_none_or(|from| document.created_at >= from)
                && before.is_none_or(|before| document.created_at < before)
        }
        Condition::Confidence(low, high) => page
            .confidence
            .is_some_and(|value| (*low, *high).contains(&value)),
        Condition::MediaType(types) => types.contains(&document.media_type),
        Condition::Label(names) => {
            let mut labels = document.filing.labels.iter();
            labels.any(|label| names.contains(&fold(label.as_str())))
        }
        Condition::Collection(names) => {
            let collection = document.filing.collection.as_ref();
            collection.is_some_and(|collection| names.contains(&fold(collection.as_str())))
        }
        Condition::Note(part) => fold(&document.filing.note).contains(part),
        Condition::Engine(names) => names.contains(&page.engine),
        Condition::Language(tags) => tags.iter().any(|tag| {
            let rest = page.language.strip_prefix(tag.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        }),
    }
}
