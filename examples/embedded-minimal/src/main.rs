#![doc = include_str!("../README.md")]

mod recognizer;
mod sample;

use std::{num::NonZeroUsize, sync::Arc};

use anyhow::{Result, ensure};
use bytes::Bytes;
use ocr_adapters::{
    fs::FsBlobStore,
    local::{Execution, LocalEngine},
    sqlite::{SqliteDatabase, SqliteQueue, SqliteStore},
};
use ocr_core::{
    clock::SystemClock,
    id::{IdGenerator, RandomIds, UserId},
    memory::MemoryNotifier,
    platform::Platform,
    service::{OcrService, SubmitRequest},
    store::Scope,
    worker::Worker,
};
use ocr_documents::{Inspector, Limits};

#[tokio::main]
async fn main() -> Result<()> {
    let file = std::env::args().nth(1);
    let document = file.as_ref().map_or_else(|| Ok(sample::pdf()), std::fs::read)?;

    let (data, clock) = (tempfile::tempdir()?, Arc::new(SystemClock));
    let database = SqliteDatabase::open(&data.path().join("ocr.sqlite")).await?;
    let recognizer = recognizer::load()?;
    let (name, version) = (recognizer.name(), recognizer.version());
    let execution = Execution::InProcess { recognizer, parallel: 2, limits: Limits::default() };
    let platform = Platform::new(
        Arc::new(SqliteStore::new(database.clone(), clock.clone(), Arc::new(RandomIds))),
        Arc::new(SqliteQueue::new(database, clock.clone())),
        Arc::new(FsBlobStore::open(&data.path().join("documents"), clock)?),
        Arc::new(MemoryNotifier::default()),
        Arc::new(Inspector),
    )
    .with_engine(Arc::new(LocalEngine::new(name, version, vec![], execution)));

    let (service, owner) = (OcrService::new(platform.clone()), UserId(RandomIds.next()));
    let request = SubmitRequest { filename: "document".into(), ..SubmitRequest::default() };
    let task = service.submit(owner, request, Bytes::from(document).into()).await?.into_task();
    Worker::new(platform, NonZeroUsize::MIN).drain().await?;

    let task = service.get(Scope::Owner(owner), task.id).await?;
    ensure!(task.result.is_some(), "the task is {}: {:?}", task.status(), task.state.failure);
    for page in service.result(Scope::Owner(owner), task.id).await?.document.pages {
        println!("page {}: {}", page.number, page.plain_text());
        ensure!(file.is_some() || page.plain_text() == sample::TEXT, "that is not what was written");
    }
    Ok(())
}
