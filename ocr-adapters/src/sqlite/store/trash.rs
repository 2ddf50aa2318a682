//! The trash, and what leaves it for good.

use async_trait::async_trait;
use ocr_core::{
    Result,
    clock::Timestamp,
    id::TaskId,
    model::Task,
    store::{Scope, Trash, Write},
};
use sqlx::{AssertSqlSafe, Sqlite, Transaction};

use super::{
    SqliteStore, outbox,
    tasks::{load, load_live, not_found, write_state},
    usage,
};
use crate::sqlite::{
    error::sqlite_error,
    rows::{self, TASK_COLUMNS, text_time},
};

#[async_trait]
impl Trash for SqliteStore {
    async fn trash_task(
        &self,
        scope: Scope,
        id: TaskId,
        purge_after: Timestamp,
        write: Write,
    ) -> Result<Task> {
        let now = self.clock.now();
        let mut tx = self.database.begin("trash_task").await?;
        let mut task = load_live(&mut tx, scope, id).await?;
        task.deleted_at = Some(now);
        task.purge_after = Some(purge_after);
        task.updated_at = now;
        if !task.status().is_terminal() {
            usage::count_in_vain(&mut tx, &mut task, &write.note, now).await?;
        }
        set_deleted(&mut tx, &task).await?;
        outbox::send(&mut tx, write, &text_time(now)).await?;
        tx.commit()
            .await
            .map_err(|error| sqlite_error("trash_task", error))?;
        Ok(task)
    }

    async fn restore_task(&self, scope: Scope, id: TaskId, write: Write) -> Result<Task> {
        let now = self.clock.now();
        let mut tx = self.database.begin("restore_task").await?;
        let mut task = load(&mut tx, id)
            .await?
            .filter(|task| task.deleted_at.is_some())
            .filter(|task| scope.covers(task.owner))
            .ok_or_else(not_found)?;
        if time_is_over(&mut tx, id, &text_time(now)).await? {
            return Err(not_found());
        }
        task.state = task.state.restored();
        task.deleted_at = None;
        task.purge_after = None;
        task.updated_at = now;
        // The state is written while the row is still in the trash, so that clients see one INSERT.
        write_state(&mut tx, &task, &text_time(now)).await?;
        set_deleted(&mut tx, &task).await?;
        outbox::send(&mut tx, write, &text_time(now)).await?;
        tx.commit()
            .await
            .map_err(|error| sqlite_error("restore_task", error))?;
        Ok(task)
    }

    async fn purgeable(&self, limit: usize) -> Result<Vec<Task>> {
        let sql = format!(
            "SELECT {TASK_COLUMNS} WHERE t.deleted_at IS NOT NULL AND t.purge_after <= ?1 \
             ORDER BY t.purge_after LIMIT ?2"
        );
        let found = sqlx::query(AssertSqlSafe(sql))
            .bind(self.now())
            .bind(limit as i64)
            .fetch_all(&self.database.read)
            .await
            .map_err(|error| sqlite_error("purgeable", error))?;
        found.iter().map(rows::task).collect()
    }

    async fn purge(&self, tasks: Vec<TaskId>) -> Result<usize> {
        let mut tx = self.database.begin("purge").await?;
        let mut purged = 0;
        for id in tasks {
            // Result, pages and keys go with the file by cascade.
            let result = sqlx::query(
                "DELETE FROM files WHERE id = (SELECT file_id FROM tasks WHERE id = ?1 AND deleted_at IS NOT NULL)",
            )
            .bind(id.to_string())
            .execute(&mut *tx)
            .await
            .map_err(|error| sqlite_error("purge", error))?;
            purged += result.rows_affected() as usize;
        }
        tx.commit().await.map_err(|error| sqlite_error("purge", error))?;
        Ok(purged)
    }

    async fn referenced_keys(&self, keys: Vec<String>) -> Result<Vec<String>> {
        let json = serde_json::to_string(&keys).map_err(|error| rows::corrupt("keys", error))?;
        sqlx::query_scalar(
            "SELECT value FROM json_each(?1) WHERE EXISTS (SELECT 1 FROM files WHERE s3_key = value) \
             OR EXISTS (SELECT 1 FROM results WHERE s3_result_key = value)",
        )
        .bind(json)
        .fetch_all(&self.database.read)
        .await
        .map_err(|error| sqlite_error("referenced_keys", error))
    }
}

/// Whether the blobs of a task in the trash may be gone.
async fn time_is_over(tx: &mut Transaction<'static, Sqlite>, id: TaskId, now: &str) -> Result<bool> {
    sqlx::query_scalar("SELECT COALESCE(purge_after <= ?2, 0) FROM tasks WHERE id = ?1")
        .bind(id.to_string())
        .bind(now)
        .fetch_one(&mut **tx)
        .await
        .map_err(|error| sqlite_error("restore_task", error))
}

/// Writes whether, since when and until when the task is in the trash, and what it counts by then.
async fn set_deleted(tx: &mut Transaction<'static, Sqlite>, task: &Task) -> Result<()> {
    let history = serde_json::to_string(&task.history).map_err(|error| rows::corrupt("history", error))?;
    sqlx::query(
        "UPDATE tasks SET deleted_at = ?2, purge_after = ?3, updated_at = ?4, history = ?5, version = version + 1 \
         WHERE id = ?1",
    )
    .bind(task.id.to_string())
    .bind(task.deleted_at.map(text_time))
    .bind(task.purge_after.map(text_time))
    .bind(text_time(task.updated_at))
    .bind(history)
    .execute(&mut **tx)
    .await
    .map(drop)
    .map_err(|error| sqlite_error("trash", error))
}
