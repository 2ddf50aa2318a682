//! A document goes through a platform on this store, which is closed and opened again in between, as if the
//! process had ended: after the upload, and after the work.

use std::{num::NonZeroUsize, path::Path, sync::Arc};

use anyhow::{Result, ensure};
use bytes::Bytes;
use custom_store::FileStore;
use ocr_core::{
    clock::SystemClock,
    id::{IdGenerator, RandomIds, UserId},
    memory::{MemoryBlobStore, MemoryNotifier, MemoryQueue},
    platform::Platform,
    service::{OcrService, SubmitRequest},
    store::Scope,
    worker::Worker,
};
use ocr_documents::Inspector;
use ocr_testkit::{FakeEngine, documents::text_pdf};

const TEXT: &str = "kept in one file";

#[tokio::main]
async fn main() -> Result<()> {
    let (directory, others) = (tempfile::tempdir()?, Others::default());
    let owner = UserId(RandomIds.next());

    let service = OcrService::new(others.platform(directory.path())?);
    let (request, body) = (SubmitRequest::default(), Bytes::from(text_pdf(&[TEXT])).into());
    let id = service.submit(owner, request, body).await?.into_task().id;
    drop(service);

    let platform = others.platform(directory.path())?;
    Worker::new(platform, NonZeroUsize::MIN).drain().await?;

    let service = OcrService::new(others.platform(directory.path())?);
    let result = service.result(Scope::owner(owner), id).await?;
    for page in &result.document.pages {
        println!("page {}: {}", page.number, page.plain_text());
    }
    ensure!(result.text == TEXT, "read {:?}", result.text);
    Ok(())
}

/// The ports that live on while the store is closed.
struct Others {
    queue: Arc<MemoryQueue>,
    blobs: Arc<MemoryBlobStore>,
}

impl Default for Others {
    fn default() -> Self {
        Self {
            queue: Arc::new(MemoryQueue::new(Arc::new(SystemClock))),
            blobs: Arc::new(MemoryBlobStore::new(Arc::new(SystemClock))),
        }
    }
}

impl Others {
    /// A platform on the store in `directory`, with an engine that reads what it is told to.
    fn platform(&self, directory: &Path) -> Result<Platform> {
        let platform = Platform::new(
            Arc::new(FileStore::open(directory, Arc::new(SystemClock))?),
            self.queue.clone(),
            self.blobs.clone(),
            Arc::new(MemoryNotifier::default()),
            Arc::new(Inspector),
        );
        Ok(platform.with_engine(Arc::new(FakeEngine::new([TEXT]))))
    }
}
