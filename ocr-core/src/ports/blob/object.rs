//! Objects, and what is known of them.

use std::path::PathBuf;

use super::{BlobKey, ByteStream};
use crate::{Error, ErrorKind, clock::Timestamp};

/// The error for an object that is to be written only once.
pub fn already_exists(key: &BlobKey) -> Error {
    Error::new(ErrorKind::AlreadyExists, "the stored file exists already").with_context("key", key)
}

/// What is known of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlobMeta {
    /// Its key.
    pub key: BlobKey,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes, lower-case hex, when the store knows it.
    pub sha256: Option<String>,
    /// MIME type, when it was recorded.
    pub content_type: Option<String>,
    /// Version, where the store keeps versions.
    pub version_id: Option<String>,
    /// When it was last written.
    pub modified_at: Timestamp,
}

impl BlobMeta {
    /// An object of `size` bytes, last written at `modified_at`, of which nothing else is known.
    pub fn new(key: BlobKey, size: u64, modified_at: Timestamp) -> Self {
        Self {
            key,
            size,
            sha256: None,
            content_type: None,
            version_id: None,
            modified_at,
        }
    }

    /// Adds the SHA-256 of its bytes, lower-case hex, when it is known.
    pub fn with_sha256(mut self, sha256: Option<String>) -> Self {
        self.sha256 = sha256;
        self
    }

    /// Adds its MIME type, when it was recorded.
    pub fn with_content_type(mut self, content_type: Option<String>) -> Self {
        self.content_type = content_type;
        self
    }

    /// Adds its version, where the store keeps versions.
    pub fn with_version_id(mut self, version_id: Option<String>) -> Self {
        self.version_id = version_id;
        self
    }
}

/// An object being read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Blob {
    /// What is known of it.
    pub meta: BlobMeta,
    /// The bytes asked for.
    pub body: ByteStream,
    /// A file that holds the whole object, if it can be read in place. Never write to it.
    pub local: Option<PathBuf>,
}

impl Blob {
    /// An object, or the part of it that was asked for.
    pub fn new(meta: BlobMeta, body: ByteStream) -> Self {
        Self {
            meta,
            body,
            local: None,
        }
    }

    /// Names the file that holds the whole object.
    pub fn with_local(mut self, local: Option<PathBuf>) -> Self {
        self.local = local;
        self
    }
}
