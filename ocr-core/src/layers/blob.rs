//! The blob store by its calls. What carries bytes takes as long as they are large.

use async_trait::async_trait;
use futures::stream::BoxStream;

use super::Layered;
use crate::{
    Result,
    blob::{
        Blob, BlobCapabilities, BlobExtensions, BlobKey, BlobMeta, BlobStore, ByteStream, GetOptions,
        PutOptions,
    },
};

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: BlobStore + ?Sized> BlobStore for Layered<P> {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn bucket(&self) -> String {
        self.inner.bucket()
    }

    fn capabilities(&self) -> BlobCapabilities {
        self.inner.capabilities()
    }

    fn extensions(&self) -> BlobExtensions {
        self.inner.extensions()
    }

    async fn check(&self) -> Result<()> {
        self.calls.repeated("check", || self.inner.check()).await
    }

    async fn put(&self, key: BlobKey, body: ByteStream, options: PutOptions) -> Result<BlobMeta> {
        self.calls
            .unlimited("put", self.inner.put(key, body, options))
            .await
    }

    async fn get(&self, key: BlobKey, options: GetOptions) -> Result<Blob> {
        // Only the answer is waited for here; the bytes come as they are asked for.
        let get = || self.inner.get(key.clone(), options.clone());
        self.calls.repeated("get", get).await
    }

    async fn head(&self, key: BlobKey) -> Result<Option<BlobMeta>> {
        self.calls.repeated("head", || self.inner.head(key.clone())).await
    }

    async fn delete(&self, keys: Vec<BlobKey>) -> Result<()> {
        self.calls
            .repeated("delete", || self.inner.delete(keys.clone()))
            .await
    }

    async fn list(&self, prefix: String) -> Result<BoxStream<'static, Result<BlobMeta>>> {
        self.calls
            .repeated("list", || self.inner.list(prefix.clone()))
            .await
    }
}
