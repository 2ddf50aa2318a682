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
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use crate::{
    by_hand::readable,
    sqlite::{
        error::sqlite_error,
        rows::{column, parsed},
    },
};

#[async_trait]
impl SavedSearchStore for SqliteStore {
    async fn saved_searches(&self, owner: UserId) -> Result<Vec<SavedSearch>> {
        let rows = sqlx::query("SELECT id, name, query FROM saved_searches WHERE user_id = ?1 ORDER BY key")
            .bind(owner.to_string())
            .fetch_all(&self.database.read)
            .await
            .map_err(|error| sqlite_error("saved_searches", error))?;
        Ok(rows
            .iter()
            .filter_map(|row| readable(saved_search(row)))
            .collect())
    }

    async fn save_search(&self, owner: UserId, search: SavedSearch) -> Result<SavedSearch> {
        let failed = |error| sqlite_error("save_search", error);
        let mut tx = self.database.begin_growing("save_search").await?;
        let row = sqlx::query(
            "INSERT INTO saved_searches (id, user_id, key, name, query) SELECT ?1, ?2, ?3, ?4, ?5 \
             WHERE (SELECT COUNT(*) FROM saved_searches WHERE user_id = ?2 AND key <> ?3) < ?6 \
             ON CONFLICT (user_id, key) DO UPDATE SET name = excluded.name, query = excluded.query \
             RETURNING id, name, query",
        )
        .bind(search.id.to_string())
        .bind(owner.to_string())
        .bind(search.name.key())
        .bind(search.name.as_str())
        .bind(&search.query)
        .bind(MAX_SAVED_SEARCHES as i64)
        .fetch_optional(&mut *tx)
        .await
        .map_err(failed)?;
        let saved = saved_search(&row.ok_or_else(too_many_saved_searches)?)?;
        tx.commit().await.map_err(failed)?;
        Ok(saved)
    }

    async fn delete_saved_search(&self, owner: UserId, id: SavedSearchId) -> Result<()> {
        let failed = |error| sqlite_error("delete_saved_search", error);
        let mut tx = self.database.begin("delete_saved_search").await?;
        let deleted = sqlx::query("DELETE FROM saved_searches WHERE user_id = ?1 AND id = ?2")
            .bind(owner.to_string())
            .bind(id.to_string())
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        if deleted.rows_affected() == 0 {
            return Err(no_such_saved_search());
        }
        tx.commit().await.map_err(failed)
    }
}

fn saved_search(row: &SqliteRow) -> Result<SavedSearch> {
    let name = FilingName::new(column(row, "name")?)?;
    Ok(SavedSearch::new(
        parsed(row, "id")?,
        name,
        column::<String>(row, "query")?,
    ))
}
