//! Failures, retries and cancellation.

use std::time::Duration;

use ocr_core::{ErrorKind, model::TaskStatus, store::Scope};
use ocr_testkit::FakeEngine;

use crate::drive::Drive;

#[tokio::test(start_paused = true)]
async fn a_failure_that_passes_is_tried_again() {
    let engine = FakeEngine::new(["text"]).failing_attempts(2, ErrorKind::Unavailable, "the engine is busy");
    let drive = Drive::new(engine);
    let id = drive.submit().await;
    for failures in 1..=2 {
        drive.drain().await;
        let state = drive.task(id).await.state;
        assert_eq!((state.status, state.failures), (TaskStatus::Pending, failures));
        assert_eq!(state.failure.expect("a reason").message, "the engine is busy");
        drive.drain().await;
        let calls = drive.engine.calls().len();
        assert_eq!(calls, failures as usize, "the next attempt waits its delay");
        drive.pass_delays();
    }
    drive.drain().await;
    let task = drive.task(id).await;
    assert_eq!((task.status(), task.state.failure), (TaskStatus::Completed, None));
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_stays_is_given_up_after_three_attempts() {
    let drive =
        Drive::new(FakeEngine::new(["one", "two"]).failing_at_page(2, ErrorKind::Timeout, "too slow"));
    let id = drive.submit().await;
    for _ in 0..5 {
        drive.drain().await;
        drive.pass_delays();
    }
    let state = drive.task(id).await.state;
    assert_eq!((state.status, state.failures), (TaskStatus::Failed, 3));
    let failure = state.failure.expect("a reason");
    assert_eq!(
        (failure.code.as_str(), failure.message.as_str()),
        ("timeout", "too slow")
    );
    assert_eq!(drive.engine.calls().len(), 3);
    assert_eq!(
        drive.engine.pages_read(),
        [1],
        "a page that was read is not read again"
    );
}

#[tokio::test(start_paused = true)]
async fn a_document_that_is_wrong_fails_at_once() {
    for kind in [
        ErrorKind::InvalidInput,
        ErrorKind::Unsupported,
        ErrorKind::Corrupt,
    ] {
        let message = "the file is encrypted; remove its password and upload it again";
        let drive = Drive::new(FakeEngine::new(["text"]).failing_at_page(1, kind, message));
        let id = drive.submit().await;
        drive.drain().await;
        let state = drive.task(id).await.state;
        assert_eq!(state.status, TaskStatus::Failed, "{kind:?}");
        assert_eq!(state.failure.expect("a reason").message, message);
        drive.pass_delays();
        drive.drain().await;
        assert_eq!(drive.engine.calls().len(), 1, "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn throttling_costs_no_attempt() {
    let engine = FakeEngine::new(["text"]).failing_attempts(10, ErrorKind::RateLimited, "slow down");
    let drive = Drive::new(engine);
    let id = drive.submit().await;
    for _ in 0..10 {
        drive.drain().await;
        let state = drive.task(id).await.state;
        assert_eq!((state.status, state.failures), (TaskStatus::Pending, 0));
        drive.pass_delays();
    }
    drive.drain().await;
    assert_eq!(drive.status(id).await, TaskStatus::Completed);
}

#[tokio::test(start_paused = true)]
async fn a_failed_task_can_be_run_again_from_the_start() {
    let engine = FakeEngine::new(["text"]).failing_attempts(1, ErrorKind::InvalidInput, "broken");
    let drive = Drive::new(engine);
    let id = drive.submit().await;
    drive.drain().await;
    assert_eq!(drive.status(id).await, TaskStatus::Failed);
    drive.service.retry(drive.scope(), id).await.unwrap();
    drive.drain().await;
    let task = drive.task(id).await;
    assert_eq!((task.status(), task.state.attempt), (TaskStatus::Completed, 2));
    drive.service.retry(drive.scope(), id).await.unwrap();
    let pages = drive.service.pages(drive.scope(), id, 1, 9).await.unwrap();
    assert_eq!(pages, [], "a retry starts over");
    let result = drive.service.result(drive.scope(), id).await;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Conflict);
    drive.drain().await;
    assert_eq!(drive.engine.pages_read(), [1, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_task_is_cancelled_before_it_is_read() {
    let drive = Drive::new(FakeEngine::new(["text"]));
    let id = drive.submit().await;
    for _ in 0..2 {
        let task = drive.service.cancel(drive.scope(), id).await.unwrap();
        assert_eq!(task.status(), TaskStatus::Cancelled);
    }
    drive.drain().await;
    assert_eq!(drive.engine.calls(), []);
    assert_eq!(drive.status(id).await, TaskStatus::Cancelled);
}

#[tokio::test(start_paused = true)]
async fn a_running_task_stops_when_cancelled() {
    for ignores in [false, true] {
        let engine = FakeEngine::new(["one", "two", "three"]).hanging_at_page(2);
        let engine = if ignores { engine.ignoring_cancel() } else { engine };
        let drive = Drive::new(engine);
        let id = drive.submit().await;
        let worker = drive.worker.clone();
        let working = tokio::spawn(async move { worker.drain().await });
        while drive.engine.pages_read().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        drive.service.cancel(drive.scope(), id).await.unwrap();
        // The next sign of life tells the worker; nothing else has to.
        working.await.unwrap().unwrap();
        let task = drive.task(id).await;
        assert_eq!((task.status(), task.result), (TaskStatus::Cancelled, None));
        let late = drive.service.cancel(Scope::system(), id).await.unwrap();
        assert_eq!(late.status(), TaskStatus::Cancelled);
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_takes_too_long_is_a_failure() {
    let drive = Drive::new(FakeEngine::new(["one"]).hanging_at_page(1));
    let id = drive.submit().await;
    // The worker's hour passes on the paused runtime, while its heartbeats keep the lease.
    drive.drain().await;
    let state = drive.task(id).await.state;
    assert_eq!((state.status, state.failures), (TaskStatus::Pending, 1));
    assert_eq!(state.failure.expect("a reason").code, "timeout");
}
