//! A blob store that fails now and then.

use std::collections::BTreeMap;

use async_trait::async_trait;
use futures::stream::BoxStream;
use ocr_core::{
    Result,
    blob::{
        Blob, BlobCapabilities, BlobKey, BlobMeta, BlobStore, ByteStream, GetOptions, PresignRequest,
        PresignedRequest, PutOptions,
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

    async fn delete(&self, key: BlobKey) -> Result<()> {
        self.through("delete", self.inner().delete(key)).await
    }

    async fn list(&self, prefix: String) -> Result<BoxStream<'static, Result<BlobMeta>>> {
        self.through("list", self.inner().list(prefix)).await
    }

    async fn tag(&self, key: BlobKey, tags: BTreeMap<String, String>) -> Result<()> {
        self.through("tag", self.inner().tag(key, tags)).await
    }

    async fn tags(&self, key: BlobKey) -> Result<BTreeMap<String, String>> {
        self.through("tags", self.inner().tags(key)).await
    }

    async fn presign(&self, key: BlobKey, request: PresignRequest) -> Result<PresignedRequest> {
        self.through("presign", self.inner().presign(key, request)).await
    }
}
