//! Store, Queue, Notifier, SearchIndex, AccountStore and RateLimiter in Postgres 13 or newer.
//!
//! Time is the database's own. Every call has a time limit; a connection whose call was abandoned is closed,
//! because it may still receive the answer to that call. One connection of a process listens and wakes
//! whoever waits; polling finds what it misses.

mod account_store;
mod changes;
mod config;
mod error;
mod listen;
mod notifier;
mod queue;
mod rate_limiter;
mod rows;
mod search;
mod session;
mod store;

pub use account_store::PgAccountStore;
pub use changes::ChangeWake;
pub use config::{PgAddress, PgConfig};
pub use notifier::PgNotifier;
pub use queue::PgQueue;
pub use rate_limiter::PgRateLimiter;
pub use search::PgSearchIndex;
pub use store::PgStore;

use std::{fmt, sync::Arc, time::Duration};

use ocr_core::Result;
use sqlx::{
    Connection as _, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use error::{migrate_error, pg_error, timed_out};
use listen::Listener;

/// A connection that was idle for longer is asked whether it still works before it is used.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);
/// How long connecting for that may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// How long bringing the schema up to date may take, other processes doing so included.
const MIGRATION_LIMIT: Duration = Duration::from_mins(30);
/// What we allow the network on top of the time the server has.
const GRACE: Duration = Duration::from_millis(500);

/// A database, shared by store, queue and notifier. Cheap to clone.
#[derive(Clone)]
pub struct PgDatabase {
    inner: Arc<Inner>,
}

struct Inner {
    pool: PgPool,
    listener: Listener,
    patient: PgConnectOptions,
    config: PgConfig,
}

impl fmt::Debug for PgDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgDatabase")
            .field("config", &self.inner.config)
            .finish_non_exhaustive()
    }
}

impl PgDatabase {
    /// The database that `config` names. Connects when first used, so that a process may start before
    /// its database.
    ///
    /// # Errors
    /// `Config` when the address cannot be understood.
    pub fn new(config: PgConfig) -> Result<Self> {
        let pool = PgPoolOptions::new()
            .max_connections(config.pool_size.max(1))
            .acquire_timeout(config.acquire_timeout)
            .test_before_acquire(false)
            .before_acquire(|connection, used| {
                Box::pin(async move {
                    if used.idle_for > TRUSTED_IDLE {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(config.options()?);
        let patient = config.patient_options()?;
        let listener = Listener::new(patient.clone(), config.listen);
        let inner = Inner {
            pool,
            listener,
            patient,
            config,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Brings the schema up to date. Safe to call from many processes at once, and on a database that
    /// has the tables in their first form.
    ///
    /// # Errors
    /// `Config` when the schema is newer than this program, the database does not exist or the user may
    /// not use or change it; `Unavailable` or `Timeout` when it cannot be reached.
    pub async fn migrate(&self) -> Result<()> {
        let work = async {
            let connecting = sqlx::PgConnection::connect_with(&self.inner.patient);
            let mut connection = tokio::time::timeout(CONNECT_LIMIT, connecting)
                .await
                .map_err(|_| timed_out("migrate", CONNECT_LIMIT))?
                .map_err(|error| pg_error("migrate", error))?;
            ocr_migrations::POSTGRES
                .run_direct(None, &mut connection, false)
                .await
                .map_err(migrate_error)?;
            // A database that was restored elsewhere counts its transactions anew; what the log holds
            // from the future would hide what is added from now on.
            sqlx::query("DELETE FROM change_log WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())")
                .execute(&mut connection)
                .await
                .map_err(|error| pg_error("migrate", error))?;
            connection
                .close()
                .await
                .map_err(|error| pg_error("migrate", error))
        };
        tokio::time::timeout(MIGRATION_LIMIT, work)
            .await
            .unwrap_or_else(|_| Err(timed_out("migrate", MIGRATION_LIMIT)))
    }

    /// Number of the schema of the database, which is only read; `None` when it has none.
    ///
    /// # Errors
    /// As [`PgDatabase::migrate`].
    pub async fn schema(&self) -> Result<Option<i64>> {
        self.call("schema", async |connection| {
            let failed = |error| pg_error("schema", error);
            let known: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
                .fetch_one(&mut *connection)
                .await
                .map_err(failed)?;
            if !known {
                return Ok(None);
            }
            sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations")
                .fetch_one(connection)
                .await
                .map_err(failed)
        })
        .await
    }

    /// Number of the schema that this program works with.
    pub fn wanted_schema() -> i64 {
        ocr_migrations::POSTGRES
            .iter()
            .map(|migration| migration.version)
            .max()
            .unwrap_or_default()
    }

    /// Stops listening, waits for running calls and closes all connections.
    pub async fn close(&self) {
        self.inner.listener.stop();
        self.inner.pool.close().await;
    }

    /// Succeeds when the database answers and has our schema.
    async fn check(&self) -> Result<()> {
        self.call("check", async |connection| {
            sqlx::query("SELECT 1 FROM queue_items LIMIT 1")
                .execute(connection)
                .await
                .map(drop)
                .map_err(|error| pg_error("check", error))
        })
        .await
    }

    fn config(&self) -> &PgConfig {
        &self.inner.config
    }

    fn listener(&self) -> &Listener {
        &self.inner.listener
    }
}
