//! A blob store in memory.

use std::{
    collections::{BTreeMap, btree_map},
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
        Blob, BlobCapabilities, BlobExtensions, BlobKey, BlobMeta, BlobStore, ByteStream, GetOptions,
        PutOptions, TagBlobs, already_exists,
    },
    clock::Clock,
    digest::sha256_hex,
};

/// A blob store in memory; its objects end with it. It has no URLs.
#[derive(Debug)]
pub struct MemoryBlobStore {
    clock: Arc<dyn Clock>,
    objects: Arc<Objects>,
}

#[derive(Debug, Default)]
struct Objects(Mutex<BTreeMap<BlobKey, Object>>);

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
            objects: Arc::default(),
        }
    }
}

impl Objects {
    fn with<T>(&self, key: &BlobKey, f: impl FnOnce(&mut Object) -> T) -> Result<T> {
        lock(&self.0).get_mut(key).map(f).ok_or_else(|| not_found(key))
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
        BlobCapabilities::volatile().with_conditional_put()
    }

    fn extensions(&self) -> BlobExtensions {
        let tagging: Arc<dyn TagBlobs> = self.objects.clone();
        BlobExtensions::none().with_tagging(tagging)
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }

    async fn put(&self, key: BlobKey, body: ByteStream, options: PutOptions) -> Result<BlobMeta> {
        let bytes = body.collect(options.max_bytes.unwrap_or(u64::MAX)).await?;
        let sha256 = sha256_hex(&bytes);
        options.verify_sha256(&sha256)?;
        let meta = BlobMeta::new(key.clone(), bytes.len() as u64, self.clock.now())
            .with_sha256(Some(sha256))
            .with_content_type(options.content_type);
        let object = Object {
            meta: meta.clone(),
            bytes,
            tags: BTreeMap::new(),
        };
        match lock(&self.objects.0).entry(key) {
            btree_map::Entry::Occupied(entry) if options.if_absent => Err(already_exists(entry.key())),
            btree_map::Entry::Occupied(mut entry) => {
                entry.insert(object);
                Ok(meta)
            }
            btree_map::Entry::Vacant(entry) => {
                entry.insert(object);
                Ok(meta)
            }
        }
    }

    async fn get(&self, key: BlobKey, options: GetOptions) -> Result<Blob> {
        let object = self.objects.with(&key, |object| object.clone())?;
        let range = options.within(object.meta.size)?;
        let bytes = object.bytes.slice(range.start as usize..range.end as usize);
        Ok(Blob::new(object.meta, bytes.into()))
    }

    async fn head(&self, key: BlobKey) -> Result<Option<BlobMeta>> {
        Ok(lock(&self.objects.0).get(&key).map(|object| object.meta.clone()))
    }

    async fn delete(&self, keys: Vec<BlobKey>) -> Result<()> {
        let mut objects = lock(&self.objects.0);
        for key in keys {
            objects.remove(&key);
        }
        Ok(())
    }

    async fn list(&self, prefix: String) -> Result<BoxStream<'static, Result<BlobMeta>>> {
        let metas: Vec<_> = lock(&self.objects.0)
            .values()
            .filter(|object| object.meta.key.as_str().starts_with(&prefix))
            .map(|object| Ok(object.meta.clone()))
            .collect();
        Ok(stream::iter(metas).boxed())
    }
}

#[async_trait]
impl TagBlobs for Objects {
    async fn tag(&self, key: BlobKey, tags: BTreeMap<String, String>) -> Result<()> {
        self.with(&key, |object| object.tags = tags)
    }

    async fn tags(&self, key: BlobKey) -> Result<BTreeMap<String, String>> {
        self.with(&key, |object| object.tags.clone())
    }
}
