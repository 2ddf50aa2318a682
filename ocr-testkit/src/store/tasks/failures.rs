//! What a store keeps of failures: the history of attempts, crashes, deadlines, and the list of dead letters.

use std::time::Duration;

use ocr_core::{
    model::{
        AttemptEnd, AttemptNote, DOCUMENT_FAULTS, Outcome, Task, TaskFailure, TaskOptions, TaskStatus,
        Transition, Usage,
    },
    store::{Fence, Scope, TaskFilter, Write},
};

use super::{StoreFixture, claim, ends, ids};
use crate::{harness::LONG, samples};

/// Ends the claim of `task` by a failure that no other attempt can mend.
async fn failed(fixture: &StoreFixture, task: &Task, code: &str) -> Task {
    let failure = TaskFailure::new(code, "no");
    let fail = ends(task.state.attempt, Outcome::Fail { failure });
    fixture.apply(task.id, fail).await
}

/// Who tried, how it ended, why and for how much is read back, and survives a retry.
pub async fn what_became_of_each_attempt_is_kept(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let task = fixture.pending(owner).await;
    let note = AttemptNote::default().with_worker("host/1".to_owned());
    let write = Write::default().with_note(note);
    let claimed = fixture
        .step(Scope::system(), task.id, claim(LONG), write)
        .await
        .unwrap();
    let note = AttemptNote::default()
        .with_engine("fake".to_owned())
        .with_charged(Usage::new(2, 3_000));
    let failure = samples::failure("not \0 now");
    let fail = ends(
        claimed.state.attempt,
        Outcome::Fail {
            failure: failure.clone(),
        },
    );
    let write = Write::default().with_note(note);
    let ended = fixture.step(Scope::system(), task.id, fail, write).await.unwrap();
    let [attempt] = &ended.history.attempts[..] else {
        panic!("one attempt is expected: {:?}", ended.history);
    };
    assert_eq!((attempt.number, attempt.end), (1, Some(AttemptEnd::Failed)));
    assert_eq!(attempt.worker.as_deref(), Some("host/1"));
    assert_eq!(attempt.engine.as_deref(), Some("fake"));
    assert_eq!(attempt.failure.as_ref(), Some(&failure));
    assert_eq!(attempt.usage, Usage::new(2, 3_000));
    assert!(attempt.ended_at.is_some_and(|end| end >= attempt.started_at));
    assert_eq!(fixture.read(task.id).await.history, ended.history);
    let retried = fixture.apply(task.id, Transition::Retry).await;
    assert_eq!(retried.history.attempts, ended.history.attempts);
    assert_eq!(retried.history.charged_in_all(), Usage::new(2, 3_000));
    assert_eq!(fixture.read(task.id).await, retried);
    let listed = fixture.list(Scope::owner(owner), TaskFilter::default()).await;
    assert_eq!(listed, vec![retried]);
}

/// `Redrive` keeps stored pages and the checkpoint, and does not ask for the document to be read again.
pub async fn redriving_keeps_what_was_found(fixture: &StoreFixture) {
    let task = fixture.claimed(fixture.user().await, LONG).await;
    let fence = Fence::new(task.id, task.state.attempt);
    fixture
        .store
        .put_pages(fence, vec![samples::page(1, "kept")])
        .await
        .unwrap();
    let checkpoint = serde_json::json!({"job": "paid for"});
    fixture
        .store
        .put_checkpoint(fence, checkpoint.clone())
        .await
        .unwrap();
    failed(fixture, &task, "unavailable").await;
    let again = fixture.apply(task.id, Transition::Redrive).await;
    assert_eq!((again.status(), again.state.failures), (TaskStatus::Pending, 0));
    assert_eq!(again.options, task.options);
    assert_eq!(again.history.attempts.len(), 1);
    assert_eq!(fixture.read(task.id).await, again);
    assert_eq!(fixture.store.page_numbers(task.id).await.unwrap(), vec![1]);
    assert_eq!(fixture.store.checkpoint(task.id).await.unwrap(), Some(checkpoint));
}

/// How often a task crashed, how often it may, and its deadline are read back.
pub async fn crashes_and_deadlines_are_kept(fixture: &StoreFixture) {
    let options = TaskOptions::default().with_deadline_seconds(3_600);
    let new = samples::new_task(fixture.user().await)
        .with_options(options)
        .with_max_crashes(2);
    let task = fixture.create(new).await;
    let deadline = task.state.deadline.expect("a deadline");
    let limit = (deadline - task.created_at).to_std().unwrap();
    assert!(
        limit.abs_diff(Duration::from_hours(1)) < Duration::from_secs(5),
        "{limit:?}"
    );
    assert_eq!(fixture.read(task.id).await, task);
    for status in [TaskStatus::Pending, TaskStatus::Failed] {
        let claimed = fixture.apply(task.id, claim(LONG)).await;
        let crash = Outcome::Crash {
            failure: samples::failure("it died"),
            delay: Duration::ZERO,
        };
        let crashed = fixture.apply(task.id, ends(claimed.state.attempt, crash)).await;
        assert_eq!((crashed.status(), crashed.state.failures), (status, 0));
        assert_eq!(crashed.state.deadline, Some(deadline));
        assert_eq!(fixture.read(task.id).await, crashed);
    }
    let read = fixture.read(task.id).await.state;
    assert_eq!((read.crashes, read.max_crashes), (2, 2));
}

/// Failed tasks are dead letters unless their document is to blame; they can be looked for by their code.
pub async fn dead_letters_are_a_list_of_their_own(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    fixture.pending(owner).await;
    fixture.completed(owner).await;
    for code in DOCUMENT_FAULTS {
        let task = fixture.claimed(owner, LONG).await;
        failed(fixture, &task, code).await;
    }
    let mut dead = Vec::new();
    for code in ["timeout", "permission_denied"] {
        fixture.time.tick().await;
        let task = fixture.claimed(owner, LONG).await;
        dead.push(failed(fixture, &task, code).await);
    }
    dead.reverse();
    let other = fixture.user().await;
    let theirs = fixture.claimed(other, LONG).await;
    failed(fixture, &theirs, "timeout").await;
    let scope = Scope::owner(owner);
    let all = TaskFilter::default().with_dead_letters(true);
    assert_eq!(ids(&fixture.list(scope, all.clone()).await), ids(&dead));
    let late = all.with_failure_code("timeout".to_owned());
    assert_eq!(ids(&fixture.list(scope, late.clone()).await), ids(&dead[1..]));
    assert_eq!(fixture.list(Scope::system(), late).await.len(), 2);
    let faulty = TaskFilter::default().with_failure_code(DOCUMENT_FAULTS[0].to_owned());
    assert_eq!(fixture.list(scope, faulty).await.len(), 1);
}
