//! Pictures of pages for people to look at, drawn in page processes of their own: whoever turns pages
//! does not wait behind documents that are being recognised.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use ocr_core::{Result, blob::BlobKey, engine::DocumentSource};

use super::{ProcessPool, pool::decoded, source::DocumentFile};

/// Documents kept at hand, so that the next page of one is not fetched from the blob store again.
const DOCUMENTS: usize = 8;

/// Draws pages. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PagePictures {
    pool: ProcessPool,
    documents: Arc<Mutex<VecDeque<Fetched>>>,
}

/// A document that was fetched and verified.
#[derive(Debug, Clone)]
struct Fetched {
    key: BlobKey,
    sha256: String,
    file: Arc<DocumentFile>,
}

impl PagePictures {
    /// Draws in the processes of `pool`, which need no engine.
    pub fn new(pool: ProcessPool) -> Self {
        Self {
            pool,
            documents: Arc::default(),
        }
    }

    /// Page `number` (one-based) as a JPEG of at most `width` pixels across, after `quarter_turns`
    /// clockwise. Never enlarged. May be dropped at any await point.
    ///
    /// # Errors
    /// `NotFound` for a page the document does not have, `InvalidInput` for one that cannot be drawn.
    pub async fn draw(
        &self,
        document: &DocumentSource,
        number: u32,
        width: u32,
        quarter_turns: u8,
    ) -> Result<Bytes> {
        let file = self.fetched(document).await?;
        let jpeg = self
            .pool
            .picture(file.path(), number, width, quarter_turns)
            .await?;
        decoded(&jpeg)
    }

    /// The document as a file, the most recent ones kept.
    async fn fetched(&self, document: &DocumentSource) -> Result<Arc<DocumentFile>> {
        if let Some(file) = self.remembered(document) {
            return Ok(file);
        }
        let file = Arc::new(DocumentFile::fetch(document).await?);
        let mut documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        documents.push_back(Fetched {
            key: document.key().clone(),
            sha256: document.sha256().to_owned(),
            file: Arc::clone(&file),
        });
        while documents.len() > DOCUMENTS {
            documents.pop_front();
        }
        Ok(file)
    }

    fn remembered(&self, document: &DocumentSource) -> Option<Arc<DocumentFile>> {
        let mut documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        let known = documents
            .iter()
            .position(|known| known.key == *document.key() && known.sha256 == document.sha256())?;
        let fetched = documents.remove(known)?;
        let file = Arc::clone(&fetched.file);
        documents.push_back(fetched);
        Some(file)
    }
}
