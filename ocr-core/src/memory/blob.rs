//! A blob store in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};

use super::lock;
use crate::{
    Error, ErrorKind, Result,
    blob::{
        Blob, BlobCapabilities, BlobKey, BlobMeta, BlobStore, ByteStream, GetOptions, PresignRequest,
        PresignedRequest, PutOptions,
    },
    clock::Clock,
    digest::sha256_hex,
};

/// A blob store in memory; its objects end with it.
#[derive(Debug)]
pub struct MemoryBlobStore {
    clock: Arc<dyn Clock>,
    objects: Mutex<BTreeMap<BlobKey, Object>>,
}

#[derive(Debug, Clone)]
struct Object {
    meta: BlobMeta,
    bytes: Bytes,
    tags: BTreeMap<String, String>,
}

impl MemoryBlobStore {
    /// An empty store that reads time from `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            objects: Mutex::default(),
        }
    }

    fn with<T>(&self, key: &BlobKey, f: impl FnOnce(&mut Object) -> T) -> Result<T> {
        lock(&self.objects)
            .get_mut(key)
            .map(f)
            .ok_or_else(|| not_found(key))
    }
}

fn not_found(key: &BlobKey) -> Error {
    Error::new(ErrorKind::NotFound, "the stored file does not exist").with_context("key", key)
}

#[async_trait]
impl BlobStore for MemoryBlobStore {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn bucket(&self) -> String {
        "memory".into()
    }

    fn capabilities(&self) -> BlobCapabilities {
        BlobCapabilities::new(false, false, false)
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }

    async fn put(&self, key: BlobKey, body: ByteStream, options: PutOptions) -> Result<BlobMeta> {
        let bytes = body.collect(options.max_bytes.unwrap_or(u64::MAX)).await?;
        let sha256 = sha256_hex(&bytes);
        if options.sha256.is_some_and(|expected| expected != sha256) {
            return Err(Error::new(
                ErrorKind::Corrupt,
                "the file does not have the announced SHA-256",
            ));
        }
        let meta = BlobMeta {
            key: key.clone(),
            size: bytes.len() as u64,
            sha256: Some(sha256),
            content_type: options.content_type,
            version_id: None,
            modified_at: self.clock.now(),
        };
        let object = Object {
            meta: meta.clone(),
            bytes,
            tags: BTreeMap::new(),
        };
        lock(&self.objects).insert(key, object);
        Ok(meta)
    }

    async fn get(&self, key: BlobKey, options: GetOptions) -> Result<Blob> {
        let object = self.with(&key, |object| object.clone())?;
        let range = options.range.unwrap_or(0..object.meta.size);
        if range.start > object.meta.size || range.start > range.end {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "the range lies outside the file",
            ));
        }
        let end = range.end.min(object.meta.size);
        let bytes = object.bytes.slice(range.start as usize..end as usize);
        Ok(Blob {
            meta: object.meta,
            body: bytes.into(),
            local: None,
        })
    }

    async fn head(&self, key: BlobKey) -> Result<Option<BlobMeta>> {
        Ok(lock(&self.objects).get(&key).map(|object| object.meta.clone()))
    }

    async fn delete(&self, key: BlobKey) -> Result<()> {
        lock(&self.objects).remove(&key);
        Ok(())
    }

    async fn list(&self, prefix: String) -> Result<BoxStream<'static, Result<BlobMeta>>> {
        let metas: Vec<_> = lock(&self.objects)
            .values()
            .filter(|object| object.meta.key.as_str().starts_with(&prefix))
            .map(|object| Ok(object.meta.clone()))
            .collect();
        Ok(stream::iter(metas).boxed())
    }

    async fn tag(&self, key: BlobKey, tags: BTreeMap<String, String>) -> Result<()> {
        self.with(&key, |object| object.tags = tags)
    }

    async fn tags(&self, key: BlobKey) -> Result<BTreeMap<String, String>> {
        self.with(&key, |object| object.tags.clone())
    }

    async fn presign(&self, _key: BlobKey, _request: PresignRequest) -> Result<PresignedRequest> {
        Err(Error::new(ErrorKind::Unsupported, "the memory store has no URLs"))
    }
}
