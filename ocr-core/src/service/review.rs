//! The review desk: pages that hold doubtful words, and what people change most often.
//!
//! Nothing is kept for it. A word that somebody corrected or confirmed has confidence 1, so a page leaves the queue by
//! what is done to it, and comes back when that is undone.

use std::collections::HashMap;

use super::{
    FoundWord, OcrService,
    corrected::{LOGS_AT_ONCE, correction_store},
    corrected_pages,
    search::found_words,
};
use crate::{
    Error, ErrorKind, Result,
    corrections::{Edit, Operation},
    model::{PageText, Task, TaskStatus},
    pagination::{Cursor, MAX_PAGE_SIZE, PageRequest},
    store::{Scope, TaskFilter},
};

/// Maximum number of words that are told of a page.
const MAX_WORDS: usize = 50;
/// Maximum number of pages that are told of a document: who has reviewed them asks again.
const MAX_PAGES: usize = 100;
/// Pages fetched from the store at once.
const PAGES_AT_ONCE: usize = 50;
/// Maximum number of documents whose corrections are counted, the newest.
const MAX_COUNTED: usize = 1_000;
/// Maximum number of different changes that are counted.
const MAX_DISTINCT: usize = 50_000;
/// Maximum number of bytes of what was read, and of what was written, in a change that is counted: a word or a few.
const MAX_COUNTED_BYTES: usize = 200;

/// A part of the queue of pages to be reviewed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ReviewQueue {
    /// Documents with doubtful words, the newest first; none, where the documents that were looked at hold none.
    pub documents: Vec<DoubtfulDocument>,
    /// Number of documents that were looked at.
    pub looked_at: usize,
    /// Where the queue goes on; `None` at its end.
    pub next: Option<Cursor>,
}

/// A document with doubtful words.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DoubtfulDocument {
    /// The task that read it.
    pub task: Task,
    /// Pages with doubtful words, ascending.
    pub pages: Vec<DoubtfulPage>,
    /// Whether it has more such pages than are told.
    pub more: bool,
}

/// A page with doubtful words.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DoubtfulPage {
    /// Its one-based number.
    pub number: u32,
    /// Number of its doubtful words.
    pub doubtful: usize,
    /// Number of all its words.
    pub total: usize,
    /// The first doubtful words, in reading order.
    pub words: Vec<FoundWord>,
}

/// What people change most often.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommonCorrections {
    /// Changes by how often they were made, the most frequent first.
    pub corrections: Vec<CommonCorrection>,
    /// Number of documents whose corrections were counted.
    pub documents: usize,
    /// Whether there are older documents that were not looked at.
    pub sampled: bool,
}

/// A change that people made several times, or once.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommonCorrection {
    /// The engine that read the document.
    pub engine: String,
    /// What was read.
    pub original: String,
    /// What was written instead; empty for what was deleted.
    pub text: String,
    /// How often.
    pub count: u32,
}

impl OcrService {
    /// Documents of `scope` whose pages hold words with a confidence under `below`, in 0..=1, the newest first. As many
    /// documents are looked at as `request` says; fewer are given where some hold none.
    ///
    /// # Errors
    /// `InvalidInput` for a confidence out of range, and for a cursor of another list.
    pub async fn review_queue(&self, scope: Scope, below: f32, request: PageRequest) -> Result<ReviewQueue> {
        if !(0.0..=1.0).contains(&below) {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "a confidence is between 0 and 1",
            ));
        }
        let listed = self.list(scope, completed(), request).await?;
        let looked_at = listed.items.len();
        let mut documents = Vec::new();
        for task in listed.items {
            let (pages, more) = self.doubtful_pages(scope, &task, below).await?;
            if !pages.is_empty() {
                documents.push(DoubtfulDocument { task, pages, more });
            }
        }
        Ok(ReviewQueue {
            documents,
            looked_at,
            next: listed.next,
        })
    }

    async fn doubtful_pages(
        &self,
        scope: Scope,
        task: &Task,
        below: f32,
    ) -> Result<(Vec<DoubtfulPage>, bool)> {
        let numbers = self.platform.store.page_numbers(task.id).await?;
        let mut found = Vec::new();
        for chunk in numbers.chunks(PAGES_AT_ONCE) {
            if let [from, .., to] | [from @ to] = chunk {
                let pages = corrected_pages(&self.platform, scope, task.id, *from, *to).await?;
                found.extend(pages.iter().filter_map(|page| doubtful(page, below)));
            }
            if found.len() > MAX_PAGES {
                found.truncate(MAX_PAGES);
                return Ok((found, true));
            }
        }
        Ok((found, false))
    }

    /// What people changed most often in the newest documents of `scope`, at most `limit` changes. What was undone does
    /// not count, nor do changes of long texts.
    ///
    /// # Errors
    /// `Unsupported` where the platform keeps no corrections.
    pub async fn common_corrections(&self, scope: Scope, limit: usize) -> Result<CommonCorrections> {
        let mut counts = Counts::new();
        let (mut documents, mut next) = (0, None);
        loop {
            let request = PageRequest::first(MAX_PAGE_SIZE)?.after(next);
            let listed = self.list(scope, completed(), request).await?;
            for task in &listed.items {
                self.count_corrections(scope, task, &mut counts).await?;
            }
            documents += listed.items.len();
            next = listed.next;
            if next.is_none() || documents >= MAX_COUNTED {
                break;
            }
        }
        Ok(CommonCorrections {
            corrections: most_frequent(counts, limit),
            documents,
            sampled: next.is_some(),
        })
    }

    async fn count_corrections(&self, scope: Scope, task: &Task, counts: &mut Counts) -> Result<()> {
        let store = correction_store(&self.platform)?;
        let result = task.result.as_ref();
        let engine = result.map(|result| result.engine.clone()).unwrap_or_default();
        let versions = store.correction_versions(scope, task.id).await?;
        for chunk in versions.chunks(LOGS_AT_ONCE) {
            let (Some(first), Some(last)) = (chunk.first(), chunk.last()) else {
                continue;
            };
            for log in store
                .correction_logs(scope, task.id, first.page, last.page)
                .await?
            {
                let Some(newest) = log.entries.last() else {
                    continue;
                };
                for (_, edit) in log.in_effect(&newest.base) {
                    let Some((original, text)) = replacement(edit) else {
                        continue;
                    };
                    let key = (engine.clone(), original, text);
                    if let Some(count) = counts.get_mut(&key) {
                        *count += 1;
                    } else if counts.len() < MAX_DISTINCT {
                        counts.insert(key, 1);
                    }
                }
            }
        }
        Ok(())
    }
}

/// How often changes were made, by engine, what was read and what was written.
type Counts = HashMap<(String, String, String), u32>;

/// The `limit` changes that were made most often.
fn most_frequent(counts: Counts, limit: usize) -> Vec<CommonCorrection> {
    let counted = counts.into_iter();
    let mut corrections: Vec<CommonCorrection> = counted
        .map(|((engine, original, text), count)| CommonCorrection {
            engine,
            original,
            text,
            count,
        })
        .collect();
    corrections.sort_by(|one, other| {
        let by_count = other.count.cmp(&one.count);
        by_count
            .then_with(|| one.original.cmp(&other.original))
            .then_with(|| one.text.cmp(&other.text))
            .then_with(|| one.engine.cmp(&other.engine))
    });
    corrections.truncate(limit);
    corrections
}

fn completed() -> TaskFilter {
    TaskFilter::default().with_statuses(vec![TaskStatus::Completed])
}

/// The page, if it has doubtful words.
fn doubtful(page: &PageText, below: f32) -> Option<DoubtfulPage> {
    let words = (0..).zip(page.words());
    let indices: Vec<u32> = words
        .filter(|(_, word)| word.confidence < below)
        .map(|(index, _)| index)
        .collect();
    let first = indices.get(..MAX_WORDS).unwrap_or(&indices);
    (!indices.is_empty()).then(|| DoubtfulPage {
        number: page.number,
        doubtful: indices.len(),
        total: page.words().count(),
        words: found_words(page, first),
    })
}

/// What an edit put in place of what; `None` for one that changed no text, or a long one.
fn replacement(edit: &Edit) -> Option<(String, String)> {
    let texts: Vec<&str> = edit.target.iter().map(|target| target.text.as_str()).collect();
    let original = match &edit.operation {
        // The key of the field stands first.
        Operation::SetField { .. } => texts.last().copied().unwrap_or_default().to_owned(),
        _ => texts.join(" "),
    };
    let text = match &edit.operation {
        Operation::JoinWords { text: None, .. } => texts.concat(),
        operation => operation.written()?,
    };
    let is_short = original.len().max(text.len()) <= MAX_COUNTED_BYTES;
    (original != text && is_short).then_some((original, text))
}
