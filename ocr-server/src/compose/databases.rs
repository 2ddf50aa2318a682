//! The database servers and files that settings name, each opened at most once.

use anyhow::{Context, Result};
#[cfg(feature = "postgres")]
use ocr_adapters::postgres::{PgAddress, PgConfig, PgDatabase};
#[cfg(feature = "redis")]
use ocr_adapters::redis::{RedisConfig, RedisServer};
use ocr_adapters::sqlite::SqliteDatabase;

use crate::config::{NotifierChoice, QueueChoice, Settings, StoreChoice};

/// What is open, however many ports it plays.
#[derive(Debug, Clone, Default)]
pub(super) struct Databases {
    pub(super) sqlite: Option<SqliteDatabase>,
    #[cfg(feature = "postgres")]
    pub(super) postgres: Option<PgDatabase>,
    #[cfg(feature = "redis")]
    pub(super) redis: Option<RedisServer>,
}

impl Databases {
    /// Opens what `settings` choose and brings the schemas up to date.
    ///
    /// # Errors
    /// When one cannot be reached, is newer than this program, or this program was built without it.
    pub(super) async fn open(settings: &Settings) -> Result<Self> {
        let mut databases = Self::default();
        if settings.store == StoreChoice::Sqlite || settings.queue == QueueChoice::Sqlite {
            databases.sqlite = Some(sqlite(settings).await?);
        }
        let postgres = settings.store == StoreChoice::Postgres
            || settings.queue == QueueChoice::Postgres
            || settings.notifier == NotifierChoice::Postgres;
        if postgres && !cfg!(feature = "postgres") {
            return Err(super::not_built("Postgres", "postgres"));
        }
        #[cfg(feature = "postgres")]
        if postgres {
            let database = PgDatabase::new(postgres_config(settings))?;
            database.migrate().await.context("Postgres cannot be used")?;
            databases.postgres = Some(database);
        }
        let redis = settings.queue == QueueChoice::Redis || settings.notifier == NotifierChoice::Redis;
        if redis && !cfg!(feature = "redis") {
            return Err(super::not_built("Redis", "redis"));
        }
        #[cfg(feature = "redis")]
        if redis {
            let server = RedisServer::open(redis_config(settings)?).await;
            databases.redis = Some(server.context("Redis cannot be used")?);
        }
        Ok(databases)
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

async fn sqlite(settings: &Settings) -> Result<SqliteDatabase> {
    std::fs::create_dir_all(&settings.data_dir)
        .with_context(|| format!("{} cannot be created", settings.data_dir.display()))?;
    let path = settings.data_dir.join("ocr.sqlite");
    SqliteDatabase::open(&path)
        .await
        .with_context(|| format!("{} cannot be opened", path.display()))
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
    PgConfig {
        pool_size: postgres.pool_size,
        listen: postgres.listen,
        ..PgConfig::new(address)
    }
}

#[cfg(feature = "redis")]
fn redis_config(settings: &Settings) -> Result<RedisConfig> {
    let redis = &settings.redis;
    let server = match &redis.url {
        Some(url) => RedisConfig::from_url(url)?,
        None => RedisConfig {
            password: redis.password.clone(),
            ..RedisConfig::new(redis.host.clone(), redis.port)
        },
    };
    Ok(RedisConfig {
        key_prefix: redis.key_prefix.clone(),
        ..server
    })
}
