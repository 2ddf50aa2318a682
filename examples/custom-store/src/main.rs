//! A document goes through a platform on this store, which is closed and opened again in between, as if the
//! process had ended: after the upload, and after the work. The other ports live in memory.

use std::{num::NonZeroUsize, sync::Arc};

use anyhow::{Result, ensure};
use custom_store::FileStore;
use ocr_core::{
    id::{IdGenerator, RandomIds, UserId},
    platform::Platform,
    service::{OcrService, SubmitRequest},
    store::Scope,
    worker::Worker,
};
use ocr_testkit::{FakeEngine, MemoryPlatform, documents::text_pdf};

const TEXT: &str = "kept in one file";

#[tokio::main]
async fn main() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let others = MemoryPlatform::new().with_engine(FakeEngine::new([TEXT]));
    let open = || -> Result<Platform> {
        let mut platform = others.platform.clone();
        platform.store = Arc::new(FileStore::open(directory.path(), others.clock.clone())?);
        Ok(platform)
    };

    let (service, owner) = (OcrService::new(open()?), UserId(RandomIds.next()));
    let (request, body) = (SubmitRequest::default(), text_pdf(&[TEXT]).into());
    let id = service.submit(owner, request, body).await?.into_task().id;
    drop(service);

    Worker::new(open()?, NonZeroUsize::MIN).drain().await?;

    let service = OcrService::new(open()?);
    let result = service.result(Scope::owner(owner), id).await?;
    for page in &result.document.pages {
        println!("page {}: {}", page.number, page.plain_text());
    }
    ensure!(result.text == TEXT, "read {:?}", result.text);
    Ok(())
}
