//! Pages by what they were read from and how.

use async_trait::async_trait;
use ocr_core::{
    Result,
    clock::Timestamp,
    id::UserId,
    same_page_store::{EarlierPage, SamePageStore},
};
use sqlx::postgres::PgRow;

use super::PgStore;
use crate::{
    by_hand::readable,
    postgres::{
        error::pg_error,
        rows::{column, corrupt, task_id},
    },
};

#[async_trait]
impl SamePageStore for PgStore {
    async fn same_page(
        &self,
        owner: UserId,
        digest: String,
        since: Timestamp,
    ) -> Result<Option<EarlierPage>> {
        // Ids grow with time, and the index has them in order: the first row is the answer, however many follow.
        let row = self
            .database
            .call("same_page", async |connection| {
                sqlx::query(
                    "SELECT p.task_id, p.body FROM result_pages p JOIN tasks t ON t.id = p.task_id \
                     WHERE p.digest = $1 AND t.user_id = $2 AND t.deleted_at IS NULL \
                     AND t.created_at >= $3::timestamptz AT TIME ZONE 'UTC' \
                     ORDER BY p.task_id DESC, p.number DESC LIMIT 1",
                )
                .bind(&digest)
                .bind(owner.0)
                .bind(since)
                .fetch_optional(connection)
                .await
                .map_err(|error| pg_error("same_page", error))
            })
            .await?;
        Ok(row.and_then(|row| readable(earlier_page(&row))))
    }
}

fn earlier_page(row: &PgRow) -> Result<EarlierPage> {
    let body: &str = column(row, "body")?;
    let page = serde_json::from_str(body).map_err(|error| corrupt("body", error))?;
    Ok(EarlierPage::new(task_id(row, "task_id")?, page))
}
