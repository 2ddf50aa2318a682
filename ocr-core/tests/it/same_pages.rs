//! The same picture of a page is read once, in whatever document it comes.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use ocr_core::{
    corrections::Operation,
    id::{TaskId, UserId},
    model::{PageText, SamePage, TaskOptions, TaskStatus},
    platform::Policies,
    service::{CorrectedAt, SubmitRequest},
    store::{PageStore, Scope},
};
use ocr_testkit::{FakeEngine, MemoryPlatform, Unreliable, samples};

use crate::drive::Drive;

const PAGES: [&str; 2] = ["the first page", "the second"];
const PICTURES: [&str; 2] = ["a letter", "a list"];

fn engine() -> FakeEngine {
    FakeEngine::new(PAGES).with_pictures(PICTURES).charging(1_500)
}

fn parts(engine: &FakeEngine) -> MemoryPlatform {
    MemoryPlatform::new()
        .with_engine(engine.clone())
        .with_policies(Policies::default())
}

fn drive() -> Drive {
    let engine = engine();
    Drive::over(parts(&engine), engine)
}

/// Submits a document of its own bytes, to be read as `options` say, for `owner`, and works until nothing is ready.
async fn read_for(drive: &Drive, owner: UserId, options: TaskOptions) -> TaskId {
    drive.pass(Duration::from_secs(1));
    let bytes = Bytes::from(format!("%PDF-1.7 {}", samples::task_id()));
    let request = SubmitRequest::new("other.pdf").with_options(options);
    let created = drive.service.submit(owner, request, bytes.into()).await;
    let id = created.unwrap().into_task().id;
    drive.drain().await;
    let task = drive.service.get(Scope::system(), id).await.unwrap();
    assert_eq!(task.status(), TaskStatus::Completed, "{:?}", task.state);
    id
}

async fn read(drive: &Drive, options: TaskOptions) -> TaskId {
    read_for(drive, drive.user, options).await
}

async fn pages(drive: &Drive, id: TaskId) -> Vec<PageText> {
    drive.parts.store.pages(Scope::system(), id, 1, 9).await.unwrap()
}

/// The pages whose text those of a task took over.
async fn same_as(drive: &Drive, id: TaskId) -> Vec<Option<SamePage>> {
    pages(drive, id).await.iter().map(|page| page.same_as).collect()
}

#[tokio::test(start_paused = true)]
async fn the_same_picture_is_read_once() {
    let drive = drive();
    let first = read(&drive, TaskOptions::default()).await;
    assert_eq!(same_as(&drive, first).await, [None, None]);
    let second = read(&drive, TaskOptions::default()).await;
    let expected = [1, 2].map(|page| Some(SamePage::new(first, page)));
    assert_eq!(same_as(&drive, second).await, expected);
    assert_eq!(drive.engine.pages_read(), [1, 2]);
    let result = drive.service.result(drive.scope(), second).await.unwrap();
    assert_eq!(result.same_as, None, "it is another document");
    assert_eq!(result.text, "the first page\u{c}the second");
    assert_eq!(result.document.pages, pages(&drive, second).await);
    let summary = drive.task(second).await.result.expect("a result");
    assert_eq!((summary.page_count, summary.cost_micros), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_document_says_of_itself_and_of_its_pages_what_it_is_the_same_as() {
    let drive = drive();
    let first = drive.submit().await;
    drive.drain().await;
    drive.pass(Duration::from_secs(1));
    let second = drive.submit().await;
    drive.drain().await;
    let result = drive.service.result(drive.scope(), second).await.unwrap();
    assert_eq!(result.same_as, Some(first));
    let expected = [1, 2].map(|page| Some(SamePage::new(first, page)));
    assert_eq!(same_as(&drive, second).await, expected);
    let json = serde_json::to_value(&result).unwrap();
    assert_eq!(json["sameAs"], first.to_string());
    assert_eq!(json["pages"][1]["sameAs"]["taskId"], first.to_string());
    assert_eq!(json["pages"][1]["sameAs"]["page"], 2);
}

#[tokio::test(start_paused = true)]
async fn a_picture_that_comes_twice_in_a_document_is_read_once() {
    let engine = FakeEngine::new(PAGES).with_pictures(["a form", "a form"]);
    let drive = Drive::over(parts(&engine), engine);
    let id = read(&drive, TaskOptions::default()).await;
    assert_eq!(same_as(&drive, id).await, [None, Some(SamePage::new(id, 1))]);
    let numbers: Vec<u32> = pages(&drive, id).await.iter().map(|page| page.number).collect();
    assert_eq!(numbers, [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn another_owner_is_given_nothing() {
    let drive = drive();
    read(&drive, TaskOptions::default()).await;
    let theirs = read_for(&drive, samples::user(), TaskOptions::default()).await;
    assert_eq!(same_as(&drive, theirs).await, [None, None]);
    let digest = |pages: Vec<PageText>| pages[0].digest.clone().expect("a digest");
    let ours = read(&drive, TaskOptions::default()).await;
    assert_ne!(
        digest(pages(&drive, ours).await),
        digest(pages(&drive, theirs).await),
        "the owner is a part of it"
    );
}

#[tokio::test(start_paused = true)]
async fn another_version_and_other_options_read_again() {
    let drive = drive();
    read(&drive, TaskOptions::default()).await;
    let german = TaskOptions::default().with_languages(vec!["de".into()]);
    let in_german = read(&drive, german).await;
    assert_eq!(same_as(&drive, in_german).await, [None, None]);
    let newer = engine().with_version("2");
    drive.parts.platform.engines.add(Arc::new(newer.clone()));
    let by_newer = read(&drive, TaskOptions::default()).await;
    assert_eq!(same_as(&drive, by_newer).await, [None, None]);
    assert_eq!(newer.pages_read(), [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn who_asks_to_read_again_is_given_nothing_that_was_read_before() {
    let drive = drive();
    read(&drive, TaskOptions::default()).await;
    let again = read(&drive, TaskOptions::default().with_read_again(true)).await;
    assert_eq!(same_as(&drive, again).await, [None, None]);
    let third = read(&drive, TaskOptions::default()).await;
    let newest = Some(SamePage::new(again, 1));
    assert_eq!(
        same_as(&drive, third).await[0],
        newest,
        "what is read again is the newest"
    );
    drive.service.retry(drive.scope(), third).await.unwrap();
    drive.drain().await;
    assert_eq!(same_as(&drive, third).await, [None, None]);
    assert_eq!(drive.engine.pages_read(), [1, 2, 1, 2, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_left_of_a_document_that_was_purged() {
    let drive = drive();
    let first = read(&drive, TaskOptions::default()).await;
    drive.service.delete(drive.scope(), first).await.unwrap();
    let second = read(&drive, TaskOptions::default()).await;
    assert_eq!(
        same_as(&drive, second).await,
        [None, None],
        "not out of the trash"
    );
    drive.service.delete(drive.scope(), second).await.unwrap();
    for id in [first, second] {
        drive.service.purge(drive.scope(), id).await.unwrap();
    }
    let third = read(&drive, TaskOptions::default()).await;
    assert_eq!(same_as(&drive, third).await, [None, None]);
    assert_eq!(drive.engine.pages_read(), [1, 2, 1, 2, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn corrections_are_not_taken_over() {
    let drive = drive();
    let first = read(&drive, TaskOptions::default()).await;
    let operation = Operation::SetText {
        word: 0,
        text: "corrected".into(),
    };
    let at = CorrectedAt::new(first, 1, 0);
    let changed = drive.service.correct(drive.scope(), at, vec![operation]).await;
    assert_eq!(changed.unwrap().version(), 1);
    let second = read(&drive, TaskOptions::default()).await;
    assert_eq!(same_as(&drive, second).await[0], Some(SamePage::new(first, 1)));
    assert_eq!(pages(&drive, second).await[0].plain_text(), "the first page");
}

#[tokio::test(start_paused = true)]
async fn a_platform_may_read_each_page() {
    for policies in [
        Policies::default().with_reuse_results(false),
        Policies::default().with_reuse_pages_for(Duration::ZERO),
    ] {
        let engine = engine();
        let drive = Drive::over(parts(&engine).with_policies(policies), engine);
        let first = read(&drive, TaskOptions::default()).await;
        let second = read(&drive, TaskOptions::default()).await;
        assert_eq!(same_as(&drive, second).await, [None, None]);
        assert_eq!(pages(&drive, first).await[0].digest, None);
    }
}

#[tokio::test(start_paused = true)]
async fn pages_that_are_too_old_are_read_again() {
    let engine = engine();
    let policies = Policies::default().with_reuse_pages_for(Duration::from_mins(1));
    let drive = Drive::over(parts(&engine).with_policies(policies), engine);
    let first = read(&drive, TaskOptions::default()).await;
    let second = read(&drive, TaskOptions::default()).await;
    assert_eq!(same_as(&drive, second).await[0], Some(SamePage::new(first, 1)));
    drive.pass(Duration::from_mins(2));
    let third = read(&drive, TaskOptions::default()).await;
    assert_eq!(same_as(&drive, third).await, [None, None]);
}

#[tokio::test(start_paused = true)]
async fn what_breaks_between_reading_and_storing_leaves_the_same_answer() {
    let engine = engine();
    let mut parts = parts(&engine);
    let store = Arc::new(Unreliable::new(parts.store.clone(), 31));
    store.set_healthy(true);
    parts.platform.store = store.clone();
    let drive = Drive::over(parts, engine);
    store.set_healthy(false);
    let mut ids = Vec::new();
    while ids.len() < 5 {
        let bytes = Bytes::from(format!("%PDF-1.7 {}", samples::task_id()));
        let request = SubmitRequest::new("other.pdf");
        let submitted = drive.service.submit(drive.user, request, bytes.into()).await;
        ids.extend(submitted.map(|created| created.into_task().id));
    }
    for _ in 0..60 {
        // What fails here is tried again by the duties.
        let _ = drive.worker.drain().await;
        drive.pass_delays();
    }
    for id in ids {
        let texts: Vec<String> = pages(&drive, id).await.iter().map(PageText::plain_text).collect();
        assert_eq!(texts, PAGES);
    }
}
