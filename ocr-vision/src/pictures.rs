//! Page images for the viewer. They are drawn in page processes of their own, so that the viewer does not
//! wait for recognition.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use bytes::Bytes;
use ocr_core::{
    Result, blob::BlobKey, engine::DocumentSource, model::QuarterTurn, page_renderer::PageRenderer,
};
use tokio::{sync::OnceCell, time::Instant};

use crate::document::{DocumentOpener, OpenDocument};

/// Documents kept at hand, so that the next page of one is not fetched from the blob store again.
const DOCUMENTS: usize = 8;

/// Draws pages. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PagePictures {
    opener: DocumentOpener,
    documents: Arc<Mutex<VecDeque<Kept>>>,
}

#[async_trait]
impl PageRenderer for PagePictures {
    async fn render(
        &self,
        document: DocumentSource,
        number: u32,
        width: u32,
        turn: QuarterTurn,
    ) -> Result<Bytes> {
        let kept = self.kept(&document);
        let open = kept.get_or_try_init(|| self.opener.open(&document)).await?;
        open.picture(number, width, turn).await
    }
}

/// A document that is fetched and verified by the first who needs it.
#[derive(Debug)]
struct Kept {
    key: BlobKey,
    sha256: String,
    open: Arc<OnceCell<OpenDocument>>,
    used: Instant,
}

impl PagePictures {
    /// Draws what `opener` opens, which needs no engine.
    pub fn new(opener: DocumentOpener) -> Self {
        Self {
            opener,
            documents: Arc::default(),
        }
    }

    /// The cell of an open document, the same for all who ask at once. Those used most recently are kept, as
    /// long as a page process that is not used.
    fn kept(&self, document: &DocumentSource) -> Arc<OnceCell<OpenDocument>> {
        let mut documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        let known = documents
            .iter()
            .position(|kept| kept.key == *document.key() && kept.sha256 == document.sha256());
        let mut kept = known
            .and_then(|index| documents.remove(index))
            .unwrap_or_else(|| Kept {
                key: document.key().clone(),
                sha256: document.sha256().to_owned(),
                open: Arc::default(),
                used: Instant::now(),
            });
        kept.used = Instant::now();
        let open = Arc::clone(&kept.open);
        documents.push_back(kept);
        while documents.len() > DOCUMENTS {
            documents.pop_front();
        }
        self.forget_later();
        open
    }

    /// Drops what is not used for a while, so that no copy of a deleted document stays.
    fn forget_later(&self) {
        let (timeout, documents) = (self.opener.kept_for(), Arc::clone(&self.documents));
        tokio::spawn(async move {
            tokio::time::sleep(timeout).await;
            let mut documents = documents.lock().unwrap_or_else(PoisonError::into_inner);
            documents.retain(|kept| kept.used.elapsed() < timeout);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{ProcessPool, ProcessPoolConfig};
    use ocr_core::{blob::BlobStore, clock::SystemClock, memory::MemoryBlobStore};
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn one_file_serves_all_who_look_and_is_dropped_when_nobody_does() {
        let blobs: Arc<dyn BlobStore> = Arc::new(MemoryBlobStore::new(Arc::new(SystemClock)));
        let document = |number: usize| {
            let key = format!("uploads/u/{number}").parse().unwrap();
            DocumentSource::new(Arc::clone(&blobs), key, 1, "")
        };
        let pool = ProcessPool::new(ProcessPoolConfig::new("none".into(), Vec::new(), 1));
        let pictures = PagePictures::new(DocumentOpener::in_processes(pool));
        let first = pictures.kept(&document(0));
        assert!(Arc::ptr_eq(&first, &pictures.kept(&document(0))));
        for number in 1..=DOCUMENTS {
            pictures.kept(&document(number));
        }
        assert!(!Arc::ptr_eq(&first, &pictures.kept(&document(0))));
        tokio::time::sleep(Duration::from_mins(2)).await;
        assert!(pictures.documents.lock().unwrap().is_empty());
    }
}
