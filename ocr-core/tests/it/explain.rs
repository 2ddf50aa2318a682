//! Why a task waits or has failed.

use std::time::Duration;

use ocr_core::{
    ErrorKind,
    model::{DeadLetterCause, TaskStatus},
    platform::Policies,
    service::{Explanation, Holding},
    store::Scope,
};
use ocr_testkit::{FakeEngine, MemoryPlatform, samples};

use crate::drive::Drive;

async fn explain(drive: &Drive, id: ocr_core::id::TaskId) -> Explanation {
    drive.service.explain(drive.scope(), id).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_task_that_waits_for_its_turn_says_how_many_are_ahead() {
    let drive = Drive::new(FakeEngine::new(["one"]));
    let first = drive.submit().await;
    drive.pass(Duration::from_secs(1));
    let second = drive.submit().await;
    assert_eq!(explain(&drive, first).await.message, "it is the next one");
    let waits = explain(&drive, second).await;
    assert_eq!((waits.holding, waits.ahead), (Holding::Turn, Some(1)));
    assert_eq!(waits.message, "one document is ahead of it");
    let other = drive.service.explain(Scope::owner(samples::user()), first).await;
    assert_eq!(other.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_waits_for_another_attempt_says_when_and_why() {
    let engine = FakeEngine::new(["one"]).failing_attempts(1, ErrorKind::Unavailable, "it is down");
    let drive = Drive::new(engine);
    let id = drive.submit().await;
    drive.drain().await;
    let waits = explain(&drive, id).await;
    assert_eq!(waits.holding, Holding::Delay);
    assert_eq!(waits.until, drive.task(id).await.state.run_after);
    assert!(waits.message.contains("it is down"), "{}", waits.message);
    assert!(waits.next.starts_with("attempt 2 begins in"), "{}", waits.next);
    drive.pass_delays();
    drive.drain().await;
    assert_eq!(explain(&drive, id).await.holding, Holding::Completed);
}

#[tokio::test(start_paused = true)]
async fn without_an_engine_a_task_says_so() {
    let drive = Drive::over(MemoryPlatform::new(), FakeEngine::new(["one"]));
    let id = drive.submit().await;
    let waits = explain(&drive, id).await;
    assert_eq!(waits.holding, Holding::NoEngine);
    assert!(waits.message.contains("no OCR engine"), "{}", waits.message);
}

#[tokio::test(start_paused = true)]
async fn a_task_whose_worker_died_waits_for_another_one() {
    let drive = Drive::new(FakeEngine::new(["one", "two"]).hanging_at_page(2));
    let id = drive.submit().await;
    let died = tokio::time::timeout(Duration::from_millis(10), drive.worker.drain()).await;
    assert!(died.is_err(), "the worker was at work");
    let reads = explain(&drive, id).await;
    assert_eq!(reads.holding, Holding::Worker);
    assert_eq!(reads.message, "a worker reads it: 1 of 2 pages are done");
    let lease = Policies::default().lease;
    drive.pass(lease.checked_sub(Duration::from_secs(3)).unwrap());
    let silent = explain(&drive, id).await;
    assert_eq!(silent.holding, Holding::SilentWorker);
    assert!(
        silent.next.starts_with("another worker takes it over in 3 s"),
        "{}",
        silent.next
    );
    let task = drive.task(id).await;
    assert_eq!(drive.service.takeover_at(&task), task.state.lease_expires_at);
    drive.pass(Duration::from_secs(3));
    let next = explain(&drive, id).await.next;
    assert_eq!(next, "another worker takes it over within a second");
}

#[tokio::test(start_paused = true)]
async fn a_task_that_failed_says_who_is_to_blame() {
    for (kind, holding, cause) in [
        (ErrorKind::InvalidInput, Holding::Document, None),
        (
            ErrorKind::PermissionDenied,
            Holding::DeadLetter,
            Some(DeadLetterCause::Refused),
        ),
    ] {
        let drive = Drive::new(FakeEngine::new(["one"]).failing_at_page(1, kind, "no"));
        let id = drive.submit().await;
        drive.drain().await;
        let failed = explain(&drive, id).await;
        assert_eq!(failed.task.status(), TaskStatus::Failed);
        assert_eq!((failed.holding, failed.cause), (holding, cause));
        assert_eq!(failed.message, "no");
    }
}
