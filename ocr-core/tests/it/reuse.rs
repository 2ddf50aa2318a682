//! Same bytes, same answer: what was read once is taken over, unless somebody asks to read again.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use ocr_core::{
    blob::BlobStoreExt,
    id::TaskId,
    model::{PageText, SamePage, TaskOptions, TaskStatus},
    platform::Policies,
    service::SubmitRequest,
    store::{Outbox, OutboxMessage, PageStore, Scope, Store},
};
use ocr_testkit::{FakeEngine, MemoryPlatform, Unreliable, samples};

use crate::drive::{Drive, PDF};

const PAGES: [&str; 2] = ["the first page", "the second"];

fn parts(engine: &FakeEngine) -> MemoryPlatform {
    let policies = Policies::default();
    assert!(policies.reuse_results);
    MemoryPlatform::new()
        .with_engine(engine.clone())
        .with_policies(policies)
}

fn drive() -> Drive {
    let engine = FakeEngine::new(PAGES).charging(1_500);
    Drive::over(parts(&engine), engine)
}

/// Submits the document, to be read as `options` say, and works until nothing is ready.
async fn read(drive: &Drive, options: TaskOptions) -> TaskId {
    // One is newer than the other.
    drive.pass(Duration::from_secs(1));
    let request = SubmitRequest::new("again.pdf").with_options(options);
    let id = drive.try_submit(request).await.unwrap().into_task().id;
    drive.drain().await;
    assert_eq!(drive.status(id).await, TaskStatus::Completed);
    id
}

/// The task whose result this one took over.
async fn same_as(drive: &Drive, id: TaskId) -> Option<TaskId> {
    let task = drive.task(id).await;
    let told = drive.service.same_as(&task).await.unwrap();
    assert_eq!(told, task.result.expect("a result").same_as);
    told
}

/// These pages of `task` as they are once they were taken over.
fn taken_over(task: TaskId, pages: Vec<PageText>) -> Vec<PageText> {
    let pages = pages.into_iter().map(|page| {
        let same = SamePage::new(task, page.number);
        page.with_same_as(same)
    });
    pages.collect()
}

#[tokio::test(start_paused = true)]
async fn the_same_bytes_are_read_once() {
    let drive = drive();
    let first = read(&drive, TaskOptions::default()).await;
    assert_eq!(same_as(&drive, first).await, None);
    let request = SubmitRequest::new("again.pdf");
    let waiting = drive.try_submit(request).await.unwrap().into_task();
    assert_eq!(drive.service.same_as(&waiting).await.unwrap(), Some(first));
    drive.drain().await;
    let second = waiting.id;
    assert_eq!(same_as(&drive, second).await, Some(first));
    assert_eq!(drive.engine.calls().len(), 1);
    let result = drive.service.result(drive.scope(), second).await.unwrap();
    let earlier = drive.service.result(drive.scope(), first).await.unwrap();
    assert_eq!(
        result.document.pages,
        taken_over(first, earlier.document.pages.clone())
    );
    assert_eq!((result.same_as, earlier.same_as), (Some(first), None));
    assert_eq!((result.task_id, result.filename.as_str()), (second, "again.pdf"));
    let summary = drive.task(second).await.result.expect("a result");
    assert_eq!(
        (summary.page_count, summary.cost_micros),
        (2, 0),
        "nobody charged for it"
    );
    let pages = drive
        .parts
        .store
        .pages(drive.scope(), second, 1, 9)
        .await
        .unwrap();
    assert_eq!(pages, result.document.pages);
}

#[tokio::test(start_paused = true)]
async fn either_can_be_removed_without_the_other() {
    let drive = drive();
    let first = read(&drive, TaskOptions::default()).await;
    let second = read(&drive, TaskOptions::default()).await;
    let gone = drive.task(first).await;
    drive.service.delete(drive.scope(), first).await.unwrap();
    for key in [gone.file.key, gone.result.expect("a result").key] {
        drive.parts.blobs.remove(key.parse().unwrap()).await.unwrap();
    }
    let result = drive.service.result(drive.scope(), second).await.unwrap();
    assert_eq!(result.page_count, 2);
    let third = read(&drive, TaskOptions::default()).await;
    assert_eq!(same_as(&drive, third).await, Some(second));
    assert_eq!(drive.engine.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_asks_to_read_again_is_heard() {
    let drive = drive();
    let first = read(&drive, TaskOptions::default()).await;
    let again = read(&drive, TaskOptions::default().with_read_again(true)).await;
    assert_eq!(same_as(&drive, again).await, None);
    assert_eq!(drive.engine.calls().len(), 2);
    drive.pass(Duration::from_secs(1));
    let copy = drive
        .service
        .copy(drive.scope(), first, TaskOptions::default())
        .await;
    let copy = copy.unwrap().into_task().id;
    drive.drain().await;
    assert_eq!(same_as(&drive, copy).await, None);
    assert_eq!(drive.engine.calls().len(), 3);
    // Also of a result that was itself taken over, by the newest of all.
    let taken = read(&drive, TaskOptions::default()).await;
    assert_eq!(same_as(&drive, taken).await, Some(copy));
    drive.service.retry(drive.scope(), taken).await.unwrap();
    drive.drain().await;
    assert_eq!(same_as(&drive, taken).await, None);
    assert_eq!(drive.engine.calls().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn another_question_is_another_answer() {
    let drive = drive();
    read(&drive, TaskOptions::default()).await;
    let named = read(&drive, TaskOptions::default().with_engine("fake".to_owned())).await;
    assert!(same_as(&drive, named).await.is_some(), "it is the usual engine");
    let other = FakeEngine::new(PAGES).named("other");
    drive.parts.platform.engines.add(Arc::new(other.clone()));
    let by_other = read(&drive, TaskOptions::default().with_engine("other".to_owned())).await;
    let languages = read(&drive, TaskOptions::default().with_languages(vec!["de".into()])).await;
    let pages = TaskOptions::default().with_pages(Some("1".parse().unwrap()));
    let some_pages = read(&drive, pages).await;
    for id in [by_other, languages, some_pages] {
        assert_eq!(same_as(&drive, id).await, None);
    }
    assert_eq!((drive.engine.calls().len(), other.calls().len()), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_given_what_another_owner_read() {
    let drive = drive();
    read(&drive, TaskOptions::default()).await;
    let stranger = samples::user();
    let body = Bytes::from_static(PDF).into();
    let request = SubmitRequest::new("scan.pdf");
    let task = drive
        .service
        .submit(stranger, request, body)
        .await
        .unwrap()
        .into_task();
    assert_eq!(drive.service.same_as(&task).await.unwrap(), None);
    drive.drain().await;
    let task = drive.service.get(Scope::owner(stranger), task.id).await.unwrap();
    assert_eq!(task.result.expect("a result").same_as, None);
    assert_eq!(drive.engine.calls().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_platform_may_read_everything() {
    let engine = FakeEngine::new(PAGES);
    let policies = Policies::default().with_reuse_results(false);
    let drive = Drive::over(parts(&engine).with_policies(policies), engine);
    read(&drive, TaskOptions::default()).await;
    let second = read(&drive, TaskOptions::default()).await;
    assert_eq!(same_as(&drive, second).await, None);
    assert_eq!(drive.engine.calls().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_result_that_cannot_be_had_is_read_again() {
    let drive = drive();
    let first = read(&drive, TaskOptions::default()).await;
    let key = drive.task(first).await.result.expect("a result").key;
    drive.parts.blobs.remove(key.parse().unwrap()).await.unwrap();
    let second = read(&drive, TaskOptions::default()).await;
    assert_eq!(same_as(&drive, second).await, None);
    assert_eq!(drive.engine.calls().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_result_with_a_page_that_could_not_be_read_is_read_again() {
    let engine = FakeEngine::new(PAGES).with_unreadable_page(2);
    let drive = Drive::over(parts(&engine), engine);
    let first = read(&drive, TaskOptions::default()).await;
    let result = drive.service.result(drive.scope(), first).await.unwrap();
    assert_eq!(result.failed_pages, [2], "the document says so");
    let second = read(&drive, TaskOptions::default()).await;
    assert_eq!(same_as(&drive, second).await, None);
    assert_eq!(drive.engine.calls().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_was_read_before_waits_for_its_turn() {
    let drive = drive();
    read(&drive, TaskOptions::default()).await;
    let other = TaskOptions::default().with_languages(vec!["de".into()]);
    let request = SubmitRequest::new("new.pdf").with_options(other);
    let unknown = drive.try_submit(request).await.unwrap().into_task().id;
    let known = drive.submit().await;
    let outbox = drive.parts.store.lease_outbox(100, Duration::from_mins(1));
    let mut priorities = Vec::new();
    for entry in outbox.await.unwrap() {
        if let OutboxMessage::Enqueue(item) = entry.message {
            priorities.push((item.item.task_id, item.priority));
        }
    }
    assert_eq!(
        priorities,
        [(unknown, 0), (known, 0)],
        "it may have to be read all the same, and nobody is to wait for that"
    );
}

#[tokio::test(start_paused = true)]
async fn what_fails_on_the_way_leaves_the_same_answer() {
    let engine = FakeEngine::new(PAGES);
    let mut parts = parts(&engine);
    let store = Arc::new(Unreliable::new(parts.store.clone(), 29));
    store.set_healthy(true);
    parts.platform.store = store.clone();
    let drive = Drive::over(parts, engine);
    let first = read(&drive, TaskOptions::default()).await;
    let mut ids = Vec::new();
    store.set_healthy(false);
    while ids.len() < 5 {
        let submitted = drive.try_submit(SubmitRequest::default()).await;
        ids.extend(submitted.map(|created| created.into_task().id));
    }
    for _ in 0..60 {
        // What fails here is tried again by the duties.
        let _ = drive.worker.drain().await;
        drive.pass_delays();
    }
    let store: &dyn Store = &*drive.parts.store;
    let expected = store.pages(drive.scope(), first, 1, 9).await.unwrap();
    for id in ids {
        let task = store.task(drive.scope(), id).await.unwrap().expect("the task");
        assert_eq!(task.status(), TaskStatus::Completed, "{:?}", task.state);
        // Of whichever was the newest when it was its turn.
        let mut pages = store.pages(drive.scope(), id, 1, 9).await.unwrap();
        for page in &mut pages {
            page.same_as = None;
        }
        assert_eq!(pages, expected);
    }
}
