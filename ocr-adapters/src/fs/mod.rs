//! Blobs as files of a directory.
//!
//! An object is written to a temporary file, synced, renamed into place, and the directories that
//! changed are synced: when `put` returns it survives a loss of power, and no reader ever sees a
//! part. Presigned URLs are paths of our own server, signed with HMAC-SHA-256 ([`UrlSigner`]).
//!
//! ```text
//! <root>/objects/uploads/<user>/<file>_<name>     the bytes
//! <root>/meta/uploads/<user>/<file>_<name>        checksum, type and tags, as JSON
//! <root>/tmp/                                     uploads on their way
//! ```

mod signed_url;
mod write;

pub use signed_url::UrlSigner;

use signed_url::SignedUrls;

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use ocr_core::{
    Error, ErrorKind, Result,
    blob::{
        Blob, BlobCapabilities, BlobExtensions, BlobKey, BlobMeta, BlobStore, ByteStream, GetOptions,
        PutOptions, TagBlobs, already_exists,
    },
    clock::Clock,
};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use crate::disk_room::DiskRoom;

/// Bytes read at once.
const READ_CHUNK: usize = 256 * 1024;
/// How often an object may be replaced between the look at it and its opening.
const MAX_REPLACEMENTS: usize = 8;
/// Bytes written to see whether anything can be: a block of most file systems.
const PROBE_BYTES: usize = 4096;

/// Blobs as files of a directory.
#[derive(Debug, Clone)]
pub struct FsBlobStore {
    root: Arc<Path>,
    clock: Arc<dyn Clock>,
    signer: Option<UrlSigner>,
    room: DiskRoom,
}

/// What is kept beside an object.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Sidecar {
    size: u64,
    sha256: String,
    content_type: Option<String>,
    tags: BTreeMap<String, String>,
}

impl FsBlobStore {
    /// The store in directory `root`, which is created when it does not exist. Temporary files that
    /// a crash left behind are removed.
    ///
    /// # Errors
    /// `Config` when the directory cannot be used.
    pub fn open(root: &Path, clock: Arc<dyn Clock>) -> Result<Self> {
        let prepare = || -> io::Result<()> {
            for folder in ["objects", "meta", "tmp"] {
                fs::create_dir_all(root.join(folder))?;
            }
            write::remove_stale(&root.join("tmp"))
        };
        prepare().map_err(|error| {
            Error::new(ErrorKind::Config, "the directory for documents cannot be used")
                .with_source(error)
                .with_context("path", root.display())
                .at("fs", "open")
        })?;
        Ok(Self {
            root: root.into(),
            clock,
            signer: None,
            room: DiskRoom::new(root, 0),
        })
    }

    /// The same store, able to presign URLs.
    pub fn with_signer(self, signer: UrlSigner) -> Self {
        Self {
            signer: Some(signer),
            ..self
        }
    }

    /// The same store, which refuses objects with `StorageFull` when `room` has none for them.
    pub fn with_room(self, room: DiskRoom) -> Self {
        Self { room, ..self }
    }

    fn object_path(&self, key: &BlobKey) -> PathBuf {
        self.root.join("objects").join(key.as_str())
    }

    fn meta_path(&self, key: &BlobKey) -> PathBuf {
        self.root.join("meta").join(key.as_str())
    }

    async fn sidecar(&self, key: &BlobKey) -> Sidecar {
        let json = tokio::fs::read(self.meta_path(key)).await.unwrap_or_default();
        serde_json::from_slice(&json).unwrap_or_default()
    }

    async fn meta(&self, key: &BlobKey) -> Result<Option<BlobMeta>> {
        let metadata = match tokio::fs::metadata(self.object_path(key)).await {
            Ok(metadata) if metadata.is_file() => metadata,
            Ok(_) => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error("head", error)),
        };
        let sidecar = self.sidecar(key).await;
        let modified = metadata.modified().map_err(|error| io_error("head", error))?;
        // A crash between the two files leaves a checksum of other bytes; better none than that.
        let known = sidecar.size == metadata.len() && !sidecar.sha256.is_empty();
        let meta = BlobMeta::new(key.clone(), metadata.len(), modified.into())
            .with_sha256(known.then_some(sidecar.sha256))
            .with_content_type(sidecar.content_type);
        Ok(Some(meta))
    }

    async fn existing(&self, key: &BlobKey) -> Result<BlobMeta> {
        self.meta(key).await?.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "the stored file does not exist").with_context("key", key)
        })
    }
}

/// The port error for a failed file operation.
fn io_error(operation: &'static str, error: io::Error) -> Error {
    let (kind, message) = match error.kind() {
        io::ErrorKind::NotFound => (ErrorKind::NotFound, "the stored file does not exist"),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            (ErrorKind::StorageFull, "the disk for documents is full")
        }
        io::ErrorKind::PermissionDenied => {
            (ErrorKind::Config, "the directory for documents cannot be written")
        }
        _ => (
            ErrorKind::Unavailable,
            "the directory for documents is not available",
        ),
    };
    Error::new(kind, message).with_source(error).at("fs", operation)
}

/// Runs file operations where they may block.
async fn blocking<T: Send + 'static>(
    operation: &'static str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| io_error(operation, error)),
        Err(error) => {
            Err(Error::new(ErrorKind::Internal, "a file operation was interrupted").with_source(error))
        }
    }
}

impl FsBlobStore {
    /// The object at `path`, opened, with what is known of it. Where it is replaced in between, both are taken again: the
    /// size of the one before would cut the new one.
    async fn opened(&self, key: &BlobKey, path: &Path) -> Result<(BlobMeta, tokio::fs::File)> {
        for _ in 0..MAX_REPLACEMENTS {
            let meta = self.existing(key).await?;
            let file = match tokio::fs::File::open(path).await {
                Ok(file) => file,
                // It was deleted since: looking again says so.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(io_error("get", error)),
            };
            let opened = file.metadata().await.map_err(|error| io_error("get", error))?;
            if opened.len() == meta.size {
                return Ok((meta, file));
            }
        }
        Err(Error::new(
            ErrorKind::Unavailable,
            format!("{key} is being replaced all the time"),
        )
        .at("fs", "get"))
    }
}

#[async_trait]
impl BlobStore for FsBlobStore {
    fn name(&self) -> &'static str {
        "fs"
    }

    fn bucket(&self) -> String {
        "local".into()
    }

    fn capabilities(&self) -> BlobCapabilities {
        BlobCapabilities::durable()
            .with_local_files()
            .with_conditional_put()
    }

    fn extensions(&self) -> BlobExtensions {
        let tagging = BlobExtensions::none().with_tagging(Arc::new(self.clone()));
        match &self.signer {
            None => tagging,
            Some(signer) => {
                let urls = Arc::new(SignedUrls::new(signer.clone(), self.clock.clone()));
                tagging.with_signing(urls.clone()).with_grants(urls)
            }
        }
    }

    async fn check(&self) -> Result<()> {
        self.room.check(0).map_err(|error| error.at("fs", "check"))?;
        let probe = self.root.join("tmp");
        blocking("check", move || {
            let mut file = tempfile::tempfile_in(probe)?;
            // A full disk still has names to give.
            file.write_all(&[0; PROBE_BYTES])?;
            file.sync_data()
        })
        .await
    }

    async fn put(&self, key: BlobKey, body: ByteStream, options: PutOptions) -> Result<BlobMeta> {
        let written = write::receive(&self.root.join("tmp"), body, options.max_bytes, &self.room).await?;
        options.verify_sha256(&written.sha256)?;
        let sidecar = Sidecar {
            size: written.size,
            sha256: written.sha256.clone(),
            content_type: options.content_type,
            tags: BTreeMap::new(),
        };
        let (root, object, meta) = (self.root.clone(), self.object_path(&key), self.meta_path(&key));
        let if_absent = options.if_absent;
        let published = blocking("put", move || {
            let json = serde_json::to_vec(&sidecar).map_err(io::Error::other)?;
            if if_absent {
                // The object first: whoever comes second must not touch what belongs to the other's object.
                let created = write::create(&root, written.file, &object)?;
                if created {
                    write::replace(&root, &meta, &json)?;
                }
                return Ok(created);
            }
            write::replace(&root, &meta, &json)?;
            write::publish(&root, written.file, &object).map(|()| true)
        });
        if !published.await? {
            return Err(already_exists(&key));
        }
        self.existing(&key).await
    }

    async fn get(&self, key: BlobKey, options: GetOptions) -> Result<Blob> {
        let path = self.object_path(&key);
        let (meta, mut file) = self.opened(&key, &path).await?;
        let whole = options.range.is_none();
        let range = options.within(meta.size)?;
        let length = range.end - range.start;
        file.seek(io::SeekFrom::Start(range.start))
            .await
            .map_err(|error| io_error("get", error))?;
        let body = ByteStream::new(read_pieces(file.take(length)), Some(length));
        Ok(Blob::new(meta, body).with_local(whole.then_some(path)))
    }

    async fn head(&self, key: BlobKey) -> Result<Option<BlobMeta>> {
        self.meta(&key).await
    }

    async fn delete(&self, keys: Vec<BlobKey>) -> Result<()> {
        let paths: Vec<_> = keys
            .iter()
            .flat_map(|key| [self.object_path(key), self.meta_path(key)])
            .collect();
        blocking("delete", move || {
            // All are tried, whatever becomes of one.
            let removed: Vec<io::Result<()>> = paths.iter().map(|path| write::remove(path)).collect();
            removed.into_iter().collect()
        })
        .await
    }

    async fn list(&self, prefix: String) -> Result<BoxStream<'static, Result<BlobMeta>>> {
        let objects = self.root.join("objects");
        let keys = blocking("list", move || write::list_keys(&objects, &prefix)).await?;
        let store = self.clone();
        let metas = stream::iter(keys).filter_map(move |key| {
            let store = store.clone();
            // One that went away meanwhile is not in the list.
            async move { store.meta(&key).await.transpose() }
        });
        Ok(metas.boxed())
    }
}

#[async_trait]
impl TagBlobs for FsBlobStore {
    async fn tag(&self, key: BlobKey, tags: BTreeMap<String, String>) -> Result<()> {
        self.existing(&key).await?;
        let sidecar = Sidecar {
            tags,
            ..self.sidecar(&key).await
        };
        let (root, meta) = (self.root.clone(), self.meta_path(&key));
        blocking("tag", move || {
            let json = serde_json::to_vec(&sidecar).map_err(io::Error::other)?;
            write::replace(&root, &meta, &json)
        })
        .await
    }

    async fn tags(&self, key: BlobKey) -> Result<BTreeMap<String, String>> {
        self.existing(&key).await?;
        Ok(self.sidecar(&key).await.tags)
    }
}

fn read_pieces(
    file: tokio::io::Take<tokio::fs::File>,
) -> impl futures::Stream<Item = io::Result<Bytes>> + Send {
    stream::try_unfold(file, |mut file| async move {
        let mut piece = bytes::BytesMut::with_capacity(READ_CHUNK);
        let read = file.read_buf(&mut piece).await?;
        Ok((read > 0).then(|| (piece.freeze(), file)))
    })
}
