//! Poison, deadlines, and what becomes of tasks whose documents are not to blame.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use ocr_core::{
    ErrorKind,
    model::{AttemptEnd, DeadLetterCause, TaskOptions, TaskStatus, Usage},
    pagination::PageRequest,
    platform::Policies,
    queue::Queue as _,
    service::SubmitRequest,
    store::{Directive, Scope, TaskFilter, TaskStore as _},
    worker::Worker,
};
use ocr_testkit::{FakeEngine, MemoryPlatform, samples};
use tokio_util::sync::CancellationToken;

use crate::drive::Drive;

/// A drive whose documents fail three times for want of a service.
fn failing() -> Drive {
    Drive::new(FakeEngine::new(["one", "two"]).failing_at_page(2, ErrorKind::Unavailable, "it is down"))
}

/// Works until a document has used up its attempts.
async fn exhaust(drive: &Drive) {
    for _ in 0..4 {
        drive.drain().await;
        drive.pass_delays();
    }
}

/// The engine works from now on.
fn mend(drive: &Drive) -> FakeEngine {
    let engine = FakeEngine::new(["one", "two"]);
    drive.parts.platform.engines.add(Arc::new(engine.clone()));
    engine
}

fn page() -> PageRequest {
    PageRequest::first(100).unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_is_nobodys_fault_is_listed_and_goes_on_where_it_failed() {
    let drive = failing();
    let id = drive.submit().await;
    exhaust(&drive).await;
    let listed = drive
        .service
        .dead_letters(drive.scope(), TaskFilter::default(), page())
        .await
        .unwrap();
    assert_eq!(listed.items.len(), 1);
    let (task, cause) = drive.service.dead_letter(drive.scope(), id).await.unwrap();
    assert_eq!(cause, DeadLetterCause::AttemptsExhausted);
    assert_eq!(task.history.attempts.len(), 3);
    for attempt in &task.history.attempts {
        assert_eq!(attempt.end, Some(AttemptEnd::Failed));
        assert_eq!(attempt.engine.as_deref(), Some("fake"));
        assert_eq!(attempt.failure.as_ref().unwrap().message, "it is down");
    }
    let engine = mend(&drive);
    let again = drive.service.redrive(drive.scope(), id).await.unwrap();
    assert_eq!((again.status(), again.state.failures), (TaskStatus::Pending, 0));
    let twice = drive.service.redrive(drive.scope(), id).await.unwrap();
    assert_eq!(twice.state, again.state, "asking twice is asking once");
    drive.drain().await;
    let task = drive.task(id).await;
    assert_eq!(
        (task.status(), task.history.attempts.len()),
        (TaskStatus::Completed, 4)
    );
    assert_eq!(engine.pages_read(), [2], "what was read is not read again");
    let refused = drive.service.redrive(drive.scope(), id).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
}

#[tokio::test(start_paused = true)]
async fn a_document_that_is_to_blame_is_no_dead_letter() {
    let drive = Drive::new(FakeEngine::new(["one"]).failing_at_page(1, ErrorKind::InvalidInput, "broken"));
    let id = drive.submit().await;
    drive.drain().await;
    let refused = drive.service.dead_letter(drive.scope(), id).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotFound);
    let refused = drive.service.redrive(drive.scope(), id).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    let all = drive
        .service
        .redrive_all(Scope::system(), TaskFilter::default(), 10)
        .await
        .unwrap();
    assert_eq!((all.redriven, all.more), (0, false));
}

#[tokio::test(start_paused = true)]
async fn many_are_redriven_within_a_bound_and_within_the_scope() {
    let drive = failing();
    for _ in 0..3 {
        drive.submit().await;
    }
    exhaust(&drive).await;
    let other = Scope::owner(samples::user());
    let everything = TaskFilter::default;
    let theirs = drive.service.redrive_all(other, everything(), 10).await.unwrap();
    assert_eq!((theirs.redriven, theirs.more), (0, false));
    let late = everything().with_failure_code("timeout".to_owned());
    let late = drive
        .service
        .redrive_all(Scope::system(), late, 10)
        .await
        .unwrap();
    assert_eq!(late.redriven, 0);
    let some = drive
        .service
        .redrive_all(drive.scope(), everything(), 2)
        .await
        .unwrap();
    assert_eq!((some.redriven, some.skipped, some.more), (2, 0, true));
    let rest = drive
        .service
        .redrive_all(drive.scope(), everything(), 2)
        .await
        .unwrap();
    assert_eq!((rest.redriven, rest.more), (1, false));
    let none = drive
        .service
        .redrive_all(drive.scope(), everything(), 2)
        .await
        .unwrap();
    assert_eq!((none.redriven, none.more), (0, false));
}

#[tokio::test(start_paused = true)]
async fn what_a_failed_task_cost_is_kept_and_survives_a_retry() {
    let engine = FakeEngine::new(["one", "two"]).charging(1_500);
    let drive = Drive::new(engine.failing_at_page(2, ErrorKind::InvalidInput, "broken"));
    let id = drive.submit().await;
    drive.drain().await;
    let task = drive.task(id).await;
    let charged = task.history.charged_in_all();
    assert_eq!(task.status(), TaskStatus::Failed);
    assert!(charged.cost_micros > 0, "{charged:?}");
    assert_eq!(task.history.attempts[0].usage, charged);
    drive.service.retry(drive.scope(), id).await.unwrap();
    drive.drain().await;
    let twice = drive.task(id).await.history.charged_in_all();
    assert_eq!(twice, charged + charged);
    assert_ne!(twice, Usage::default());
}

/// Takes a minute.
fn in_a_minute() -> SubmitRequest {
    SubmitRequest::new("scan.pdf").with_options(TaskOptions::default().with_deadline_seconds(60))
}

#[tokio::test(start_paused = true)]
async fn a_worker_stops_at_the_deadline() {
    let drive = Drive::new(FakeEngine::new(["one", "two"]).hanging_at_page(2));
    let id = drive.try_submit(in_a_minute()).await.unwrap().into_task().id;
    // The minute passes on the paused runtime; the hour that an attempt may take does not.
    drive.drain().await;
    let task = drive.task(id).await;
    assert_eq!(task.status(), TaskStatus::Failed);
    assert_eq!(task.state.failure.unwrap().code, "deadline_passed");
    let (_, cause) = drive.service.dead_letter(drive.scope(), id).await.unwrap();
    assert_eq!(cause, DeadLetterCause::DeadlinePassed);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_waits_is_given_up_at_its_deadline() {
    let engine = FakeEngine::new(["one"]).failing_attempts(100, ErrorKind::RateLimited, "slow down");
    let drive = Drive::new(engine);
    let id = drive.try_submit(in_a_minute()).await.unwrap().into_task().id;
    drive.drain().await;
    assert_eq!(drive.status(id).await, TaskStatus::Pending);
    drive.pass(Duration::from_mins(1));
    drive.drain().await;
    let state = drive.task(id).await.state;
    assert_eq!((state.status, state.attempt), (TaskStatus::Failed, 1));
    assert_eq!(state.failure.unwrap().code, "deadline_passed");
    let depth = drive.parts.queue.depth().await.unwrap();
    assert_eq!((depth.ready, depth.delayed, depth.leased), (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_of_all_tasks_is_a_policy_and_a_redriven_task_has_it_again() {
    let policies = Policies::default()
        .with_reuse_results(false)
        .with_task_deadline(Duration::from_mins(1));
    let engine = FakeEngine::new(["one"]);
    let parts = MemoryPlatform::new()
        .with_engine(engine.clone())
        .with_policies(policies);
    let drive = Drive::over(parts, engine);
    let id = drive.submit().await;
    drive.pass(Duration::from_mins(2));
    drive.drain().await;
    assert_eq!(drive.status(id).await, TaskStatus::Failed);
    drive.service.redrive(drive.scope(), id).await.unwrap();
    drive.drain().await;
    assert_eq!(drive.status(id).await, TaskStatus::Completed);
    let beyond = TaskOptions::default().with_deadline_seconds(u32::MAX);
    let request = SubmitRequest::new("scan.pdf").with_options(beyond);
    let refused = drive.try_submit(request).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_comes_too_early_after_a_crash_is_not_dropped() {
    let drive = Drive::new(FakeEngine::new(["one", "two"]).hanging_at_page(2));
    let id = drive.submit().await;
    let died = tokio::time::timeout(Duration::from_millis(10), drive.worker.drain()).await;
    assert!(died.is_err(), "the worker was at work");
    let lease = Policies::default().lease;
    let fence = drive.task(id).await.fence();
    // The last heartbeat reached the store and not the queue.
    drive.pass(Duration::from_secs(2));
    let renewed = drive
        .parts
        .store
        .record_progress(fence, None, lease)
        .await
        .unwrap();
    assert_eq!(renewed, Directive::Continue);
    drive.pass(lease.checked_sub(Duration::from_secs(1)).unwrap());
    let worker = Worker::new(drive.parts.platform.clone(), NonZeroUsize::MIN);
    let stop = CancellationToken::new();
    let until = stop.clone();
    let running = tokio::spawn(async move { worker.run(until).await });
    tokio::time::sleep(Duration::from_secs(5)).await;
    let depth = drive.parts.queue.depth().await.unwrap();
    assert_eq!(
        (depth.delayed, depth.leased),
        (1, 0),
        "it comes again when the lease of the store ends"
    );
    let engine = mend(&drive);
    drive.pass(Duration::from_secs(1));
    // No reconciler runs: the worker finds it by itself, within the second in which it asks.
    tokio::time::sleep(Duration::from_secs(5)).await;
    stop.cancel();
    running.await.unwrap();
    assert_eq!(drive.status(id).await, TaskStatus::Completed);
    assert_eq!(engine.pages_read(), [2]);
}
