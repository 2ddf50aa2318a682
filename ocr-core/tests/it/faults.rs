//! Each port fails now and then; documents are read all the same, once each.

use std::sync::Arc;

use ocr_core::{model::TaskStatus, service::SubmitRequest, store::Created};
use ocr_testkit::{FakeEngine, MemoryPlatform, Unreliable};

use crate::drive::Drive;

const PAGES: [&str; 3] = ["one", "two", "three"];

// The periods share no factor with the calls of one round, or the same call would fail each time.

/// Submits and reads a few documents on a platform changed by `spoil`.
async fn survives(spoil: impl FnOnce(&mut MemoryPlatform)) {
    let engine = FakeEngine::new(PAGES);
    let mut parts = MemoryPlatform::new().with_engine(engine.clone());
    spoil(&mut parts);
    let drive = Drive::over(parts, engine);
    let mut ids = Vec::new();
    while ids.len() < 5 {
        let submitted = drive.try_submit(SubmitRequest::default()).await;
        ids.extend(submitted.map(|created| created.into_task().id));
    }
    for _ in 0..60 {
        // What fails here is tried again by the duties.
        let _ = drive.worker.drain().await;
        drive.pass_delays();
    }
    for id in ids {
        let scope = drive.scope();
        let store: &dyn ocr_core::store::Store = &*drive.parts.store;
        let task = store.task(scope, id).await.unwrap().expect("the task");
        assert_eq!(task.status(), TaskStatus::Completed, "{:?}", task.state);
        let pages = store.pages(scope, id, 1, 9).await.unwrap();
        assert_eq!(pages.len(), PAGES.len());
    }
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_fails() {
    survives(|parts| parts.platform.queue = Arc::new(Unreliable::new(parts.queue.clone(), 5))).await;
}

#[tokio::test(start_paused = true)]
async fn a_notifier_that_fails() {
    survives(|parts| parts.platform.notifier = Arc::new(Unreliable::new(parts.notifier.clone(), 2))).await;
}

#[tokio::test(start_paused = true)]
async fn a_blob_store_that_fails() {
    survives(|parts| parts.platform.blobs = Arc::new(Unreliable::new(parts.blobs.clone(), 7))).await;
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails() {
    survives(|parts| parts.platform.store = Arc::new(Unreliable::new(parts.store.clone(), 29))).await;
}

#[tokio::test(start_paused = true)]
async fn a_document_whose_acceptance_was_not_heard_is_kept_for_the_repetition() {
    let engine = FakeEngine::new(PAGES);
    let mut parts = MemoryPlatform::new().with_engine(engine.clone());
    // Every submission makes two calls; the second fails.
    let store = Arc::new(Unreliable::new(parts.store.clone(), 2));
    parts.platform.store = store.clone();
    let drive = Drive::over(parts, engine);
    let request = SubmitRequest::default().with_idempotency_key(Some("invoice 7".into()));
    // Of every second failing call only the answer is lost.
    while store.failures() < 4 {
        drive.try_submit(request.clone()).await.unwrap_err();
    }
    store.set_healthy(true);
    let Created::Existing(task) = drive.try_submit(request).await.unwrap() else {
        panic!("one of the calls before created it");
    };
    drive.drain().await;
    assert_eq!(drive.status(task.id).await, TaskStatus::Completed);
}
