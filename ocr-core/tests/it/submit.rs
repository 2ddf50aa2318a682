//! From an upload to its result.

use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use ocr_core::{
    ErrorKind,
    blob::BlobStore,
    model::{TaskOptions, TaskStatus},
    notify::{EventBody, Notifier, Received},
    service::SubmitRequest,
    store::{Created, Scope},
};
use ocr_testkit::{FakeEngine, samples};

use crate::drive::{Drive, PDF};

fn named(filename: &str, key: Option<&str>) -> SubmitRequest {
    SubmitRequest::new(filename)
        .with_options(TaskOptions::default())
        .with_idempotency_key(key.map(Into::into))
}

async fn blobs(drive: &Drive) -> usize {
    drive.parts.blobs.list(String::new()).await.unwrap().count().await
}

#[tokio::test(start_paused = true)]
async fn a_document_is_read_from_upload_to_result() {
    let drive = Drive::new(FakeEngine::new(["first page", "", "third page"]));
    let id = drive.submit().await;
    assert_eq!(drive.status(id).await, TaskStatus::Pending);
    drive.drain().await;
    let task = drive.task(id).await;
    assert_eq!(task.status(), TaskStatus::Completed);
    let summary = task.result.expect("a result");
    assert_eq!((summary.page_count, summary.word_count), (3, 4));
    assert_eq!(summary.engine, "fake");
    let result = drive.service.result(drive.scope(), id).await.unwrap();
    assert_eq!(result.text, "first page\u{c}\u{c}third page");
    assert_eq!((result.task_id, result.filename.as_str()), (id, "scan.pdf"));
    let stats = drive.service.stats(drive.scope()).await.unwrap();
    assert_eq!((stats.total, stats.completed), (1, 1));
    assert_eq!(drive.engine.pages_read(), [1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_listener_hears_the_whole_story() {
    let drive = Drive::new(FakeEngine::new(["one", "two"]));
    let mut events = drive
        .parts
        .notifier
        .subscribe(Scope::owner(drive.user))
        .await
        .unwrap();
    drive.submit().await;
    drive.drain().await;
    drive.drain().await;
    let mut story = Vec::new();
    while story
        .last()
        .is_none_or(|(status, _)| *status != TaskStatus::Completed)
    {
        let Some(Received::Event(event)) = events.next().await else {
            panic!("an event")
        };
        if let EventBody::TaskUpdate(update) = event.body {
            story.push((update.status, update.progress));
        }
    }
    let processing: Vec<u8> = story
        .iter()
        .filter(|(status, _)| *status == TaskStatus::Processing)
        .map(|(_, progress)| *progress)
        .collect();
    assert_eq!(story.first(), Some(&(TaskStatus::Pending, 0)));
    assert_eq!(processing, [0, 0, 50, 100]);
    assert_eq!(story.last(), Some(&(TaskStatus::Completed, 100)));
}

#[tokio::test(start_paused = true)]
async fn a_repeated_request_makes_one_task() {
    let drive = Drive::new(FakeEngine::new(["text"]));
    let first = drive.try_submit(named("scan.pdf", Some("key"))).await.unwrap();
    let again = drive.try_submit(named("scan.pdf", Some("key"))).await.unwrap();
    assert!(matches!(first, Created::New(_)) && matches!(again, Created::Existing(_)));
    assert_eq!(first.into_task().id, again.into_task().id);
    assert_eq!(blobs(&drive).await, 1, "the second upload leaves no blob");
    let other = drive
        .try_submit(named("other.pdf", Some("key")))
        .await
        .unwrap_err();
    assert_eq!(other.kind(), ErrorKind::InvalidInput);
    assert_eq!(blobs(&drive).await, 1);
    drive.drain().await;
    assert_eq!(drive.engine.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_refused_and_leaves_nothing() {
    let drive = Drive::new(FakeEngine::new(["text"]));
    let submit = async |bytes: Bytes, request| {
        let submitted = drive.service.submit(drive.user, request, bytes.into()).await;
        submitted.unwrap_err().kind()
    };
    let text = Bytes::from_static(b"just text, no document");
    let refused = submit(text, named("a.txt", None)).await;
    assert_eq!(refused, ErrorKind::UnsupportedMediaType);
    assert_eq!(
        submit(Bytes::new(), named("a.pdf", None)).await,
        ErrorKind::InvalidInput
    );
    let mut unknown = named("a.pdf", None);
    unknown.options.engine = Some("oracle".into());
    let pdf = Bytes::from_static(PDF);
    assert_eq!(submit(pdf.clone(), unknown).await, ErrorKind::InvalidInput);
    let empty_key = named("a.pdf", Some(""));
    assert_eq!(submit(pdf, empty_key).await, ErrorKind::InvalidInput);
    let mut big = PDF.to_vec();
    big.resize(50 * 1024 * 1024 + 1, b'x');
    assert_eq!(
        submit(big.into(), named("a.pdf", None)).await,
        ErrorKind::TooLarge
    );
    assert_eq!(blobs(&drive).await, 0);
    let stats = drive.service.stats(Scope::system()).await.unwrap();
    assert_eq!(stats.total, 0);
}

#[tokio::test(start_paused = true)]
async fn languages_and_pages_reach_the_engine() {
    let drive = Drive::new(FakeEngine::new(["one", "two", "three", "four"]));
    let mut request = named("scan.pdf", None);
    request.options.languages = vec!["de".into()];
    request.options.pages = Some("2,4".parse().unwrap());
    let id = drive.try_submit(request.clone()).await.unwrap().into_task().id;
    drive.drain().await;
    let calls = drive.engine.calls();
    assert_eq!(calls[0].languages, request.options.languages);
    assert_eq!(calls[0].pages, request.options.pages);
    let result = drive.service.result(drive.scope(), id).await.unwrap();
    assert_eq!(result.text, "two\u{c}four");
    assert_eq!(result.page_count, 2);
}

#[tokio::test(start_paused = true)]
async fn another_owner_sees_nothing_of_it() {
    let drive = Drive::new(FakeEngine::new(["text"]));
    let id = drive.submit().await;
    drive.drain().await;
    let other = Scope::owner(samples::user());
    let service = &drive.service;
    let kinds = [
        service.get(other, id).await.unwrap_err().kind(),
        service.result(other, id).await.unwrap_err().kind(),
        service.pages(other, id, 1, 9).await.unwrap_err().kind(),
        service.cancel(other, id).await.unwrap_err().kind(),
        service.retry(other, id).await.unwrap_err().kind(),
        service.delete(other, id).await.unwrap_err().kind(),
    ];
    assert!(kinds.iter().all(|kind| *kind == ErrorKind::NotFound), "{kinds:?}");
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_comes_late_reads_what_waited() {
    let parts = ocr_testkit::MemoryPlatform::new();
    let engine = FakeEngine::new(["text"]);
    let drive = Drive::over(parts, engine.clone());
    let id = drive.submit().await;
    for _ in 0..5 {
        drive.drain().await;
        let task = drive.task(id).await;
        assert_eq!((task.status(), task.state.failures), (TaskStatus::Pending, 0));
        drive.pass_delays();
    }
    drive.parts.platform.engines.add(Arc::new(engine));
    drive.drain().await;
    assert_eq!(drive.status(id).await, TaskStatus::Completed);
}
