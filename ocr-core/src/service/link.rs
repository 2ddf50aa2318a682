//! What signed URLs that lead to this program allow: reading a file, or writing one that is uploaded.

use std::ops::Range;

use super::OcrService;
use crate::{
    Error, ErrorKind, Result,
    blob::{Blob, BlobGrant, BlobKey, ByteStream, GetOptions, PutOptions},
};

/// A signed URL that was verified for reading, and what it leads to.
#[derive(Debug, Clone)]
pub struct ReadLink {
    /// The object.
    key: BlobKey,
    /// Its size in bytes.
    pub size: u64,
    /// The name to save it under.
    pub filename: String,
    /// MIME type of the answer.
    pub content_type: String,
}

/// A signed URL that was verified for writing.
#[derive(Debug, Clone)]
pub struct WriteLink {
    key: BlobKey,
    /// Size in bytes the body must have.
    pub length: u64,
    sha256: Option<String>,
    /// MIME type for which the URL was signed.
    pub content_type: String,
}

impl OcrService {
    /// Verifies a signed URL for reading: the `key` of its path and its `query` without `?`.
    ///
    /// # Errors
    /// `PermissionDenied` when the URL is not valid for reading now, `NotFound` when its object is gone.
    pub async fn read_link(&self, key: &str, query: &str) -> Result<ReadLink> {
        let key: BlobKey = key.parse()?;
        let BlobGrant::Get {
            filename,
            content_type,
        } = self.grant("GET", &key, query)?
        else {
            return Err(denied());
        };
        let blobs = &self.platform.blobs;
        let meta = blobs.head(key.clone()).await?.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "the stored file does not exist").with_context("key", &key)
        })?;
        Ok(ReadLink {
            key,
            size: meta.size,
            filename,
            content_type,
        })
    }

    /// Opens what a verified URL leads to, or `range` of its bytes.
    ///
    /// # Errors
    /// As [`BlobStore::get`](crate::blob::BlobStore::get).
    pub async fn open_link(&self, link: &ReadLink, range: Option<Range<u64>>) -> Result<Blob> {
        let options = range.map_or_else(GetOptions::default, GetOptions::range);
        self.platform.blobs.get(link.key.clone(), options).await
    }

    /// Verifies a signed URL for writing: the `key` of its path and its `query` without `?`.
    ///
    /// # Errors
    /// `PermissionDenied` when the URL is not valid for writing now.
    pub fn write_link(&self, key: &str, query: &str) -> Result<WriteLink> {
        let key: BlobKey = key.parse()?;
        let BlobGrant::Put {
            length,
            sha256,
            content_type,
        } = self.grant("PUT", &key, query)?
        else {
            return Err(denied());
        };
        Ok(WriteLink {
            key,
            length,
            sha256,
            content_type,
        })
    }

    /// Writes what a verified URL allows, once. Dropping the future leaves nothing.
    ///
    /// # Errors
    /// `InvalidInput` for a body of another length, `ChecksumMismatch` for one of another content,
    /// `Conflict` when the file is there already: the URL outlives the upload, and what a task may refer
    /// to must not change under it.
    pub async fn fill_link(&self, link: WriteLink, body: ByteStream) -> Result<()> {
        let options = PutOptions::default()
            .with_content_type(link.content_type)
            .with_max_bytes(link.length)
            .with_sha256(link.sha256)
            .if_absent();
        let body = body.exactly(link.length);
        match self.platform.blobs.put(link.key, body, options).await {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(Error::new(
                ErrorKind::Conflict,
                "the file is uploaded already; complete the upload",
            )
            .with_source(error)),
            other => other.map(drop),
        }
    }

    fn grant(&self, method: &str, key: &BlobKey, query: &str) -> Result<BlobGrant> {
        let extensions = self.platform.blobs.extensions();
        let grants = extensions.grants.ok_or_else(denied)?;
        grants.verify(method, key, query)
    }
}

fn denied() -> Error {
    Error::new(
        ErrorKind::PermissionDenied,
        "the link is not valid for this request",
    )
}
