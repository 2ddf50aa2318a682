//! The trash, and what leaves it for good.

use async_trait::async_trait;
use ocr_core::{
    Result,
    clock::Timestamp,
    id::TaskId,
    model::Task,
    store::{Scope, Trash, Write},
};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::{
    PgStore, outbox,
    tasks::{Locked, as_stored, lock, lock_live, not_found, write_state},
    usage,
};
use crate::postgres::{
    error::pg_error,
    rows::{self, TASK_COLUMNS, corrupt, row_limit},
};

#[async_trait]
impl Trash for PgStore {
    async fn trash_task(
        &self,
        scope: Scope,
        id: TaskId,
        purge_after: Timestamp,
        write: Write,
    ) -> Result<Task> {
        self.database
            .transaction("trash_task", async |tx| {
                let Locked { mut task, now } = lock_live(tx, scope, id).await?;
                task.deleted_at = Some(now);
                task.purge_after = Some(purge_after);
                task.updated_at = now;
                let pages = if task.status().is_terminal() {
                    0
                } else {
                    usage::pages_in_vain(tx, &mut task).await?
                };
                set_deleted(tx, &task).await?;
                outbox::send(tx, &write).await?;
                usage::count_in_vain(tx, &task, &write.note, pages).await?;
                Ok(task)
            })
            .await
    }

    async fn restore_task(&self, scope: Scope, id: TaskId, write: Write) -> Result<Task> {
        self.database
            .transaction("restore_task", async |tx| {
                let Locked { mut task, now } = lock(tx, scope, id).await?;
                if task.deleted_at.is_none() || time_is_over(tx, id).await? {
                    return Err(not_found());
                }
                let attempt = task.state.attempt;
                task.state = as_stored(task.state.restored());
                task.deleted_at = None;
                task.purge_after = None;
                task.updated_at = now;
                // The state is written while the row is still in the trash, so that clients see one INSERT.
                write_state(tx, attempt, &task, now).await?;
                set_deleted(tx, &task).await?;
                outbox::send(tx, &write).await?;
                Ok(task)
            })
            .await
    }

    async fn purgeable(&self, limit: usize) -> Result<Vec<Task>> {
        let sql = format!(
            "SELECT {TASK_COLUMNS} WHERE t.deleted_at IS NOT NULL AND t.purge_after <= clock_timestamp() \
             ORDER BY t.purge_after LIMIT $1"
        );
        let found = self
            .database
            .call("purgeable", async |connection| {
                sqlx::query(AssertSqlSafe(sql))
                    .bind(row_limit(limit))
                    .fetch_all(connection)
                    .await
                    .map_err(|error| pg_error("purgeable", error))
            })
            .await?;
        found.iter().map(rows::task).collect()
    }

    async fn purge(&self, tasks: Vec<TaskId>) -> Result<usize> {
        let tasks: Vec<Uuid> = tasks.into_iter().map(|task| task.0).collect();
        let purged = self
            .database
            .call("purge", async |connection| {
                // Result, pages and keys go with the file by cascade.
                sqlx::query(
                    "DELETE FROM files WHERE id = ANY (ARRAY(SELECT file_id FROM tasks \
                     WHERE id = ANY ($1) AND deleted_at IS NOT NULL ORDER BY id FOR UPDATE))",
                )
                .bind(&tasks)
                .execute(connection)
                .await
                .map_err(|error| pg_error("purge", error))
            })
            .await?;
        Ok(purged.rows_affected() as usize)
    }

    async fn referenced_keys(&self, keys: Vec<String>) -> Result<Vec<String>> {
        self.database
            .call("referenced_keys", async |connection| {
                sqlx::query_scalar(
                    "SELECT key FROM UNNEST($1::text[]) AS asked (key) \
                     WHERE EXISTS (SELECT 1 FROM files WHERE s3_key = key) \
                     OR EXISTS (SELECT 1 FROM results WHERE s3_result_key = key)",
                )
                .bind(&keys)
                .fetch_all(connection)
                .await
                .map_err(|error| pg_error("referenced_keys", error))
            })
            .await
    }
}

/// Whether the blobs of a task in the trash may be gone.
async fn time_is_over(tx: &mut PgConnection, id: TaskId) -> Result<bool> {
    sqlx::query_scalar("SELECT COALESCE(purge_after <= clock_timestamp(), false) FROM tasks WHERE id = $1")
        .bind(id.0)
        .fetch_one(tx)
        .await
        .map_err(|error| pg_error("restore_task", error))
}

/// Writes whether, since when and until when the task is in the trash, and what it counts by then.
async fn set_deleted(tx: &mut PgConnection, task: &Task) -> Result<()> {
    let history = serde_json::to_string(&task.history).map_err(|error| corrupt("history", error))?;
    sqlx::query(
        "UPDATE tasks SET deleted_at = $2, purge_after = $3, updated_at = $4 AT TIME ZONE 'UTC', history = $5, \
         version = version + 1 WHERE id = $1",
    )
    .bind(task.id.0)
    .bind(task.deleted_at)
    .bind(task.purge_after)
    .bind(task.updated_at)
    .bind(history)
    .execute(tx)
    .await
    .map(drop)
    .map_err(|error| pg_error("trash", error))
}
