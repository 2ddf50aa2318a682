//! Recognised pages.

use std::collections::BTreeMap;

use async_trait::async_trait;
use ocr_core::{
    Result,
    id::TaskId,
    model::PageText,
    store::{Fence, PageStore, Scope},
};

use super::{PgStore, tasks::check_held, usage};
use crate::postgres::{
    error::pg_error,
    rows::{column, corrupt, count},
};

#[async_trait]
impl PageStore for PgStore {
    async fn put_pages(&self, fence: Fence, pages: Vec<PageText>) -> Result<()> {
        // One statement cannot write a row twice; of two pages with one number the last is meant.
        let mut bodies = BTreeMap::new();
        for page in &pages {
            let body = serde_json::to_string(page).map_err(|error| corrupt("body", error))?;
            bodies.insert(i64::from(page.number), (body, page.digest.clone()));
        }
        let (numbers, contents): (Vec<i64>, Vec<(String, Option<String>)>) = bodies.into_iter().unzip();
        let (bodies, digests): (Vec<String>, Vec<Option<String>>) = contents.into_iter().unzip();
        self.database
            .transaction("put_pages", async |tx| {
                check_held(tx, fence, "put_pages").await?;
                sqlx::query(
                    "INSERT INTO result_pages (task_id, number, body, digest) \
                     SELECT $1, number, body, digest \
                     FROM UNNEST($2::bigint[], $3::text[], $4::text[]) AS new (number, body, digest) \
                     ON CONFLICT (task_id, number) DO UPDATE SET body = excluded.body, digest = excluded.digest",
                )
                .bind(fence.task.0)
                .bind(&numbers)
                .bind(&bodies)
                .bind(&digests)
                .execute(tx)
                .await
                .map(drop)
                .map_err(|error| pg_error("put_pages", error))
            })
            .await
    }

    async fn page_numbers(&self, id: TaskId) -> Result<Vec<u32>> {
        let rows = self
            .database
            .call("page_numbers", async |connection| {
                sqlx::query("SELECT number FROM result_pages WHERE task_id = $1 ORDER BY number")
                    .bind(id.0)
                    .fetch_all(connection)
                    .await
                    .map_err(|error| pg_error("page_numbers", error))
            })
            .await?;
        rows.iter().map(|row| count(row, "number")).collect()
    }

    async fn pages(&self, scope: Scope, id: TaskId, from: u32, to: u32) -> Result<Vec<PageText>> {
        let owner = scope.owner_id().map(|owner| owner.0);
        let rows = self
            .database
            .call("pages", async |connection| {
                sqlx::query(
                    "SELECT p.body FROM result_pages p JOIN tasks t ON t.id = p.task_id \
                     WHERE p.task_id = $1 AND p.number BETWEEN $2 AND $3 \
                     AND ($4::uuid IS NULL OR (t.user_id = $4 AND t.deleted_at IS NULL)) ORDER BY p.number",
                )
                .bind(id.0)
                .bind(i64::from(from))
                .bind(i64::from(to))
                .bind(owner)
                .fetch_all(connection)
                .await
                .map_err(|error| pg_error("pages", error))
            })
            .await?;
        rows.iter()
            .map(|row| serde_json::from_str(column(row, "body")?).map_err(|error| corrupt("body", error)))
            .collect()
    }

    async fn put_checkpoint(&self, fence: Fence, checkpoint: serde_json::Value) -> Result<()> {
        // As text: a JSON column would refuse null characters and change numbers.
        let body = checkpoint.to_string();
        self.database
            .transaction("put_checkpoint", async |tx| {
                check_held(tx, fence, "put_checkpoint").await?;
                let (owner, before) = usage::charged_before(tx, fence.task).await?;
                sqlx::query(
                    "INSERT INTO task_checkpoints (task_id, body) VALUES ($1, $2) \
                     ON CONFLICT (task_id) DO UPDATE SET body = excluded.body",
                )
                .bind(fence.task.0)
                .bind(&body)
                .execute(&mut *tx)
                .await
                .map_err(|error| pg_error("put_checkpoint", error))?;
                usage::count_charged(tx, owner, before.as_deref(), &checkpoint).await
            })
            .await
    }

    async fn checkpoint(&self, id: TaskId) -> Result<Option<serde_json::Value>> {
        let row = self
            .database
            .call("checkpoint", async |connection| {
                sqlx::query("SELECT body FROM task_checkpoints WHERE task_id = $1")
                    .bind(id.0)
                    .fetch_optional(connection)
                    .await
                    .map_err(|error| pg_error("checkpoint", error))
            })
            .await?;
        row.map(|row| serde_json::from_str(column(&row, "body")?).map_err(|error| corrupt("body", error)))
            .transpose()
    }
}
