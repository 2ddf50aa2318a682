//! What an unreliable port does, and that the suites notice it.

use std::{panic, sync::Arc};

use ocr_core::{
    ErrorKind,
    clock::ManualClock,
    memory::{MemoryBlobStore, MemoryNotifier, MemoryQueue, MemoryStore},
    notify::Notifier,
    queue::Queue,
    store::TaskStore,
};
use ocr_testkit::{
    Unreliable,
    blob::{self, BlobFixture},
    harness::{self, TestTime},
    samples,
};

#[tokio::test]
async fn failing_calls_happen_or_happen_not() {
    let clock = Arc::new(ManualClock::default());
    let queue = Unreliable::new(Arc::new(MemoryQueue::new(clock)), 2);
    let add = async || queue.enqueue(samples::items(samples::user(), 1)).await;
    let outcomes = [add().await, add().await, add().await, add().await];
    let failed: Vec<bool> = outcomes.iter().map(Result::is_err).collect();
    assert_eq!(failed, [false, true, false, true]);
    let ready = queue.inner().depth().await.unwrap().ready;
    assert_eq!(ready, 3, "the second failure lost only its answer");
    queue.set_healthy(true);
    add().await.unwrap();
    assert_eq!(queue.failures(), 2);
}

#[tokio::test]
async fn every_port_can_fail() {
    let clock = Arc::new(ManualClock::default());
    let store = Unreliable::new(Arc::new(MemoryStore::new(clock)), 1);
    let error = store.ensure_user(samples::user()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.is_transient()),
        (ErrorKind::Unavailable, true)
    );
    let notifier = Unreliable::new(Arc::new(MemoryNotifier::default()), 1);
    assert!(notifier.publish(vec![]).await.is_err());
}

#[test]
fn a_store_that_fails_does_not_conform() {
    let fresh = || async {
        let clock = Arc::new(ManualClock::default());
        let blobs = MemoryBlobStore::new(clock.clone());
        BlobFixture::new(
            Arc::new(Unreliable::new(Arc::new(blobs), 2)),
            TestTime::manual(clock),
        )
    };
    let run = || harness::run(fresh, blob::an_object_is_read_as_it_was_written);
    assert!(panic::catch_unwind(run).is_err());
}
