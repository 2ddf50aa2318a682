//! What only some blob stores have.

use std::{collections::BTreeMap, fmt, sync::Arc};

use async_trait::async_trait;

use super::{BlobKey, BlobStore, PresignRequest, PresignedRequest, SignUrls, VerifyUrls};
use crate::{Error, ErrorKind, Result};

/// What a blob adapter offers beyond [`BlobStore`]. A new extension is a new member here, so that adapters
/// which do not know of it go on compiling and simply do not offer it.
///
/// An extension works on the objects of the store that gave it, and lives as long as whoever holds it.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct BlobExtensions {
    /// URLs that let their bearer read or write one object for a while.
    pub signing: Option<Arc<dyn SignUrls>>,
    /// What the URLs of `signing` allow, where they lead to the program that composed the platform and not
    /// to a server of the store.
    pub grants: Option<Arc<dyn VerifyUrls>>,
    /// Labels of objects.
    pub tagging: Option<Arc<dyn TagBlobs>>,
}

impl BlobExtensions {
    /// No extension at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// Offers signed URLs.
    pub fn with_signing(mut self, signing: Arc<dyn SignUrls>) -> Self {
        self.signing = Some(signing);
        self
    }

    /// Says what signed URLs that lead to this program allow.
    pub fn with_grants(mut self, grants: Arc<dyn VerifyUrls>) -> Self {
        self.grants = Some(grants);
        self
    }

    /// Offers tags.
    pub fn with_tagging(mut self, tagging: Arc<dyn TagBlobs>) -> Self {
        self.tagging = Some(tagging);
        self
    }
}

/// Labels objects.
#[async_trait]
pub trait TagBlobs: fmt::Debug + Send + Sync + 'static {
    /// Replaces the tags of an object. `NotFound` when there is none.
    async fn tag(&self, key: BlobKey, tags: BTreeMap<String, String>) -> Result<()>;

    /// The tags of an object. `NotFound` when there is none.
    async fn tags(&self, key: BlobKey) -> Result<BTreeMap<String, String>>;
}

/// Calls that are put together from those of a [`BlobStore`] and its extensions.
#[async_trait]
pub trait BlobStoreExt: BlobStore {
    /// Removes one object; see [`BlobStore::delete`].
    async fn remove(&self, key: BlobKey) -> Result<()> {
        self.delete(vec![key]).await
    }

    /// A URL that lets its bearer read or write one object for a while; see [`SignUrls::presign`].
    /// `Unsupported` when the store has no URLs.
    async fn presign(&self, key: BlobKey, request: PresignRequest) -> Result<PresignedRequest> {
        match self.extensions().signing {
            Some(signing) => signing.presign(key, request).await,
            None => Err(self.unsupported("URLs")),
        }
    }

    /// Replaces the tags of an object; see [`TagBlobs::tag`]. `Unsupported` when the store has no tags.
    async fn tag(&self, key: BlobKey, tags: BTreeMap<String, String>) -> Result<()> {
        match self.extensions().tagging {
            Some(tagging) => tagging.tag(key, tags).await,
            None => Err(self.unsupported("tags")),
        }
    }

    /// The tags of an object; see [`TagBlobs::tags`]. `Unsupported` when the store has no tags.
    async fn tags(&self, key: BlobKey) -> Result<BTreeMap<String, String>> {
        match self.extensions().tagging {
            Some(tagging) => tagging.tags(key).await,
            None => Err(self.unsupported("tags")),
        }
    }

    /// The error for an extension that this store does not offer.
    fn unsupported(&self, extension: &str) -> Error {
        let message = format!("the blob store {} has no {extension}", self.name());
        Error::new(ErrorKind::Unsupported, message)
    }
}

impl<B: BlobStore + ?Sized> BlobStoreExt for B {}
