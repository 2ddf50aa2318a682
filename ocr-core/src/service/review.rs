//! The review desk: pages that hold doubtful words, and what people change most often.
//!
//! Nothing is kept for it. A word that somebody corrected or confirmed has confidence 1, so a page leaves the queue by
//! what is done to it, and comes back when that is undone.

use std::collections::HashMap;

use super::{FoundWord, OcrService, corrected::correction_store, corrected_pages, search::found_words};
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
    /// not count.
    ///
    /// # Errors
    /// `Unsupported` where the platform keeps no corrections.
    pub async fn common_corrections(&self, scope: Scope, limit: usize) -> Result<CommonCorrections> {
        let store = correction_store(&self.platform)?;
        let mut counts: HashMap<(String, String, String), u32> = HashMap::new();
        let (mut documents, mut next) = (0, None);
        loop {
            let request = PageRequest::first(MAX_PAGE_SIZE)?.after(next);
            let listed = self.list(scope, completed(), request).await?;
            for task in &listed.items {
                let engine = task.result.as_ref().map(|result| result.engine.clone());
                for log in store.correction_logs(scope, task.id, 1, u32::MAX).await? {
                    let base = log.entries.last().map(|entry| entry.base.clone());
                    for (_, edit) in log.in_effect(&base.unwrap_or_default()) {
                        if let Some((original, text)) = replacement(edit) {
                            let key = (engine.clone().unwrap_or_default(), original, text);
                            *counts.entry(key).or_default() += 1;
                        }
                    }
                }
            }
            documents += listed.items.len();
            next = listed.next;
            if next.is_none() || documents >= MAX_COUNTED {
                break;
            }
        }
        let mut corrections: Vec<CommonCorrection> = counts
            .into_iter()
            .map(|((engine, original, text), count)| CommonCorrection {
                engine,
                original,
                text,
                count,
            })
            .collect();
        corrections.sort_by(|one, other| {
            let names = |of: &CommonCorrection| (of.original.clone(), of.text.clone(), of.engine.clone());
            other
                .count
                .cmp(&one.count)
                .then_with(|| names(one).cmp(&names(other)))
        });
        corrections.truncate(limit);
        Ok(CommonCorrections {
            corrections,
            documents,
            sampled: next.is_some(),
        })
    }
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

/// What an edit put in place of what; `None` for one that changed no text.
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
    (original != text).then_some((original, text))
}
