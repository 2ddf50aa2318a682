//! Signs of life.

use std::time::Duration;

use ocr_core::{
    clock::later,
    model::{Progress, Transition},
    store::{Directive, Fence, Write},
};

use super::{StoreFixture, claim};
use crate::harness::LONG;

const HALF: Progress = Progress::new(2, 4);

/// Progress is read back with the task.
pub async fn progress_is_kept(fixture: &StoreFixture) {
    let task = fixture.claimed(fixture.user().await, LONG).await;
    assert_eq!(task.progress, None);
    let all = Progress::new(4_000_000_000, u32::MAX);
    for progress in [HALF, all] {
        let directive = fixture
            .store
            .record_progress(task.fence(), Some(progress), LONG)
            .await;
        assert_eq!(directive.unwrap(), Directive::Continue);
        assert_eq!(fixture.read(task.id).await.progress, Some(progress));
    }
}

/// A sign of life extends the lease from now.
pub async fn progress_extends_the_lease(fixture: &StoreFixture) {
    let short = fixture.time.short();
    let task = fixture.claimed(fixture.user().await, short).await;
    let before = fixture.time.now();
    let directive = fixture.store.record_progress(task.fence(), None, LONG).await;
    assert_eq!(directive.unwrap(), Directive::Continue);
    if fixture.time.is_manual() {
        let end = fixture.read(task.id).await.state.lease_expires_at;
        assert_eq!(end, Some(later(before, LONG)));
    }
    fixture.time.pass(short).await;
    assert_eq!(fixture.store.due_tasks(10).await.unwrap(), vec![]);
}

/// A sign of life without progress keeps the progress told before.
pub async fn a_heartbeat_keeps_the_progress(fixture: &StoreFixture) {
    let task = fixture.claimed(fixture.user().await, LONG).await;
    for progress in [Some(HALF), None] {
        let directive = fixture.store.record_progress(task.fence(), progress, LONG).await;
        assert_eq!(directive.unwrap(), Directive::Continue);
        assert_eq!(fixture.read(task.id).await.progress, Some(HALF));
    }
}

/// Cancelled, deleted, taken over, completed: each tells the worker to stop.
pub async fn progress_of_a_lost_task_says_stop(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let short = fixture.time.short();
    let cancelled = fixture.claimed(owner, LONG).await;
    fixture.apply(cancelled.id, Transition::Cancel).await;
    let deleted = fixture.claimed(owner, LONG).await;
    fixture.trash(deleted.id, LONG).await;
    let completed = fixture.completed(owner).await;
    let restored = fixture.claimed(owner, LONG).await;
    fixture.trash(restored.id, LONG).await;
    fixture
        .store
        .restore_task(ocr_core::store::Scope::system(), restored.id, Write::default())
        .await
        .unwrap();
    let overtaken = fixture.claimed(owner, short).await;
    fixture.time.pass(short + Duration::from_millis(1)).await;
    fixture.apply(overtaken.id, claim(LONG)).await;
    for task in [cancelled, deleted, completed, restored, overtaken] {
        let before = fixture.read(task.id).await;
        let directive = fixture
            .store
            .record_progress(Fence::new(task.id, 1), Some(HALF), LONG)
            .await;
        assert_eq!(directive.unwrap(), Directive::Stop, "{before:?}");
        assert_eq!(fixture.read(task.id).await, before);
    }
}
