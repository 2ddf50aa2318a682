//! Tasks, the files they read and the results they leave.

use serde::{Deserialize, Serialize};

use super::{Feature, MediaType, PageSelection, TaskState, TaskStatus};
use crate::{
    clock::Timestamp,
    id::{FileId, TaskId, UserId},
};

/// A request to read one file, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Identity.
    pub id: TaskId,
    /// Who owns it.
    pub owner: UserId,
    /// The file it reads.
    pub file: StoredFile,
    /// How it is to be read.
    pub options: TaskOptions,
    /// Status, attempts and lease.
    pub state: TaskState,
    /// Pages done so far, while processing.
    pub progress: Option<Progress>,
    /// What was found, once completed.
    pub result: Option<ResultSummary>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
    /// When it was put in the trash; `None` for a live task.
    pub deleted_at: Option<Timestamp>,
}

impl Task {
    /// Where the task stands.
    pub fn status(&self) -> TaskStatus {
        self.state.status
    }
}

/// A task to be created.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTask {
    /// Identity.
    pub id: TaskId,
    /// Who owns it.
    pub owner: UserId,
    /// The file it reads; its blob is durable already.
    pub file: StoredFile,
    /// How it is to be read.
    pub options: TaskOptions,
    /// Failures after which it is given up.
    pub max_attempts: u32,
    /// Makes the creation repeatable.
    pub idempotency: Option<Idempotency>,
}

/// A key under which a client may repeat a request without creating a second task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// Chosen by the client, 1..=255 characters; unique within the owner.
    pub key: String,
    /// Digest of the request. The same key with another fingerprint is refused.
    pub fingerprint: String,
    /// Earlier uses of a key than this are forgotten.
    pub not_before: Timestamp,
}

/// How a file is to be read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TaskOptions {
    /// Engine by name; the platform's default when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// BCP 47 tags of the expected languages; empty lets the engine decide.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// Pages to read; all when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<PageSelection>,
    /// What is to be found beyond the text; sorted, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<Feature>,
    /// Questions to be answered from each page; there are some exactly when the features hold `queries`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub queries: Vec<String>,
}

/// An uploaded file whose bytes are in the blob store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Identity.
    pub id: FileId,
    /// The name the user gave it, for display only; at most 255 bytes, no control characters.
    pub filename: String,
    /// The last segment of the key: `<file_id>_<safe name>`.
    pub stored_filename: String,
    /// What the bytes are, from their content.
    pub media_type: MediaType,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the bytes, lower-case hex.
    pub sha256: String,
    /// Bucket or root that holds the blob.
    pub bucket: String,
    /// Key of the blob: `uploads/<user_id>/<file_id>_<safe name>`.
    pub key: String,
    /// Version of the blob, where the store keeps versions.
    pub version_id: Option<String>,
    /// When it was stored.
    pub created_at: Timestamp,
}

/// What recognition found, in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResultSummary {
    /// Key of the result document: `results/<user_id>/<file_id>_result.json`.
    pub key: String,
    /// Mean word confidence in 0..=1; `None` without words.
    pub confidence: Option<f32>,
    /// Pages read.
    pub page_count: u32,
    /// Words found.
    pub word_count: u64,
    /// Time spent on it, in milliseconds.
    pub processing_time_ms: u64,
    /// Engine that read it.
    pub engine: String,
    /// Pages that engines billed.
    #[serde(default)]
    pub billed_pages: u32,
    /// What engines charged, in millionths of a US dollar.
    #[serde(default)]
    pub cost_micros: u64,
}

/// Why an attempt failed, for the owner of the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskFailure {
    /// Stable snake_case code.
    pub code: String,
    /// One sentence that says what is wrong and what to do.
    pub message: String,
}

/// Pages done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Pages done.
    pub pages_done: u32,
    /// Pages in all.
    pub pages_total: u32,
}

impl Progress {
    /// Share done, in whole percent 0..=100.
    pub fn percent(self) -> u8 {
        if self.pages_total == 0 {
            return 0;
        }
        let percent = u64::from(self.pages_done) * 100 / u64::from(self.pages_total);
        u8::try_from(percent.min(100)).unwrap_or(100)
    }

    /// The sentence for people: `Processing page 2 of 5`.
    pub fn message(self) -> String {
        format!(
            "Processing page {} of {}",
            self.pages_done.max(1),
            self.pages_total
        )
    }
}

/// How many tasks stand where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TaskStats {
    /// All live tasks.
    pub total: u64,
    /// Waiting.
    pub pending: u64,
    /// Being read.
    pub processing: u64,
    /// Done.
    pub completed: u64,
    /// Given up.
    pub failed: u64,
    /// Stopped on request.
    pub cancelled: u64,
}

impl TaskStats {
    /// Adds `count` tasks with `status`.
    pub fn add(&mut self, status: TaskStatus, count: u64) {
        self.total += count;
        *match status {
            TaskStatus::Pending => &mut self.pending,
            TaskStatus::Processing => &mut self.processing,
            TaskStatus::Completed => &mut self.completed,
            TaskStatus::Failed => &mut self.failed,
            TaskStatus::Cancelled => &mut self.cancelled,
        } += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_stored_before_there_were_features_are_read() {
        let options: TaskOptions = serde_json::from_str(r#"{"engine": "ppocr"}"#).unwrap();
        assert_eq!(options.features, []);
        assert_eq!(serde_json::to_string(&options).unwrap(), r#"{"engine":"ppocr"}"#);
    }

    #[test]
    fn progress_reads_as_a_person_would_say_it() {
        let progress = Progress {
            pages_done: 2,
            pages_total: 5,
        };
        assert_eq!(
            (progress.message().as_str(), progress.percent()),
            ("Processing page 2 of 5", 40)
        );
        assert_eq!(
            Progress {
                pages_done: 0,
                pages_total: 0
            }
            .percent(),
            0
        );
    }
}
