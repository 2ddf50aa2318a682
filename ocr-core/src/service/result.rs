//! The result document: what is written to the blob store when a task completes.

use serde::{Deserialize, Serialize};

use super::{
    OcrService,
    corrected::{LOGS_AT_ONCE, with_corrections},
};
use crate::{
    Error, ErrorKind, Result,
    blob::{BlobKey, GetOptions},
    builder::builder,
    clock::Timestamp,
    id::{FileId, TaskId, UserId},
    model::{DocumentText, PageText, ResultSummary, Task},
    platform::Platform,
    store::Scope,
};

/// Maximum number of bytes of a result document that is read into memory.
const MAX_RESULT_BYTES: u64 = 512 * 1024 * 1024;

/// What is written to the blob store when a task completes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResultDocument {
    /// The task that made it.
    pub task_id: TaskId,
    /// The file that was read.
    pub file_id: FileId,
    /// The name the user gave the file.
    pub filename: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Time spent reading it, in milliseconds; waiting for a page process does not count.
    pub processing_time_ms: u64,
    /// Pages read.
    pub page_count: u32,
    /// Words found.
    pub word_count: u64,
    /// Mean word confidence in 0..=1; `None` without words.
    pub confidence: Option<f32>,
    /// Plain text in reading order; pages are separated by a form feed.
    pub text: String,
    /// Numbers of the pages that could not be read; the others were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed_pages: Vec<u32>,
    /// The task of the same owner and the same bytes whose result was taken over; `None` where an engine read. That task
    /// may be gone by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_as: Option<TaskId>,
    /// Version, engine and pages.
    #[serde(flatten)]
    pub document: DocumentText,
}

impl ResultDocument {
    /// The document of `task` with these pages.
    pub fn new(task: &Task, document: DocumentText, created_at: Timestamp, processing_time_ms: u64) -> Self {
        Self {
            task_id: task.id,
            file_id: task.file.id,
            filename: task.file.filename.clone(),
            created_at,
            processing_time_ms,
            page_count: u32::try_from(document.pages.len()).unwrap_or(u32::MAX),
            word_count: document.word_count(),
            confidence: document.confidence(),
            text: document.plain_text(),
            failed_pages: document.failed_pages(),
            same_as: None,
            document,
        }
    }
}

builder!(ResultDocument {
    with_same_as(same_as: impl Into<Option<TaskId>>) "The same, taken over from this task."
});

impl ResultDocument {
    /// The same with other pages.
    fn with_pages(mut self, pages: Vec<PageText>) -> Self {
        self.document.pages = pages;
        Self {
            word_count: self.document.word_count(),
            confidence: self.document.confidence(),
            text: self.document.plain_text(),
            failed_pages: self.document.failed_pages(),
            ..self
        }
    }
}

/// The error for a task without a result.
pub(crate) fn no_result(task: &Task) -> Error {
    let message = format!("there is no result: the task is {}", task.state.status);
    Error::new(ErrorKind::Conflict, message)
}

/// The key of the result of attempt number `attempt`: `results/<user_id>/<file_id>_result.json` of the first,
/// `..._result_<attempt>.json` of each after it. What an attempt writes that has lost the task meanwhile can so never
/// take the place of what a later one wrote; it is collected as an orphan.
pub(crate) fn result_key(owner: UserId, file: FileId, attempt: u32) -> Result<BlobKey> {
    let results = result_prefix(owner, file);
    match attempt {
        0 | 1 => format!("{results}.json"),
        later => format!("{results}_{later}.json"),
    }
    .parse()
}

/// What the keys of all results of a file begin with.
pub(crate) fn result_prefix(owner: UserId, file: FileId) -> String {
    format!("results/{owner}/{file}_result")
}

/// A result document as it was written, without corrections. `Corrupt` when what is stored is not a result.
pub(crate) async fn stored_result(platform: &Platform, summary: &ResultSummary) -> Result<ResultDocument> {
    let key = summary.key.parse()?;
    let blob = platform.blobs.get(key, GetOptions::default()).await?;
    let json = blob.body.collect(MAX_RESULT_BYTES).await?;
    serde_json::from_slice(&json).map_err(|error| {
        Error::new(ErrorKind::Corrupt, "the stored result cannot be read").with_source(error)
    })
}

impl OcrService {
    /// The result document of a task, with its corrections. `Conflict` while there is none, `Corrupt` when what is stored
    /// is not a result.
    pub async fn result(&self, scope: Scope, id: TaskId) -> Result<ResultDocument> {
        let task = self.get(scope, id).await?;
        let summary = task.result.as_ref().ok_or_else(|| no_result(&task))?;
        let result = stored_result(&self.platform, summary).await?;
        self.corrected_result(scope, id, result).await
    }

    /// A result with what people changed about its pages.
    async fn corrected_result(
        &self,
        scope: Scope,
        id: TaskId,
        mut result: ResultDocument,
    ) -> Result<ResultDocument> {
        let Some(store) = &self.platform.corrections else {
            return Ok(result);
        };
        let changed = store.correction_versions(scope, id).await?;
        if changed.is_empty() {
            return Ok(result);
        }
        let mut pages = std::mem::take(&mut result.document.pages);
        for chunk in changed.chunks(LOGS_AT_ONCE) {
            let (Some(first), Some(last)) = (chunk.first(), chunk.last()) else {
                continue;
            };
            let logs = store.correction_logs(scope, id, first.page, last.page).await?;
            pages = with_corrections(pages, &logs);
        }
        Ok(result.with_pages(pages))
    }
}
