//! Deletion, restoration, and what the janitor removes for good.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use ocr_core::{
    ErrorKind,
    blob::{BlobKey, BlobStore, BlobStoreExt, PutOptions},
    duties::{orphans, remove_orphans, run_duties},
    id::UserId,
    model::TaskStatus,
    store::{Scope, TaskStore},
};
use ocr_testkit::{FakeEngine, MemoryPlatform, Unreliable};
use tokio_util::sync::CancellationToken;

use crate::drive::Drive;

const DAY: Duration = Duration::from_hours(24);

/// Runs the background duties for long enough that each had its turn.
async fn duties(drive: &Drive) {
    let shutdown = CancellationToken::new();
    let duties = tokio::spawn(run_duties(drive.parts.platform.clone(), shutdown.clone()));
    tokio::time::sleep(Duration::from_hours(1)).await;
    shutdown.cancel();
    duties.await.unwrap();
}

async fn exists(drive: &Drive, key: &str) -> bool {
    let key: BlobKey = key.parse().unwrap();
    drive.parts.blobs.head(key).await.unwrap().is_some()
}

#[tokio::test(start_paused = true)]
async fn a_deleted_task_can_be_restored_with_its_result() {
    let drive = Drive::new(FakeEngine::new(["text"]));
    let id = drive.submit().await;
    drive.drain().await;
    let file: BlobKey = drive.task(id).await.file.key.parse().unwrap();
    drive.service.delete(drive.scope(), id).await.unwrap();
    let gone = drive.service.get(drive.scope(), id).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
    let tags = drive.parts.blobs.tags(file.clone()).await.unwrap();
    assert_eq!(tags.get("deleted").map(String::as_str), Some("true"));
    drive.pass(DAY * 29);
    duties(&drive).await;
    drive.service.restore(drive.scope(), id).await.unwrap();
    assert_eq!(drive.status(id).await, TaskStatus::Completed);
    let result = drive.service.result(drive.scope(), id).await.unwrap();
    assert_eq!(result.text, "text");
    assert!(drive.parts.blobs.tags(file).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_waiting_task_is_read_after_it_was_restored() {
    let drive = Drive::new(FakeEngine::new(["text"]));
    let id = drive.submit().await;
    drive.service.delete(drive.scope(), id).await.unwrap();
    drive.drain().await;
    assert_eq!(drive.engine.calls(), [], "what is in the trash is not read");
    drive.service.restore(drive.scope(), id).await.unwrap();
    drive.drain().await;
    assert_eq!(drive.status(id).await, TaskStatus::Completed);
}

#[tokio::test(start_paused = true)]
async fn the_janitor_removes_what_nobody_can_restore() {
    let drive = Drive::new(FakeEngine::new(["text"]));
    let (gone, kept) = (drive.submit().await, drive.submit().await);
    drive.drain().await;
    let task = drive.task(gone).await;
    let keys = [task.file.key, task.result.expect("a result").key];
    drive.service.delete(drive.scope(), gone).await.unwrap();
    drive.pass(DAY * 31);
    duties(&drive).await;
    assert_eq!(drive.parts.store.task(Scope::system(), gone).await.unwrap(), None);
    for key in keys {
        assert!(!exists(&drive, &key).await, "{key}");
    }
    let kept = drive.task(kept).await;
    assert!(exists(&drive, &kept.file.key).await);
    assert!(exists(&drive, &kept.result.expect("a result").key).await);
}

#[tokio::test(start_paused = true)]
async fn what_is_in_the_trash_is_removed_for_good_on_request() {
    let drive = Drive::new(FakeEngine::new(["text"]));
    let (gone, kept) = (drive.submit().await, drive.submit().await);
    drive.drain().await;
    let task = drive.task(gone).await;
    let keys = [task.file.key, task.result.expect("a result").key];
    let live = drive.service.purge(drive.scope(), gone).await.unwrap_err();
    assert_eq!(live.kind(), ErrorKind::NotFound, "only what is in the trash");
    drive.service.delete(drive.scope(), gone).await.unwrap();
    let stranger = Scope::owner(UserId(uuid::Uuid::from_u128(77)));
    let theirs = drive.service.purge(stranger, gone).await.unwrap_err();
    assert_eq!(theirs.kind(), ErrorKind::NotFound);
    drive.service.purge(drive.scope(), gone).await.unwrap();
    assert_eq!(drive.parts.store.task(Scope::system(), gone).await.unwrap(), None);
    for key in keys {
        assert!(!exists(&drive, &key).await, "{key}");
    }
    let twice = drive.service.purge(drive.scope(), gone).await.unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::NotFound);
    assert!(exists(&drive, &drive.task(kept).await.file.key).await);
}

#[tokio::test(start_paused = true)]
async fn the_trash_is_emptied_and_nothing_else() {
    let drive = Drive::new(FakeEngine::new(["text"]));
    let kept = drive.submit().await;
    let mut keys = Vec::new();
    for _ in 0..130 {
        let id = drive.submit().await;
        keys.push(drive.task(id).await.file.key);
        drive.service.delete(drive.scope(), id).await.unwrap();
    }
    let owner = drive.scope().owner_id().expect("an owner");
    let emptied = drive.service.empty_trash(owner).await.unwrap();
    assert_eq!((emptied.removed, emptied.more), (130, false));
    for key in keys {
        assert!(!exists(&drive, &key).await, "{key}");
    }
    assert!(exists(&drive, &drive.task(kept).await.file.key).await);
    let again = drive.service.empty_trash(owner).await.unwrap();
    assert_eq!((again.removed, again.more), (0, false));
}

#[tokio::test(start_paused = true)]
async fn a_trash_that_was_emptied_in_part_says_so() {
    let engine = FakeEngine::new(["text"]);
    let mut parts = MemoryPlatform::new().with_engine(engine.clone());
    // It lists and removes a page of 100 tasks and asks for each of them: the next call fails.
    let store = Arc::new(Unreliable::new(parts.store.clone(), 103));
    store.set_healthy(true);
    parts.platform.store = store.clone();
    let drive = Drive::over(parts, engine);
    for _ in 0..130 {
        let id = drive.submit().await;
        drive.service.delete(drive.scope(), id).await.unwrap();
    }
    let owner = drive.scope().owner_id().expect("an owner");
    store.set_healthy(false);
    let emptied = drive.service.empty_trash(owner).await.unwrap();
    assert_eq!((emptied.removed, emptied.more), (100, true));
    assert_eq!(store.failures(), 1);
    store.set_healthy(true);
    let rest = drive.service.empty_trash(owner).await.unwrap();
    assert_eq!((rest.removed, rest.more), (30, false));
}

#[tokio::test(start_paused = true)]
async fn a_trash_of_which_nothing_was_removed_is_an_error() {
    let engine = FakeEngine::new(["text"]);
    let mut parts = MemoryPlatform::new().with_engine(engine.clone());
    let store = Arc::new(Unreliable::new(parts.store.clone(), 1));
    store.set_healthy(true);
    parts.platform.store = store.clone();
    let drive = Drive::over(parts, engine);
    let owner = drive.scope().owner_id().expect("an owner");
    store.set_healthy(false);
    drive.service.empty_trash(owner).await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn what_is_in_the_trash_says_until_when_and_can_be_looked_at() {
    let drive = Drive::new(FakeEngine::new(["text"]));
    let id = drive.submit().await;
    drive.drain().await;
    let live = drive.service.page_image(drive.scope(), id, 1, 160).await.unwrap();
    let task = drive.service.delete(drive.scope(), id).await.unwrap();
    let deleted = task.deleted_at.expect("in the trash");
    assert_eq!(task.purge_after, Some(deleted + DAY * 30));
    let gone = drive.service.page_image(drive.scope(), id, 1, 160).await;
    assert_eq!(gone.unwrap_err().kind(), ErrorKind::NotFound);
    let seen = drive.service.trashed_page_image(drive.scope(), id, 1, 160).await;
    assert_eq!(seen.unwrap().version, live.version);
    drive.service.restore(drive.scope(), id).await.unwrap();
    let restored = drive.service.trashed_page_image(drive.scope(), id, 1, 160).await;
    assert_eq!(restored.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test(start_paused = true)]
async fn the_janitor_collects_old_blobs_without_a_task() {
    let drive = Drive::new(FakeEngine::new(["text"]));
    let put = async |key: &str| {
        let body = Bytes::from_static(b"x").into();
        let key = key.parse().unwrap();
        drive
            .parts
            .blobs
            .put(key, body, PutOptions::default())
            .await
            .unwrap();
    };
    for key in [
        "uploads/u/old",
        "results/u/old.json",
        "incoming/u/f/00007",
        "elsewhere/old",
    ] {
        put(key).await;
    }
    let id = drive.submit().await;
    drive.pass(DAY + Duration::from_secs(1));
    put("uploads/u/new").await;
    duties(&drive).await;
    assert!(!exists(&drive, "uploads/u/old").await);
    assert!(!exists(&drive, "results/u/old.json").await);
    assert!(
        !exists(&drive, "incoming/u/f/00007").await,
        "a part of an upload that nobody completed"
    );
    assert!(exists(&drive, "elsewhere/old").await, "not ours to remove");
    assert!(
        exists(&drive, "uploads/u/new").await,
        "an upload may be under way"
    );
    assert!(exists(&drive, &drive.task(id).await.file.key).await);
}

#[tokio::test(start_paused = true)]
async fn orphans_are_named_by_age_and_left_alone() {
    let drive = Drive::new(FakeEngine::new(["text"]));
    let id = drive.submit().await;
    drive.drain().await;
    let key: BlobKey = "uploads/u/left".parse().unwrap();
    let body = Bytes::from_static(b"left behind").into();
    drive
        .parts
        .blobs
        .put(key.clone(), body, PutOptions::default())
        .await
        .unwrap();
    drive.pass(Duration::from_mins(2));
    let found = async |minutes| {
        orphans(&drive.parts.platform, Duration::from_mins(minutes))
            .await
            .unwrap()
    };
    assert_eq!(found(3).await, []);
    assert_eq!(found(1).await, std::slice::from_ref(&key));
    assert!(exists(&drive, key.as_str()).await && exists(&drive, &drive.task(id).await.file.key).await);
    // One of them got its task after they were found.
    let file = drive.task(id).await.file.key;
    let named = vec![key.clone(), file.parse().unwrap()];
    let removed = remove_orphans(&drive.parts.platform, named).await.unwrap();
    assert_eq!(removed, 1);
    assert!(!exists(&drive, key.as_str()).await && exists(&drive, &file).await);
}
