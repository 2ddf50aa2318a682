//! What crashes, losses and shutdowns leave behind, and how it is mended.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use ocr_core::{
    model::TaskStatus,
    pagination::PageRequest,
    queue::{Queue, QueueDepth},
    store::{Outbox, TaskFilter},
    worker::Worker,
};
use ocr_testkit::{FakeEngine, MemoryPlatform};
use tokio_util::sync::CancellationToken;

use crate::drive::Drive;

/// A worker that dies in the middle of page 3 of 4.
async fn crash_in_the_middle(drive: &Drive) {
    let id = drive.submit().await;
    let died = tokio::time::timeout(Duration::from_millis(10), drive.worker.drain()).await;
    assert!(died.is_err(), "the worker was at work");
    let task = drive.task(id).await;
    assert_eq!(task.status(), TaskStatus::Processing);
    assert_eq!(task.progress.map(|progress| progress.pages_done), Some(2));
}

#[tokio::test(start_paused = true)]
async fn a_crash_costs_no_page_that_was_read() {
    let pages = ["one", "two", "three", "four"];
    let parts = MemoryPlatform::new().with_engine(FakeEngine::new(pages).hanging_at_page(3));
    let drive = Drive::over(parts, FakeEngine::new(pages));
    crash_in_the_middle(&drive).await;
    // The next worker's engine does not hang.
    drive.parts.platform.engines.add(Arc::new(drive.engine.clone()));
    drive.drain().await;
    assert_eq!(drive.engine.calls(), [], "the lease of the dead worker lasts");
    drive.pass_delays();
    drive.drain().await;
    let listed = drive
        .service
        .list(
            drive.scope(),
            TaskFilter::default(),
            PageRequest::first(10).unwrap(),
        )
        .await
        .unwrap();
    let task = &listed.items[0];
    assert_eq!(task.status(), TaskStatus::Completed);
    assert_eq!(
        (task.state.attempt, task.state.failures, task.state.crashes),
        (2, 0, 1)
    );
    assert_eq!(drive.engine.calls()[0].skip, [1, 2]);
    assert_eq!(
        drive.engine.pages_read(),
        [3, 4],
        "stored pages are not read again"
    );
    let result = drive.service.result(drive.scope(), task.id).await.unwrap();
    assert_eq!(result.text, "one\u{c}two\u{c}three\u{c}four");
}

#[tokio::test(start_paused = true)]
async fn a_document_that_kills_its_worker_is_given_up() {
    let drive = Drive::new(FakeEngine::new(["one", "two", "three"]).hanging_at_page(3));
    let id = drive.submit().await;
    for attempt in 1..=3 {
        let died = tokio::time::timeout(Duration::from_millis(10), drive.worker.drain()).await;
        assert!(died.is_err());
        assert_eq!(drive.task(id).await.state.attempt, attempt);
        drive.pass_delays();
    }
    drive.drain().await;
    let state = drive.task(id).await.state;
    assert_eq!(
        (state.status, state.failures, state.crashes),
        (TaskStatus::Failed, 0, 3)
    );
    assert_eq!(state.failure.expect("a reason").code, "poison");
    drive.pass_delays();
    drive.drain().await;
    assert_eq!(drive.engine.calls().len(), 3);
    let depth = drive.parts.queue.depth().await.unwrap();
    assert_eq!(depth, QueueDepth::default(), "nothing is left in the queue");
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_forgot_everything_is_filled_again() {
    let drive = Drive::new(FakeEngine::new(["text"]));
    let ids = [drive.submit().await, drive.submit().await];
    // The relay has sent the messages, then the queue lost them.
    let parts = &drive.parts;
    let entries = parts
        .store
        .lease_outbox(100, Duration::from_hours(1))
        .await
        .unwrap();
    let sent = entries.iter().map(|entry| entry.id).collect();
    parts.store.settle_outbox(sent).await.unwrap();
    assert_eq!(parts.queue.depth().await.unwrap(), QueueDepth::default());
    drive.drain().await;
    for id in ids {
        assert_eq!(drive.status(id).await, TaskStatus::Completed);
    }
}

#[tokio::test(start_paused = true)]
async fn shutdown_lets_documents_finish_within_the_grace_time() {
    let engine = FakeEngine::new(["one", "two"]).with_page_delay(Duration::from_secs(2));
    let drive = Drive::new(engine);
    let id = drive.submit().await;
    run_and_stop(&drive, Duration::from_secs(10)).await;
    assert_eq!(drive.status(id).await, TaskStatus::Completed);
}

#[tokio::test(start_paused = true)]
async fn shutdown_gives_the_rest_back_unharmed() {
    let engine = FakeEngine::new(["one", "two", "three"]).hanging_at_page(2);
    let drive = Drive::new(engine);
    let id = drive.submit().await;
    run_and_stop(&drive, Duration::from_secs(1)).await;
    let state = drive.task(id).await.state;
    assert_eq!((state.status, state.failures), (TaskStatus::Pending, 0));
    assert_eq!((state.attempt, state.failure), (1, None));
    let depth = drive.parts.queue.depth().await.unwrap();
    assert_eq!(
        (depth.ready, depth.leased),
        (1, 0),
        "another worker may take it at once"
    );
}

/// Runs a worker and its duties until the first page is at work, then shuts down.
async fn run_and_stop(drive: &Drive, grace: Duration) {
    let platform = drive.parts.platform.clone();
    let worker = Worker::new(platform.clone(), NonZeroUsize::MIN).with_grace(grace);
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    let running = tokio::spawn(async move { worker.run(stop).await });
    let duties = tokio::spawn(ocr_core::duties::run_duties(platform, shutdown.clone()));
    while drive.engine.calls().is_empty() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    shutdown.cancel();
    running.await.unwrap();
    duties.await.unwrap();
}

/// Lets a result be seen before it is written under a key.
#[derive(Debug)]
struct Slow {
    writes_result: tokio::sync::Notify,
    goes_on: tokio::sync::Notify,
}

#[async_trait::async_trait]
impl ocr_testkit::unreliable::Disruption for Slow {
    async fn before(&self, operation: &'static str) -> ocr_core::Result<()> {
        if operation == "put" {
            self.writes_result.notify_one();
            self.goes_on.notified().await;
        }
        Ok(())
    }

    async fn after(&self, _operation: &'static str) -> ocr_core::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_was_overtaken_cannot_replace_the_newer_result() {
    let drive = Drive::new(FakeEngine::new(["first reading"]));
    let id = drive.submit().await;
    let slow = Arc::new(Slow {
        writes_result: tokio::sync::Notify::new(),
        goes_on: tokio::sync::Notify::new(),
    });
    let mut frozen = drive.parts.platform.clone();
    frozen.blobs = Arc::new(ocr_testkit::Unreliable::disrupted(frozen.blobs, slow.clone()));
    // It has read, and found that the task is still its own; then it freezes.
    let worker = Worker::new(frozen, NonZeroUsize::MIN);
    let zombie = tokio::spawn(async move { worker.drain().await });
    slow.writes_result.notified().await;
    drive.pass_delays();
    drive.drain().await;
    drive
        .parts
        .platform
        .engines
        .add(Arc::new(FakeEngine::new(["second reading"])));
    drive.service.retry(drive.scope(), id).await.unwrap();
    drive.drain().await;
    slow.goes_on.notify_one();
    zombie.await.unwrap().unwrap();
    let result = drive.service.result(drive.scope(), id).await.unwrap();
    assert_eq!(result.text, "second reading");
}
