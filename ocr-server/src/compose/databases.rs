//! The database servers and files that settings name, each opened at most once.

use std::path::PathBuf;

use anyhow::{Context, Result};
#[cfg(feature = "postgres")]
use ocr_adapters::postgres::{PgAddress, PgConfig, PgDatabase};
#[cfg(feature = "redis")]
use ocr_adapters::redis::{RedisConfig, RedisServer};
use ocr_adapters::sqlite::SqliteDatabase;

use crate::{build_features::not_built, config::Settings};

/// The open databases. One database may serve several ports.
#[derive(Debug, Clone, Default)]
pub(super) struct Databases {
    pub(super) sqlite: Option<SqliteDatabase>,
    #[cfg(feature = "postgres")]
    pub(super) postgres: Option<PgDatabase>,
    #[cfg(feature = "redis")]
    pub(super) redis: Option<RedisServer>,
}

/// The schema of a database, and the one that this program works with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// Kind of database.
    pub database: &'static str,
    /// What it has; nothing while it is new.
    pub found: Option<i64>,
    /// What this program works with.
    pub wanted: i64,
}

impl Databases {
    /// Opens what `settings` choose and brings the schemas up to date.
    ///
    /// # Errors
    /// When one cannot be reached, is newer than this program, or this program was built without it.
    pub(super) async fn open(settings: &Settings) -> Result<Self> {
        let mut databases = Self::default();
        if settings.uses_sqlite() {
            databases.sqlite = Some(sqlite(settings).await?);
        }
        let postgres = settings.uses_postgres();
        if postgres && !cfg!(feature = "postgres") {
            return Err(not_built("Postgres", "postgres"));
        }
        #[cfg(feature = "postgres")]
        if postgres {
            let database = PgDatabase::new(postgres_config(settings))?;
            database.migrate().await.context("Postgres cannot be used")?;
            databases.postgres = Some(database);
        }
        let redis = settings.uses_redis();
        if redis && !cfg!(feature = "redis") {
            return Err(not_built("Redis", "redis"));
        }
        #[cfg(feature = "redis")]
        if redis {
            let server = RedisServer::open(redis_config(settings)?).await;
            databases.redis = Some(server.context("Redis cannot be used")?);
        }
        Ok(databases)
    }

    /// The schemas of the databases that `settings` choose, which are only read.
    ///
    /// # Errors
    /// When one cannot be reached.
    pub(super) async fn schemas(settings: &Settings) -> Result<Vec<Schema>> {
        let mut schemas = Vec::new();
        if settings.uses_sqlite() {
            schemas.push(Schema {
                database: "sqlite",
                found: SqliteDatabase::schema(&sqlite_path(settings)).await?,
                wanted: SqliteDatabase::wanted_schema(),
            });
        }
        #[cfg(feature = "postgres")]
        if settings.uses_postgres() {
            let database = PgDatabase::new(postgres_config(settings))?;
            let found = database.schema().await.context("Postgres cannot be used")?;
            database.close().await;
            schemas.push(Schema {
                database: "postgres",
                found,
                wanted: PgDatabase::wanted_schema(),
            });
        }
        Ok(schemas)
    }

    /// Closes what must be closed.
    pub(super) async fn close(&self) {
        if let Some(sqlite) = &self.sqlite {
            sqlite.close().await;
        }
        #[cfg(feature = "postgres")]
        if let Some(postgres) = &self.postgres {
            postgres.close().await;
        }
    }
}

fn sqlite_path(settings: &Settings) -> PathBuf {
    settings.data_dir.join("ocr.sqlite")
}

async fn sqlite(settings: &Settings) -> Result<SqliteDatabase> {
    let path = sqlite_path(settings);
    let database = SqliteDatabase::open(&path)
        .await
        .with_context(|| format!("{} cannot be opened", path.display()))?;
    Ok(database.with_room(settings.disk_room()))
}

#[cfg(feature = "postgres")]
fn postgres_config(settings: &Settings) -> PgConfig {
    let postgres = &settings.postgres;
    let address = match &postgres.url {
        Some(url) => PgAddress::Url(url.clone()),
        None => PgAddress::Parts {
            host: postgres.host.clone(),
            port: postgres.port,
            database: postgres.name.clone(),
            user: postgres.user.clone(),
            password: postgres.password.clone(),
        },
    };
    PgConfig::new(address)
        .with_pool_size(postgres.pool_size)
        .with_listen(postgres.listen)
}

#[cfg(feature = "redis")]
fn redis_config(settings: &Settings) -> Result<RedisConfig> {
    let redis = &settings.redis;
    let server = match &redis.url {
        Some(url) => RedisConfig::from_url(url)?,
        None => RedisConfig::new(&redis.host, redis.port).with_password(redis.password.clone()),
    };
    Ok(server.with_key_prefix(&redis.key_prefix))
}
