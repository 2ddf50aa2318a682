//! Adapters made and put together.

use std::sync::Arc;

use anyhow::{Context, Result};
use ocr_adapters::{
    postgres::{PgConfig, PgDatabase, PgStore},
    redis::{RedisConfig, RedisNotifier, RedisQueue, RedisServer},
    s3::{BucketSettings, S3BlobStore},
};
use ocr_core::{
    clock::{Clock, SystemClock},
    id::{IdGenerator, RandomIds},
    platform::Platform,
};
use ocr_documents::Inspector;

use crate::{engine, services::Services};

/// A platform on these servers, with tables and bucket made where they are missing; and the database,
/// to be closed at the end.
pub(crate) async fn platform(services: &Services) -> Result<(Platform, PgDatabase)> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids: Arc<dyn IdGenerator> = Arc::new(RandomIds);

    // One pool for everything that Postgres does. Safe to migrate from many processes at once.
    let config = PgConfig::from_url(services.database_url.as_str()).with_pool_size(5);
    let database = PgDatabase::new(config)?;
    database.migrate().await.context("Postgres cannot be used")?;

    // One connection that queue and notifier share.
    let config = RedisConfig::from_url(&services.redis_url.as_str().into())?;
    let redis = RedisServer::open(config).await.context("Redis cannot be used")?;

    let bucket = S3BlobStore::open(services.bucket.clone(), clock.clone()).await?;
    bucket
        .setup(&BucketSettings::default())
        .await
        .context("the bucket cannot be set up")?;

    let platform = Platform::new(
        Arc::new(PgStore::new(database.clone(), ids.clone())),
        // `PgQueue::new(database.clone())` would do without Redis.
        Arc::new(RedisQueue::new(redis.clone())),
        Arc::new(bucket),
        Arc::new(RedisNotifier::new(redis, clock, ids)),
        Arc::new(Inspector),
    )
    .with_engine(Arc::new(engine::text_layers()));
    Ok((platform, database))
}
