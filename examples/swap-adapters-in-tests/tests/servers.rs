//! The same application on real servers: what no fake can promise is that the parts fit.

use std::{num::NonZeroUsize, sync::Arc};

use ocr_adapters::{
    aws::AwsCredentials,
    postgres::{PgConfig, PgDatabase, PgStore},
    redis::{RedisConfig, RedisNotifier, RedisQueue, RedisServer},
    s3::{BucketSettings, S3BlobStore, S3Config},
};
use ocr_core::{
    clock::SystemClock,
    id::{IdGenerator, RandomIds, UserId},
    platform::Platform,
    service::OcrService,
    worker::Worker,
};
use ocr_documents::Inspector;
use ocr_testkit::{
    FakeEngine,
    documents::text_pdf,
    services::{postgres, redis, s3::S3Server},
};
use swap_adapters_in_tests::{Invoice, InvoiceDesk};

/// Postgres and Redis come from `OCR_TEST_POSTGRES_URL` and `OCR_TEST_REDIS_URL`, a container, or this
/// machine; where there is none, the test fails and says what to install. S3 is part of the test.
#[tokio::test]
async fn a_total_is_found_on_postgres_redis_and_s3() {
    let (postgres, redis, s3) = tokio::join!(postgres::database(), redis::database(), S3Server::start());
    let s3 = s3.unwrap();
    let (clock, ids) = (Arc::new(SystemClock), Arc::new(RandomIds));

    let database = PgDatabase::new(PgConfig::from_url(postgres.url())).unwrap();
    database.migrate().await.unwrap();
    let config = RedisConfig::from_url(&redis.url().into()).unwrap();
    let server = RedisServer::open(config).await.unwrap();
    let credentials = AwsCredentials::new(S3Server::ACCESS_KEY_ID, S3Server::SECRET_ACCESS_KEY);
    let bucket = S3Config::new("invoices")
        .with_region("us-east-1".to_owned())
        .with_endpoint(s3.endpoint().to_owned())
        .with_path_style(true)
        .with_credentials(credentials);
    let bucket = S3BlobStore::open(bucket, clock.clone()).await.unwrap();
    bucket.setup(&BucketSettings::default()).await.unwrap();
    let platform = Platform::new(
        Arc::new(PgStore::new(database.clone(), ids.clone())),
        Arc::new(RedisQueue::new(server.clone())),
        Arc::new(bucket),
        Arc::new(RedisNotifier::new(server, clock, ids)),
        Arc::new(Inspector),
    )
    .with_engine(Arc::new(FakeEngine::new(["Total: 93.50"])));

    let desk = InvoiceDesk::new(OcrService::new(platform.clone()), UserId(RandomIds.next()));
    let id = desk.take_in("7", text_pdf(&["whatever"]).into()).await.unwrap();
    Worker::new(platform, NonZeroUsize::MIN).drain().await.unwrap();
    let total = Invoice::Total("93.50".into());
    assert_eq!(desk.look_up(id).await.unwrap(), Some(total));
    database.close().await;
}
