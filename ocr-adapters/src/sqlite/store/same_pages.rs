//! Pages by what they were read from and how.

use async_trait::async_trait;
use ocr_core::{
    Result,
    clock::Timestamp,
    id::UserId,
    same_page_store::{EarlierPage, SamePageStore},
};
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use crate::{
    by_hand::readable,
    sqlite::{
        error::sqlite_error,
        rows::{column, corrupt, parsed, text_time},
    },
};

#[async_trait]
impl SamePageStore for SqliteStore {
    async fn same_page(
        &self,
        owner: UserId,
        digest: String,
        since: Timestamp,
    ) -> Result<Option<EarlierPage>> {
        // Ids grow with time, and the index has them in order: the first row is the answer, however many follow.
        let row = sqlx::query(
            "SELECT p.task_id, p.body FROM result_pages p JOIN tasks t ON t.id = p.task_id \
             WHERE p.digest = ?1 AND t.user_id = ?2 AND t.deleted_at IS NULL AND t.created_at >= ?3 \
             ORDER BY p.task_id DESC, p.number DESC LIMIT 1",
        )
        .bind(digest)
        .bind(owner.to_string())
        .bind(text_time(since))
        .fetch_optional(&self.database.read)
        .await
        .map_err(|error| sqlite_error("same_page", error))?;
        Ok(row.and_then(|row| readable(earlier_page(&row))))
    }
}

fn earlier_page(row: &SqliteRow) -> Result<EarlierPage> {
    let body: &str = column(row, "body")?;
    let page = serde_json::from_str(body).map_err(|error| corrupt("body", error))?;
    Ok(EarlierPage::new(parsed(row, "task_id")?, page))
}
