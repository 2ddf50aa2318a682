//! The search index: FTS5 over tokens that the core makes.

mod expression;
mod question;
mod upkeep;

use async_trait::async_trait;
use ocr_core::{
    Error, ErrorKind, Result,
    id::TaskId,
    search_index::{FoundPage, IndexBatch, IndexEntry, IndexRequest, SearchCapabilities, SearchIndex},
    store::{ChangeCursor, Scope},
};
use sqlx::{Sqlite, SqliteConnection, Transaction, sqlite::SqliteRow};

use super::{
    SqliteDatabase,
    error::sqlite_error,
    rows::{column, corrupt, count, parsed, time},
};

/// A search index in the tables of a [`SqliteDatabase`].
#[derive(Debug)]
pub struct SqliteSearchIndex {
    database: SqliteDatabase,
}

impl SqliteSearchIndex {
    /// The search index of `database`.
    pub fn new(database: SqliteDatabase) -> Self {
        Self { database }
    }
}

#[async_trait]
impl SearchIndex for SqliteSearchIndex {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn capabilities(&self) -> SearchCapabilities {
        SearchCapabilities::default().with_typing(true).with_durable(true)
    }

    async fn check(&self) -> Result<()> {
        self.position().await.map(drop)
    }

    async fn position(&self) -> Result<Option<ChangeCursor>> {
        let connection = self.database.read.acquire().await;
        let mut connection = connection.map_err(|error| sqlite_error("position", error))?;
        position(&mut connection).await
    }

    async fn apply(&self, batch: IndexBatch) -> Result<()> {
        let failed = |error| sqlite_error("apply", error);
        let mut tx = self.database.begin("apply").await?;
        if position(&mut tx).await? != batch.since {
            return Err(Error::new(ErrorKind::Conflict, "the search index has moved on"));
        }
        for task in &batch.remove {
            upkeep::remove(&mut tx, *task).await.map_err(failed)?;
        }
        for document in &batch.put {
            upkeep::remove(&mut tx, document.task).await.map_err(failed)?;
        }
        for document in &batch.put {
            upkeep::put(&mut tx, document).await.map_err(failed)?;
        }
        if batch.position != batch.since {
            move_to(&mut tx, batch.position).await.map_err(failed)?;
        }
        tx.commit().await.map_err(failed)
    }

    async fn clear(&self) -> Result<()> {
        let mut tx = self.database.begin("clear").await?;
        for table in [
            "search_position",
            "search_documents",
            "search_text",
            "search_vocabulary",
        ] {
            sqlx::query(sqlx::AssertSqlSafe(format!("DELETE FROM {table}")))
                .execute(&mut *tx)
                .await
                .map_err(|error| sqlite_error("clear", error))?;
        }
        tx.commit().await.map_err(|error| sqlite_error("clear", error))
    }

    async fn search(&self, scope: Scope, request: IndexRequest) -> Result<Vec<FoundPage>> {
        question::search(&self.database.read, scope, &request).await
    }

    async fn entries(&self, after: Option<TaskId>, limit: usize) -> Result<Vec<IndexEntry>> {
        let rows = sqlx::query(
            "SELECT task_id, updated_at, pages FROM search_documents WHERE task_id > ?1 ORDER BY task_id LIMIT ?2",
        )
        .bind(after.map_or_else(String::new, |after| after.to_string()))
        .bind(limit as i64)
        .fetch_all(&self.database.read)
        .await
        .map_err(|error| sqlite_error("entries", error))?;
        rows.iter().map(entry).collect()
    }
}

fn entry(row: &SqliteRow) -> Result<IndexEntry> {
    Ok(IndexEntry::new(
        parsed(row, "task_id")?,
        time(row, "updated_at")?,
        count(row, "pages")?,
    ))
}

async fn position(connection: &mut SqliteConnection) -> Result<Option<ChangeCursor>> {
    let row = sqlx::query("SELECT xid, seq FROM search_position")
        .fetch_optional(connection)
        .await
        .map_err(|error| sqlite_error("position", error))?;
    let Some(row) = row else { return Ok(None) };
    let xid: &str = column(&row, "xid")?;
    let xid = xid
        .parse()
        .map_err(|error: std::num::ParseIntError| corrupt("xid", error))?;
    let seq = column(&row, "seq")?;
    Ok(Some(ChangeCursor { xid, seq }))
}

async fn move_to(tx: &mut Transaction<'static, Sqlite>, position: Option<ChangeCursor>) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM search_position")
        .execute(&mut **tx)
        .await?;
    if let Some(ChangeCursor { xid, seq }) = position {
        sqlx::query("INSERT INTO search_position (one, xid, seq) VALUES (1, ?1, ?2)")
            .bind(xid.to_string())
            .bind(seq)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}
