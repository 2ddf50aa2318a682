//! URLs that let their bearer read or write one object for a while.

use std::{collections::BTreeMap, fmt, time::Duration};

use async_trait::async_trait;

use super::BlobKey;
use crate::{Result, clock::Timestamp};

/// Signs URLs that let their bearer read or write one object for a while.
#[async_trait]
pub trait SignUrls: fmt::Debug + Send + Sync + 'static {
    /// A URL for one object. A URL for writing works once: an object that exists is never replaced.
    async fn presign(&self, key: BlobKey, request: PresignRequest) -> Result<PresignedRequest>;
}

/// Verifies URLs of [`SignUrls`] that lead to the program itself.
pub trait VerifyUrls: fmt::Debug + Send + Sync + 'static {
    /// What a request with `method` for `key` may do now, by the `query` of its URL (without `?`).
    ///
    /// # Errors
    /// `PermissionDenied` when the signature is wrong, was made for something else, or has expired.
    fn verify(&self, method: &str, key: &BlobKey, query: &str) -> Result<BlobGrant>;
}

/// What the bearer of a valid URL may do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BlobGrant {
    /// Read the object.
    Get {
        /// The name to save it under.
        filename: String,
        /// MIME type of the answer.
        content_type: String,
    },
    /// Write the object.
    Put {
        /// Size in bytes the body must have.
        length: u64,
        /// SHA-256 the body must have, lower-case hex, when it is known.
        sha256: Option<String>,
        /// MIME type to record.
        content_type: String,
    },
}

/// What a presigned URL allows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PresignRequest {
    /// Read the object, answered as an attachment called `filename`.
    Get {
        /// How long the URL works.
        expires_in: Duration,
        /// The name a browser saves it under.
        filename: String,
        /// MIME type of the answer.
        content_type: String,
    },
    /// Write the object once, with exactly `length` bytes.
    Put {
        /// How long the URL works.
        expires_in: Duration,
        /// Size in bytes of the body.
        length: u64,
        /// SHA-256 the body must have, lower-case hex, when the client knows it.
        sha256: Option<String>,
        /// MIME type of the body.
        content_type: String,
    },
}

impl PresignRequest {
    /// How long the URL works.
    pub fn expires_in(&self) -> Duration {
        match self {
            Self::Get { expires_in, .. } | Self::Put { expires_in, .. } => *expires_in,
        }
    }
}

/// A request anybody may send for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PresignedRequest {
    /// `GET` or `PUT`.
    pub method: String,
    /// Absolute, or a path on the server that gave it.
    pub url: String,
    /// Headers that must be sent with it.
    pub headers: BTreeMap<String, String>,
    /// When it stops working.
    pub expires_at: Timestamp,
}

impl PresignedRequest {
    /// The request `method` at `url`, with the headers that must be sent with it.
    pub fn new(
        method: impl Into<String>,
        url: impl Into<String>,
        headers: BTreeMap<String, String>,
        expires_at: Timestamp,
    ) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            headers,
            expires_at,
        }
    }
}
