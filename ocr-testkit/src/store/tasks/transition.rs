//! Transitions: legal ones happen as the state machine says, others leave no trace.

use std::{sync::Arc, time::Duration};

use ocr_core::{
    ErrorKind, Result,
    model::{Outcome, Progress, Task, TaskState, TaskStatus, Transition},
    store::{Directive, Fence, Scope, TaskFilter, Write},
};

use super::{Step, StoreFixture, claim, ends};
use crate::{
    harness::{LONG, refused},
    samples,
};

/// What a random walk does next; attempts are now and then a stale one.
fn step(task: &Task, random: u64, lease: Duration) -> Step {
    let stale = u32::from((random >> 8).is_multiple_of(4));
    let attempt = task.state.attempt.wrapping_sub(stale);
    let failure = samples::failure(&format!("failure {random}"));
    let delay = if (random >> 10) & 1 == 0 {
        Duration::ZERO
    } else {
        lease
    };
    match random % 12 {
        0 => ends(
            attempt,
            Outcome::Complete {
                result: samples::summary(task),
            },
        ),
        1 | 2 => ends(attempt, Outcome::Reschedule { failure, delay }),
        3 => ends(attempt, Outcome::Fail { failure }),
        4 => ends(attempt, Outcome::Release { delay }),
        5 => Transition::LeaseExpired.into(),
        6 => Transition::Cancel.into(),
        7 => Transition::Retry.into(),
        8 => Transition::Redrive.into(),
        9 => ends(attempt, Outcome::Crash { failure, delay }),
        _ => claim(lease).into(),
    }
}

/// The parts of a state that do not depend on whose clock was read.
fn timeless(state: &TaskState) -> TaskState {
    state.clone().with_lease_expires_at(None).with_run_after(None)
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
        let expected = transition.expected(&task.state, fixture.time.now());
        let outcome = fixture
            .step(Scope::owner(owner), task.id, transition.clone(), Write::default())
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
            tokio::spawn(async move {
                store
                    .transition(Scope::system(), id, claim(LONG), Write::default())
                    .await
            })
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
        .step(
            Scope::system(),
            task.id,
            transition,
            Write::default().with_messages(messages.clone()),
        )
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
    let complete = ends(
        1,
        Outcome::Complete {
            result: samples::summary(&task),
        },
    );
    for (transition, kind) in [
        (Transition::Retry.into(), ErrorKind::Conflict),
        (Transition::LeaseExpired.into(), ErrorKind::Conflict),
        (complete, ErrorKind::LeaseLost),
    ] {
        let outcome = fixture
            .step(
                Scope::system(),
                task.id,
                transition,
                Write::default().with_messages(messages.clone()),
            )
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
    let result = samples::summary(&task)
        .with_word_count(5_000_000_000)
        .with_processing_time_ms(1 << 40)
        .with_page_count(4_000_000_000)
        .with_billed_pages(4_000_000_000)
        .with_cost_micros(1 << 50)
        .with_same_as(samples::task_id());
    let complete = ends(
        task.state.attempt,
        Outcome::Complete {
            result: result.clone(),
        },
    );
    let completed = fixture.apply(task.id, complete).await;
    assert_eq!(completed.status(), TaskStatus::Completed);
    assert_eq!(completed.result.as_ref(), Some(&result));
    assert_eq!(fixture.read(task.id).await, completed);
    let listed = fixture.list(Scope::owner(owner), TaskFilter::default()).await;
    assert_eq!(listed, vec![completed]);
}

/// A result without words has no confidence.
pub async fn a_result_without_words_is_kept(fixture: &StoreFixture) {
    let task = fixture.claimed(fixture.user().await, LONG).await;
    let result = samples::summary(&task)
        .with_confidence(None)
        .with_page_count(0)
        .with_word_count(0)
        .with_processing_time_ms(0);
    let complete = ends(
        task.state.attempt,
        Outcome::Complete {
            result: result.clone(),
        },
    );
    fixture.apply(task.id, complete).await;
    assert_eq!(fixture.read(task.id).await.result, Some(result));
}

/// `Retry` removes result, pages, progress and failure, and asks for the document to be read; the task may complete again.
pub async fn retrying_clears_what_was_found(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    for round in 0..2 {
        let task = fixture.claimed(owner, LONG).await;
        let attempt = task.state.attempt;
        let pages = vec![samples::page(1, "old"), samples::page(2, "old")];
        fixture
            .store
            .put_pages(Fence::new(task.id, attempt), pages)
            .await
            .unwrap();
        let result = samples::summary(&task);
        let end = if round == 0 {
            ends(attempt, Outcome::Complete { result })
        } else {
            ends(
                attempt,
                Outcome::Fail {
                    failure: samples::failure("broken"),
                },
            )
        };
        fixture.apply(task.id, end).await;
        let retried = fixture.apply(task.id, Transition::Retry).await;
        assert_eq!(retried.status(), TaskStatus::Pending);
        assert_eq!((&retried.result, retried.progress), (&None, None));
        assert_eq!(retried.state.failure, None);
        assert_eq!(retried.options, task.options.clone().with_read_again(true));
        assert_eq!(fixture.read(task.id).await, retried);
        assert_eq!(
            fixture.store.page_numbers(task.id).await.unwrap(),
            Vec::<u32>::new()
        );
        assert_eq!(
            fixture.store.pages(Scope::system(), task.id, 1, 9).await.unwrap(),
            vec![]
        );
        let again = fixture.apply(task.id, claim(LONG)).await;
        let complete = ends(
            again.state.attempt,
            Outcome::Complete {
                result: samples::summary(&again),
            },
        );
        let completed = fixture.apply(task.id, complete).await;
        assert_eq!(fixture.read(task.id).await, completed);
    }
}

/// A failure of 5 MB in many scripts is kept whole, and does not stop the task from failing.
pub async fn a_long_failure_is_kept(fixture: &StoreFixture) {
    let task = fixture.claimed(fixture.user().await, LONG).await;
    let failure = samples::failure(&samples::long_text(5_000_000));
    let fail = ends(
        task.state.attempt,
        Outcome::Fail {
            failure: failure.clone(),
        },
    );
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
    let progress = Some(Progress::new(1, 2));
    let directive = fixture.store.record_progress(task.fence(), progress, LONG).await;
    assert_eq!(directive.unwrap(), Directive::Continue);
    fixture.apply(task.id, Transition::Cancel).await;
    assert_eq!(fixture.read(task.id).await.progress, None);
}
