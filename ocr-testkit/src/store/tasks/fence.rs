//! The fence: an attempt that is no longer current writes nothing, anywhere.

use std::time::Duration;

use ocr_core::{
    ErrorKind,
    model::{Outcome, Task, TaskStatus, Transition},
    store::{Directive, Fence, OutboxMessage, Scope, Write},
};

use super::{StoreFixture, claim, ends};
use crate::{
    harness::{LONG, refused},
    samples,
};

impl StoreFixture {
    /// Asserts that everything `attempt` tries is refused and leaves no trace.
    async fn is_fenced(&self, task: &Task, attempt: u32) {
        let before = self.read(task.id).await;
        let pages = self.store.pages(Scope::system(), task.id, 1, 9).await.unwrap();
        let head = self.head().await;
        let event = samples::task_event(task.owner, task.id, "from a stale attempt");
        let failure = samples::failure("from a stale attempt");
        let (delay, result) = (Duration::ZERO, samples::summary(task));
        for transition in [
            ends(attempt, Outcome::Complete { result }),
            ends(
                attempt,
                Outcome::Reschedule {
                    failure: failure.clone(),
                    delay,
                },
            ),
            ends(attempt, Outcome::Fail { failure }),
            ends(attempt, Outcome::Release { delay }),
        ] {
            let messages = vec![OutboxMessage::Event(event.clone())];
            let outcome = self
                .step(
                    Scope::system(),
                    task.id,
                    transition,
                    Write::default().with_messages(messages),
                )
                .await;
            refused(outcome, ErrorKind::LeaseLost);
        }
        let stale = vec![samples::page(1, "stale"), samples::page(8, "stale")];
        refused(
            self.store.put_pages(Fence::new(task.id, attempt), stale).await,
            ErrorKind::LeaseLost,
        );
        let progress = self
            .store
            .record_progress(Fence::new(task.id, attempt), None, LONG)
            .await;
        assert_eq!(progress.unwrap(), Directive::Stop);
        assert_eq!(self.read(task.id).await, before);
        assert_eq!(
            self.store.pages(Scope::system(), task.id, 1, 9).await.unwrap(),
            pages
        );
        assert_eq!(self.sent().await, vec![]);
        assert_eq!(self.changes(head).await, vec![]);
    }
}

/// A claim takes over a task whose lease ran out, counts the loss, and not before.
pub async fn an_expired_task_can_be_taken_over(fixture: &StoreFixture) {
    let short = fixture.time.short();
    let task = fixture.claimed(fixture.user().await, short).await;
    if fixture.time.is_manual() {
        let early = fixture
            .store
            .transition(Scope::system(), task.id, claim(LONG), Write::default())
            .await;
        refused(early, ErrorKind::Conflict);
    }
    fixture.time.pass(short).await;
    let taken = fixture.apply(task.id, claim(LONG)).await;
    assert_eq!(taken.status(), TaskStatus::Processing);
    assert_eq!(
        (taken.state.attempt, taken.state.failures, taken.state.crashes),
        (2, 0, 1)
    );
    let second = fixture
        .store
        .transition(Scope::system(), task.id, claim(LONG), Write::default())
        .await;
    refused(second, ErrorKind::Conflict);
}

/// A worker that was overtaken can neither finish, fail, give back, store pages nor go on.
pub async fn a_stale_attempt_changes_nothing(fixture: &StoreFixture) {
    let short = fixture.time.short();
    let task = fixture.claimed(fixture.user().await, short).await;
    let stale = task.state.attempt;
    fixture.time.pass(short).await;
    let current = fixture.apply(task.id, claim(LONG)).await.state.attempt;
    let pages = vec![samples::page(1, "current")];
    fixture
        .store
        .put_pages(Fence::new(task.id, current), pages)
        .await
        .unwrap();
    for attempt in [stale, 0, current + 1] {
        fixture.is_fenced(&task, attempt).await;
    }
    let result = samples::summary(&task);
    let complete = ends(current, Outcome::Complete { result });
    fixture.apply(task.id, complete).await;
}

/// Nobody holds a task that is pending again, completed, failed or cancelled.
pub async fn an_ended_task_has_no_holder(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    for status in TaskStatus::ALL {
        if status == TaskStatus::Processing {
            continue;
        }
        let task = fixture.in_status(owner, status).await;
        fixture.is_fenced(&task, task.state.attempt).await;
    }
    let released = fixture.claimed(owner, LONG).await;
    let attempt = released.state.attempt;
    let delay = Duration::ZERO;
    fixture
        .apply(released.id, ends(attempt, Outcome::Release { delay }))
        .await;
    fixture.is_fenced(&released, attempt).await;
}

/// A task in the trash is `NotFound` to every transition and lost to its worker.
pub async fn a_task_in_the_trash_stands_still(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let task = fixture.claimed(owner, LONG).await;
    let attempt = task.state.attempt;
    fixture.trash(task.id, LONG).await;
    let trashed = fixture.read(task.id).await;
    for scope in [Scope::system(), Scope::owner(owner)] {
        for transition in [
            Transition::Cancel.into(),
            Transition::Retry.into(),
            claim(LONG).into(),
            Transition::LeaseExpired.into(),
            ends(
                attempt,
                Outcome::Complete {
                    result: samples::summary(&task),
                },
            ),
        ] {
            let messages = samples::messages(&samples::new_task(owner));
            let outcome = fixture
                .step(
                    scope,
                    task.id,
                    transition,
                    Write::default().with_messages(messages),
                )
                .await;
            refused(outcome, ErrorKind::NotFound);
        }
    }
    let pages = vec![samples::page(1, "late")];
    refused(
        fixture.store.put_pages(Fence::new(task.id, attempt), pages).await,
        ErrorKind::LeaseLost,
    );
    let progress = fixture
        .store
        .record_progress(Fence::new(task.id, attempt), None, LONG)
        .await;
    assert_eq!(progress.unwrap(), Directive::Stop);
    assert_eq!(fixture.read(task.id).await, trashed);
    assert_eq!(fixture.sent().await, vec![]);
}
