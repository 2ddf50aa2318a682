//! Moves along the state machine, and signs of life.

use std::time::Duration;

use ocr_core::{
    Error, ErrorKind, Result,
    clock::{Timestamp, later},
    id::TaskId,
    model::{AttemptNote, Outcome, Progress, ResultSummary, Task, Transition},
    store::{Directive, Fence, Scope, Write},
};
use sqlx::{AssertSqlSafe, Sqlite, Transaction};

use crate::sqlite::store::{SqliteStore, outbox, usage};
use crate::sqlite::{
    error::sqlite_error,
    rows::{self, TASK_COLUMNS, corrupt, text_time},
};

/// The task `id` as this transaction sees it, in the trash or not.
pub(in crate::sqlite::store) async fn load(
    tx: &mut Transaction<'static, Sqlite>,
    id: TaskId,
) -> Result<Option<Task>> {
    let row = sqlx::query(AssertSqlSafe(format!("SELECT {TASK_COLUMNS} WHERE t.id = ?1")))
        .bind(id.to_string())
        .fetch_optional(&mut **tx)
        .await
        .map_err(|error| sqlite_error("load", error))?;
    row.as_ref().map(rows::task).transpose()
}

/// The live task `id`, if `scope` sees it.
pub(in crate::sqlite::store) async fn load_live(
    tx: &mut Transaction<'static, Sqlite>,
    scope: Scope,
    id: TaskId,
) -> Result<Task> {
    load(tx, id)
        .await?
        .filter(|task| task.deleted_at.is_none())
        .filter(|task| scope.covers(task.owner))
        .ok_or_else(not_found)
}

/// Refuses anyone but the holder of the current attempt; a task that is gone is lost too.
pub(in crate::sqlite::store) async fn check_held(
    tx: &mut Transaction<'static, Sqlite>,
    fence: Fence,
) -> Result<()> {
    let task = load_live(tx, Scope::system(), fence.task)
        .await
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => Error::new(ErrorKind::LeaseLost, "the task is gone").with_source(error),
            _ => error,
        })?;
    task.state.held_by(fence.attempt)
}

pub(in crate::sqlite::store) fn not_found() -> Error {
    Error::new(ErrorKind::NotFound, "the task does not exist")
}

pub(super) async fn transition(
    store: &SqliteStore,
    scope: Scope,
    id: TaskId,
    transition: Transition,
    write: Write,
) -> Result<Task> {
    let now = store.clock.now();
    // What is begun without room cannot be ended, and nobody learns that before the document was read.
    let mut tx = match transition {
        Transition::Claim { .. } => store.database.begin_growing("claim").await?,
        _ => store.database.begin("transition").await?,
    };
    let next = |task: &mut Task| task.apply(&transition, &write.note, now);
    let mut task = advance(&mut tx, scope, id, &write.note, now, next).await?;
    if matches!(transition, Transition::Retry) {
        forget_result(&mut tx, id).await?;
        task.result = None;
        task.options.read_again = true;
        write_options(&mut tx, &task).await?;
    }
    commit(tx, write, now).await?;
    Ok(task)
}

pub(super) async fn finish(
    store: &SqliteStore,
    fence: Fence,
    outcome: Outcome,
    write: Write,
) -> Result<Task> {
    let now = store.clock.now();
    let mut tx = store.database.begin("finish").await?;
    let next = |task: &mut Task| task.finish(fence.attempt, &outcome, &write.note, now);
    let mut task = advance(&mut tx, Scope::system(), fence.task, &write.note, now, next).await?;
    if let Outcome::Complete { result } = outcome {
        write_result(store, &mut tx, fence.task, &result).await?;
        usage::count_result(&mut tx, &task, &result, now).await?;
        task.result = Some(result);
    }
    commit(tx, write, now).await?;
    Ok(task)
}

/// Moves the live task `id` on to what `next` makes of it.
async fn advance(
    tx: &mut Transaction<'static, Sqlite>,
    scope: Scope,
    id: TaskId,
    note: &AttemptNote,
    now: Timestamp,
    next: impl FnOnce(&mut Task) -> Result<()>,
) -> Result<Task> {
    let mut task = load_live(tx, scope, id).await?;
    next(&mut task)?;
    if task.ended_without_result() {
        usage::count_in_vain(tx, &mut task, note, now).await?;
    }
    write_state(tx, &task, &text_time(now)).await?;
    Ok(task)
}

async fn commit(mut tx: Transaction<'static, Sqlite>, write: Write, now: Timestamp) -> Result<()> {
    outbox::send(&mut tx, write, &text_time(now)).await?;
    tx.commit()
        .await
        .map_err(|error| sqlite_error("transition", error))
}

async fn forget_result(tx: &mut Transaction<'static, Sqlite>, id: TaskId) -> Result<()> {
    for statement in [
        "DELETE FROM result_pages WHERE task_id = ?1",
        "DELETE FROM results WHERE task_id = ?1",
        "DELETE FROM task_checkpoints WHERE task_id = ?1",
    ] {
        sqlx::query(statement)
            .bind(id.to_string())
            .execute(&mut **tx)
            .await
            .map_err(|error| sqlite_error("transition", error))?;
    }
    Ok(())
}

/// Writes how the task is to be read.
async fn write_options(tx: &mut Transaction<'static, Sqlite>, task: &Task) -> Result<()> {
    let options = serde_json::to_string(&task.options).map_err(|error| corrupt("options", error))?;
    sqlx::query("UPDATE tasks SET options = ?2, version = version + 1 WHERE id = ?1")
        .bind(task.id.to_string())
        .bind(options)
        .execute(&mut **tx)
        .await
        .map(drop)
        .map_err(|error| sqlite_error("transition", error))
}

/// Writes what the state machine decided. The transaction holds the write lock, so what was read
/// is still true.
pub(in crate::sqlite::store) async fn write_state(
    tx: &mut Transaction<'static, Sqlite>,
    task: &Task,
    now: &str,
) -> Result<()> {
    let state = &task.state;
    let history = serde_json::to_string(&task.history).map_err(|error| corrupt("history", error))?;
    let (code, message) = state
        .failure
        .as_ref()
        .map(|failure| (&failure.code, &failure.message))
        .unzip();
    sqlx::query(
        "UPDATE tasks SET status = ?2, attempt = ?3, failures = ?4, max_attempts = ?5, \
         lease_expires_at = ?6, run_after = ?7, error_code = ?8, error_message = ?9, updated_at = ?10, \
         pages_done = NULL, pages_total = NULL, version = version + 1, \
         crashes = ?11, max_crashes = ?12, deadline_at = ?13, history = ?14 WHERE id = ?1",
    )
    .bind(task.id.to_string())
    .bind(state.status.as_str())
    .bind(state.attempt)
    .bind(state.failures)
    .bind(state.max_attempts)
    .bind(state.lease_expires_at.map(text_time))
    .bind(state.run_after.map(text_time))
    .bind(code)
    .bind(message)
    .bind(now)
    .bind(state.crashes)
    .bind(state.max_crashes)
    .bind(state.deadline.map(text_time))
    .bind(history)
    .execute(&mut **tx)
    .await
    .map(drop)
    .map_err(|error| sqlite_error("transition", error))
}

async fn write_result(
    store: &SqliteStore,
    tx: &mut Transaction<'static, Sqlite>,
    id: TaskId,
    result: &ResultSummary,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO results (id, task_id, s3_result_key, confidence_score, page_count, word_count, \
         processing_time_ms, engine, billed_pages, cost_micros, created_at, same_as) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) \
         ON CONFLICT (task_id) DO UPDATE SET s3_result_key = excluded.s3_result_key, \
         confidence_score = excluded.confidence_score, page_count = excluded.page_count, \
         word_count = excluded.word_count, processing_time_ms = excluded.processing_time_ms, \
         engine = excluded.engine, billed_pages = excluded.billed_pages, \
         cost_micros = excluded.cost_micros, same_as = excluded.same_as",
    )
    .bind(store.ids.next().to_string())
    .bind(id.to_string())
    .bind(&result.key)
    .bind(result.confidence)
    .bind(result.page_count)
    .bind(result.word_count as i64)
    .bind(result.processing_time_ms as i64)
    .bind(&result.engine)
    .bind(result.billed_pages)
    .bind(result.cost_micros as i64)
    .bind(store.now())
    .bind(result.same_as.map(|id| id.to_string()))
    .execute(&mut **tx)
    .await
    .map(drop)
    .map_err(|error| sqlite_error("transition", error))
}

pub(super) async fn record_progress(
    store: &SqliteStore,
    fence: Fence,
    progress: Option<Progress>,
    lease: Duration,
) -> Result<Directive> {
    let result = sqlx::query(
        "UPDATE tasks SET lease_expires_at = ?3, pages_done = COALESCE(?4, pages_done), \
         pages_total = COALESCE(?5, pages_total) \
         WHERE id = ?1 AND attempt = ?2 AND status = 'processing' AND deleted_at IS NULL",
    )
    .bind(fence.task.to_string())
    .bind(fence.attempt)
    .bind(text_time(later(store.clock.now(), lease)))
    .bind(progress.map(|progress| progress.pages_done))
    .bind(progress.map(|progress| progress.pages_total))
    .execute(store.database.writer())
    .await
    .map_err(|error| sqlite_error("record_progress", error))?;
    Ok(if result.rows_affected() == 0 {
        Directive::Stop
    } else {
        Directive::Continue
    })
}
