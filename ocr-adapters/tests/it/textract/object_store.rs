//! A blob store that says it is S3.

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::BoxStream;
use ocr_core::{
    Result,
    blob::{
        Blob, BlobCapabilities, BlobExtensions, BlobKey, BlobMeta, BlobStore, ByteStream, GetOptions,
        PutOptions,
    },
    clock::SystemClock,
    memory::MemoryBlobStore,
};

/// The bucket it has.
pub(crate) const BUCKET: &str = "documents";

#[derive(Debug)]
pub(crate) struct FakeS3(MemoryBlobStore);

impl FakeS3 {
    pub(crate) fn new() -> Self {
        Self(MemoryBlobStore::new(Arc::new(SystemClock)))
    }
}

#[async_trait]
impl BlobStore for FakeS3 {
    fn name(&self) -> &'static str {
        "s3"
    }

    fn bucket(&self) -> String {
        BUCKET.into()
    }

    fn capabilities(&self) -> BlobCapabilities {
        self.0.capabilities()
    }

    fn extensions(&self) -> BlobExtensions {
        self.0.extensions()
    }

    async fn check(&self) -> Result<()> {
        self.0.check().await
    }

    async fn put(&self, key: BlobKey, body: ByteStream, options: PutOptions) -> Result<BlobMeta> {
        self.0.put(key, body, options).await
    }

    async fn get(&self, key: BlobKey, options: GetOptions) -> Result<Blob> {
        self.0.get(key, options).await
    }

    async fn head(&self, key: BlobKey) -> Result<Option<BlobMeta>> {
        self.0.head(key).await
    }

    async fn delete(&self, keys: Vec<BlobKey>) -> Result<()> {
        self.0.delete(keys).await
    }

    async fn list(&self, prefix: String) -> Result<BoxStream<'static, Result<BlobMeta>>> {
        self.0.list(prefix).await
    }
}
