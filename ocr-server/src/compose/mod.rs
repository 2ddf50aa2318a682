//! From settings to a platform: the only file that chooses adapters of storage.

mod databases;

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
#[cfg(feature = "postgres")]
use ocr_adapters::postgres::{
    ChangeWake, PgAccountStore, PgNotifier, PgQueue, PgRateLimiter, PgSearchIndex, PgStore,
};
#[cfg(feature = "redis")]
use ocr_adapters::redis::{RedisNotifier, RedisQueue, RedisRateLimiter};
#[cfg(feature = "s3")]
use ocr_adapters::s3::{S3BlobStore, S3Config};
use ocr_adapters::{
    fs::{FsBlobStore, UrlSigner},
    sqlite::{SqliteAccountStore, SqliteQueue, SqliteSearchIndex, SqliteStore},
};
use ocr_core::{
    account_store::AccountStore,
    blob::BlobStore,
    clock::{Clock, SystemClock},
    correction_store::CorrectionStore,
    filing_store::FilingStore,
    id::{IdGenerator, RandomIds},
    layers::{CallObserver, CallPolicy, Layered},
    memory::{
        MemoryAccountStore, MemoryBlobStore, MemoryNotifier, MemoryQueue, MemorySearchIndex, MemoryStore,
    },
    notify::Notifier,
    platform::Platform,
    queue::Queue,
    rate_limiter::RateLimiter,
    same_page_store::SamePageStore,
    saved_search_store::SavedSearchStore,
    search_index::SearchIndex,
    service::AccountService,
    share_store::ShareStore,
    store::Store,
    usage_store::UsageStore,
};
use ocr_documents::Inspector;
use ocr_formats::Formats;

use self::databases::Databases;
pub use self::databases::Schema;
use crate::{
    access_tokens::JwtSigner,
    config::{BlobChoice, NotifierChoice, QueueChoice, Settings, StoreChoice},
    data_dir,
    passwords::{Argon2Hasher, SystemSecrets},
    secret,
    telemetry::CallLog,
};

/// How often a call that may be made twice is repeated while its service cannot be reached.
const REPEATS: u32 = 2;

/// How long a request waits for being counted by a service that servers share.
const COUNTING_LIMIT: Duration = Duration::from_millis(250);

/// A platform and what must outlive or accompany it.
#[derive(Debug, Clone)]
pub struct Composition {
    /// The platform, without engines yet.
    pub platform: Platform,
    /// Counts requests together with other servers; nothing where there is no service that they share.
    pub rate_limiter: Option<Arc<dyn RateLimiter>>,
    databases: Databases,
    /// Wakes the change listener of this process when Postgres tells of a change.
    #[cfg(feature = "postgres")]
    _change_wake: Option<Arc<ChangeWake>>,
}

impl Composition {
    /// Closes what must be closed.
    pub async fn close(&self) {
        self.databases.close().await;
    }
}

/// Opens what `settings` choose, with schemas up to date.
///
/// # Errors
/// When something cannot be opened, with what to do.
pub async fn open(settings: &Settings) -> Result<Composition> {
    let data = &settings.data_dir;
    data_dir::prepare(data)?;
    let signer = UrlSigner::new(secret::load_or_create(&data.join("secret"))?);
    let databases = Databases::open(settings).await?;
    let parts = Parts {
        settings,
        databases: &databases,
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
    };
    let stores = parts.stores()?;
    let platform = Platform::bare(
        stores.tasks,
        parts.queue()?,
        blobs(settings, &signer, &parts.clock).await?,
        parts.notifier()?,
        Arc::new(Inspector),
    )
    .with_search_index(stores.search_index)
    .with_corrections(stores.corrections)
    .with_filings(stores.filings)
    .with_saved_searches(stores.saved_searches)
    .with_shares(stores.shares)
    .with_same_pages(stores.same_pages)
    .with_usage(stores.usage)
    .with_account_store(stores.accounts)
    .with_calls(&calls())
    .with_clock(parts.clock)
    .with_ids(parts.ids)
    .with_formats(Arc::new(Formats::standard()))
    .with_policies(settings.policies.clone());
    #[cfg(feature = "postgres")]
    let change_wake = databases.postgres.as_ref().map(|postgres| {
        let woken = platform.clone();
        Arc::new(ChangeWake::start(postgres, move || woken.wake()))
    });
    let rate_limiter: Option<Arc<dyn RateLimiter>> = None;
    #[cfg(feature = "postgres")]
    let rate_limiter = databases
        .postgres
        .clone()
        .map(|postgres| Arc::new(PgRateLimiter::new(postgres)) as Arc<dyn RateLimiter>)
        .or(rate_limiter);
    #[cfg(feature = "redis")]
    let rate_limiter = databases
        .redis
        .clone()
        .map(|redis| Arc::new(RedisRateLimiter::new(redis)) as Arc<dyn RateLimiter>)
        .or(rate_limiter);
    let rate_limiter = rate_limiter.map(|limiter| {
        let calls = calls().with_timeout(COUNTING_LIMIT);
        Arc::new(Layered::rate_limiter(limiter, &calls)) as Arc<dyn RateLimiter>
    });
    Ok(Composition {
        platform,
        rate_limiter,
        databases,
        #[cfg(feature = "postgres")]
        _change_wake: change_wake,
    })
}

/// The use cases of the accounts of `platform`, with access tokens of the server of these settings.
///
/// # Errors
/// When the first password cannot be hashed.
pub async fn accounts(settings: &Settings, platform: &Platform) -> Result<AccountService> {
    let hasher = Arc::new(Argon2Hasher::new()?);
    let signer = Arc::new(JwtSigner::new(settings.public_url.as_deref()));
    let accounts = AccountService::new(platform.clone(), hasher, Arc::new(SystemSecrets)).await?;
    Ok(accounts.with_access_tokens(signer))
}

/// How the parts of the platform are called: what may be done twice is tried again when a connection breaks,
/// and every call is noted.
fn calls() -> CallPolicy {
    let observer: Arc<dyn CallObserver> = Arc::new(CallLog);
    #[cfg(feature = "failpoints")]
    let observer = crate::failpoint::laid_over(observer);
    CallPolicy::default()
        .with_repeats(REPEATS)
        .with_observer(observer)
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
    if settings.uses_sqlite() {
        data_dir::prepare(&settings.data_dir)?;
    }
    Databases::open(settings).await.map(drop)
}

/// The schemas of the databases that `settings` choose. Nothing is changed.
///
/// # Errors
/// When one cannot be reached.
pub async fn schemas(settings: &Settings) -> Result<Vec<Schema>> {
    Databases::schemas(settings).await
}

/// The bucket that `settings` name.
///
/// # Errors
/// When the region or another setting of the bucket cannot be used.
#[cfg(feature = "s3")]
pub async fn bucket(settings: &Settings, clock: Arc<dyn Clock>) -> Result<S3BlobStore> {
    let (s3, aws) = (&settings.s3, &settings.aws);
    let config = S3Config::new(&s3.bucket)
        .with_region(aws.region.clone())
        .with_endpoint(s3.endpoint.clone())
        .with_path_style(s3.path_style)
        .with_kms_key_id(s3.kms_key_id.clone())
        .with_credentials(aws.credentials());
    Ok(S3BlobStore::open(config, clock).await?)
}

/// What adapters are made of.
struct Parts<'a> {
    settings: &'a Settings,
    databases: &'a Databases,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

/// The ports that one database stands behind.
struct Stores {
    tasks: Arc<dyn Store>,
    corrections: Arc<dyn CorrectionStore>,
    filings: Arc<dyn FilingStore>,
    saved_searches: Arc<dyn SavedSearchStore>,
    shares: Arc<dyn ShareStore>,
    same_pages: Arc<dyn SamePageStore>,
    usage: Arc<dyn UsageStore>,
    search_index: Arc<dyn SearchIndex>,
    accounts: Arc<dyn AccountStore>,
}

impl Stores {
    fn new<
        S: Store + CorrectionStore + FilingStore + SavedSearchStore + ShareStore + SamePageStore + UsageStore,
    >(
        store: S,
        index: impl SearchIndex,
        accounts: impl AccountStore,
    ) -> Self {
        let store = Arc::new(store);
        Self {
            tasks: store.clone(),
            corrections: store.clone(),
            filings: store.clone(),
            saved_searches: store.clone(),
            shares: store.clone(),
            same_pages: store.clone(),
            usage: store,
            search_index: Arc::new(index),
            accounts: Arc::new(accounts),
        }
    }
}

impl Parts<'_> {
    /// One store under each of its ports, and what stands beside its tables: the search index, which follows them,
    /// and the accounts of the users that own documents.
    fn stores(&self) -> Result<Stores> {
        match self.settings.store {
            StoreChoice::Memory => {
                let store = MemoryStore::new(self.clock.clone());
                return Ok(Stores::new(
                    store,
                    MemorySearchIndex::default(),
                    MemoryAccountStore::default(),
                ));
            }
            StoreChoice::Sqlite => {
                if let Some(sqlite) = self.databases.sqlite.clone() {
                    let index = SqliteSearchIndex::new(sqlite.clone());
                    let accounts = SqliteAccountStore::new(sqlite.clone());
                    let store = SqliteStore::new(sqlite, self.clock.clone(), self.ids.clone());
                    return Ok(Stores::new(store, index, accounts));
                }
            }
            StoreChoice::Postgres =>
            {
                #[cfg(feature = "postgres")]
                if let Some(postgres) = self.databases.postgres.clone() {
                    let index = PgSearchIndex::new(postgres.clone());
                    let accounts = PgAccountStore::new(postgres.clone());
                    return Ok(Stores::new(
                        PgStore::new(postgres, self.ids.clone()),
                        index,
                        accounts,
                    ));
                }
            }
        }
        bail!("the store {} is not open", self.settings.store)
    }

    fn queue(&self) -> Result<Arc<dyn Queue>> {
        match self.settings.queue {
            QueueChoice::Memory => return Ok(Arc::new(MemoryQueue::new(self.clock.clone()))),
            QueueChoice::Sqlite => {
                if let Some(sqlite) = self.databases.sqlite.clone() {
                    return Ok(Arc::new(SqliteQueue::new(sqlite, self.clock.clone())));
                }
            }
            QueueChoice::Postgres =>
            {
                #[cfg(feature = "postgres")]
                if let Some(postgres) = self.databases.postgres.clone() {
                    return Ok(Arc::new(PgQueue::new(postgres)));
                }
            }
            QueueChoice::Redis =>
            {
                #[cfg(feature = "redis")]
                if let Some(redis) = self.databases.redis.clone() {
                    return Ok(Arc::new(RedisQueue::new(redis)));
                }
            }
        }
        bail!("the queue {} is not open", self.settings.queue)
    }

    fn notifier(&self) -> Result<Arc<dyn Notifier>> {
        match self.settings.notifier {
            NotifierChoice::Memory => return Ok(Arc::new(MemoryNotifier::default())),
            NotifierChoice::Postgres =>
            {
                #[cfg(feature = "postgres")]
                if let Some(postgres) = self.databases.postgres.clone() {
                    return Ok(Arc::new(PgNotifier::new(postgres)));
                }
            }
            NotifierChoice::Redis =>
            {
                #[cfg(feature = "redis")]
                if let Some(redis) = self.databases.redis.clone() {
                    return Ok(Arc::new(RedisNotifier::new(
                        redis,
                        self.clock.clone(),
                        self.ids.clone(),
                    )));
                }
            }
        }
        bail!("the notifier {} is not open", self.settings.notifier)
    }
}

#[cfg_attr(
    not(feature = "s3"),
    expect(clippy::unused_async, reason = "a bucket is opened with a request")
)]
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
            Arc::new(store.with_signer(signer.clone()).with_room(settings.disk_room()))
        }
        #[cfg(feature = "s3")]
        BlobChoice::S3 => Arc::new(bucket(settings, clock.clone()).await?),
        #[cfg(not(feature = "s3"))]
        BlobChoice::S3 => return Err(crate::build_features::not_built("S3", "s3")),
        BlobChoice::Memory => Arc::new(MemoryBlobStore::new(clock.clone())),
    })
}
