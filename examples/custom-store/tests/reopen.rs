//! What was written is there when the directory is opened again, and one store has it at a time.

use std::{path::Path, sync::Arc, time::Duration};

use custom_store::FileStore;
use ocr_core::{
    ErrorKind,
    clock::{Clock, ManualClock, later},
    id::UserId,
    model::{Outcome, Progress, Task, Transition},
    store::{ChangeCursor, ChangeLog, Outbox, PageStore, Scope, StoreBase, TaskStore, Trash, Write},
};
use ocr_testkit::samples;
use serde_json::json;

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let (directory, clock) = (tempfile::tempdir().unwrap(), Arc::new(ManualClock::default()));
    let store = open(directory.path(), &clock);
    let (owner, tasks) = fill(&store, &clock).await;
    let before = Contents::of(&store, owner, &tasks).await;
    drop(store);

    let store = open(directory.path(), &clock);
    assert_eq!(Contents::of(&store, owner, &tasks).await, before);

    // Numbers go on where they were, also when nothing is left of them.
    store
        .settle_outbox((1..=before.last_message).collect())
        .await
        .unwrap();
    drop(store);
    let store = open(directory.path(), &clock);
    let new = samples::new_task(owner);
    let write = Write::default().with_messages(samples::messages(&new));
    store.create_task(new, write).await.unwrap();
    let next = store.lease_outbox(1, HOUR).await.unwrap();
    assert!(next[0].id > before.last_message);
    assert!(store.change_head().await.unwrap() > before.head);
}

#[tokio::test]
async fn a_key_is_remembered() {
    let (directory, clock) = (tempfile::tempdir().unwrap(), Arc::new(ManualClock::default()));
    let store = open(directory.path(), &clock);
    let owner = samples::user();
    store.ensure_user(owner).await.unwrap();
    let create = || samples::keyed_task(owner, "key", "fingerprint");
    let first = store.create_task(create(), Write::default()).await.unwrap();
    drop(store);

    let store = open(directory.path(), &clock);
    let again = store.create_task(create(), Write::default()).await.unwrap();
    assert_eq!(again.into_task(), first.into_task());
}

#[tokio::test]
async fn a_directory_is_open_once() {
    let (directory, clock) = (tempfile::tempdir().unwrap(), Arc::new(ManualClock::default()));
    let store = open(directory.path(), &clock);
    let second = FileStore::open(directory.path(), clock.clone()).unwrap_err();
    assert_eq!(second.kind(), ErrorKind::Unavailable);
    drop(store);
    open(directory.path(), &clock).check().await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_not_ours_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.json");
    std::fs::write(&path, "not ours").unwrap();
    let refused = FileStore::open(directory.path(), Arc::new(ManualClock::default())).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Corrupt);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "not ours");
}

#[tokio::test]
async fn a_store_whose_file_is_gone_says_so() {
    let (directory, clock) = (tempfile::tempdir().unwrap(), Arc::new(ManualClock::default()));
    let store = open(directory.path(), &clock);
    directory.close().unwrap();
    let (owner, error) = (samples::user(), store.check().await.unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let error = store.ensure_user(owner).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);

    let error = store
        .create_task(samples::new_task(owner), Write::default())
        .await;
    assert_eq!(
        error.unwrap_err().kind(),
        ErrorKind::NotFound,
        "what was refused has not happened"
    );
}

fn open(directory: &Path, clock: &Arc<ManualClock>) -> FileStore {
    FileStore::open(directory, clock.clone()).unwrap()
}

/// Puts something into every part of the store: an owner and tasks that are pending, processing, completed,
/// failed and in the trash.
async fn fill(store: &FileStore, clock: &ManualClock) -> (UserId, Vec<Task>) {
    let owner = samples::user();
    store.ensure_user(owner).await.unwrap();
    let mut tasks = Vec::new();
    for _ in 0..5 {
        let new = samples::new_task(owner);
        let write = Write::default().with_messages(samples::messages(&new));
        let task = store.create_task(new, write).await.unwrap().into_task();
        tasks.push(task);
    }
    for task in &mut tasks[1..] {
        let claim = Transition::Claim { lease: HOUR };
        *task = store
            .transition(Scope::system(), task.id, claim, Write::default())
            .await
            .unwrap();
    }

    let fence = tasks[1].fence();
    let progress = Some(Progress::new(1, 2));
    store.record_progress(fence, progress, HOUR).await.unwrap();
    let pages = vec![samples::page(2, "second"), samples::page(1, "first")];
    store.put_pages(fence, pages).await.unwrap();
    store.put_checkpoint(fence, json!(null)).await.unwrap();

    let (result, failure) = (samples::summary(&tasks[2]), samples::failure("no pages"));
    let complete = Outcome::Complete { result };
    store
        .finish(tasks[2].fence(), complete, Write::default())
        .await
        .unwrap();
    let fail = Outcome::Fail { failure };
    store
        .finish(tasks[3].fence(), fail, Write::default())
        .await
        .unwrap();
    let purge_after = later(clock.now(), HOUR);
    store
        .trash_task(Scope::owner(owner), tasks[4].id, purge_after, Write::default())
        .await
        .unwrap();
    (owner, tasks)
}

/// What can be read of the store.
#[derive(Debug, PartialEq)]
struct Contents {
    tasks: Vec<Task>,
    read: Vec<String>,
    head: ChangeCursor,
    last_message: i64,
}

impl Contents {
    /// Everything of `owner`, whose tasks these are. Takes the messages out of the outbox for no time at all.
    async fn of(store: &FileStore, owner: UserId, tasks: &[Task]) -> Self {
        let (mut found, mut read) = (Vec::new(), Vec::new());
        for task in tasks {
            found.extend(store.task(Scope::system(), task.id).await.unwrap());
            let pages = store.pages(Scope::system(), task.id, 1, u32::MAX).await.unwrap();
            let checkpoint = store.checkpoint(task.id).await.unwrap();
            read.push(format!("{pages:?} {checkpoint:?}"));
        }
        let changes = store.changes(Scope::owner(owner), ChangeCursor::default(), 1000);
        read.push(format!("{:?}", changes.await.unwrap()));
        let messages = store.lease_outbox(1000, Duration::ZERO).await.unwrap();
        read.push(format!(
            "{messages:?} {:?}",
            store.stats(Scope::owner(owner)).await.unwrap()
        ));
        Self {
            tasks: found,
            read,
            head: store.change_head().await.unwrap(),
            last_message: messages.last().unwrap().id,
        }
    }
}
