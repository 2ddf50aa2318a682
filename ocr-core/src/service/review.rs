//! The review desk: pages that hold doubtful words, and what people change most often.
//!
//! Nothing is kept for it. A word that somebody corrected or confirmed has confidence 1, so a page leaves the queue by
//! what is done to it, and comes back when that is undone.

use std::collections::HashMap;

use super::{
    FoundWord, OcrService,
    corrected::{LOGS_AT_ONCE, corrected_from, correction_store},
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
    /// How far the review of those is.
    pub progress: ReviewProgress,
    /// Where the queue goes on; `None` at its end.
    pub next: Option<Cursor>,
}

/// How far a review is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ReviewProgress {
    /// Words that were doubtful as they were read.
    pub words: usize,
    /// Those of them that still are: nobody accepted, changed or deleted them.
    pub words_left: usize,
    /// Pages that hold or held doubtful words.
    pub pages: usize,
    /// Those of them that still do.
    pub pages_left: usize,
}

/// A document with doubtful words.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DoubtfulDocument {
    /// The task that read it.
    pub task: Task,
    /// Pages with doubtful words, ascending.
    pub pages: Vec<DoubtfulPage>,
    /// Pages that were reviewed, ascending, 100 at most: they held doubtful words and do not any more.
    pub reviewed: Vec<u32>,
    /// Whether it has more pages with doubtful words than are told.
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
    /// How many were doubtful as the page was read.
    pub as_read: usize,
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
        let mut progress = ReviewProgress::default();
        for task in listed.items {
            let document = self.review_state(scope, task, below, &mut progress).await?;
            if !document.pages.is_empty() {
                documents.push(document);
            }
        }
        Ok(ReviewQueue {
            documents,
            looked_at,
            progress,
            next: listed.next,
        })
    }

    /// What is doubtful about a document, and what was; both are added to `progress`.
    async fn review_state(
        &self,
        scope: Scope,
        task: Task,
        below: f32,
        progress: &mut ReviewProgress,
    ) -> Result<DoubtfulDocument> {
        let platform = &self.platform;
        let numbers = platform.store.page_numbers(task.id).await?;
        let mut document = DoubtfulDocument {
            task,
            pages: Vec::new(),
            reviewed: Vec::new(),
            more: false,
        };
        for chunk in numbers.chunks(PAGES_AT_ONCE) {
            let ([from, .., to] | [from @ to]) = chunk else {
                continue;
            };
            let id = document.task.id;
            let read = platform.store.pages(scope, id, *from, *to).await?;
            let as_read: Vec<usize> = read
                .iter()
                .map(|page| doubtful_words(page, below).count())
                .collect();
            let pages = corrected_from(platform, scope, id, read).await?;
            for (page, as_read) in pages.iter().zip(as_read) {
                document.add(page, as_read, below, progress);
            }
            if document.pages.len() > MAX_PAGES {
                document.pages.truncate(MAX_PAGES);
                document.more = true;
                break;
            }
        }
        document.reviewed.truncate(MAX_PAGES);
        Ok(document)
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

impl DoubtfulDocument {
    /// Adds a page that held `as_read` doubtful words as it was read.
    fn add(&mut self, page: &PageText, as_read: usize, below: f32, progress: &mut ReviewProgress) {
        let indices: Vec<u32> = doubtful_words(page, below).collect();
        let left = indices.len();
        // What a person writes is not doubtful, so that there can be no more of them than there were.
        if as_read.max(left) == 0 {
            return;
        }
        progress.words += as_read.max(left);
        progress.words_left += left;
        progress.pages += 1;
        progress.pages_left += usize::from(left > 0);
        if left == 0 {
            self.reviewed.push(page.number);
            return;
        }
        let first = indices.get(..MAX_WORDS).unwrap_or(&indices);
        self.pages.push(DoubtfulPage {
            number: page.number,
            doubtful: left,
            as_read: as_read.max(left),
            total: page.words().count(),
            words: found_words(page, first),
        });
    }
}

/// Indices of the words of a page with a confidence under `below`.
fn doubtful_words(page: &PageText, below: f32) -> impl Iterator<Item = u32> {
    let words = (0..).zip(page.words());
    words
        .filter(move |(_, word)| word.confidence < below)
        .map(|(index, _)| index)
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
