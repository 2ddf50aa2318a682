//! The BlobStore port: the bytes of documents and results, streamed.

mod body;
mod disposition;
mod extensions;
mod key;
mod object;
mod options;
mod urls;

pub use body::{ByteStream, body_error, too_large};
pub use disposition::attachment;
pub use extensions::{BlobExtensions, BlobStoreExt, TagBlobs};
pub use key::BlobKey;
pub use object::{Blob, BlobMeta, already_exists};
pub use options::{GetOptions, PutOptions};
pub use urls::{BlobGrant, PresignRequest, PresignedRequest, SignUrls, VerifyUrls};

use std::fmt;

use async_trait::async_trait;
use futures::stream::BoxStream;

use crate::Result;

/// The bytes of documents and results.
///
/// Every method may be dropped at any await point; a dropped `put` leaves nothing visible.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait BlobStore: fmt::Debug + Send + Sync + 'static {
    /// Short lower-case name for logs and metrics: `fs`.
    fn name(&self) -> &'static str;

    /// The bucket or root recorded with each file.
    fn bucket(&self) -> String;

    /// What this adapter can do; fixed after construction.
    fn capabilities(&self) -> BlobCapabilities;

    /// What this adapter offers beyond the port: see [`BlobExtensions`]. Fixed after construction, cheap.
    fn extensions(&self) -> BlobExtensions;

    /// Succeeds when the store can be used now.
    async fn check(&self) -> Result<()>;

    /// Writes a whole object.
    ///
    /// # Behavior
    /// - The object is durable when this returns; no reader ever sees a part of it.
    /// - More than `max_bytes` is `TooLarge`, a wrong `sha256` is `ChecksumMismatch`, an error of `body`
    ///   is passed on; nothing is left behind in each case.
    /// - With `if_absent`, an object that exists stays as it is and the answer is `AlreadyExists`: of
    ///   several writers at once exactly one succeeds.
    /// - Memory used does not grow with the size of the object.
    async fn put(&self, key: BlobKey, body: ByteStream, options: PutOptions) -> Result<BlobMeta>;

    /// Reads an object, or a part of it.
    ///
    /// # Behavior
    /// - `NotFound` when there is none.
    /// - A range that ends behind the object is cut to it; one that starts behind it is `InvalidInput`.
    async fn get(&self, key: BlobKey, options: GetOptions) -> Result<Blob>;

    /// What is known of an object; `None` when there is none.
    async fn head(&self, key: BlobKey) -> Result<Option<BlobMeta>>;

    /// Removes objects; one that does not exist is removed already.
    ///
    /// When some cannot be removed the others are, and the error is that of one of the first.
    async fn delete(&self, keys: Vec<BlobKey>) -> Result<()>;

    /// Objects whose key starts with `prefix`, in no particular order.
    async fn list(&self, prefix: String) -> Result<BoxStream<'static, Result<BlobMeta>>>;
}

/// What a blob adapter can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct BlobCapabilities {
    /// Whether objects survive the end of the process.
    pub durable: bool,
    /// Whether [`Blob::local`] names a file that can be read in place.
    pub local_files: bool,
    /// Whether [`PutOptions::if_absent`] is kept; an adapter without it answers `Unsupported`.
    pub conditional_put: bool,
}

impl BlobCapabilities {
    /// A store whose objects survive the end of the process.
    pub const fn durable() -> Self {
        Self {
            durable: true,
            local_files: false,
            conditional_put: false,
        }
    }

    /// A store whose objects end with the process.
    pub const fn volatile() -> Self {
        Self {
            durable: false,
            ..Self::durable()
        }
    }

    /// The same, with objects that are files which can be read in place.
    pub const fn with_local_files(self) -> Self {
        Self {
            local_files: true,
            ..self
        }
    }

    /// The same, able to write an object only where there is none.
    pub const fn with_conditional_put(self) -> Self {
        Self {
            conditional_put: true,
            ..self
        }
    }
}
