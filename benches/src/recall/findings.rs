//! What an index finds of what was misread.

use std::collections::HashMap;

use anyhow::Result;
use ocr_core::{
    id::TaskId,
    model::{Task, TaskState, TaskStatus},
    search::{Exactness, find},
    search_index::{IndexBatch, IndexRequest, IndexedDocument, SearchIndex},
    store::Scope,
};
use ocr_testkit::samples;

use crate::{
    corpus::Document,
    misread::{Misread, Reading},
};

/// Documents taken in at once.
const BATCH: usize = 100;
/// Answers looked at.
const MAX_ANSWERS: usize = 10_000;

/// What was found, by how exactly a page answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Searches that found the document in which the word stands.
    pub(crate) searches: usize,
    /// Documents that were found, over all searches.
    pub(crate) documents: usize,
    /// Those of them whose truth has the word.
    pub(crate) right: usize,
}

/// What one index found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Findings {
    pub(crate) index: &'static str,
    /// Words searched for.
    pub(crate) asked: usize,
    /// Literally.
    pub(crate) exactly: Found,
    /// In any way.
    pub(crate) tolerantly: Found,
    /// Searches by how the word was read: all, and those that found the document in any way.
    pub(crate) by_reading: HashMap<Reading, (usize, usize)>,
}

/// Takes `documents` into `index`, which is empty, and searches it for each of `words`.
pub(crate) async fn findings(
    index: &dyn SearchIndex,
    documents: &[Document],
    words: &[Misread],
) -> Result<Findings> {
    let places = take_in(index, documents).await?;
    let mut findings = Findings {
        index: index.name(),
        asked: words.len(),
        exactly: Found::default(),
        tolerantly: Found::default(),
        by_reading: HashMap::new(),
    };
    for word in words {
        let request = IndexRequest::new(word.query.clone(), 0, MAX_ANSWERS);
        // The best way in which any page of a document answers.
        let mut answers: HashMap<usize, Exactness> = HashMap::new();
        for page in index.search(Scope::system(), request).await? {
            if let Some(place) = places.get(&page.task) {
                let best = answers.entry(*place).or_insert(page.exactness);
                *best = page.exactness.min(*best);
            }
        }
        let reading = findings.by_reading.entry(word.reading).or_default();
        reading.0 += 1;
        reading.1 += usize::from(answers.contains_key(&word.document));
        for (document, exactness) in answers {
            let is_right = find(&word.query, &documents[document].truth)
                .is_some_and(|found| found.exactness == Exactness::Exact);
            let is_wanted = document == word.document;
            findings.tolerantly.count(is_right, is_wanted);
            if exactness == Exactness::Exact {
                findings.exactly.count(is_right, is_wanted);
            }
        }
    }
    Ok(findings)
}

impl Found {
    /// Counts a document.
    fn count(&mut self, is_right: bool, is_wanted: bool) {
        self.documents += 1;
        self.right += usize::from(is_right);
        self.searches += usize::from(is_wanted);
    }
}

/// Which task stands for which document.
async fn take_in(index: &dyn SearchIndex, documents: &[Document]) -> Result<HashMap<TaskId, usize>> {
    let owner = samples::user();
    let mut places = HashMap::with_capacity(documents.len());
    for (chunk, some) in documents.chunks(BATCH).enumerate() {
        let mut put = Vec::with_capacity(some.len());
        for (place, document) in some.iter().enumerate() {
            let new = samples::new_task(owner);
            let state = TaskState::pending(1).with_status(TaskStatus::Completed);
            let task = Task::new(new.id, owner, new.file, new.options, state, samples::moment());
            places.insert(task.id, chunk * BATCH + place);
            put.push(IndexedDocument::new(&task, &document.pages));
        }
        index.apply(IndexBatch::at(None).with_put(put)).await?;
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use ocr_core::memory::MemorySearchIndex;

    use super::*;
    use crate::misread::misread;

    #[tokio::test]
    async fn what_was_misread_is_found_with_tolerance() {
        let documents = [
            Document::new("a modern house", "a modem house"),
            // Its truth has another word, which looks like the one that is searched for.
            Document::new("the modem is new", "the modem is new"),
            Document::new("nothing legible", "nothing"),
        ];
        let words = misread(&documents);
        assert_eq!(words.len(), 2);
        let index = MemorySearchIndex::default();
        let found = findings(&index, &documents, &words).await.unwrap();
        assert_eq!((found.index, found.asked), ("memory", 2));
        assert_eq!(found.exactly, Found::default());
        let tolerantly = Found {
            searches: 1,
            documents: 2,
            right: 1,
        };
        assert_eq!(found.tolerantly, tolerantly);
        assert_eq!(found.by_reading[&Reading::Confused], (1, 1));
        assert_eq!(found.by_reading[&Reading::Missing], (1, 0));
    }
}
