//! Store, Queue and SearchIndex in one SQLite file: nothing to install, several processes on one machine.
//!
//! Journal mode WAL with `synchronous=FULL`, so that what was acknowledged survives a loss of
//! power. All writes of a process go through one connection, so that they wait for each other in
//! memory instead of failing with `SQLITE_BUSY`; other processes are waited for by busy timeout.

mod error;
mod queue;
mod rows;
mod search;
mod store;

pub use queue::SqliteQueue;
pub use search::SqliteSearchIndex;
pub use store::SqliteStore;

use std::{fs::File, path::Path, time::Duration};

use ocr_core::{Error, ErrorKind, Result};
use sqlx::{
    Connection, Sqlite, SqliteConnection, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use error::sqlite_error;

/// How long to wait for another process that holds the write lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait for a connection of the pool.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections for reading.
const READERS: u32 = 4;

/// An open database file, shared by store and queue. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SqliteDatabase {
    read: SqlitePool,
    write: SqlitePool,
}

impl SqliteDatabase {
    /// Opens the database file at `path`, creating it when it does not exist, and brings its schema
    /// up to date. Safe to call from several processes at once.
    ///
    /// # Errors
    /// `Config` when the file cannot be opened or the schema is newer than this program.
    pub async fn open(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let pool = |connections| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(ACQUIRE_TIMEOUT)
        };
        let _alone = lock(path).await?;
        let write = pool(1)
            .connect_with(options.clone())
            .await
            .map_err(|error| sqlite_error("open", error))?;
        ocr_migrations::SQLITE.run(&write).await.map_err(|error| {
            let message = "the database schema could not be brought up to date";
            Error::new(ErrorKind::Config, message)
                .with_source(error)
                .at("sqlite", "migrate")
        })?;
        let read = pool(READERS).connect_lazy_with(options.read_only(true));
        Ok(Self { read, write })
    }

    /// Number of the schema of the file at `path`, which is only read; `None` when there is no file, or no
    /// schema in it.
    ///
    /// # Errors
    /// `Unavailable` when the file cannot be read.
    pub async fn schema(path: &Path) -> Result<Option<i64>> {
        if !path.exists() {
            return Ok(None);
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            .busy_timeout(BUSY_TIMEOUT);
        let read = async {
            let mut connection = SqliteConnection::connect_with(&options).await?;
            let known = "SELECT 1 FROM sqlite_schema WHERE name = '_sqlx_migrations'";
            if sqlx::query(known)
                .fetch_optional(&mut connection)
                .await?
                .is_none()
            {
                return Ok(None);
            }
            let newest = sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations");
            let newest: Option<i64> = newest.fetch_one(&mut connection).await?;
            connection.close().await?;
            Ok(newest)
        };
        read.await.map_err(|error| sqlite_error("schema", error))
    }

    /// Number of the schema that this program works with.
    pub fn wanted_schema() -> i64 {
        ocr_migrations::SQLITE
            .iter()
            .map(|migration| migration.version)
            .max()
            .unwrap_or_default()
    }

    /// Waits for running statements and closes the file.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }

    /// A transaction that holds the write lock from its start, so that what it reads stays true.
    async fn begin(&self, operation: &'static str) -> Result<Transaction<'static, Sqlite>> {
        self.write
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(|error| sqlite_error(operation, error))
    }

    async fn check(&self) -> Result<()> {
        // A table, so that the file is read and has the schema.
        sqlx::query("SELECT 1 FROM queue_items LIMIT 1")
            .fetch_optional(&self.write)
            .await
            .map(drop)
            .map_err(|error| sqlite_error("check", error))
    }
}

/// Waits until this process alone may change the schema; SQLite itself has no lock for that. Let go
/// when dropped.
async fn lock(path: &Path) -> Result<File> {
    let path = path.with_extension("lock");
    let locked = tokio::task::spawn_blocking(move || {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)?;
        file.lock()?;
        Ok(file)
    });
    let failed = |error: std::io::Error| {
        Error::new(
            ErrorKind::Config,
            "the directory of the database cannot be written",
        )
        .with_source(error)
    };
    locked
        .await
        .map_err(|error| failed(std::io::Error::other(error)))?
        .map_err(failed)
}
