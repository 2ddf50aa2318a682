//! How a task stands in the file. The types of the model are no stored types: a row of our own keeps the file
//! readable when they change.

use ocr_core::{
    clock::Timestamp,
    id::{FileId, TaskId, UserId},
    model::{
        MediaType, Progress, ResultSummary, StoredFile, Task, TaskFailure, TaskHistory, TaskOptions,
        TaskState, TaskStatus,
    },
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Writes a task, for `#[serde(with = ..)]`.
pub(crate) fn serialize<S: Serializer>(task: &Task, serializer: S) -> Result<S::Ok, S::Error> {
    TaskRow::from(task).serialize(serializer)
}

/// Reads a task, for `#[serde(with = ..)]`.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Task, D::Error> {
    TaskRow::deserialize(deserializer).map(Task::from)
}

#[derive(Debug, Serialize, Deserialize)]
struct TaskRow {
    id: TaskId,
    owner: UserId,
    file: FileRow,
    options: TaskOptions,
    status: TaskStatus,
    attempt: u32,
    failures: u32,
    max_attempts: u32,
    crashes: u32,
    max_crashes: u32,
    deadline: Option<Timestamp>,
    history: TaskHistory,
    lease_expires_at: Option<Timestamp>,
    run_after: Option<Timestamp>,
    failure: Option<TaskFailure>,
    progress: Option<Progress>,
    result: Option<ResultSummary>,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: Option<Timestamp>,
    purge_after: Option<Timestamp>,
}

#[derive(Debug, Serialize, Deserialize)]
struct FileRow {
    id: FileId,
    filename: String,
    stored_filename: String,
    media_type: MediaType,
    size: u64,
    sha256: String,
    bucket: String,
    key: String,
    version_id: Option<String>,
    created_at: Timestamp,
}

impl From<&Task> for TaskRow {
    fn from(task: &Task) -> Self {
        let state = task.state.clone();
        Self {
            id: task.id,
            owner: task.owner,
            file: FileRow::from(&task.file),
            options: task.options.clone(),
            status: state.status,
            attempt: state.attempt,
            failures: state.failures,
            max_attempts: state.max_attempts,
            crashes: state.crashes,
            max_crashes: state.max_crashes,
            deadline: state.deadline,
            history: task.history.clone(),
            lease_expires_at: state.lease_expires_at,
            run_after: state.run_after,
            failure: state.failure,
            progress: task.progress,
            result: task.result.clone(),
            created_at: task.created_at,
            updated_at: task.updated_at,
            deleted_at: task.deleted_at,
            purge_after: task.purge_after,
        }
    }
}

impl From<TaskRow> for Task {
    fn from(row: TaskRow) -> Self {
        let state = TaskState::pending(row.max_attempts)
            .with_status(row.status)
            .with_attempt(row.attempt)
            .with_failures(row.failures)
            .with_crashes(row.crashes)
            .with_max_crashes(row.max_crashes)
            .with_time_limit(row.options.time_limit())
            .with_deadline(row.deadline)
            .with_lease_expires_at(row.lease_expires_at)
            .with_run_after(row.run_after)
            .with_failure(row.failure);
        Self::new(
            row.id,
            row.owner,
            row.file.into(),
            row.options,
            state,
            row.created_at,
        )
        .with_history(row.history)
        .with_progress(row.progress)
        .with_result(row.result)
        .with_updated_at(row.updated_at)
        .with_deleted_at(row.deleted_at)
        .with_purge_after(row.purge_after)
    }
}

impl From<&StoredFile> for FileRow {
    fn from(file: &StoredFile) -> Self {
        let file = file.clone();
        Self {
            id: file.id,
            filename: file.filename,
            stored_filename: file.stored_filename,
            media_type: file.media_type,
            size: file.size,
            sha256: file.sha256,
            bucket: file.bucket,
            key: file.key,
            version_id: file.version_id,
            created_at: file.created_at,
        }
    }
}

impl From<FileRow> for StoredFile {
    fn from(row: FileRow) -> Self {
        Self::new(row.id, row.media_type, row.size, row.sha256, row.created_at)
            .with_filename(row.filename)
            .with_stored_filename(row.stored_filename)
            .with_bucket(row.bucket)
            .with_key(row.key)
            .with_version_id(row.version_id)
    }
}
