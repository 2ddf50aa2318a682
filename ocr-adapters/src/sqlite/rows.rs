//! Between columns and the model.

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use ocr_core::{
    Error, ErrorKind, Result,
    clock::Timestamp,
    id::TaskId,
    model::{Progress, ResultSummary, StoredFile, Task, TaskFailure, TaskOptions, TaskState},
};
use sqlx::{Row, sqlite::SqliteRow};

use super::error::sqlite_error;

/// Columns of a task with its file and result, in the names [`task`] reads.
pub(super) const TASK_COLUMNS: &str = "t.id, t.user_id, t.status, t.error_message, t.error_code, t.options, \
     t.attempt, t.failures, t.max_attempts, t.crashes, t.max_crashes, t.deadline_at, t.history, t.lease_expires_at, t.run_after, t.pages_done, \
     t.pages_total, t.created_at, t.updated_at, t.deleted_at, t.purge_after, \
     f.id AS file_id, f.filename, f.stored_filename, f.mime_type, f.file_size, f.sha256, f.s3_bucket, \
     f.s3_key, f.s3_version_id, f.created_at AS file_created_at, \
     r.s3_result_key, r.confidence_score, r.page_count, r.word_count, r.processing_time_ms, r.engine, \
     r.billed_pages, r.cost_micros, r.same_as \
     FROM tasks t JOIN files f ON f.id = t.file_id LEFT JOIN results r ON r.task_id = t.id";

/// A time as it is stored.
pub(super) fn text_time(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// A stored time. A person may have written it in another form than we do.
pub(super) fn parse_time(text: &str) -> Result<Timestamp> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.with_timezone(&Utc));
    }
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f")
        .map(|at| at.and_utc())
        .map_err(|error| corrupt("time", error))
}

pub(super) fn corrupt(
    what: &'static str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Error {
    Error::new(ErrorKind::Corrupt, "a row of the database cannot be read")
        .with_source(source)
        .with_context("column", what)
        .at("sqlite", "decode")
}

/// A column of any type SQLite can give.
pub(super) fn column<'r, T>(row: &'r SqliteRow, name: &'static str) -> Result<T>
where
    T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
{
    row.try_get(name).map_err(|error| sqlite_error("decode", error))
}

/// A text column parsed into a model type.
pub(super) fn parsed<T>(row: &SqliteRow, name: &'static str) -> Result<T>
where
    T: std::str::FromStr<Err = Error>,
{
    let text: &str = column(row, name)?;
    text.parse().map_err(|error: Error| corrupt(name, error))
}

/// A time column that may be null.
pub(super) fn optional_time(row: &SqliteRow, name: &'static str) -> Result<Option<Timestamp>> {
    let text: Option<&str> = column(row, name)?;
    text.map(parse_time).transpose()
}

/// A time column.
pub(super) fn time(row: &SqliteRow, name: &'static str) -> Result<Timestamp> {
    parse_time(column(row, name)?)
}

/// A count that may not be negative.
pub(super) fn count<T: TryFrom<i64>>(row: &SqliteRow, name: &'static str) -> Result<T> {
    let number: i64 = column(row, name)?;
    T::try_from(number).map_err(|_| corrupt(name, "the number is out of range"))
}

fn optional_count(row: &SqliteRow, name: &'static str) -> Result<Option<u32>> {
    let number: Option<i64> = column(row, name)?;
    Ok(number.and_then(|number| u32::try_from(number).ok()))
}

/// A task from a row of [`TASK_COLUMNS`].
pub(super) fn task(row: &SqliteRow) -> Result<Task> {
    let options: &str = column(row, "options")?;
    let progress = match (
        optional_count(row, "pages_done")?,
        optional_count(row, "pages_total")?,
    ) {
        (Some(pages_done), Some(pages_total)) => Some(Progress::new(pages_done, pages_total)),
        _ => None,
    };
    let options: TaskOptions = serde_json::from_str(options).map_err(|error| corrupt("options", error))?;
    let state = state(row)?.with_time_limit(options.time_limit());
    let history: &str = column(row, "history")?;
    Ok(Task::new(
        parsed(row, "id")?,
        parsed(row, "user_id")?,
        file(row)?,
        options,
        state,
        time(row, "created_at")?,
    )
    // Somebody may have changed it by hand; nothing depends on it.
    .with_history(serde_json::from_str(history).unwrap_or_default())
    .with_progress(progress)
    .with_result(result(row)?)
    .with_updated_at(time(row, "updated_at")?)
    .with_deleted_at(optional_time(row, "deleted_at")?)
    .with_purge_after(optional_time(row, "purge_after")?))
}

fn state(row: &SqliteRow) -> Result<TaskState> {
    let message: Option<String> = column(row, "error_message")?;
    let code: Option<String> = column(row, "error_code")?;
    Ok(TaskState::pending(count(row, "max_attempts")?)
        .with_status(parsed(row, "status")?)
        .with_attempt(count(row, "attempt")?)
        .with_failures(count::<u32>(row, "failures")?)
        .with_crashes(count::<u32>(row, "crashes")?)
        .with_max_crashes(count::<u32>(row, "max_crashes")?)
        .with_deadline(optional_time(row, "deadline_at")?)
        .with_lease_expires_at(optional_time(row, "lease_expires_at")?)
        .with_run_after(optional_time(row, "run_after")?)
        .with_failure(
            message.map(|message| TaskFailure::new(code.unwrap_or_else(|| "failed".into()), message)),
        ))
}

fn file(row: &SqliteRow) -> Result<StoredFile> {
    Ok(StoredFile::new(
        parsed(row, "file_id")?,
        parsed(row, "mime_type")?,
        count(row, "file_size")?,
        column::<String>(row, "sha256")?,
        time(row, "file_created_at")?,
    )
    .with_filename(column::<String>(row, "filename")?)
    .with_stored_filename(column::<String>(row, "stored_filename")?)
    .with_bucket(column::<String>(row, "s3_bucket")?)
    .with_key(column::<String>(row, "s3_key")?)
    .with_version_id(column::<Option<String>>(row, "s3_version_id")?))
}

fn result(row: &SqliteRow) -> Result<Option<ResultSummary>> {
    let Some(key) = column::<Option<String>>(row, "s3_result_key")? else {
        return Ok(None);
    };
    let confidence: Option<f64> = column(row, "confidence_score")?;
    let same_as: Option<&str> = column(row, "same_as")?;
    let same_as = same_as.map(str::parse::<TaskId>).transpose();
    Ok(Some(
        ResultSummary::new(key, column::<String>(row, "engine")?)
            .with_confidence(confidence.map(|confidence| confidence as f32))
            .with_page_count(count(row, "page_count")?)
            .with_word_count(count(row, "word_count")?)
            .with_processing_time_ms(count(row, "processing_time_ms")?)
            .with_billed_pages(count(row, "billed_pages")?)
            .with_cost_micros(count(row, "cost_micros")?)
            .with_same_as(same_as.map_err(|error| corrupt("same_as", error))?),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_sort_as_text_and_come_back() {
        let earlier = parse_time("2026-01-02T03:04:05.000600Z").unwrap();
        let later = parse_time("2026-01-02T03:04:05.100000Z").unwrap();
        assert!(text_time(earlier) < text_time(later));
        assert_eq!(parse_time(&text_time(later)).unwrap(), later);
        assert_eq!(
            parse_time("2026-01-02 03:04:05").unwrap(),
            parse_time("2026-01-02T03:04:05Z").unwrap()
        );
        assert!(parse_time("yesterday").is_err());
    }
}
