//! What engines must remember between attempts.

use std::time::Duration;

use ocr_core::{
    ErrorKind,
    model::{Task, TaskStatus, Transition},
};
use serde_json::{Value, json};

use super::{StoreFixture, claim};
use crate::{
    harness::{LONG, refused},
    samples,
};

impl StoreFixture {
    async fn note(&self, task: &Task, checkpoint: Value) {
        self.store
            .put_checkpoint(task.id, task.state.attempt, checkpoint)
            .await
            .unwrap();
    }

    async fn noted(&self, task: &Task) -> Option<Value> {
        self.store.checkpoint(task.id).await.unwrap()
    }
}

/// A checkpoint is read back as it was written; the last one counts, and each task has its own.
pub async fn a_checkpoint_is_kept_exactly(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let task = fixture.claimed(owner, LONG).await;
    let other = fixture.claimed(owner, LONG).await;
    assert_eq!(fixture.noted(&task).await, None);
    let first =
        json!({"job": "a", "pages": [1, 2, 3], "nested": {"none": null, "big": 9_007_199_254_740_993_u64}});
    fixture.note(&task, first.clone()).await;
    assert_eq!(fixture.noted(&task).await, Some(first));
    let second = json!({"text": samples::long_text(20_000)});
    fixture.note(&task, second.clone()).await;
    assert_eq!(fixture.noted(&task).await, Some(second));
    assert_eq!(fixture.noted(&other).await, None);
    assert_eq!(fixture.store.checkpoint(samples::task_id()).await.unwrap(), None);
}

/// A checkpoint outlives the attempt that wrote it, however that ended, and the trash.
pub async fn a_checkpoint_outlives_its_attempt(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let (delay, short) = (Duration::ZERO, fixture.time.short());
    let task = fixture.claimed(owner, short).await;
    let checkpoint = json!({"job": "a"});
    fixture.note(&task, checkpoint.clone()).await;
    fixture.time.pass(short).await;
    let taken = fixture.apply(task.id, claim(LONG)).await;
    assert_eq!(fixture.noted(&task).await, Some(checkpoint.clone()), "taken over");
    let attempt = taken.state.attempt;
    fixture
        .apply(task.id, Transition::Release { attempt, delay })
        .await;
    let attempt = fixture.apply(task.id, claim(LONG)).await.state.attempt;
    let failure = samples::failure("later");
    let later = Transition::RetryLater {
        attempt,
        failure,
        delay,
    };
    assert_eq!(fixture.apply(task.id, later).await.status(), TaskStatus::Pending);
    assert_eq!(fixture.noted(&task).await, Some(checkpoint.clone()), "given back");
    fixture.trash(task.id, LONG).await;
    fixture
        .store
        .restore_task(ocr_core::store::Scope::System, task.id, vec![])
        .await
        .unwrap();
    assert_eq!(fixture.noted(&task).await, Some(checkpoint), "restored");
}

/// Asking for a task again begins without a checkpoint, and so does nothing else.
pub async fn retrying_clears_the_checkpoint(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let task = fixture.claimed(owner, LONG).await;
    fixture.note(&task, json!({"job": "a"})).await;
    let attempt = task.state.attempt;
    let complete = Transition::Complete {
        attempt,
        result: samples::summary(&task),
    };
    fixture.apply(task.id, complete).await;
    assert!(fixture.noted(&task).await.is_some());
    fixture.apply(task.id, Transition::Retry).await;
    assert_eq!(fixture.noted(&task).await, None);
}

/// `LeaseLost` for an attempt that never was, is over, or is another task's; nothing is stored.
pub async fn a_stale_checkpoint_is_refused(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let pending = fixture.pending(owner).await;
    let completed = fixture.completed(owner).await;
    let running = fixture.claimed(owner, LONG).await;
    let trashed = fixture.claimed(owner, LONG).await;
    fixture.trash(trashed.id, LONG).await;
    for (task, attempt) in [
        (&pending, 0),
        (&pending, 1),
        (&completed, 1),
        (&running, 2),
        (&trashed, 1),
    ] {
        let outcome = fixture
            .store
            .put_checkpoint(task.id, attempt, json!({"job": "stale"}))
            .await;
        refused(outcome, ErrorKind::LeaseLost);
        assert_eq!(fixture.noted(task).await, None);
    }
}
