//! From settings to a platform: the only file that chooses adapters of storage.

use std::sync::Arc;

use anyhow::{Context, Result};
use ocr_adapters::{
    fs::{FsBlobStore, UrlSigner},
    sqlite::{SqliteDatabase, SqliteQueue, SqliteStore},
};
use ocr_core::{
    clock::{Clock, SystemClock},
    id::{IdGenerator, RandomIds},
    memory::MemoryNotifier,
    platform::{Platform, Policies},
};
use ocr_documents::Inspector;

use crate::{config::Settings, secret};

/// A platform and what must outlive or accompany it.
#[derive(Debug, Clone)]
pub struct Composition {
    /// The platform, without engines yet.
    pub platform: Platform,
    /// Verifies the URLs the blob store signed.
    pub signer: UrlSigner,
    database: SqliteDatabase,
}

impl Composition {
    /// Closes what must be closed.
    pub async fn close(&self) {
        self.database.close().await;
    }
}

/// Opens the embedded profile: SQLite and a directory, in `data_dir`.
pub async fn embedded(settings: &Settings) -> Result<Composition> {
    let data = &settings.data_dir;
    std::fs::create_dir_all(data).with_context(|| format!("{} cannot be created", data.display()))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids: Arc<dyn IdGenerator> = Arc::new(RandomIds);
    let database = open_database(settings).await?;
    let signer = UrlSigner::new(secret::load_or_create(&data.join("secret"))?);
    let blobs = FsBlobStore::open(&data.join("blobs"), clock.clone())
        .with_context(|| format!("{} cannot be used", data.display()))?
        .with_signer(signer.clone());
    let policies = Policies {
        max_upload_bytes: settings.max_file_size,
        lease: settings.lease,
        ..Policies::default()
    };
    let platform = Platform::new(
        Arc::new(SqliteStore::new(database.clone(), clock.clone(), ids.clone())),
        Arc::new(SqliteQueue::new(database.clone(), clock.clone())),
        Arc::new(blobs),
        Arc::new(MemoryNotifier::default()),
        Arc::new(Inspector),
    )
    .with_clock(clock)
    .with_ids(ids)
    .with_policies(policies);
    Ok(Composition {
        platform,
        signer,
        database,
    })
}

/// Opens the database and brings its schema up to date.
pub async fn open_database(settings: &Settings) -> Result<SqliteDatabase> {
    std::fs::create_dir_all(&settings.data_dir)
        .with_context(|| format!("{} cannot be created", settings.data_dir.display()))?;
    let path = settings.data_dir.join("ocr.sqlite");
    SqliteDatabase::open(&path)
        .await
        .with_context(|| format!("{} cannot be opened", path.display()))
}
