//! The bucket as such: whether it is there, and who may use it.

use std::sync::Arc;

use bytes::Bytes;
use ocr_adapters::s3::{BucketSettings, S3BlobStore, SetupOutcome};
use ocr_core::{
    ErrorKind,
    blob::{BlobStore, PutOptions},
    clock::SystemClock,
};
use ocr_testkit::{harness::refused, services::s3::S3Server};

use super::{config, key, open};

#[tokio::test]
async fn a_missing_bucket_is_a_matter_of_configuration() {
    let server = S3Server::start().await.unwrap();
    let blobs = open(config(server.endpoint())).await;
    let error = blobs.check().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("storage setup"), "{error}");
}

#[tokio::test]
async fn a_server_that_knows_few_settings_is_set_up_as_far_as_it_goes() {
    let server = S3Server::start().await.unwrap();
    let blobs = open(config(server.endpoint())).await;
    let settings = BucketSettings::default().with_cors_origins(vec!["https://ocr.example.com".into()]);
    for first in [SetupOutcome::Changed, SetupOutcome::AlreadySo] {
        let steps = blobs.setup(&settings).await.unwrap();
        assert_eq!(steps.len(), 5);
        assert_eq!((steps[0].setting, steps[0].outcome), ("bucket", first));
        for step in &steps[1..] {
            assert_eq!(step.outcome, SetupOutcome::Unsupported, "{step}");
        }
        blobs.check().await.unwrap();
    }
}

#[tokio::test]
async fn a_wrong_secret_is_a_matter_of_configuration() {
    let (server, _) = super::server().await;
    let mut wrong = config(server.endpoint());
    wrong.credentials.as_mut().unwrap().secret_access_key = "wrong".into();
    let blobs = open(wrong).await;
    let body = Bytes::from_static(b"x").into();
    refused(
        blobs.put(key("a"), body, PutOptions::default()).await,
        ErrorKind::Config,
    );
    refused(blobs.check().await, ErrorKind::Config);
    refused(blobs.head(key("a")).await, ErrorKind::Config);
}

#[tokio::test]
async fn settings_out_of_range_are_refused() {
    let good = config("http://127.0.0.1:1");
    for bad in [
        good.clone().with_bucket(String::new()),
        good.with_part_size(super::PART - 1),
    ] {
        let opened = S3BlobStore::open(bad, Arc::new(SystemClock)).await;
        refused(opened, ErrorKind::Config);
    }
}

#[tokio::test]
async fn secrets_are_not_printed() {
    let config = config("http://127.0.0.1:1");
    let printed = format!("{config:?}");
    assert!(!printed.contains(S3Server::SECRET_ACCESS_KEY), "{printed}");
    let printed = format!("{:?}", open(config).await);
    assert!(!printed.contains(S3Server::SECRET_ACCESS_KEY), "{printed}");
}
