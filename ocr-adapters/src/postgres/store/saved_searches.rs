//! Queries that users gave a name.

use async_trait::async_trait;
use ocr_core::{
    Result,
    id::{SavedSearchId, UserId},
    model::FilingName,
    saved_search_store::{
        MAX_SAVED_SEARCHES, SavedSearch, SavedSearchStore, no_such_saved_search, too_many_saved_searches,
    },
};
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::PgStore;
use crate::{
    by_hand::readable,
    postgres::{
        error::pg_error,
        rows::{column, row_limit, storable},
    },
};

#[async_trait]
impl SavedSearchStore for PgStore {
    async fn saved_searches(&self, owner: UserId) -> Result<Vec<SavedSearch>> {
        let rows = self
            .database
            .call("saved_searches", async |connection| {
                sqlx::query("SELECT id, name, query FROM saved_searches WHERE user_id = $1 ORDER BY key")
                    .bind(owner.0)
                    .fetch_all(connection)
                    .await
                    .map_err(|error| pg_error("saved_searches", error))
            })
            .await?;
        Ok(rows
            .iter()
            .filter_map(|row| readable(saved_search(row)))
            .collect())
    }

    async fn save_search(&self, owner: UserId, search: SavedSearch) -> Result<SavedSearch> {
        let row = self
            .database
            .call("save_search", async |connection| {
                sqlx::query(
                    "INSERT INTO saved_searches (id, user_id, key, name, query) \
                     SELECT $1::uuid, $2::uuid, $3::text, $4::text, $5::text \
                     WHERE (SELECT COUNT(*) FROM saved_searches s WHERE s.user_id = $2 AND s.key <> $3) < $6 \
                     ON CONFLICT (user_id, key) DO UPDATE SET name = excluded.name, query = excluded.query \
                     RETURNING id, name, query",
                )
                .bind(search.id.0)
                .bind(owner.0)
                .bind(search.name.key())
                .bind(search.name.as_str())
                .bind(storable(&search.query))
                .bind(row_limit(MAX_SAVED_SEARCHES))
                .fetch_optional(connection)
                .await
                .map_err(|error| pg_error("save_search", error))
            })
            .await?;
        saved_search(&row.ok_or_else(too_many_saved_searches)?)
    }

    async fn delete_saved_search(&self, owner: UserId, id: SavedSearchId) -> Result<()> {
        let deleted = self
            .database
            .call("delete_saved_search", async |connection| {
                sqlx::query("DELETE FROM saved_searches WHERE user_id = $1 AND id = $2")
                    .bind(owner.0)
                    .bind(id.0)
                    .execute(connection)
                    .await
                    .map_err(|error| pg_error("delete_saved_search", error))
            })
            .await?;
        if deleted.rows_affected() == 0 {
            return Err(no_such_saved_search());
        }
        Ok(())
    }
}

fn saved_search(row: &PgRow) -> Result<SavedSearch> {
    let id: Uuid = column(row, "id")?;
    let name = FilingName::new(column(row, "name")?)?;
    Ok(SavedSearch::new(
        SavedSearchId(id),
        name,
        column::<String>(row, "query")?,
    ))
}
