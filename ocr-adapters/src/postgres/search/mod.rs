//! The search index: `tsvector` of tokens that the core makes, with a GIN index. No text search configuration and no
//! extension takes part, so every Postgres answers alike.

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
use sqlx::{PgConnection, postgres::PgRow};
use uuid::Uuid;

use super::{
    PgDatabase,
    error::pg_error,
    rows::{column, corrupt, count, row_limit, task_id},
};

/// A search index in the tables of a [`PgDatabase`].
#[derive(Debug)]
pub struct PgSearchIndex {
    database: PgDatabase,
}

impl PgSearchIndex {
    /// The search index of `database`, whose schema is up to date.
    pub fn new(database: PgDatabase) -> Self {
        Self { database }
    }
}

#[async_trait]
impl SearchIndex for PgSearchIndex {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn capabilities(&self) -> SearchCapabilities {
        SearchCapabilities::default().with_typing(true).with_durable(true)
    }

    async fn check(&self) -> Result<()> {
        self.position().await.map(drop)
    }

    async fn position(&self) -> Result<Option<ChangeCursor>> {
        self.database.call("position", position).await
    }

    async fn apply(&self, batch: IndexBatch) -> Result<()> {
        let failed = |error| pg_error("apply", error);
        self.database
            .transaction("apply", async |tx| {
                lock(tx).await?;
                if position(tx).await? != batch.since {
                    return Err(Error::new(ErrorKind::Conflict, "the search index has moved on"));
                }
                let replaced = batch.put.iter().map(|document| document.task);
                let gone: Vec<Uuid> = batch
                    .remove
                    .iter()
                    .copied()
                    .chain(replaced)
                    .map(|task| task.0)
                    .collect();
                if !gone.is_empty() {
                    upkeep::remove(tx, &gone).await.map_err(failed)?;
                }
                for document in &batch.put {
                    upkeep::put(tx, document).await.map_err(failed)?;
                }
                if batch.position != batch.since {
                    move_to(tx, batch.position).await.map_err(failed)?;
                }
                Ok(())
            })
            .await
    }

    async fn clear(&self) -> Result<()> {
        self.database
            .transaction("clear", async |tx| {
                lock(tx).await?;
                for statement in [
                    "DELETE FROM search_position",
                    "DELETE FROM search_documents",
                    "DELETE FROM search_vocabulary",
                ] {
                    let deleted = sqlx::query(statement).execute(&mut *tx).await;
                    deleted.map_err(|error| pg_error("clear", error))?;
                }
                Ok(())
            })
            .await
    }

    async fn search(&self, scope: Scope, request: IndexRequest) -> Result<Vec<FoundPage>> {
        self.database
            .call("search", async |connection| {
                question::search(connection, scope, &request).await
            })
            .await
    }

    async fn entries(&self, after: Option<TaskId>, limit: usize) -> Result<Vec<IndexEntry>> {
        let rows = self
            .database
            .call("entries", async |connection| {
                sqlx::query(
                    "SELECT task_id, updated_at, pages FROM search_documents \
                     WHERE $1::uuid IS NULL OR task_id > $1 ORDER BY task_id LIMIT $2",
                )
                .bind(after.map(|after| after.0))
                .bind(row_limit(limit))
                .fetch_all(connection)
                .await
                .map_err(|error| pg_error("entries", error))
            })
            .await?;
        rows.iter().map(entry).collect()
    }
}

fn entry(row: &PgRow) -> Result<IndexEntry> {
    Ok(IndexEntry::new(
        task_id(row, "task_id")?,
        column(row, "updated_at")?,
        count(row, "pages")?,
    ))
}

/// Lets nobody else change the index until the end of the transaction. Reading goes on.
async fn lock(tx: &mut PgConnection) -> Result<()> {
    sqlx::query("LOCK TABLE search_position IN EXCLUSIVE MODE")
        .execute(tx)
        .await
        .map(drop)
        .map_err(|error| pg_error("lock", error))
}

async fn position(connection: &mut PgConnection) -> Result<Option<ChangeCursor>> {
    let row = sqlx::query("SELECT xid, seq FROM search_position")
        .fetch_optional(connection)
        .await
        .map_err(|error| pg_error("position", error))?;
    let Some(row) = row else { return Ok(None) };
    let xid: &str = column(&row, "xid")?;
    let xid = xid
        .parse()
        .map_err(|error: std::num::ParseIntError| corrupt("xid", error))?;
    let seq = column(&row, "seq")?;
    Ok(Some(ChangeCursor { xid, seq }))
}

async fn move_to(tx: &mut PgConnection, position: Option<ChangeCursor>) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM search_position")
        .execute(&mut *tx)
        .await?;
    if let Some(ChangeCursor { xid, seq }) = position {
        sqlx::query("INSERT INTO search_position (one, xid, seq) VALUES (true, $1, $2)")
            .bind(xid.to_string())
            .bind(seq)
            .execute(tx)
            .await?;
    }
    Ok(())
}
