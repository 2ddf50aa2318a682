//! A blob store that fails at set intervals.

use async_trait::async_trait;
use futures::stream::BoxStream;
use ocr_core::{
    Result,
    blob::{
        Blob, BlobCapabilities, BlobExtensions, BlobKey, BlobMeta, BlobStore, ByteStream, GetOptions,
        PutOptions,
    },
};

use super::Unreliable;

#[async_trait]
impl<P: BlobStore + ?Sized> BlobStore for Unreliable<P> {
    fn name(&self) -> &'static str {
        self.inner().name()
    }

    fn bucket(&self) -> String {
        self.inner().bucket()
    }

    fn capabilities(&self) -> BlobCapabilities {
        self.inner().capabilities()
    }

    fn extensions(&self) -> BlobExtensions {
        self.inner().extensions()
    }

    async fn check(&self) -> Result<()> {
        self.through("check", self.inner().check()).await
    }

    async fn put(&self, key: BlobKey, body: ByteStream, options: PutOptions) -> Result<BlobMeta> {
        self.through("put", self.inner().put(key, body, options)).await
    }

    async fn get(&self, key: BlobKey, options: GetOptions) -> Result<Blob> {
        self.through("get", self.inner().get(key, options)).await
    }

    async fn head(&self, key: BlobKey) -> Result<Option<BlobMeta>> {
        self.through("head", self.inner().head(key)).await
    }

    async fn delete(&self, keys: Vec<BlobKey>) -> Result<()> {
        self.through("delete", self.inner().delete(keys)).await
    }

    async fn list(&self, prefix: String) -> Result<BoxStream<'static, Result<BlobMeta>>> {
        self.through("list", self.inner().list(prefix)).await
    }
}
