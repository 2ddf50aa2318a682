//! What the reconciler must put back into the queue.

use std::{collections::BTreeMap, time::Duration};

use ocr_core::{
    id::TaskId,
    model::{Outcome, TaskOptions, TaskStatus, Transition},
    store::{Scope, Write},
};

use super::{StoreFixture, claim, ends};
use crate::{harness::LONG, samples};

impl StoreFixture {
    /// Due tasks, and whether their lease ran out.
    async fn due(&self) -> BTreeMap<TaskId, bool> {
        let due = self.store.due_tasks(100).await.unwrap();
        due.iter()
            .map(|due| (due.item.item.task_id, due.lease_expired))
            .collect()
    }
}

/// Pending tasks are due, with what the queue must know; others are not.
pub async fn waiting_tasks_are_due(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    assert_eq!(fixture.store.due_tasks(10).await.unwrap(), vec![]);
    for status in TaskStatus::ALL {
        if status != TaskStatus::Pending {
            fixture.in_status(owner, status).await;
        }
    }
    assert_eq!(fixture.store.due_tasks(10).await.unwrap(), vec![]);
    let new = samples::new_task(owner);
    fixture.create(new.clone()).await;
    let due = fixture.store.due_tasks(10).await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].item.item, samples::queue_item(&new).item);
    assert!(!due[0].lease_expired);
    assert_eq!(fixture.store.due_tasks(0).await.unwrap(), vec![]);
}

/// A task that waits for its retry is due when its time has come.
pub async fn delayed_tasks_are_due_in_their_time(fixture: &StoreFixture) {
    let short = fixture.time.short();
    let owner = fixture.user().await;
    let [soon, late] = [
        fixture.claimed(owner, LONG).await,
        fixture.claimed(owner, LONG).await,
    ];
    for (task, delay) in [(&late, LONG), (&soon, short)] {
        let retry = ends(
            task.state.attempt,
            Outcome::Reschedule {
                failure: samples::failure("not now"),
                delay,
            },
        );
        fixture.apply(task.id, retry).await;
    }
    if fixture.time.is_manual() {
        assert_eq!(fixture.due().await, BTreeMap::new());
    }
    fixture.time.pass(short).await;
    assert_eq!(fixture.due().await, BTreeMap::from([(soon.id, false)]));
    fixture.apply(soon.id, claim(LONG)).await;
}

/// A processing task whose lease ran out is due, marked so; once expired it is due as pending.
pub async fn abandoned_tasks_are_due(fixture: &StoreFixture) {
    let short = fixture.time.short();
    let owner = fixture.user().await;
    fixture.claimed(owner, LONG).await;
    let abandoned = fixture.claimed(owner, short).await;
    if fixture.time.is_manual() {
        assert_eq!(fixture.due().await, BTreeMap::new());
    }
    fixture.time.pass(short).await;
    assert_eq!(fixture.due().await, BTreeMap::from([(abandoned.id, true)]));
    let expired = fixture.apply(abandoned.id, Transition::LeaseExpired).await;
    assert_eq!(
        (expired.status(), expired.state.failures, expired.state.crashes),
        (TaskStatus::Pending, 0, 1)
    );
    assert_eq!(fixture.due().await, BTreeMap::from([(abandoned.id, false)]));
}

/// A task past its deadline is due, marked so, wherever it stands: waiting, parked, and under a lease that lasts.
pub async fn overdue_tasks_are_due(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let limited = || {
        let options = TaskOptions::default().with_deadline_seconds(3);
        samples::new_task(owner).with_options(options)
    };
    let waiting = fixture.create(limited()).await;
    let parked = fixture.create(limited()).await;
    let running = fixture.create(limited()).await;
    let free = fixture.pending(owner).await;
    let claimed = fixture.apply(parked.id, claim(LONG)).await;
    let release = Outcome::Release { delay: LONG };
    fixture
        .apply(parked.id, ends(claimed.state.attempt, release))
        .await;
    fixture.apply(running.id, claim(LONG)).await;
    fixture.time.pass(Duration::from_secs(4)).await;
    let due = fixture.store.due_tasks(100).await.unwrap();
    let overdue: BTreeMap<TaskId, bool> = due
        .iter()
        .map(|due| (due.item.item.task_id, due.overdue))
        .collect();
    let expected = [
        (&waiting, true),
        (&parked, true),
        (&running, true),
        (&free, false),
    ];
    let expected = expected.map(|(task, overdue)| (task.id, overdue));
    assert_eq!(overdue, BTreeMap::from(expected));
    assert_eq!(
        due.last().map(|due| due.item.item.task_id),
        Some(free.id),
        "they come first"
    );
    for task in [&waiting, &parked, &running] {
        let ended = fixture.apply(task.id, Transition::DeadlinePassed).await;
        assert_eq!(ended.status(), TaskStatus::Failed);
        assert_eq!(fixture.read(task.id).await, ended);
    }
    assert_eq!(fixture.due().await, BTreeMap::from([(free.id, false)]));
}

/// Neither waiting nor abandoned tasks in the trash are due; restored ones are.
pub async fn tasks_in_the_trash_are_not_due(fixture: &StoreFixture) {
    let short = fixture.time.short();
    let owner = fixture.user().await;
    let tasks = [fixture.pending(owner).await, fixture.claimed(owner, short).await];
    for task in &tasks {
        fixture.trash(task.id, LONG).await;
    }
    fixture.time.pass(short).await;
    assert_eq!(fixture.due().await, BTreeMap::new());
    for task in &tasks {
        fixture
            .store
            .restore_task(Scope::system(), task.id, Write::default())
            .await
            .unwrap();
    }
    let expected = tasks.iter().map(|task| (task.id, false)).collect();
    assert_eq!(fixture.due().await, expected);
}

/// Oldest first, at most `limit`.
pub async fn due_tasks_come_oldest_first(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let mut expected = Vec::new();
    for _ in 0..5 {
        expected.push(fixture.pending(owner).await.id);
        fixture.time.tick().await;
    }
    for limit in [1, 3, 5, 500] {
        let due: Vec<TaskId> = fixture
            .store
            .due_tasks(limit)
            .await
            .unwrap()
            .iter()
            .map(|due| due.item.item.task_id)
            .collect();
        assert_eq!(due, expected[..limit.min(5)]);
    }
}

/// However many tasks wait, those whose worker is gone are not hidden behind them.
pub async fn abandoned_tasks_come_before_those_that_wait(fixture: &StoreFixture) {
    let short = fixture.time.short();
    let owner = fixture.user().await;
    let waiting = fixture.pending(owner).await;
    fixture.time.tick().await;
    let abandoned = fixture.claimed(owner, short).await;
    fixture.time.pass(short).await;
    let due: Vec<(TaskId, bool)> = fixture
        .store
        .due_tasks(2)
        .await
        .unwrap()
        .iter()
        .map(|due| (due.item.item.task_id, due.lease_expired))
        .collect();
    assert_eq!(due, [(abandoned.id, true), (waiting.id, false)]);
    assert_eq!(fixture.store.due_tasks(1).await.unwrap().len(), 1);
}
