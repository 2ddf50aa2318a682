//! The change log.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use ocr_core::{
    model::{Outcome, Progress, TaskStatus, Transition},
    store::{Change, ChangeCursor, ChangeOperation, Fence, Scope, Write},
};

use super::{StoreFixture, claim, ends};
use crate::{harness::LONG, samples};

/// Changes of `table`, in the order of the log.
fn of_table<'a>(changes: &'a [Change], table: &str) -> Vec<&'a Change> {
    changes.iter().filter(|change| change.table == table).collect()
}

/// A creation logs an `INSERT` of the file and of the task.
pub async fn a_new_task_is_logged(fixture: &StoreFixture) {
    let head = fixture.head().await;
    let task = fixture.pending(fixture.user().await).await;
    let changes = fixture.changes(head).await;
    for (table, record, status) in [
        ("tasks", task.id.0, Some(TaskStatus::Pending)),
        ("files", task.file.id.0, None),
    ] {
        let [change] = of_table(&changes, table)[..] else {
            panic!("one change of {table}: {changes:?}")
        };
        assert_eq!(change.operation, ChangeOperation::Insert);
        assert_eq!((change.record_id, change.status), (record, status));
        assert_eq!(change.owner, task.owner);
    }
    assert_eq!(of_table(&changes, "tasks")[0].task, Some(task.id));
    if fixture.time.is_manual() {
        assert!(changes.iter().all(|change| change.at == fixture.time.now()));
    }
}

/// Each transition logs an `UPDATE` with the new status; a result comes and goes as a row of its own.
pub async fn every_transition_is_logged(fixture: &StoreFixture) {
    let task = fixture.pending(fixture.user().await).await;
    let result = samples::summary(&task);
    for (transition, status, of_result) in [
        (claim(LONG).into(), TaskStatus::Processing, None),
        (
            ends(1, Outcome::Complete { result }),
            TaskStatus::Completed,
            Some(ChangeOperation::Insert),
        ),
        (
            Transition::Retry.into(),
            TaskStatus::Pending,
            Some(ChangeOperation::Delete),
        ),
        (Transition::Cancel.into(), TaskStatus::Cancelled, None),
    ] {
        let head = fixture.head().await;
        fixture.apply(task.id, transition).await;
        let changes = fixture.changes(head).await;
        let tasks = of_table(&changes, "tasks");
        let last = tasks.last().expect("the task's change is logged");
        assert_eq!(
            (last.operation, last.status),
            (ChangeOperation::Update, Some(status))
        );
        assert_eq!((last.record_id, last.owner), (task.id.0, task.owner));
        let results: Vec<_> = of_table(&changes, "results")
            .iter()
            .map(|change| (change.operation, change.task, change.owner))
            .collect();
        let expected: Vec<_> = of_result
            .map(|operation| (operation, Some(task.id), task.owner))
            .into_iter()
            .collect();
        assert_eq!(results, expected);
        assert_eq!(of_table(&changes, "files"), Vec::<&Change>::new());
    }
}

/// Going to the trash is a `DELETE` of the task, coming back an `INSERT`.
pub async fn the_trash_is_logged(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    for status in [TaskStatus::Pending, TaskStatus::Processing, TaskStatus::Completed] {
        let task = fixture.in_status(owner, status).await;
        let head = fixture.head().await;
        fixture.trash(task.id, LONG).await;
        fixture
            .store
            .restore_task(Scope::system(), task.id, Write::default())
            .await
            .unwrap();
        let changes = fixture.changes(head).await;
        let operations: Vec<_> = of_table(&changes, "tasks")
            .iter()
            .filter(|change| change.record_id == task.id.0)
            .map(|change| change.operation)
            .collect();
        assert_eq!(
            operations,
            [ChangeOperation::Delete, ChangeOperation::Insert],
            "{status}"
        );
    }
}

/// Neither progress, heartbeats nor pages are part of the log.
pub async fn progress_is_not_logged(fixture: &StoreFixture) {
    let task = fixture.claimed(fixture.user().await, LONG).await;
    let head = fixture.head().await;
    for pages_done in 0..3 {
        let progress = Some(Progress::new(pages_done, 3));
        let attempt = task.state.attempt;
        fixture
            .store
            .record_progress(Fence::new(task.id, attempt), progress, LONG)
            .await
            .unwrap();
        let pages = vec![samples::page(pages_done + 1, "text")];
        fixture
            .store
            .put_pages(Fence::new(task.id, attempt), pages)
            .await
            .unwrap();
    }
    assert_eq!(fixture.changes(head).await, vec![]);
    assert_eq!(fixture.head().await, head);
}

/// An owner sees their own changes; the platform sees all.
pub async fn changes_are_seen_by_their_owner_only(fixture: &StoreFixture) {
    let tasks = [
        fixture.completed(fixture.user().await).await,
        fixture.completed(fixture.user().await).await,
    ];
    let mut total = 0;
    for task in &tasks {
        let scope = Scope::owner(task.owner);
        let changes = fixture
            .store
            .changes(scope, ChangeCursor::default(), 100)
            .await
            .unwrap();
        assert!(changes.iter().all(|change| change.owner == task.owner));
        assert!(!changes.is_empty());
        total += changes.len();
    }
    assert_eq!(fixture.changes(ChangeCursor::default()).await.len(), total);
}

/// From any cursor exactly what follows it is given, oldest first, at most `limit`.
pub async fn changes_are_resumed_anywhere(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    for _ in 0..3 {
        fixture.completed(owner).await;
    }
    let all = fixture.changes(ChangeCursor::default()).await;
    assert!(all.is_sorted_by(|a, b| a.cursor < b.cursor), "cursors ascend");
    for (index, change) in all.iter().enumerate() {
        assert_eq!(fixture.changes(change.cursor).await, all[index + 1..]);
    }
    for limit in [1, 2, 5] {
        let (mut seen, mut since) = (Vec::new(), ChangeCursor::default());
        loop {
            let part = fixture
                .store
                .changes(Scope::owner(owner), since, limit)
                .await
                .unwrap();
            assert!(part.len() <= limit);
            let Some(last) = part.last() else { break };
            since = last.cursor;
            seen.extend(part);
        }
        assert_eq!(seen, all, "{limit} at a time");
    }
}

/// Behind the head is nothing yet; a later change comes behind it.
pub async fn the_head_is_behind_the_newest_change(fixture: &StoreFixture) {
    let empty = fixture.head().await;
    assert_eq!(fixture.changes(empty).await, vec![]);
    let owner = fixture.user().await;
    fixture.pending(owner).await;
    let head = fixture.head().await;
    assert!(head > empty);
    assert_eq!(fixture.changes(head).await, vec![]);
    let task = fixture.pending(owner).await;
    let changes = fixture.changes(head).await;
    assert!(changes.iter().all(|change| change.cursor > head));
    assert!(changes.iter().any(|change| change.record_id == task.id.0));
}

/// A reader that follows the log while many write sees every change once, and none too late.
pub async fn a_follower_misses_nothing(fixture: &StoreFixture) {
    const WRITERS: usize = 4;
    let owner = fixture.user().await;
    let head = fixture.head().await;
    let finished = Arc::new(AtomicUsize::new(0));
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let (store, finished) = (Arc::clone(&fixture.store), Arc::clone(&finished));
            tokio::spawn(async move {
                for _ in 0..10 {
                    let new = samples::new_task(owner);
                    let id = new.id;
                    store.create_task(new, Write::default()).await.unwrap();
                    let cancel = Transition::Cancel;
                    store
                        .transition(Scope::system(), id, cancel, Write::default())
                        .await
                        .unwrap();
                }
                finished.fetch_add(1, Ordering::SeqCst);
            })
        })
        .collect();
    let (mut seen, mut since) = (Vec::new(), head);
    loop {
        let over = finished.load(Ordering::SeqCst) == WRITERS;
        let part = fixture.store.changes(Scope::system(), since, 7).await.unwrap();
        match part.last() {
            Some(last) => since = last.cursor,
            None if over => break,
            None => tokio::task::yield_now().await,
        }
        seen.extend(part.iter().map(|change| change.cursor));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let all: Vec<_> = fixture
        .changes(head)
        .await
        .iter()
        .map(|change| change.cursor)
        .collect();
    assert_eq!(seen, all, "the follower saw what is in the log");
    assert_eq!(seen.iter().collect::<HashSet<_>>().len(), seen.len());
    assert!(all.len() >= 3 * WRITERS * 10);
}

/// A moment has a position in the log: behind it stands every change since, before it what came earlier.
pub async fn a_moment_has_a_position_in_the_log(fixture: &StoreFixture) {
    let head = fixture.head().await;
    fixture.pending(fixture.user().await).await;
    let earlier = fixture.changes(head).await;
    fixture.time.tick().await;
    let between = fixture.head().await;
    fixture.pending(fixture.user().await).await;
    let later = fixture.changes(between).await;
    for (since, expected) in [
        (earlier[0].at, [&earlier[..], &later[..]].concat()),
        (later[0].at, later.clone()),
    ] {
        let position = fixture.store.change_position(since).await.unwrap();
        let found = fixture.changes(position).await;
        let own: Vec<Change> = found.into_iter().filter(|change| change.cursor > head).collect();
        assert_eq!(own, expected);
    }
    let after = later[later.len() - 1].at + Duration::from_secs(1);
    let end = fixture.store.change_position(after).await.unwrap();
    assert_eq!(end, fixture.head().await);
}

/// Old changes are forgotten, the oldest first; the newest stays, and so does the head.
pub async fn old_changes_are_forgotten(fixture: &StoreFixture) {
    let head = fixture.head().await;
    let user = fixture.user().await;
    for _ in 0..2 {
        fixture.pending(user).await;
    }
    let (all, newest) = (
        fixture.changes(ChangeCursor::default()).await,
        fixture.head().await,
    );
    fixture.time.pass(fixture.time.short()).await;
    let forget = async |age, limit| fixture.store.forget_changes(age, limit).await.unwrap();
    assert_eq!(forget(LONG, 1_000).await, 0, "none is that old");
    assert_eq!(forget(Duration::ZERO, 1).await, 1);
    assert_eq!(fixture.changes(ChangeCursor::default()).await, all[1..]);
    while forget(Duration::ZERO, 2).await > 0 {}
    assert_eq!(fixture.changes(head).await, all[all.len() - 1..]);
    assert_eq!(fixture.head().await, newest);
    fixture.pending(user).await;
    let later = fixture.changes(newest).await;
    assert!(
        !later.is_empty() && later.iter().all(|change| change.cursor > newest),
        "{later:?}"
    );
}

/// Expands to one test for each clause of the [`ChangeLog`](ocr_core::store::ChangeLog) contract; a part of
/// [`store_conformance!`](crate::store_conformance), for who works on one trait.
#[macro_export]
macro_rules! change_log_conformance {
    ($fresh:expr) => {
        $crate::clauses! { $fresh, store:
            a_moment_has_a_position_in_the_log
            a_new_task_is_logged
            every_transition_is_logged
            the_trash_is_logged
            progress_is_not_logged
            changes_are_seen_by_their_owner_only
            changes_are_resumed_anywhere
            old_changes_are_forgotten
            the_head_is_behind_the_newest_change
            a_follower_misses_nothing
        }
    };
}
