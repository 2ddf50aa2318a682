//! Store, Queue, SearchIndex and AccountStore in one SQLite file: nothing to install, several processes on one machine.
//!
//! Journal mode WAL with `synchronous=FULL`, so that what was acknowledged survives a loss of
//! power. All writes of a process go through one connection, so that they wait for each other in
//! memory instead of failing with `SQLITE_BUSY`; other processes are waited for by busy timeout.

mod account_store;
mod error;
mod queue;
mod reserve;
mod rows;
mod search;
mod store;

pub use account_store::SqliteAccountStore;
pub use queue::SqliteQueue;
pub use search::SqliteSearchIndex;
pub use store::SqliteStore;

use std::{fs::File, path::Path, sync::Arc, time::Duration};

use ocr_core::{Error, ErrorKind, Result};
use sqlx::{
    Connection, Sqlite, SqliteConnection, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use self::{error::sqlite_error, reserve::Reserve};
use crate::disk_room::DiskRoom;

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
    reserve: Arc<Reserve>,
    room: DiskRoom,
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
                // On a full disk SQLite ends a transaction by itself, of which its connection here never
                // learns: it would refuse every transaction from then on.
                .after_release(|connection, _| {
                    Box::pin(async move {
                        // What was sent before, such as a rollback, is done when this is answered.
                        connection.ping().await?;
                        Ok(!connection.is_in_transaction())
                    })
                })
        };
        let _alone = lock(path).await?;
        let reserve = Reserve::beside(path);
        reserve.adjust();
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
        Ok(Self {
            read,
            write,
            reserve: Arc::new(reserve),
            room: DiskRoom::new(path.parent().unwrap_or_else(|| Path::new(".")), 0),
        })
    }

    /// The same, where new tasks and what is read in documents are refused with `StorageFull` when `room` has
    /// none. Everything else may be written as long as the disk holds it.
    pub fn with_room(self, room: DiskRoom) -> Self {
        Self { room, ..self }
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
        self.writer()
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(|error| sqlite_error(operation, error))
    }

    /// As [`SqliteDatabase::begin`], for what makes the database grow.
    async fn begin_growing(&self, operation: &'static str) -> Result<Transaction<'static, Sqlite>> {
        self.room
            .check(0)
            .map_err(|error| error.at("sqlite", operation))?;
        self.begin(operation).await
    }

    /// The connection that writes.
    fn writer(&self) -> &SqlitePool {
        self.reserve.adjust();
        &self.write
    }

    async fn check(&self) -> Result<()> {
        self.room.check(0).map_err(|error| error.at("sqlite", "check"))?;
        let checks = async {
            // A table, so that the file is read and has the schema.
            sqlx::query("SELECT 1 FROM queue_items LIMIT 1")
                .fetch_optional(&self.write)
                .await?;
            // Nobody uses this number. It is written to the disk although it stays the same.
            sqlx::query("PRAGMA user_version = 0")
                .execute(self.writer())
                .await
        };
        checks
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Fills the database up to a maximum size, as a full disk would: SQLite answers both with `SQLITE_FULL`.
    async fn fill(database: &SqliteDatabase) -> Error {
        let mut tx = database.begin("fill").await.unwrap();
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
            .fetch_one(&mut *tx)
            .await
            .unwrap();
        // A pragma takes no parameters.
        let limit = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {}", pages + 2));
        sqlx::query(limit).execute(&mut *tx).await.unwrap();
        let filled = sqlx::query("INSERT INTO users (id, email) VALUES ('x', hex(zeroblob(1000000)))")
            .execute(&mut *tx)
            .await;
        sqlite_error("fill", filled.unwrap_err())
    }

    #[tokio::test]
    async fn a_full_disk_does_not_end_all_writing() {
        let folder = tempfile::tempdir().unwrap();
        let database = SqliteDatabase::open(&folder.path().join("ocr.sqlite"))
            .await
            .unwrap();
        for _ in 0..3 {
            let full = fill(&database).await;
            assert_eq!(full.kind(), ErrorKind::StorageFull);
            assert!(full.is_transient());
        }
        database.check().await.unwrap();
        let tx = database.begin("next").await.unwrap();
        tx.commit().await.unwrap();
        drop(database.begin("dropped").await.unwrap());
        database.begin("after").await.unwrap().commit().await.unwrap();
    }

    #[tokio::test]
    async fn a_database_without_room_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let database = SqliteDatabase::open(&folder.path().join("ocr.sqlite"))
            .await
            .unwrap()
            .with_room(DiskRoom::new(folder.path(), u64::MAX));
        assert_eq!(database.check().await.unwrap_err().kind(), ErrorKind::StorageFull);
        let grows = database.begin_growing("grows").await;
        assert_eq!(grows.unwrap_err().kind(), ErrorKind::StorageFull);
        database.begin("small").await.unwrap().commit().await.unwrap();
    }
}
