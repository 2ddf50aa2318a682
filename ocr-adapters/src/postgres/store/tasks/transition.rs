//! Moves along the state machine, and signs of life.

use std::time::Duration;

use chrono::SubsecRound as _;
use ocr_core::{
    Error, ErrorKind, Result,
    clock::Timestamp,
    id::TaskId,
    model::{Outcome, Progress, ResultSummary, Task, TaskState, Transition},
    store::{Directive, Fence, Scope, Write},
};
use sqlx::{AssertSqlSafe, PgConnection, types::Json};

use crate::postgres::{
    error::pg_error,
    rows::{self, Label, TASK_COLUMNS, column, corrupt, micros, storable},
    store::{PgStore, outbox, usage},
};

/// Digits of a second that a stored time has.
const DIGITS: u16 = 6;

/// The task `id` as this transaction sees it, in the trash or not.
pub(super) async fn load(tx: &mut PgConnection, id: TaskId) -> Result<Option<Task>> {
    let row = sqlx::query(AssertSqlSafe(format!("SELECT {TASK_COLUMNS} WHERE t.id = $1")))
        .bind(id.0)
        .fetch_optional(tx)
        .await
        .map_err(|error| pg_error("load", error))?;
    row.as_ref().map(rows::task).transpose()
}

/// Refuses anyone but the holder of the current attempt; a task that is gone is lost too. The attempt
/// cannot end before the transaction does.
pub(in crate::postgres::store) async fn check_held(
    tx: &mut PgConnection,
    fence: Fence,
    operation: &'static str,
) -> Result<()> {
    let held = sqlx::query(
        "SELECT 1 FROM tasks WHERE id = $1 AND attempt = $2 AND status = 'processing' \
         AND deleted_at IS NULL FOR SHARE",
    )
    .bind(fence.task.0)
    .bind(i64::from(fence.attempt))
    .fetch_optional(tx)
    .await
    .map_err(|error| pg_error(operation, error))?;
    if held.is_none() {
        return Err(Error::new(
            ErrorKind::LeaseLost,
            "the task has passed to another attempt or has ended",
        )
        .with_context("attempt", fence.attempt)
        .at("postgres", operation));
    }
    Ok(())
}

/// A task that nobody else can change until the transaction ends, and the time.
pub(in crate::postgres::store) struct Locked {
    pub(in crate::postgres::store) task: Task,
    pub(in crate::postgres::store) now: Timestamp,
}

/// Locks the task `id`, in the trash or not, if `scope` sees it.
pub(in crate::postgres::store) async fn lock(
    tx: &mut PgConnection,
    scope: Scope,
    id: TaskId,
) -> Result<Locked> {
    // Locked first and read after: only a statement that begins after the wait sees what was committed
    // during it, and what time it is by then.
    let row = sqlx::query("SELECT 1 FROM tasks WHERE id = $1 FOR NO KEY UPDATE")
        .bind(id.0)
        .fetch_optional(&mut *tx)
        .await
        .map_err(|error| pg_error("lock", error))?;
    if row.is_none() {
        return Err(not_found());
    }
    let sql = format!("SELECT clock_timestamp() AS now, {TASK_COLUMNS} WHERE t.id = $1");
    let row = sqlx::query(AssertSqlSafe(sql))
        .bind(id.0)
        .fetch_optional(tx)
        .await
        .map_err(|error| pg_error("lock", error))?
        .ok_or_else(not_found)?;
    let task = rows::task(&row)?;
    if !scope.covers(task.owner) {
        return Err(not_found());
    }
    Ok(Locked {
        task,
        now: column(&row, "now")?,
    })
}

/// The same for a task that is not in the trash.
pub(in crate::postgres::store) async fn lock_live(
    tx: &mut PgConnection,
    scope: Scope,
    id: TaskId,
) -> Result<Locked> {
    let locked = lock(tx, scope, id).await?;
    if locked.task.deleted_at.is_some() {
        return Err(not_found());
    }
    Ok(locked)
}

pub(in crate::postgres::store) fn not_found() -> Error {
    Error::new(ErrorKind::NotFound, "the task does not exist")
}

pub(super) async fn transition(
    store: &PgStore,
    scope: Scope,
    id: TaskId,
    transition: Transition,
    write: Write,
) -> Result<Task> {
    store
        .database
        .transaction("transition", async |tx| {
            let next = |task: &mut Task, now| task.apply(&transition, &write.note, now);
            let (mut task, pages) = advance(tx, scope, id, next).await?;
            if matches!(transition, Transition::Retry) {
                forget_result(tx, id).await?;
                task.result = None;
                task.options.read_again = true;
                write_options(tx, &task).await?;
            }
            outbox::send(tx, &write).await?;
            usage::count_in_vain(tx, &task, &write.note, pages).await?;
            Ok(task)
        })
        .await
}

pub(super) async fn finish(store: &PgStore, fence: Fence, outcome: Outcome, write: Write) -> Result<Task> {
    store
        .database
        .transaction("finish", async |tx| {
            let next = |task: &mut Task, now| task.finish(fence.attempt, &outcome, &write.note, now);
            let (mut task, pages) = advance(tx, Scope::system(), fence.task, next).await?;
            if let Outcome::Complete { result } = &outcome {
                write_result(store, tx, fence.task, result).await?;
                task.result = Some(result.clone());
            }
            outbox::send(tx, &write).await?;
            if let Outcome::Complete { result } = &outcome {
                usage::count_result(tx, &task, result).await?;
            }
            usage::count_in_vain(tx, &task, &write.note, pages).await?;
            Ok(task)
        })
        .await
}

/// Moves the live task `id` on to what `next` makes of it; with it the number of pages that count now because it has
/// ended without a result.
async fn advance(
    tx: &mut PgConnection,
    scope: Scope,
    id: TaskId,
    next: impl FnOnce(&mut Task, Timestamp) -> Result<()>,
) -> Result<(Task, u32)> {
    let Locked { mut task, now } = lock_live(tx, scope, id).await?;
    let before = task.state.attempt;
    next(&mut task, now)?;
    task.state = as_stored(task.state);
    let pages = if task.ended_without_result() {
        usage::pages_in_vain(tx, &mut task).await?
    } else {
        0
    };
    write_state(tx, before, &task, now).await?;
    Ok((task, pages))
}

/// The state as it will be read back.
pub(in crate::postgres::store) fn as_stored(state: TaskState) -> TaskState {
    let lease_expires_at = state.lease_expires_at.map(|at| at.trunc_subsecs(DIGITS));
    let run_after = state.run_after.map(|at| at.trunc_subsecs(DIGITS));
    let deadline = state.deadline.map(|at| at.trunc_subsecs(DIGITS));
    state
        .with_deadline(deadline)
        .with_lease_expires_at(lease_expires_at)
        .with_run_after(run_after)
}

/// Writes how the task is to be read.
async fn write_options(tx: &mut PgConnection, task: &Task) -> Result<()> {
    sqlx::query("UPDATE tasks SET options = $2, version = version + 1 WHERE id = $1")
        .bind(task.id.0)
        .bind(Json(&task.options))
        .execute(tx)
        .await
        .map(drop)
        .map_err(|error| pg_error("transition", error))
}

/// Writes what the state machine decided from a state in `attempt`.
pub(in crate::postgres::store) async fn write_state(
    tx: &mut PgConnection,
    attempt: u32,
    task: &Task,
    now: Timestamp,
) -> Result<()> {
    let state = &task.state;
    let history = serde_json::to_string(&task.history).map_err(|error| corrupt("history", error))?;
    let (code, message) = state
        .failure
        .as_ref()
        .map(|failure| (storable(&failure.code), storable(&failure.message)))
        .unzip();
    let written = sqlx::query(
        "UPDATE tasks SET status = $3, attempt = $4, failures = $5, max_attempts = $6, \
         lease_expires_at = $7, run_after = $8, error_code = $9, error_message = $10, \
         updated_at = $11 AT TIME ZONE 'UTC', pages_done = NULL, pages_total = NULL, version = version + 1, \
         crashes = $12, max_crashes = $13, deadline_at = $14, history = $15 \
         WHERE id = $1 AND attempt = $2",
    )
    .bind(task.id.0)
    .bind(i64::from(attempt))
    .bind(Label(state.status.as_str()))
    .bind(i64::from(state.attempt))
    .bind(i64::from(state.failures))
    .bind(i64::from(state.max_attempts))
    .bind(state.lease_expires_at)
    .bind(state.run_after)
    .bind(code)
    .bind(message)
    .bind(now)
    .bind(i64::from(state.crashes))
    .bind(i64::from(state.max_crashes))
    .bind(state.deadline)
    .bind(history)
    .execute(tx)
    .await
    .map_err(|error| pg_error("transition", error))?;
    if written.rows_affected() == 0 {
        return Err(
            Error::new(ErrorKind::LeaseLost, "the task has passed to another attempt")
                .at("postgres", "transition"),
        );
    }
    Ok(())
}

async fn write_result(
    store: &PgStore,
    tx: &mut PgConnection,
    id: TaskId,
    result: &ResultSummary,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO results (id, task_id, s3_result_key, confidence_score, page_count, word_count, \
         processing_time_ms, page_count_exact, word_count_exact, processing_time_ms_exact, engine, \
         billed_pages, cost_micros, same_as) \
         SELECT $1, $2, $3, $4::float8::numeric(5, 4), LEAST($5, most), LEAST($6, most), LEAST($7, most), \
         NULLIF($5, LEAST($5, most)), NULLIF($6, LEAST($6, most)), NULLIF($7, LEAST($7, most)), $8, $9, $10, $11 \
         FROM (SELECT 2147483647::bigint AS most) AS greatest \
         ON CONFLICT (task_id) DO UPDATE SET s3_result_key = excluded.s3_result_key, \
         confidence_score = excluded.confidence_score, page_count = excluded.page_count, \
         word_count = excluded.word_count, processing_time_ms = excluded.processing_time_ms, \
         page_count_exact = excluded.page_count_exact, word_count_exact = excluded.word_count_exact, \
         processing_time_ms_exact = excluded.processing_time_ms_exact, engine = excluded.engine, \
         billed_pages = excluded.billed_pages, cost_micros = excluded.cost_micros, \
         same_as = excluded.same_as",
    )
    .bind(store.ids.next())
    .bind(id.0)
    .bind(&result.key)
    .bind(result.confidence.map(f64::from))
    .bind(i64::from(result.page_count))
    .bind(i64::try_from(result.word_count).unwrap_or(i64::MAX))
    .bind(i64::try_from(result.processing_time_ms).unwrap_or(i64::MAX))
    .bind(&result.engine)
    .bind(i64::from(result.billed_pages))
    .bind(i64::try_from(result.cost_micros).unwrap_or(i64::MAX))
    .bind(result.same_as.map(|id| id.0))
    .execute(tx)
    .await
    .map(drop)
    .map_err(|error| pg_error("transition", error))
}

async fn forget_result(tx: &mut PgConnection, id: TaskId) -> Result<()> {
    for statement in [
        "DELETE FROM result_pages WHERE task_id = $1",
        "DELETE FROM results WHERE task_id = $1",
        "DELETE FROM task_checkpoints WHERE task_id = $1",
    ] {
        sqlx::query(statement)
            .bind(id.0)
            .execute(&mut *tx)
            .await
            .map_err(|error| pg_error("transition", error))?;
    }
    Ok(())
}

pub(super) async fn record_progress(
    store: &PgStore,
    fence: Fence,
    progress: Option<Progress>,
    lease: Duration,
) -> Result<Directive> {
    let written = store
        .database
        .call("record_progress", async |connection| {
            // The version column shows the triggers that the program made this change.
            sqlx::query(
                "UPDATE tasks SET lease_expires_at = clock_timestamp() + $3 * interval '1 microsecond', \
                 pages_done = COALESCE($4, pages_done), pages_total = COALESCE($5, pages_total), \
                 version = version + 1 \
                 WHERE id = $1 AND attempt = $2 AND status = 'processing' AND deleted_at IS NULL",
            )
            .bind(fence.task.0)
            .bind(i64::from(fence.attempt))
            .bind(micros(lease))
            .bind(progress.map(|progress| i64::from(progress.pages_done)))
            .bind(progress.map(|progress| i64::from(progress.pages_total)))
            .execute(connection)
            .await
            .map_err(|error| pg_error("record_progress", error))
        })
        .await?;
    Ok(if written.rows_affected() == 0 {
        Directive::Stop
    } else {
        Directive::Continue
    })
}
