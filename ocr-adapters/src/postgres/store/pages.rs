//! Recognised pages.

use std::collections::BTreeMap;

use ocr_core::{Result, id::TaskId, model::PageText, store::Scope};

use super::{PgStore, transition::check_held};
use crate::postgres::{
    error::pg_error,
    rows::{column, corrupt, count},
};

pub(super) async fn put_pages(store: &PgStore, id: TaskId, attempt: u32, pages: Vec<PageText>) -> Result<()> {
    // One statement cannot write a row twice; of two pages with one number the last is meant.
    let mut bodies = BTreeMap::new();
    for page in &pages {
        let body = serde_json::to_string(page).map_err(|error| corrupt("body", error))?;
        bodies.insert(i64::from(page.number), body);
    }
    let (numbers, bodies): (Vec<i64>, Vec<String>) = bodies.into_iter().unzip();
    store
        .database
        .transaction("put_pages", async |tx| {
            check_held(tx, id, attempt, "put_pages").await?;
            sqlx::query(
                "INSERT INTO result_pages (task_id, number, body) \
                 SELECT $1, number, body FROM UNNEST($2::bigint[], $3::text[]) AS new (number, body) \
                 ON CONFLICT (task_id, number) DO UPDATE SET body = excluded.body",
            )
            .bind(id.0)
            .bind(&numbers)
            .bind(&bodies)
            .execute(tx)
            .await
            .map(drop)
            .map_err(|error| pg_error("put_pages", error))
        })
        .await
}

pub(super) async fn page_numbers(store: &PgStore, id: TaskId) -> Result<Vec<u32>> {
    let rows = store
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

pub(super) async fn pages(
    store: &PgStore,
    scope: Scope,
    id: TaskId,
    from: u32,
    to: u32,
) -> Result<Vec<PageText>> {
    let owner = match scope {
        Scope::Owner(owner) => Some(owner.0),
        Scope::System => None,
    };
    let rows = store
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
