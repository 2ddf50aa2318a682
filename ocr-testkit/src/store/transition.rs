//! Transitions: legal ones happen as the state machine says, others leave no trace.

use std::{sync::Arc, time::Duration};

use ocr_core::{
    ErrorKind, Result,
    model::{Progress, ResultSummary, Task, TaskState, TaskStatus, Transition},
    store::{Directive, Scope},
};

use super::{StoreFixture, claim};
use crate::{
    harness::{LONG, refused},
    samples,
};

/// What a random walk does next; attempts are now and then a stale one.
fn step(task: &Task, random: u64, lease: Duration) -> Transition {
    let stale = u32::from((random >> 8).is_multiple_of(4));
    let attempt = task.state.attempt.wrapping_sub(stale);
    let failure = samples::failure(&format!("failure {random}"));
    let delay = if (random >> 10) & 1 == 0 {
        Duration::ZERO
    } else {
        lease
    };
    match random % 10 {
        0 => Transition::Complete {
            attempt,
            result: samples::summary(task),
        },
        1 | 2 => Transition::RetryLater {
            attempt,
            failure,
            delay,
        },
        3 => Transition::Fail { attempt, failure },
        4 => Transition::Release { attempt, delay },
        5 => Transition::LeaseExpired,
        6 => Transition::Cancel,
        7 => Transition::Retry,
        _ => claim(lease),
    }
}

/// The parts of a state that do not depend on whose clock was read.
fn timeless(state: &TaskState) -> TaskState {
    TaskState {
        lease_expires_at: None,
        run_after: None,
        ..state.clone()
    }
}

/// A long random walk goes where [`TaskState::apply`] says, errors included.
pub async fn transitions_follow_the_state_machine(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let mut task = fixture.pending(owner).await;
    let (mut random, manual) = (0x9e37_79b9_7f4a_7c15_u64, fixture.time.is_manual());
    for round in 0..300 {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let transition = step(&task, random >> 33, LONG);
        let expected = task.state.apply(&transition, fixture.time.now());
        let outcome = fixture
            .store
            .transition(Scope::Owner(owner), task.id, transition.clone(), vec![])
            .await;
        let context = format!("round {round}: {transition:?} from {:?}", task.state);
        let read = fixture.read(task.id).await;
        match (&outcome, expected) {
            (Ok(moved), Ok(expected)) if manual => assert_eq!(moved.state, expected, "{context}"),
            (Ok(moved), Ok(expected)) => {
                assert_eq!(timeless(&moved.state), timeless(&expected), "{context}");
            }
            (Err(error), Err(expected)) => assert_eq!(error.kind(), expected.kind(), "{context}"),
            (outcome, expected) => panic!("{context}: {outcome:?} instead of {expected:?}"),
        }
        if let Ok(moved) = outcome {
            assert_eq!(read, moved, "{context}: what is returned is what is stored");
        } else {
            assert_eq!(read, task, "{context}: nothing was written");
        }
        task = read;
        if manual && round % 5 == 0 {
            fixture.time.pass(LONG).await;
        }
    }
}

/// Of many concurrent claims exactly one succeeds; the others are `Conflict`.
pub async fn of_many_claims_one_succeeds(fixture: &StoreFixture) {
    let task = fixture.pending(fixture.user().await).await;
    let claims: Vec<_> = (0..12)
        .map(|_| {
            let (store, id) = (Arc::clone(&fixture.store), task.id);
            tokio::spawn(async move { store.transition(Scope::System, id, claim(LONG), vec![]).await })
        })
        .collect();
    let mut outcomes: Vec<Result<Task>> = Vec::new();
    for claim in claims {
        outcomes.push(claim.await.unwrap());
    }
    let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1, "one claim succeeds");
    for loser in lost {
        refused(loser, ErrorKind::Conflict);
    }
    assert_eq!(fixture.read(task.id).await.state.attempt, 1);
}

/// The messages of a transition are in the outbox when it returns.
pub async fn a_message_is_committed_with_its_transition(fixture: &StoreFixture) {
    let new = samples::new_task(fixture.user().await);
    let messages = samples::messages(&new);
    let task = fixture.create(new).await;
    let transition = Transition::Cancel;
    fixture
        .store
        .transition(Scope::System, task.id, transition, messages.clone())
        .await
        .unwrap();
    assert_eq!(fixture.sent().await, messages);
}

/// A refused transition changes no row, sends no message and logs no change.
pub async fn a_refused_transition_writes_nothing(fixture: &StoreFixture) {
    let new = samples::new_task(fixture.user().await);
    let messages = samples::messages(&new);
    let task = fixture.create(new).await;
    let head = fixture.head().await;
    fixture.time.tick().await;
    let complete = Transition::Complete {
        attempt: 1,
        result: samples::summary(&task),
    };
    for (transition, kind) in [
        (Transition::Retry, ErrorKind::Conflict),
        (Transition::LeaseExpired, ErrorKind::Conflict),
        (complete, ErrorKind::LeaseLost),
    ] {
        let outcome = fixture
            .store
            .transition(Scope::System, task.id, transition, messages.clone())
            .await;
        refused(outcome, kind);
    }
    assert_eq!(fixture.read(task.id).await, task);
    assert_eq!(fixture.sent().await, vec![]);
    assert_eq!(fixture.changes(head).await, vec![]);
}

/// The result of a completed task is read back exactly.
pub async fn a_result_is_kept_exactly(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let task = fixture.claimed(owner, LONG).await;
    let result = ResultSummary {
        word_count: 5_000_000_000,
        processing_time_ms: 1 << 40,
        page_count: 4_000_000_000,
        billed_pages: 4_000_000_000,
        cost_micros: 1 << 50,
        ..samples::summary(&task)
    };
    let complete = Transition::Complete {
        attempt: task.state.attempt,
        result: result.clone(),
    };
    let completed = fixture.apply(task.id, complete).await;
    assert_eq!(completed.status(), TaskStatus::Completed);
    assert_eq!(completed.result.as_ref(), Some(&result));
    assert_eq!(fixture.read(task.id).await, completed);
    let listed = fixture
        .list(Scope::Owner(owner), super::TaskFilter::default())
        .await;
    assert_eq!(listed, vec![completed]);
}

/// A result without words has no confidence.
pub async fn a_result_without_words_is_kept(fixture: &StoreFixture) {
    let task = fixture.claimed(fixture.user().await, LONG).await;
    let result = ResultSummary {
        confidence: None,
        page_count: 0,
        word_count: 0,
        processing_time_ms: 0,
        ..samples::summary(&task)
    };
    let complete = Transition::Complete {
        attempt: task.state.attempt,
        result: result.clone(),
    };
    fixture.apply(task.id, complete).await;
    assert_eq!(fixture.read(task.id).await.result, Some(result));
}

/// `Retry` removes result, pages, progress and failure; the task may complete again.
pub async fn retrying_clears_what_was_found(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    for round in 0..2 {
        let task = fixture.claimed(owner, LONG).await;
        let attempt = task.state.attempt;
        let pages = vec![samples::page(1, "old"), samples::page(2, "old")];
        fixture.store.put_pages(task.id, attempt, pages).await.unwrap();
        let result = samples::summary(&task);
        let end = if round == 0 {
            Transition::Complete { attempt, result }
        } else {
            Transition::Fail {
                attempt,
                failure: samples::failure("broken"),
            }
        };
        fixture.apply(task.id, end).await;
        let retried = fixture.apply(task.id, Transition::Retry).await;
        assert_eq!(retried.status(), TaskStatus::Pending);
        assert_eq!((&retried.result, retried.progress), (&None, None));
        assert_eq!(retried.state.failure, None);
        assert_eq!(fixture.read(task.id).await, retried);
        assert_eq!(
            fixture.store.page_numbers(task.id).await.unwrap(),
            Vec::<u32>::new()
        );
        assert_eq!(
            fixture.store.pages(Scope::System, task.id, 1, 9).await.unwrap(),
            vec![]
        );
        let again = fixture.apply(task.id, claim(LONG)).await;
        let complete = Transition::Complete {
            attempt: again.state.attempt,
            result: samples::summary(&again),
        };
        let completed = fixture.apply(task.id, complete).await;
        assert_eq!(fixture.read(task.id).await, completed);
    }
}

/// A failure of 5 MB in many scripts is kept whole, and does not stop the task from failing.
pub async fn a_long_failure_is_kept(fixture: &StoreFixture) {
    let task = fixture.claimed(fixture.user().await, LONG).await;
    let failure = samples::failure(&samples::long_text(5_000_000));
    let fail = Transition::Fail {
        attempt: task.state.attempt,
        failure: failure.clone(),
    };
    fixture.apply(task.id, fail).await;
    let read = fixture.read(task.id).await.state.failure.expect("a failure");
    assert_eq!(read.message.len(), failure.message.len());
    assert!(read == failure, "the failure is kept whole");
}

/// `updated_at` says when a transition happened, `created_at` stays.
pub async fn a_transition_is_a_change_of_the_task(fixture: &StoreFixture) {
    let task = fixture.pending(fixture.user().await).await;
    fixture.time.tick().await;
    let cancelled = fixture.apply(task.id, Transition::Cancel).await;
    assert_eq!(cancelled.created_at, task.created_at);
    assert!(cancelled.updated_at > task.updated_at, "{cancelled:?}");
    if fixture.time.is_manual() {
        assert_eq!(cancelled.updated_at, fixture.time.now());
    }
}

/// Progress belongs to the attempt: it is gone when the attempt ends.
pub async fn an_ended_task_has_no_progress(fixture: &StoreFixture) {
    let task = fixture.claimed(fixture.user().await, LONG).await;
    let progress = Some(Progress {
        pages_done: 1,
        pages_total: 2,
    });
    let directive = fixture
        .store
        .record_progress(task.id, task.state.attempt, progress, LONG)
        .await;
    assert_eq!(directive.unwrap(), Directive::Continue);
    fixture.apply(task.id, Transition::Cancel).await;
    assert_eq!(fixture.read(task.id).await.progress, None);
}
