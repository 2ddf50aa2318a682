//! Blobs in S3: the suite and real signatures on an S3 server of this process, everything else that
//! AWS has on moto, and what is really sent, and how failures end, on servers that answer as told.

mod bucket;
mod links;
mod moto;
mod upload;
mod wire;

use std::sync::Arc;

use bytes::Bytes;
use ocr_adapters::{
    aws::AwsCredentials,
    s3::{BucketSettings, S3BlobStore, S3Config},
};
use ocr_core::{
    blob::{BlobKey, BlobStore, ByteStream, GetOptions},
    clock::SystemClock,
};
use ocr_testkit::{blob::BlobFixture, harness::TestTime, services::s3::S3Server};

/// The least S3 allows, so that tests have parts without having many bytes.
const PART: usize = 5 * 1024 * 1024;

/// A bucket of `endpoint`, with the key the test server knows.
fn config(endpoint: &str) -> S3Config {
    let credentials = AwsCredentials::new(S3Server::ACCESS_KEY_ID, S3Server::SECRET_ACCESS_KEY);
    S3Config::new("documents")
        .with_region("eu-central-1".to_owned())
        .with_endpoint(endpoint.to_owned())
        .with_path_style(true)
        .with_credentials(credentials)
        .with_part_size(PART)
}

async fn open(config: S3Config) -> S3BlobStore {
    S3BlobStore::open(config, Arc::new(SystemClock)).await.unwrap()
}

/// A server with an empty bucket.
async fn server() -> (S3Server, S3BlobStore) {
    let server = S3Server::start().await.unwrap();
    let blobs = open(config(server.endpoint())).await;
    blobs.setup(&BucketSettings::default()).await.unwrap();
    (server, blobs)
}

fn key(name: &str) -> BlobKey {
    name.parse().unwrap()
}

/// `len` bytes that differ from part to part.
fn bytes(len: usize) -> Bytes {
    (0..len).map(|n| (n / 1000 % 251) as u8).collect()
}

async fn read(blobs: &S3BlobStore, name: &str) -> Bytes {
    let blob = blobs.get(key(name), GetOptions::default()).await.unwrap();
    blob.body.collect(u64::MAX).await.unwrap()
}

fn body(bytes: &Bytes) -> ByteStream {
    bytes.clone().into()
}

mod conformance {
    use super::*;

    async fn fresh() -> BlobFixture {
        let (server, blobs) = server().await;
        BlobFixture::new(Arc::new(blobs), TestTime::real()).with_guard(server)
    }

    ocr_testkit::blob_conformance!(fresh);
}
