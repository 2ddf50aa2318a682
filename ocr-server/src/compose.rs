//! From settings to a platform: the only file that chooses adapters of storage.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use ocr_adapters::{
    fs::{FsBlobStore, UrlSigner},
    postgres::{ChangeWake, PgAddress, PgConfig, PgDatabase, PgNotifier, PgQueue, PgStore},
    redis::{RedisConfig, RedisNotifier, RedisQueue, RedisServer},
    s3::{S3BlobStore, S3Config, S3Credentials},
    sqlite::{SqliteDatabase, SqliteQueue, SqliteStore},
};
use ocr_core::{
    blob::BlobStore,
    clock::{Clock, SystemClock},
    id::{IdGenerator, RandomIds},
    memory::{MemoryBlobStore, MemoryNotifier, MemoryQueue, MemoryStore},
    notify::Notifier,
    platform::{Platform, Policies},
    queue::Queue,
    store::Store,
};
use ocr_documents::Inspector;
use secrecy::ExposeSecret;

use crate::{
    config::{BlobChoice, NotifierChoice, QueueChoice, Settings, StoreChoice},
    secret,
};

/// A platform and what must outlive or accompany it.
#[derive(Debug, Clone)]
pub struct Composition {
    /// The platform, without engines yet.
    pub platform: Platform,
    /// Verifies the URLs the blob store signed.
    pub signer: UrlSigner,
    databases: Databases,
    /// Wakes the change listener of this process when Postgres tells of a change.
    _change_wake: Option<Arc<ChangeWake>>,
}

/// The servers and files that are open, each at most once however many ports it plays.
#[derive(Debug, Clone, Default)]
struct Databases {
    sqlite: Option<SqliteDatabase>,
    postgres: Option<PgDatabase>,
    redis: Option<RedisServer>,
}

impl Composition {
    /// Closes what must be closed.
    pub async fn close(&self) {
        if let Some(sqlite) = &self.databases.sqlite {
            sqlite.close().await;
        }
        if let Some(postgres) = &self.databases.postgres {
            postgres.close().await;
        }
    }
}

/// Opens what `settings` choose, with schemas up to date.
///
/// # Errors
/// When something cannot be opened, with what to do.
pub async fn open(settings: &Settings) -> Result<Composition> {
    let data = &settings.data_dir;
    std::fs::create_dir_all(data).with_context(|| format!("{} cannot be created", data.display()))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids: Arc<dyn IdGenerator> = Arc::new(RandomIds);
    let signer = UrlSigner::new(secret::load_or_create(&data.join("secret"))?);
    let databases = open_databases(settings).await?;
    let platform = Platform::new(
        store(settings, &databases, &clock, &ids)?,
        queue(settings, &databases, &clock)?,
        blobs(settings, &signer, &clock).await?,
        notifier(settings, &databases, &clock, &ids)?,
        Arc::new(Inspector),
    )
    .with_clock(clock)
    .with_ids(ids)
    .with_policies(Policies {
        max_upload_bytes: settings.max_file_size,
        lease: settings.lease,
        ..Policies::default()
    });
    let change_wake = databases.postgres.as_ref().map(|postgres| {
        let woken = platform.clone();
        Arc::new(ChangeWake::start(postgres, move || woken.wake()))
    });
    Ok(Composition {
        platform,
        signer,
        databases,
        _change_wake: change_wake,
    })
}

/// What [`open`] failed for, where that may pass by itself: a server that cannot be reached now. A wrong
/// password, a database that does not exist and a schema from the future stay as they are, and a file
/// that cannot be opened now cannot be opened later.
pub fn passing(error: &anyhow::Error) -> Option<String> {
    let cause = error.downcast_ref::<ocr_core::Error>()?;
    let passes = cause.is_transient() && cause.location().0 != "sqlite";
    passes.then(|| format!("{error}: {}", cause.message()))
}

/// Opens the databases that `settings` choose and brings their schemas up to date.
///
/// # Errors
/// When one cannot be reached or is newer than this program.
pub async fn migrate(settings: &Settings) -> Result<()> {
    open_databases(settings).await.map(drop)
}

async fn open_databases(settings: &Settings) -> Result<Databases> {
    let mut databases = Databases::default();
    if settings.store == StoreChoice::Sqlite || settings.queue == QueueChoice::Sqlite {
        std::fs::create_dir_all(&settings.data_dir)
            .with_context(|| format!("{} cannot be created", settings.data_dir.display()))?;
        let path = settings.data_dir.join("ocr.sqlite");
        let database = SqliteDatabase::open(&path)
            .await
            .with_context(|| format!("{} cannot be opened", path.display()))?;
        databases.sqlite = Some(database);
    }
    let postgres = settings.store == StoreChoice::Postgres
        || settings.queue == QueueChoice::Postgres
        || settings.notifier == NotifierChoice::Postgres;
    if postgres {
        let database = PgDatabase::new(postgres_config(settings))?;
        database.migrate().await.context("Postgres cannot be used")?;
        databases.postgres = Some(database);
    }
    if settings.queue == QueueChoice::Redis || settings.notifier == NotifierChoice::Redis {
        let server = RedisServer::open(redis_config(settings)?).await;
        databases.redis = Some(server.context("Redis cannot be used")?);
    }
    Ok(databases)
}

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

fn redis_config(settings: &Settings) -> Result<RedisConfig> {
    let redis = &settings.redis;
    match &redis.url {
        Some(url) => Ok(RedisConfig::from_url(url)?),
        None => Ok(RedisConfig {
            password: redis.password.clone(),
            ..RedisConfig::new(redis.host.clone(), redis.port)
        }),
    }
}

/// The bucket that `settings` name.
///
/// # Errors
/// When the region or another setting of the bucket cannot be used.
pub async fn bucket(settings: &Settings, clock: Arc<dyn Clock>) -> Result<S3BlobStore> {
    let (s3, aws) = (&settings.s3, &settings.aws);
    let credentials = aws.credentials.clone().map(|(key, secret)| S3Credentials {
        access_key_id: key.expose_secret().to_owned(),
        secret_access_key: secret,
        session_token: None,
    });
    let config = S3Config {
        region: Some(aws.region.clone()),
        endpoint: s3.endpoint.clone(),
        path_style: s3.path_style,
        kms_key_id: s3.kms_key_id.clone(),
        credentials,
        ..S3Config::new(s3.bucket.clone())
    };
    Ok(S3BlobStore::open(config, clock).await?)
}

fn store(
    settings: &Settings,
    databases: &Databases,
    clock: &Arc<dyn Clock>,
    ids: &Arc<dyn IdGenerator>,
) -> Result<Arc<dyn Store>> {
    Ok(match (settings.store, &databases.sqlite, &databases.postgres) {
        (StoreChoice::Sqlite, Some(sqlite), _) => {
            Arc::new(SqliteStore::new(sqlite.clone(), clock.clone(), ids.clone()))
        }
        (StoreChoice::Postgres, _, Some(postgres)) => Arc::new(PgStore::new(postgres.clone(), ids.clone())),
        (StoreChoice::Memory, ..) => Arc::new(MemoryStore::new(clock.clone())),
        (choice, ..) => bail!("the store {choice} is not open"),
    })
}

fn queue(settings: &Settings, databases: &Databases, clock: &Arc<dyn Clock>) -> Result<Arc<dyn Queue>> {
    let Databases {
        sqlite,
        postgres,
        redis,
    } = databases;
    Ok(match (settings.queue, sqlite, postgres, redis) {
        (QueueChoice::Sqlite, Some(sqlite), ..) => Arc::new(SqliteQueue::new(sqlite.clone(), clock.clone())),
        (QueueChoice::Postgres, _, Some(postgres), _) => Arc::new(PgQueue::new(postgres.clone())),
        (QueueChoice::Redis, _, _, Some(redis)) => Arc::new(RedisQueue::new(redis.clone())),
        (QueueChoice::Memory, ..) => Arc::new(MemoryQueue::new(clock.clone())),
        (choice, ..) => bail!("the queue {choice} is not open"),
    })
}

async fn blobs(
    settings: &Settings,
    signer: &UrlSigner,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn BlobStore>> {
    Ok(match settings.blobs {
        BlobChoice::Fs => {
            let path = settings.data_dir.join("blobs");
            let store = FsBlobStore::open(&path, clock.clone())
                .with_context(|| format!("{} cannot be used", path.display()))?;
            Arc::new(store.with_signer(signer.clone()))
        }
        BlobChoice::S3 => Arc::new(bucket(settings, clock.clone()).await?),
        BlobChoice::Memory => Arc::new(MemoryBlobStore::new(clock.clone())),
    })
}

fn notifier(
    settings: &Settings,
    databases: &Databases,
    clock: &Arc<dyn Clock>,
    ids: &Arc<dyn IdGenerator>,
) -> Result<Arc<dyn Notifier>> {
    Ok(match (settings.notifier, &databases.postgres, &databases.redis) {
        (NotifierChoice::Memory, ..) => Arc::new(MemoryNotifier::default()),
        (NotifierChoice::Postgres, Some(postgres), _) => Arc::new(PgNotifier::new(postgres.clone())),
        (NotifierChoice::Redis, _, Some(redis)) => {
            Arc::new(RedisNotifier::new(redis.clone(), clock.clone(), ids.clone()))
        }
        (choice, ..) => bail!("the notifier {choice} is not open"),
    })
}
