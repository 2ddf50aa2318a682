//! Between columns and the model.

use std::{borrow::Cow, time::Duration};

use ocr_core::{
    Error, ErrorKind, Result,
    clock::Timestamp,
    id::{FileId, TaskId, UserId},
    model::{MediaType, Progress, ResultSummary, StoredFile, Task, TaskFailure, TaskOptions, TaskState},
    queue::QueueItem,
};
use sqlx::{
    Encode, Postgres, Row, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgRow, PgTypeInfo, types::Oid},
    types::Json,
};
use uuid::Uuid;

use super::error::pg_error;

/// Columns of a task with its file and result, in the names [`task`] reads. Rows from before this
/// schema may have nulls.
pub(super) const TASK_COLUMNS: &str = "t.id, t.user_id, t.status::text AS status, t.error_message, \
     t.error_code, t.options, t.attempt::bigint, t.failures::bigint, t.max_attempts::bigint, \
     t.crashes::bigint, t.max_crashes::bigint, t.deadline_at, t.history, t.lease_expires_at, t.run_after, t.pages_done::bigint, t.pages_total::bigint, \
     t.created_at AT TIME ZONE 'UTC' AS created_at, \
     t.updated_at AT TIME ZONE 'UTC' AS updated_at, t.deleted_at, t.purge_after, \
     f.id AS file_id, f.filename, f.stored_filename, f.mime_type, f.file_size, f.sha256, f.s3_bucket, \
     f.s3_key, f.s3_version_id, COALESCE(f.created_at, t.created_at) AT TIME ZONE 'UTC' AS file_created_at, \
     r.s3_result_key, r.confidence_score::float8 AS confidence_score, r.engine, \
     r.billed_pages, r.cost_micros, r.same_as, \
     CASE WHEN r.page_count = 2147483647 THEN COALESCE(r.page_count_exact, r.page_count) \
          ELSE COALESCE(r.page_count, 0) END::bigint AS page_count, \
     CASE WHEN r.word_count = 2147483647 THEN COALESCE(r.word_count_exact, r.word_count) \
          ELSE COALESCE(r.word_count, 0) END::bigint AS word_count, \
     CASE WHEN r.processing_time_ms = 2147483647 THEN COALESCE(r.processing_time_ms_exact, r.processing_time_ms) \
          ELSE COALESCE(r.processing_time_ms, 0) END::bigint AS processing_time_ms \
     FROM tasks t JOIN files f ON f.id = t.file_id LEFT JOIN results r ON r.task_id = t.id";

/// Maximum duration that is added to a time, so that the sum can be stored: about a century.
const MAX_DURATION: Duration = Duration::from_hours(100 * 366 * 24);

/// A duration as SQL takes it: `$n * interval '1 microsecond'`.
pub(super) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.min(MAX_DURATION).as_micros()).unwrap_or(i64::MAX)
}

/// A number of rows as SQL takes it.
pub(super) fn row_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// A text without the one character that Postgres cannot store.
pub(super) fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A label of an enum whose name we do not know, because the database may have had it before us. The
/// server infers its type from where it is used.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label(pub(super) &'static str);

impl Type<Postgres> for Label {
    fn type_info() -> PgTypeInfo {
        /// The pseudo-type `unknown`.
        const UNKNOWN: Oid = Oid(705);
        PgTypeInfo::with_oid(UNKNOWN)
    }
}

impl Encode<'_, Postgres> for Label {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }
}

pub(super) fn corrupt(
    what: &'static str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Error {
    Error::new(ErrorKind::Corrupt, "a row of the database cannot be read")
        .with_source(source)
        .with_context("column", what)
        .at("postgres", "decode")
}

/// A column by name.
pub(super) fn column<'r, T>(row: &'r PgRow, name: &'static str) -> Result<T>
where
    T: sqlx::Decode<'r, Postgres> + Type<Postgres>,
{
    row.try_get(name).map_err(|error| pg_error("decode", error))
}

/// A text column parsed into a model type.
pub(super) fn parsed<T>(row: &PgRow, name: &'static str) -> Result<T>
where
    T: std::str::FromStr<Err = Error>,
{
    let text: &str = column(row, name)?;
    text.parse().map_err(|error: Error| corrupt(name, error))
}

/// A count that may not be negative.
pub(super) fn count<T: TryFrom<i64>>(row: &PgRow, name: &'static str) -> Result<T> {
    let number: i64 = column(row, name)?;
    T::try_from(number).map_err(|_| corrupt(name, "the number is out of range"))
}

fn optional_count(row: &PgRow, name: &'static str) -> Result<Option<u32>> {
    let number: Option<i64> = column(row, name)?;
    Ok(number.and_then(|number| u32::try_from(number).ok()))
}

pub(super) fn task_id(row: &PgRow, name: &'static str) -> Result<TaskId> {
    column::<Uuid>(row, name).map(TaskId)
}

fn user_id(row: &PgRow) -> Result<UserId> {
    column::<Uuid>(row, "user_id").map(UserId)
}

fn file_id(row: &PgRow) -> Result<FileId> {
    column::<Uuid>(row, "file_id").map(FileId)
}

/// What the queue carries, with the task's id in column `task`.
pub(super) fn queue_item(row: &PgRow, task: &'static str) -> Result<QueueItem> {
    Ok(QueueItem::new(task_id(row, task)?, user_id(row)?, file_id(row)?))
}

/// A task from a row of [`TASK_COLUMNS`].
pub(super) fn task(row: &PgRow) -> Result<Task> {
    let progress = match (
        optional_count(row, "pages_done")?,
        optional_count(row, "pages_total")?,
    ) {
        (Some(pages_done), Some(pages_total)) => Some(Progress::new(pages_done, pages_total)),
        _ => None,
    };
    let Json(options): Json<TaskOptions> = column(row, "options")?;
    let state = state(row)?.with_time_limit(options.time_limit());
    let history: &str = column(row, "history")?;
    Ok(Task::new(
        task_id(row, "id")?,
        user_id(row)?,
        file(row)?,
        options,
        state,
        column(row, "created_at")?,
    )
    // Somebody may have changed it by hand; nothing depends on it.
    .with_history(serde_json::from_str(history).unwrap_or_default())
    .with_progress(progress)
    .with_result(result(row)?)
    .with_updated_at(column(row, "updated_at")?)
    .with_deleted_at(column::<Option<Timestamp>>(row, "deleted_at")?)
    .with_purge_after(column::<Option<Timestamp>>(row, "purge_after")?))
}

fn state(row: &PgRow) -> Result<TaskState> {
    let message: Option<String> = column(row, "error_message")?;
    let code: Option<String> = column(row, "error_code")?;
    Ok(TaskState::pending(count(row, "max_attempts")?)
        .with_status(parsed(row, "status")?)
        .with_attempt(count(row, "attempt")?)
        .with_failures(count::<u32>(row, "failures")?)
        .with_crashes(count::<u32>(row, "crashes")?)
        .with_max_crashes(count::<u32>(row, "max_crashes")?)
        .with_deadline(column::<Option<Timestamp>>(row, "deadline_at")?)
        .with_lease_expires_at(column::<Option<Timestamp>>(row, "lease_expires_at")?)
        .with_run_after(column::<Option<Timestamp>>(row, "run_after")?)
        .with_failure(
            message.map(|message| TaskFailure::new(code.unwrap_or_else(|| "failed".into()), message)),
        ))
}

fn file(row: &PgRow) -> Result<StoredFile> {
    Ok(StoredFile::new(
        file_id(row)?,
        media_type(row)?,
        count(row, "file_size")?,
        column::<String>(row, "sha256")?,
        column(row, "file_created_at")?,
    )
    .with_filename(column::<String>(row, "filename")?)
    .with_stored_filename(column::<String>(row, "stored_filename")?)
    .with_bucket(column::<String>(row, "s3_bucket")?)
    .with_key(column::<String>(row, "s3_key")?)
    .with_version_id(column::<Option<String>>(row, "s3_version_id")?))
}

/// Also by the name that some browsers and people write.
fn media_type(row: &PgRow) -> Result<MediaType> {
    match column::<&str>(row, "mime_type")? {
        "image/jpg" => Ok(MediaType::Jpeg),
        _ => parsed(row, "mime_type"),
    }
}

fn result(row: &PgRow) -> Result<Option<ResultSummary>> {
    let Some(key) = column::<Option<String>>(row, "s3_result_key")? else {
        return Ok(None);
    };
    let confidence: Option<f64> = column(row, "confidence_score")?;
    Ok(Some(
        ResultSummary::new(key, column::<String>(row, "engine")?)
            .with_confidence(confidence.map(|confidence| confidence as f32))
            .with_page_count(count(row, "page_count")?)
            .with_word_count(count(row, "word_count")?)
            .with_processing_time_ms(count(row, "processing_time_ms")?)
            .with_billed_pages(count(row, "billed_pages")?)
            .with_cost_micros(count(row, "cost_micros")?)
            .with_same_as(column::<Option<Uuid>>(row, "same_as")?.map(TaskId)),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_duration_is_too_long_to_be_added_to_a_time() {
        assert_eq!(micros(Duration::from_millis(1)), 1_000);
        assert_eq!(micros(Duration::MAX), micros(MAX_DURATION));
    }

    #[test]
    fn only_the_null_character_is_replaced() {
        assert_eq!(storable("a\0b"), "a\u{fffd}b");
        assert!(matches!(storable("a\u{1}b"), Cow::Borrowed(_)));
    }
}
