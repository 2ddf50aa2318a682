//! Recognised pages.

use async_trait::async_trait;
use ocr_core::{
    Result,
    id::TaskId,
    model::PageText,
    store::{Fence, PageStore, Scope},
};

use super::{SqliteStore, owner_of, tasks::check_held, usage};
use crate::sqlite::{
    error::sqlite_error,
    rows::{column, corrupt, count},
};

#[async_trait]
impl PageStore for SqliteStore {
    async fn put_pages(&self, fence: Fence, pages: Vec<PageText>) -> Result<()> {
        let mut tx = self.database.begin_growing("put_pages").await?;
        check_held(&mut tx, fence).await?;
        for page in pages {
            let body = serde_json::to_string(&page).map_err(|error| corrupt("body", error))?;
            sqlx::query(
                "INSERT INTO result_pages (task_id, number, body, digest) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (task_id, number) DO UPDATE SET body = excluded.body, digest = excluded.digest",
            )
            .bind(fence.task.to_string())
            .bind(page.number)
            .bind(body)
            .bind(page.digest)
            .execute(&mut *tx)
            .await
            .map_err(|error| sqlite_error("put_pages", error))?;
        }
        tx.commit()
            .await
            .map_err(|error| sqlite_error("put_pages", error))
    }

    async fn page_numbers(&self, id: TaskId) -> Result<Vec<u32>> {
        let rows = sqlx::query("SELECT number FROM result_pages WHERE task_id = ?1 ORDER BY number")
            .bind(id.to_string())
            .fetch_all(&self.database.read)
            .await
            .map_err(|error| sqlite_error("page_numbers", error))?;
        rows.iter().map(|row| count(row, "number")).collect()
    }

    async fn pages(&self, scope: Scope, id: TaskId, from: u32, to: u32) -> Result<Vec<PageText>> {
        let rows = sqlx::query(
            "SELECT p.body FROM result_pages p JOIN tasks t ON t.id = p.task_id \
             WHERE p.task_id = ?1 AND p.number BETWEEN ?2 AND ?3 \
             AND (?4 IS NULL OR (t.user_id = ?4 AND t.deleted_at IS NULL)) ORDER BY p.number",
        )
        .bind(id.to_string())
        .bind(from)
        .bind(to)
        .bind(owner_of(scope))
        .fetch_all(&self.database.read)
        .await
        .map_err(|error| sqlite_error("pages", error))?;
        rows.iter()
            .map(|row| serde_json::from_str(column(row, "body")?).map_err(|error| corrupt("body", error)))
            .collect()
    }

    async fn put_checkpoint(&self, fence: Fence, checkpoint: serde_json::Value) -> Result<()> {
        let mut tx = self.database.begin_growing("put_checkpoint").await?;
        check_held(&mut tx, fence).await?;
        usage::count_charged(&mut tx, fence.task, &checkpoint, self.clock.now()).await?;
        sqlx::query(
            "INSERT INTO task_checkpoints (task_id, body) VALUES (?1, ?2) \
             ON CONFLICT (task_id) DO UPDATE SET body = excluded.body",
        )
        .bind(fence.task.to_string())
        .bind(checkpoint.to_string())
        .execute(&mut *tx)
        .await
        .map_err(|error| sqlite_error("put_checkpoint", error))?;
        tx.commit()
            .await
            .map_err(|error| sqlite_error("put_checkpoint", error))
    }

    async fn checkpoint(&self, id: TaskId) -> Result<Option<serde_json::Value>> {
        let row = sqlx::query("SELECT body FROM task_checkpoints WHERE task_id = ?1")
            .bind(id.to_string())
            .fetch_optional(&self.database.read)
            .await
            .map_err(|error| sqlite_error("checkpoint", error))?;
        row.map(|row| serde_json::from_str(column(&row, "body")?).map_err(|error| corrupt("body", error)))
            .transpose()
    }
}
