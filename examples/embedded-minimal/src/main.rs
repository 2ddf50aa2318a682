#![doc = include_str!("../README.md")]

mod engine;
mod sample;

use std::{num::NonZeroUsize, sync::Arc};

use anyhow::{Result, ensure};
use bytes::Bytes;
use ocr_adapters::fs::FsBlobStore;
use ocr_adapters::sqlite::{SqliteDatabase, SqliteQueue, SqliteStore};
use ocr_core::clock::SystemClock;
use ocr_core::id::{IdGenerator, RandomIds, UserId};
use ocr_core::memory::MemoryNotifier;
use ocr_core::platform::Platform;
use ocr_core::service::{OcrService, SubmitRequest};
use ocr_core::store::Scope;
use ocr_core::worker::Worker;
use ocr_documents::Inspector;

#[tokio::main]
async fn main() -> Result<()> {
    let file = std::env::args().nth(1);
    let document = file.as_ref().map_or_else(|| Ok(sample::pdf()), std::fs::read)?;

    let (data, clock) = (tempfile::tempdir()?, Arc::new(SystemClock));
    let database = SqliteDatabase::open(&data.path().join("ocr.sqlite")).await?;
    let store = SqliteStore::new(database.clone(), clock.clone(), Arc::new(RandomIds));
    let platform = Platform::new(
        Arc::new(store),
        Arc::new(SqliteQueue::new(database, clock.clone())),
        Arc::new(FsBlobStore::open(&data.path().join("documents"), clock)?),
        Arc::new(MemoryNotifier::default()),
        Arc::new(Inspector),
    )
    .with_engine(Arc::new(engine::load()?));

    let (service, owner) = (OcrService::new(platform.clone()), UserId(RandomIds.next()));
    let (request, body) = (SubmitRequest::default(), Bytes::from(document).into());
    let id = service.submit(owner, request, body).await?.into_task().id;
    Worker::new(platform, NonZeroUsize::MIN).drain().await?;

    let task = service.get(Scope::owner(owner), id).await?;
    ensure!(
        task.result.is_some(),
        "the document was not read: {:?}",
        task.state
    );
    let result = service.result(Scope::owner(owner), id).await?;
    for page in &result.document.pages {
        println!("page {}: {}", page.number, page.plain_text());
    }
    ensure!(
        file.is_some() || result.text == sample::TEXT,
        "that is not what was written"
    );
    Ok(())
}
