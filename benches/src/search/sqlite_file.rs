//! A SQLite file, opened beside whoever else has it open.

use std::{path::Path, time::Duration};

use anyhow::Result;
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

/// How long to wait for others.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// A SQLite file with one connection, as durable as ours.
#[derive(Debug, Clone)]
pub(crate) struct SqliteFile(pub(crate) SqlitePool);

impl SqliteFile {
    /// The file at `path`, which is created when it does not exist.
    pub(crate) async fn open(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT);
        let pool = SqlitePoolOptions::new().max_connections(1);
        Ok(Self(pool.connect_with(options).await?))
    }

    /// Moves what was written into the file itself, as far as nobody reads what is older.
    pub(crate) async fn checkpoint(&self) -> Result<()> {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&self.0)
            .await?;
        Ok(())
    }

    /// Bytes of all tables whose names begin with `name`, and of their indexes.
    pub(crate) async fn bytes_of(&self, name: &str) -> Result<u64> {
        let parts: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM sqlite_schema WHERE rootpage > 0 AND substr(tbl_name, 1, length(?1)) = ?1",
        )
        .bind(name)
        .fetch_all(&self.0)
        .await?;
        let mut bytes = 0;
        for part in parts {
            let size: i64 = sqlx::query_scalar(
                "SELECT COALESCE(SUM(pgsize), 0) FROM dbstat WHERE aggregate = TRUE AND name = ?1",
            )
            .bind(part)
            .fetch_one(&self.0)
            .await?;
            bytes += size.unsigned_abs();
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tables_are_weighed_by_the_beginning_of_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let file = SqliteFile::open(&folder.path().join("test.sqlite"))
            .await
            .unwrap();
        for statement in [
            "CREATE TABLE search_one (text TEXT PRIMARY KEY)",
            "CREATE VIRTUAL TABLE search_two USING fts5 (body)",
            "CREATE TABLE other (text TEXT)",
            "INSERT INTO search_one VALUES (hex(zeroblob(100000)))",
            "INSERT INTO other VALUES (hex(zeroblob(900000)))",
        ] {
            sqlx::query(statement).execute(&file.0).await.unwrap();
        }
        file.checkpoint().await.unwrap();
        // Once in the table and once in the index of its key.
        let bytes = file.bytes_of("search").await.unwrap();
        assert!((400_000..600_000).contains(&bytes), "{bytes}");
    }
}
