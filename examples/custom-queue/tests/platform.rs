//! The queue inside a platform whose other ports live in memory.

use std::{num::NonZeroUsize, sync::Arc};

use custom_queue::FileQueue;
use ocr_core::{
    service::{OcrService, SubmitRequest},
    store::Scope,
    worker::Worker,
};
use ocr_testkit::{FakeEngine, MemoryPlatform, documents::text_pdf, samples};

#[tokio::test]
async fn a_document_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let parts = MemoryPlatform::new().with_engine(FakeEngine::new(["what it says"]));
    let mut platform = parts.platform;
    platform.queue = Arc::new(FileQueue::new(directory.path(), parts.clock));

    let (service, owner) = (OcrService::new(platform.clone()), samples::user());
    let body = text_pdf(&["anything"]).into();
    let submitted = service
        .submit(owner, SubmitRequest::default(), body)
        .await
        .unwrap();
    let id = submitted.into_task().id;
    Worker::new(platform, NonZeroUsize::MIN).drain().await.unwrap();

    let result = service.result(Scope::owner(owner), id).await.unwrap();
    assert_eq!(result.text, "what it says");
}
