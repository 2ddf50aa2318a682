//! Owners see and change what is theirs; the platform sees everything.

use ocr_core::{
    ErrorKind,
    model::{TaskStats, TaskStatus, Transition},
    store::{ChangeCursor, Directive, Fence, Scope, TaskFilter, Write},
};

use super::{StoreFixture, claim, ids};
use crate::{
    harness::{LONG, refused},
    samples,
};

/// Another owner's tasks, counts, pages and changes are invisible.
pub async fn another_owner_sees_nothing(fixture: &StoreFixture) {
    let (owner, other) = (fixture.user().await, Scope::owner(fixture.user().await));
    let task = fixture.claimed(owner, LONG).await;
    let pages = vec![samples::page(1, "secret")];
    fixture.store.put_pages(task.fence(), pages).await.unwrap();
    assert_eq!(fixture.store.task(other, task.id).await.unwrap(), None);
    assert_eq!(fixture.list(other, TaskFilter::default()).await, vec![]);
    assert_eq!(fixture.store.stats(other).await.unwrap(), TaskStats::default());
    assert_eq!(fixture.store.pages(other, task.id, 1, 9).await.unwrap(), vec![]);
    let changes = fixture.store.changes(other, ChangeCursor::default(), 100).await;
    assert_eq!(changes.unwrap(), vec![]);
    fixture.trash(task.id, LONG).await;
    let deleted = TaskFilter::default().with_deleted(true);
    assert_eq!(fixture.list(other, deleted).await, vec![]);
}

/// Another owner's calls are `NotFound` and write nothing.
pub async fn another_owner_changes_nothing(fixture: &StoreFixture) {
    let (owner, other) = (fixture.user().await, Scope::owner(fixture.user().await));
    let task = fixture.pending(owner).await;
    let done = fixture.completed(owner).await;
    let head = fixture.head().await;
    let store = &fixture.store;
    let messages = vec![samples::messages(&samples::new_task(owner)).remove(0)];
    for (id, transition) in [
        (task.id, Transition::Cancel),
        (task.id, claim(LONG)),
        (done.id, Transition::Retry),
    ] {
        let outcome = store
            .transition(
                other,
                id,
                transition,
                Write::default().with_messages(messages.clone()),
            )
            .await;
        refused(outcome, ErrorKind::NotFound);
    }
    let purge_after = samples::moment();
    let trashed = store
        .trash_task(
            other,
            task.id,
            purge_after,
            Write::default().with_messages(messages.clone()),
        )
        .await;
    refused(trashed, ErrorKind::NotFound);
    assert_eq!(fixture.read(task.id).await, task);
    assert_eq!(fixture.read(done.id).await, done);
    assert_eq!(fixture.changes(head).await, vec![]);
    fixture.trash(task.id, LONG).await;
    refused(
        store
            .restore_task(other, task.id, Write::default().with_messages(messages))
            .await,
        ErrorKind::NotFound,
    );
    assert!(fixture.read(task.id).await.deleted_at.is_some());
    assert_eq!(fixture.sent().await, vec![]);
}

/// The platform sees and counts the tasks of all owners.
pub async fn the_platform_sees_everything(fixture: &StoreFixture) {
    let tasks = [
        fixture.pending(fixture.user().await).await,
        fixture.pending(fixture.user().await).await,
    ];
    let listed = fixture.list(Scope::system(), TaskFilter::default()).await;
    assert_eq!(listed.len(), 2);
    for task in &tasks {
        assert!(ids(&listed).contains(&task.id));
        assert_eq!(
            fixture
                .store
                .task(Scope::system(), task.id)
                .await
                .unwrap()
                .as_ref(),
            Some(task)
        );
    }
    assert_eq!(fixture.store.stats(Scope::system()).await.unwrap().pending, 2);
    let cancelled = fixture.apply(tasks[0].id, Transition::Cancel).await;
    assert_eq!(cancelled.status(), TaskStatus::Cancelled);
}

/// Every call says in its own way that there is no such task.
pub async fn a_task_that_does_not_exist_is_not_found(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let (id, store) = (samples::task_id(), &fixture.store);
    for scope in [Scope::system(), Scope::owner(owner)] {
        assert_eq!(store.task(scope, id).await.unwrap(), None);
        assert_eq!(store.pages(scope, id, 1, 9).await.unwrap(), vec![]);
        refused(
            store
                .transition(scope, id, Transition::Cancel, Write::default())
                .await,
            ErrorKind::NotFound,
        );
        refused(
            store
                .trash_task(scope, id, samples::moment(), Write::default())
                .await,
            ErrorKind::NotFound,
        );
        refused(
            store.restore_task(scope, id, Write::default()).await,
            ErrorKind::NotFound,
        );
    }
    assert_eq!(store.page_numbers(id).await.unwrap(), Vec::<u32>::new());
    assert_eq!(
        store
            .record_progress(Fence::new(id, 1), None, LONG)
            .await
            .unwrap(),
        Directive::Stop
    );
    let pages = vec![samples::page(1, "lost")];
    refused(
        store.put_pages(Fence::new(id, 1), pages).await,
        ErrorKind::LeaseLost,
    );
    assert_eq!(store.purge(vec![id]).await.unwrap(), 0);
}
