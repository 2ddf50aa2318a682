//! Tasks, the files they read and the results they leave.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    AttemptNote, Feature, Fence, MediaType, Outcome, PageSelection, ResultSummary, TaskHistory, TaskState,
    TaskStatus, TextLayerMode, Transition,
};
use crate::{
    Result,
    builder::builder,
    clock::Timestamp,
    id::{FileId, TaskId, UserId},
};

/// A request to read one file, and what became of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
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
    /// What became of each attempt.
    pub history: TaskHistory,
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
    /// When it may be removed for good; `None` for a live task.
    pub purge_after: Option<Timestamp>,
}

builder!(Task {
    with_history(history: TaskHistory) "The same after these attempts."
    with_progress(progress: impl Into<Option<Progress>>) "The same with this progress."
    with_result(result: impl Into<Option<ResultSummary>>) "The same with this result."
    with_updated_at(updated_at: Timestamp) "The same, last changed then."
    with_deleted_at(deleted_at: impl Into<Option<Timestamp>>) "The same, put in the trash then."
    with_purge_after(purge_after: impl Into<Option<Timestamp>>) "The same, to be removed for good then."
});

impl Task {
    /// A task accepted at `created_at` and not changed since.
    pub fn new(
        id: TaskId,
        owner: UserId,
        file: StoredFile,
        options: TaskOptions,
        state: TaskState,
        created_at: Timestamp,
    ) -> Self {
        Self {
            id,
            owner,
            file,
            options,
            state,
            history: TaskHistory::default(),
            progress: None,
            result: None,
            created_at,
            updated_at: created_at,
            deleted_at: None,
            purge_after: None,
        }
    }

    /// Where the task stands.
    pub fn status(&self) -> TaskStatus {
        self.state.status
    }

    /// Moves it along the state machine at `now`, as [`TaskState::apply`] says, and writes its history. For stores,
    /// which keep all of the task but its progress afterwards.
    ///
    /// # Errors
    /// `Conflict` when it is not in a state that allows it; nothing is changed.
    pub fn apply(&mut self, transition: &Transition, note: &AttemptNote, now: Timestamp) -> Result<()> {
        let next = self.state.apply(transition, now)?;
        if matches!(transition, Transition::Retry) {
            self.history.begin_anew();
        }
        self.advance(next, note, now);
        Ok(())
    }

    /// Ends its claim number `attempt` at `now`, as [`TaskState::finish`] says, and writes its history. For stores.
    ///
    /// # Errors
    /// `LeaseLost` when that attempt is no longer current; nothing is changed.
    pub fn finish(
        &mut self,
        attempt: u32,
        outcome: &Outcome,
        note: &AttemptNote,
        now: Timestamp,
    ) -> Result<()> {
        let next = self.state.finish(attempt, outcome, now)?;
        self.advance(next, note, now);
        Ok(())
    }

    /// Notes that `read` pages of it are stored that were read for it, and says how many of them do not count as used
    /// yet. For stores that count what is used.
    pub fn count_pages(&mut self, read: u32) -> u32 {
        self.history.count_pages(read)
    }

    /// Whether it has ended without a result.
    pub fn ended_without_result(&self) -> bool {
        self.status().is_terminal() && self.status() != TaskStatus::Completed
    }

    fn advance(&mut self, next: TaskState, note: &AttemptNote, now: Timestamp) {
        self.history.record(&self.state, &next, note, now);
        self.state = next;
        self.updated_at = now;
        self.progress = None;
    }

    /// Names the current attempt, for the writes of the worker that has it.
    pub fn fence(&self) -> Fence {
        Fence::new(self.id, self.state.attempt)
    }
}

/// A task to be created.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
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
    /// Crashes after which it is set aside.
    pub max_crashes: u32,
    /// Makes the creation repeatable.
    pub idempotency: Option<Idempotency>,
}

impl NewTask {
    /// A task of `owner` that reads `file` as it is usual, given up after three failures or crashes.
    pub fn new(id: TaskId, owner: UserId, file: StoredFile) -> Self {
        Self {
            id,
            owner,
            file,
            options: TaskOptions::default(),
            max_attempts: 3,
            max_crashes: 3,
            idempotency: None,
        }
    }

    /// The state of the task when it is created at `now`.
    pub fn initial_state(&self, now: Timestamp) -> TaskState {
        TaskState::pending(self.max_attempts)
            .with_max_crashes(self.max_crashes)
            .with_time_limit(self.options.time_limit())
            .asked_for(now)
    }
}

builder!(NewTask {
    with_options(options: TaskOptions) "The same, to be read in this way."
    with_max_attempts(max_attempts: u32) "The same, given up after this many failures."
    with_max_crashes(max_crashes: u32) "The same, set aside after this many crashes."
    with_idempotency(idempotency: impl Into<Option<Idempotency>>) "The same under a key that makes its creation repeatable."
});

/// A key under which a client may repeat a request without creating a second task.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Idempotency {
    /// Chosen by the client, 1..=255 characters; unique within the owner.
    pub key: String,
    /// Digest of the request. The same key with another fingerprint is refused.
    pub fingerprint: String,
    /// Earlier uses of a key than this are forgotten.
    pub not_before: Timestamp,
}

impl Idempotency {
    /// `key` stands for the request with this fingerprint; uses before `not_before` are forgotten.
    pub fn new(key: impl Into<String>, fingerprint: impl Into<String>, not_before: Timestamp) -> Self {
        Self {
            key: key.into(),
            fingerprint: fingerprint.into(),
            not_before,
        }
    }
}

/// How a file is to be read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
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
    /// What becomes of text that the document has already.
    #[serde(skip_serializing_if = "TextLayerMode::is_auto")]
    pub text_layer: TextLayerMode,
    /// Whether it is to be read although there is a result of the same bytes, read in the same way.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub read_again: bool,
    /// Seconds in which it is to be read, from when it is asked for; as long as it takes when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline_seconds: Option<u32>,
}

builder!(TaskOptions {
    with_engine(engine: impl Into<Option<String>>) "The same by the engine of this name."
    with_languages(languages: Vec<String>) "The same where these languages are expected, as BCP 47 tags."
    with_pages(pages: impl Into<Option<PageSelection>>) "The same for these pages only."
    with_features(features: Vec<Feature>) "The same with these things to be found beyond the text; sorted, each once."
    with_queries(queries: Vec<String>) "The same with these questions to be answered from each page."
    with_text_layer(text_layer: TextLayerMode) "The same with text layers used in this way."
    with_read_again(read_again: bool) "The same, to be read although there is a result of the same bytes, or not."
    with_deadline_seconds(deadline_seconds: impl Into<Option<u32>>) "The same, to be read in this many seconds."
});

impl TaskOptions {
    /// How long the task may take, from when it is asked for to its end.
    pub fn time_limit(&self) -> Option<Duration> {
        self.deadline_seconds
            .map(|seconds| Duration::from_secs(seconds.into()))
    }

    /// Whether one engine reads the same with both: they differ at most in the engine that is named, in
    /// whether an earlier result will do, and in how long it may take.
    pub fn asks_the_same(&self, other: &Self) -> bool {
        let Self {
            engine: _,
            languages,
            pages,
            features,
            queries,
            text_layer,
            read_again: _,
            deadline_seconds: _,
        } = self;
        *languages == other.languages
            && *pages == other.pages
            && *features == other.features
            && *queries == other.queries
            && *text_layer == other.text_layer
    }
}

/// An uploaded file whose bytes are in the blob store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
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

impl StoredFile {
    /// A file of `size` bytes that hash to `sha256`. Its names and where it is stored are yet to be said.
    pub fn new(
        id: FileId,
        media_type: MediaType,
        size: u64,
        sha256: impl Into<String>,
        created_at: Timestamp,
    ) -> Self {
        Self {
            id,
            filename: String::new(),
            stored_filename: String::new(),
            media_type,
            size,
            sha256: sha256.into(),
            bucket: String::new(),
            key: String::new(),
            version_id: None,
            created_at,
        }
    }
}

builder!(StoredFile {
    with_filename(filename: impl Into<String>) "The same under the name the user gave it."
    with_stored_filename(stored_filename: impl Into<String>) "The same with this last segment of its key."
    with_bucket(bucket: impl Into<String>) "The same in this bucket."
    with_key(key: impl Into<String>) "The same under this key."
    with_version_id(version_id: impl Into<Option<String>>) "The same in this version of the blob."
});

/// Pages done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Progress {
    /// Pages done.
    pub pages_done: u32,
    /// Pages in all.
    pub pages_total: u32,
}

impl Progress {
    /// `pages_done` of `pages_total` pages are done.
    pub const fn new(pages_done: u32, pages_total: u32) -> Self {
        Self {
            pages_done,
            pages_total,
        }
    }

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
#[non_exhaustive]
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
    fn the_same_is_asked_whoever_is_to_read_it() {
        let plain = TaskOptions::default();
        let named = plain
            .clone()
            .with_engine("ppocr".to_owned())
            .with_read_again(true);
        assert!(plain.asks_the_same(&named));
        let pages = plain.clone().with_pages("1-2".parse::<PageSelection>().unwrap());
        assert!(!plain.asks_the_same(&pages));
        assert!(!plain.asks_the_same(&plain.clone().with_languages(vec!["de".into()])));
        assert!(!plain.asks_the_same(&plain.clone().with_features(vec![Feature::Tables])));
        assert!(!plain.asks_the_same(&plain.clone().with_queries(vec!["Who?".into()])));
        let forced = plain.clone().with_text_layer(TextLayerMode::Force);
        assert!(!plain.asks_the_same(&forced));
        assert_eq!(
            serde_json::to_string(&forced).unwrap(),
            r#"{"textLayer":"force"}"#
        );
        let again = serde_json::to_string(&plain.with_read_again(true)).unwrap();
        assert_eq!(again, r#"{"readAgain":true}"#);
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
