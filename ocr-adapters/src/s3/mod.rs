//! Blobs in S3, or in a server that speaks its protocol.
//!
//! A body that fits into one part is sent in one request, a longer one as a multipart upload with
//! some parts on their way at the same time. Either is atomic: no reader sees a part of it, and an
//! upload that fails or is dropped is aborted. One `put` holds at most `parallel_parts + 1` parts in
//! memory (40 MiB as configured by default) besides the piece of the body that came last.
//!
//! SHA-256 is computed while a body streams by. It is kept as metadata `sha256` of the object where
//! it is known before the upload begins: of bodies that fit into one part, and of announced ones. S3
//! cannot add it to an upload in parts afterwards, so [`BlobStore::head`] does not know it there;
//! [`BlobStore::put`] always tells it.
//!
//! Permissions needed on the bucket and its objects: `s3:ListBucket`, `s3:GetObject`, `s3:PutObject`,
//! `s3:DeleteObject`, `s3:GetObjectTagging`, `s3:PutObjectTagging`, `s3:DeleteObjectTagging`,
//! `s3:AbortMultipartUpload`; on the key `kms:GenerateDataKey` and `kms:Decrypt`.
//! [`S3BlobStore::setup`] needs those of the settings it makes.

mod config;
mod delete;
mod digest;
mod error;
mod multipart;
mod parts;
mod presign;
mod read;
mod setup;
mod tags;
mod write;

pub use config::{RequestChecksums, S3Config, S3Timeouts};
pub use setup::{BucketSettings, SetupOutcome, SetupStep};

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use aws_sdk_s3::{Client, types::ServerSideEncryption};
use futures::stream::BoxStream;
use ocr_core::{
    Error, ErrorKind, Result,
    blob::{
        Blob, BlobCapabilities, BlobExtensions, BlobKey, BlobMeta, BlobStore, ByteStream, GetOptions,
        PutOptions,
    },
    clock::Clock,
};

use error::s3_error;

/// Name of the metadata that holds the SHA-256 of an object.
const DIGEST: &str = "sha256";
/// The `If-None-Match` of a write that must not replace any object (RFC 9110, section 13.1.2).
const ANY: &str = "*";

/// Blobs in a bucket. Cheap to clone.
#[derive(Clone)]
pub struct S3BlobStore {
    client: Client,
    config: Arc<S3Config>,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for S3BlobStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3BlobStore")
            .field("bucket", &self.config.bucket)
            .field("region", &self.config.region)
            .field("endpoint", &self.config.endpoint)
            .finish_non_exhaustive()
    }
}

impl S3BlobStore {
    /// The store in the bucket of `config`. Nothing is sent to it yet; `clock` dates uploads and
    /// links.
    ///
    /// # Errors
    /// `Config` when the region is not known or a setting is out of range.
    pub async fn open(config: S3Config, clock: Arc<dyn Clock>) -> Result<Self> {
        Ok(Self {
            client: config.client().await?,
            config: Arc::new(config),
            clock,
        })
    }

    /// How new objects are encrypted; the bucket decides without a key.
    fn encryption(&self) -> (Option<ServerSideEncryption>, Option<String>) {
        let key = self.config.kms_key_id.clone();
        (key.as_ref().map(|_| ServerSideEncryption::AwsKms), key)
    }
}

#[async_trait]
impl BlobStore for S3BlobStore {
    fn name(&self) -> &'static str {
        "s3"
    }

    fn bucket(&self) -> String {
        self.config.bucket.clone()
    }

    fn capabilities(&self) -> BlobCapabilities {
        BlobCapabilities::durable().with_conditional_put()
    }

    fn extensions(&self) -> BlobExtensions {
        let offered = Arc::new(self.clone());
        BlobExtensions::none()
            .with_signing(offered.clone())
            .with_tagging(offered)
    }

    async fn check(&self) -> Result<()> {
        let head = self.client.head_bucket().bucket(&self.config.bucket).send();
        let checked = head.await.map(drop).map_err(|error| s3_error("check", error));
        match checked {
            Err(error) if error.kind() == ErrorKind::NotFound => Err(Error::new(
                ErrorKind::Config,
                "the bucket does not exist; create it with `storage setup`",
            )
            .with_source(error)
            .at("s3", "check")),
            other => other,
        }
    }

    async fn put(&self, key: BlobKey, body: ByteStream, options: PutOptions) -> Result<BlobMeta> {
        self.write(key, body, options).await
    }

    async fn get(&self, key: BlobKey, options: GetOptions) -> Result<Blob> {
        self.read(key, options).await
    }

    async fn head(&self, key: BlobKey) -> Result<Option<BlobMeta>> {
        self.describe(key).await
    }

    async fn delete(&self, keys: Vec<BlobKey>) -> Result<()> {
        self.remove(&keys).await
    }

    async fn list(&self, prefix: String) -> Result<BoxStream<'static, Result<BlobMeta>>> {
        Ok(self.listed(prefix))
    }
}
