//! The engine inside a platform that lives in memory: a barcode goes in, its text comes out.

use std::{num::NonZeroUsize, sync::Arc};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use custom_engine::{Code39Engine, print};
use ocr_core::{
    clock::SystemClock,
    id::{IdGenerator, RandomIds, UserId},
    memory::{MemoryBlobStore, MemoryNotifier, MemoryQueue, MemoryStore},
    platform::Platform,
    service::{OcrService, SubmitRequest},
    store::Scope,
    worker::Worker,
};
use ocr_documents::{Inspector, encode_png};

const CODE: &str = "PLATFORM-42";

#[tokio::main]
async fn main() -> Result<()> {
    let clock = Arc::new(SystemClock);
    let platform = Platform::new(
        Arc::new(MemoryStore::new(clock.clone())),
        Arc::new(MemoryQueue::new(clock.clone())),
        Arc::new(MemoryBlobStore::new(clock)),
        Arc::new(MemoryNotifier::default()),
        Arc::new(Inspector),
    )
    .with_engine(Arc::new(Code39Engine::default()));
    let service = OcrService::new(platform.clone());

    let owner = UserId(RandomIds.next());
    let picture = print::page(CODE).context("Code 39 has all these characters")?;
    let request = SubmitRequest::new("separator.png");
    let body = Bytes::from(encode_png(&picture)).into();
    let task = service.submit(owner, request, body).await?.into_task();

    Worker::new(platform, NonZeroUsize::MIN).drain().await?;
    let result = service.result(Scope::owner(owner), task.id).await?;
    for page in &result.document.pages {
        println!("page {}: {}", page.number, page.plain_text());
    }
    ensure!(
        result.text == CODE,
        "read {:?} where {CODE} is printed",
        result.text
    );
    Ok(())
}
