//! From settings to a platform: the only file that chooses adapters of storage.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use ocr_adapters::{
    fs::{FsBlobStore, UrlSigner},
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
}

/// The databases that are open, each at most once however many ports it plays.
#[derive(Debug, Clone, Default)]
struct Databases {
    sqlite: Option<SqliteDatabase>,
}

impl Composition {
    /// Closes what must be closed.
    pub async fn close(&self) {
        if let Some(sqlite) = &self.databases.sqlite {
            sqlite.close().await;
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
        notifier(settings, &databases)?,
        Arc::new(Inspector),
    )
    .with_clock(clock)
    .with_ids(ids)
    .with_policies(Policies {
        max_upload_bytes: settings.max_file_size,
        lease: settings.lease,
        ..Policies::default()
    });
    Ok(Composition {
        platform,
        signer,
        databases,
    })
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
    Ok(databases)
}

fn store(
    settings: &Settings,
    databases: &Databases,
    clock: &Arc<dyn Clock>,
    ids: &Arc<dyn IdGenerator>,
) -> Result<Arc<dyn Store>> {
    Ok(match (settings.store, &databases.sqlite) {
        (StoreChoice::Sqlite, Some(sqlite)) => {
            Arc::new(SqliteStore::new(sqlite.clone(), clock.clone(), ids.clone()))
        }
        (StoreChoice::Memory, _) => Arc::new(MemoryStore::new(clock.clone())),
        (choice, _) => bail!("the store {choice} cannot be opened"),
    })
}

fn queue(settings: &Settings, databases: &Databases, clock: &Arc<dyn Clock>) -> Result<Arc<dyn Queue>> {
    Ok(match (settings.queue, &databases.sqlite) {
        (QueueChoice::Sqlite, Some(sqlite)) => Arc::new(SqliteQueue::new(sqlite.clone(), clock.clone())),
        (QueueChoice::Memory, _) => Arc::new(MemoryQueue::new(clock.clone())),
        (choice, _) => bail!("the queue {choice} cannot be opened"),
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
        BlobChoice::Memory => Arc::new(MemoryBlobStore::new(clock.clone())),
        choice @ BlobChoice::S3 => bail!("the blob store {choice} cannot be opened"),
    })
}

fn notifier(settings: &Settings, _databases: &Databases) -> Result<Arc<dyn Notifier>> {
    Ok(match settings.notifier {
        NotifierChoice::Memory => Arc::new(MemoryNotifier::default()),
        choice => bail!("the notifier {choice} cannot be opened"),
    })
}
