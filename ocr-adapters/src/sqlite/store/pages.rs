//! Recognised pages.

use ocr_core::{Result, id::TaskId, model::PageText, store::Scope};

use super::{SqliteStore, owner_of, transition::check_held};
use crate::sqlite::{
    error::sqlite_error,
    rows::{column, corrupt, count},
};

pub(super) async fn put_pages(
    store: &SqliteStore,
    id: TaskId,
    attempt: u32,
    pages: Vec<PageText>,
) -> Result<()> {
    let mut tx = store.database.begin("put_pages").await?;
    check_held(&mut tx, id, attempt).await?;
    for page in pages {
        let body = serde_json::to_string(&page).map_err(|error| corrupt("body", error))?;
        sqlx::query(
            "INSERT INTO result_pages (task_id, number, body) VALUES (?1, ?2, ?3) \
             ON CONFLICT (task_id, number) DO UPDATE SET body = excluded.body",
        )
        .bind(id.to_string())
        .bind(page.number)
        .bind(body)
        .execute(&mut *tx)
        .await
        .map_err(|error| sqlite_error("put_pages", error))?;
    }
    tx.commit()
        .await
        .map_err(|error| sqlite_error("put_pages", error))
}

pub(super) async fn page_numbers(store: &SqliteStore, id: TaskId) -> Result<Vec<u32>> {
    let rows = sqlx::query("SELECT number FROM result_pages WHERE task_id = ?1 ORDER BY number")
        .bind(id.to_string())
        .fetch_all(&store.database.read)
        .await
        .map_err(|error| sqlite_error("page_numbers", error))?;
    rows.iter().map(|row| count(row, "number")).collect()
}

pub(super) async fn pages(
    store: &SqliteStore,
    scope: Scope,
    id: TaskId,
    from: u32,
    to: u32,
) -> Result<Vec<PageText>> {
    let rows = sqlx::query(
        "SELECT p.body FROM result_pages p JOIN tasks t ON t.id = p.task_id \
         WHERE p.task_id = ?1 AND p.number BETWEEN ?2 AND ?3 \
         AND (?4 IS NULL OR (t.user_id = ?4 AND t.deleted_at IS NULL)) ORDER BY p.number",
    )
    .bind(id.to_string())
    .bind(from)
    .bind(to)
    .bind(owner_of(scope))
    .fetch_all(&store.database.read)
    .await
    .map_err(|error| sqlite_error("pages", error))?;
    rows.iter()
        .map(|row| serde_json::from_str(column(row, "body")?).map_err(|error| corrupt("body", error)))
        .collect()
}
