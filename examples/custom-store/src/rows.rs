//! How a task stands in the file. The types of the model are no stored types: a row of our own keeps the file
//! readable when they change.

use ocr_core::{
    clock::Timestamp,
    id::{FileId, TaskId, UserId},
    model::{
        MediaType, Progress, ResultSummary, StoredFile, Task, TaskFailure, TaskOptions, TaskState, TaskStatus,
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
    lease_expires_at: Option<Timestamp>,
    run_after: Option<Timestamp>,
    failure: Option<TaskFailure>,
    progress: Option<Progress>,
    result: Option<ResultSummary>,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: Option<Timestamp>,
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
            lease_expires_at: state.lease_expires_at,
            run_after: state.run_after,
            failure: state.failure,
            progress: task.progress,
            result: task.result.clone(),
            created_at: task.created_at,
            updated_at: task.updated_at,
            deleted_at: task.deleted_at,
        }
    }
}

impl From<TaskRow> for Task {
    fn from(row: TaskRow) -> Self {
        Self {
            id: row.id,
            owner: row.owner,
            file: row.file.into(),
            options: row.options,
            state: TaskState {
                status: row.status,
                attempt: row.attempt,
                failures: row.failures,
                max_attempts: row.max_attempts,
                lease_expires_at: row.lease_expires_at,
                run_after: row.run_after,
                failure: row.failure,
            },
            progress: row.progress,
            result: row.result,
            created_at: row.created_at,
            updated_at: row.updated_at,
            deleted_at: row.deleted_at,
        }
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
        Self {
            id: row.id,
            filename: row.filename,
            stored_filename: row.stored_filename,
            media_type: row.media_type,
            size: row.size,
            sha256: row.sha256,
            bucket: row.bucket,
            key: row.key,
            version_id: row.version_id,
            created_at: row.created_at,
        }
    }
}
