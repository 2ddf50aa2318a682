//! What people change about a page reaches every reader, and is kept when the document is read again.

use std::sync::Arc;

use futures::TryStreamExt;
use ocr_core::{
    ErrorKind,
    blob::{BlobMeta, BlobStore, GetOptions},
    correction_store::present_version,
    corrections::{Fate, Operation},
    duties::Indexer,
    id::TaskId,
    memory::MemorySearchIndex,
    model::DocumentText,
    pagination::PageRequest,
    search::SearchQuery,
    service::{CorrectedAt, MAX_OPERATIONS, OcrService, SearchRequest},
    store::{PageStore, Scope},
};
use ocr_testkit::{FakeEngine, MemoryPlatform, samples};

use crate::drive::Drive;

fn set(word: u32, text: &str) -> Operation {
    Operation::SetText {
        word,
        text: text.into(),
    }
}

/// A platform on which two pages were read: "the tota1 amount" and "is 12".
async fn read() -> (Drive, TaskId) {
    let drive = Drive::new(FakeEngine::new(["the tota1 amount", "is 12"]));
    let id = drive.submit().await;
    drive.drain().await;
    (drive, id)
}

async fn correct(drive: &Drive, id: TaskId, version: u32, operation: Operation) -> u32 {
    let at = CorrectedAt::new(id, 1, version);
    let corrected = drive.service.correct(drive.scope(), at, vec![operation]).await;
    corrected.unwrap().version()
}

async fn text(drive: &Drive, id: TaskId) -> String {
    drive.service.result(drive.scope(), id).await.unwrap().text
}

#[tokio::test(start_paused = true)]
async fn every_reader_gets_what_a_person_wrote() {
    let (drive, id) = read().await;
    let service = &drive.service;
    assert_eq!(correct(&drive, id, 0, set(1, "total")).await, 1);
    let result = service.result(drive.scope(), id).await.unwrap();
    assert_eq!(result.text, "the total amount\u{c}is 12");
    assert_eq!(result.document.plain_text(), result.text);
    let pages = service.pages(drive.scope(), id, 1, 2).await.unwrap();
    assert_eq!(
        DocumentText::new(result.document.engine, pages).plain_text(),
        result.text
    );
    let original = service.original_pages(drive.scope(), id, 1, 1).await.unwrap();
    assert_eq!(
        original[0].plain_text(),
        "the tota1 amount",
        "what was read is kept"
    );
    let stored = drive.parts.store.pages(Scope::system(), id, 1, 1).await.unwrap();
    assert_eq!(stored, original);
    let corrections = service.corrections(drive.scope(), id, 1).await.unwrap();
    assert_eq!(corrections.corrected.changed[0].original, "tota1");
    assert_eq!(corrections.log.entries[0].by, Some(drive.user));
    let untouched = service.corrections(drive.scope(), id, 2).await.unwrap();
    assert_eq!((untouched.version(), untouched.corrected.can_undo), (0, false));
}

#[tokio::test(start_paused = true)]
async fn whoever_saw_another_version_is_told_the_present_one() {
    let (drive, id) = read().await;
    correct(&drive, id, 0, set(1, "total")).await;
    for seen in [0, 2] {
        let at = CorrectedAt::new(id, 1, seen);
        let late = drive.service.correct(drive.scope(), at, vec![set(9, "x")]).await;
        let error = late.unwrap_err();
        assert_eq!(
            (error.kind(), present_version(&error)),
            (ErrorKind::Conflict, Some(1))
        );
    }
    assert_eq!(text(&drive, id).await, "the total amount\u{c}is 12");
}

#[tokio::test(start_paused = true)]
async fn changes_are_made_together_or_not_at_all() {
    let (drive, id) = read().await;
    let refused = [
        vec![],
        vec![set(0, "The"), set(9, "nothing")],
        vec![set(0, "two words")],
        vec![set(0, "x"); MAX_OPERATIONS + 1],
    ];
    for operations in refused {
        let at = CorrectedAt::new(id, 1, 0);
        let error = drive
            .service
            .correct(drive.scope(), at, operations)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error:?}");
    }
    let split = Operation::SplitWord {
        word: 1,
        parts: vec!["to".into(), "tal".into()],
    };
    let join = Operation::JoinWords {
        word: 1,
        count: 2,
        text: None,
    };
    let at = CorrectedAt::new(id, 1, 0);
    let both = drive.service.correct(drive.scope(), at, vec![split, join]).await;
    assert_eq!(both.unwrap().version(), 2);
    assert_eq!(text(&drive, id).await, "the total amount\u{c}is 12");
}

#[tokio::test(start_paused = true)]
async fn changes_are_undone_and_redone() {
    let (drive, id) = read().await;
    let (service, scope) = (&drive.service, drive.scope());
    let at = |version| CorrectedAt::new(id, 1, version);
    let nothing = service.undo_correction(scope, at(0)).await.unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::InvalidInput);
    correct(&drive, id, 0, set(1, "total")).await;
    let undone = service.undo_correction(scope, at(1)).await.unwrap();
    assert_eq!((undone.version(), undone.corrected.can_redo), (2, true));
    assert_eq!(text(&drive, id).await, "the tota1 amount\u{c}is 12");
    service.redo_correction(scope, at(2)).await.unwrap();
    assert_eq!(text(&drive, id).await, "the total amount\u{c}is 12");
    let late = service.redo_correction(scope, at(2)).await.unwrap_err();
    assert_eq!(present_version(&late), Some(3));
}

#[tokio::test(start_paused = true)]
async fn only_the_owner_corrects_and_only_what_was_read() {
    let (drive, id) = read().await;
    let at = CorrectedAt::new(id, 1, 0);
    let service = &drive.service;
    let other = Scope::owner(samples::user());
    for outcome in [
        service.correct(other, at, vec![set(0, "x")]).await,
        service.corrections(other, id, 1).await,
        service.corrections(drive.scope(), id, 3).await,
        service.corrections(drive.scope(), samples::task_id(), 1).await,
    ] {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::NotFound);
    }
    service.retry(drive.scope(), id).await.unwrap();
    let early = service.correct(drive.scope(), at, vec![set(0, "x")]).await;
    assert_eq!(
        early.unwrap_err().kind(),
        ErrorKind::NotFound,
        "it is not read yet"
    );
    let mut bare = drive.parts.platform.clone();
    bare.corrections = None;
    let bare = OcrService::new(bare);
    let refused = bare.corrections(drive.scope(), id, 1).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
}

#[tokio::test(start_paused = true)]
async fn what_was_corrected_is_found_and_what_was_read_is_not() {
    let engine = FakeEngine::new(["the tota1 amount", "is 12"]);
    let index = Arc::new(MemorySearchIndex::default());
    let mut parts = MemoryPlatform::new().with_engine(engine.clone());
    parts.platform = parts.platform.with_search_index(index);
    let drive = Drive::over(parts, engine);
    let indexer = Indexer::new(drive.parts.platform.clone()).unwrap();
    let id = drive.submit().await;
    drive.drain().await;
    indexer.index_new().await.unwrap();
    correct(&drive, id, 0, set(2, "elephant")).await;
    indexer.index_new().await.unwrap();
    let ask = async |text: &str| {
        let query = SearchQuery::parse(text).unwrap();
        let found = drive
            .service
            .search(drive.scope(), &query, SearchRequest::first(10))
            .await;
        found.unwrap().hits
    };
    let hits = ask("elephant").await;
    assert_eq!((hits.len(), hits[0].words[0].index), (1, 2));
    assert_eq!(hits[0].snippet.text, "the tota1 elephant");
    assert_eq!(ask("amount").await, []);
    assert_eq!(indexer.verify().await.unwrap(), (1, vec![]));
}

#[tokio::test(start_paused = true)]
async fn the_link_to_the_result_leads_to_the_corrected_one() {
    let (drive, id) = read().await;
    let key = drive.task(id).await.result.unwrap().key;
    let before = drive
        .parts
        .blobs
        .head(key.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    correct(&drive, id, 0, set(1, "total")).await;
    // The blob store in memory signs nothing; where it leads is what counts.
    let _ = drive.service.result_url(drive.scope(), id).await;
    let folder = format!("renditions/{}/", drive.user);
    let kept = drive.parts.blobs.list(folder).await.unwrap();
    let kept: Vec<BlobMeta> = kept.try_collect().await.unwrap();
    let [copy]: [BlobMeta; 1] = kept.try_into().unwrap();
    let blob = drive
        .parts
        .blobs
        .get(copy.key, GetOptions::default())
        .await
        .unwrap();
    let json = blob.body.collect(100_000).await.unwrap();
    assert!(String::from_utf8_lossy(&json).contains("the total amount"));
    let after = drive
        .parts
        .blobs
        .head(key.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((before.size, before.modified_at), (after.size, after.modified_at));
}

#[tokio::test(start_paused = true)]
async fn pages_leave_the_queue_by_what_is_done_to_them() {
    let (drive, id) = read().await;
    let (service, scope) = (&drive.service, drive.scope());
    // Words of the fake engine have a confidence of 0.988.
    let queue = async |below: f32| {
        let request = PageRequest::first(10).unwrap();
        let queue = service.review_queue(scope, below, request).await.unwrap();
        assert_eq!((queue.looked_at, queue.next), (1, None));
        let pages = queue.documents.into_iter().flat_map(|document| document.pages);
        pages
            .map(|page| (page.number, page.doubtful, page.total, page.words.len()))
            .collect::<Vec<_>>()
    };
    assert_eq!(queue(0.9).await, []);
    assert_eq!(queue(0.99).await, [(1, 3, 3, 3), (2, 2, 2, 2)]);
    let at = CorrectedAt::new(id, 1, 0);
    let all = vec![set(0, "the"), set(1, "total"), set(2, "amount")];
    service.correct(scope, at, all).await.unwrap();
    assert_eq!(queue(0.99).await, [(2, 2, 2, 2)]);
    let undone = service.undo_correction(scope, CorrectedAt::new(id, 1, 3)).await;
    undone.unwrap();
    assert_eq!(queue(0.99).await, [(1, 1, 3, 1), (2, 2, 2, 2)]);
    let progress = async || {
        let request = PageRequest::first(10).unwrap();
        let queue = service.review_queue(scope, 0.99, request).await.unwrap();
        let done = queue.progress;
        let reviewed: Vec<u32> = queue
            .documents
            .iter()
            .flat_map(|one| one.reviewed.clone())
            .collect();
        (done.words, done.words_left, done.pages, done.pages_left, reviewed)
    };
    assert_eq!(progress().await, (5, 3, 2, 2, vec![]));
    let redone = service.redo_correction(scope, CorrectedAt::new(id, 1, 4)).await;
    redone.unwrap();
    assert_eq!(progress().await, (5, 2, 2, 1, vec![1]));
    let at = CorrectedAt::new(id, 2, 0);
    let rest = vec![set(0, "is"), Operation::DeleteWord { word: 1 }];
    service.correct(scope, at, rest).await.unwrap();
    assert_eq!(
        progress().await,
        (5, 0, 2, 0, vec![]),
        "a document without doubts is not told"
    );
    let request = PageRequest::first(10).unwrap();
    for below in [-0.1, 1.1, f32::NAN] {
        let refused = service.review_queue(scope, below, request.clone()).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    let other = Scope::owner(samples::user());
    let empty = service.review_queue(other, 1.0, request).await.unwrap();
    assert_eq!((empty.documents, empty.looked_at), (vec![], 0));
}

#[tokio::test(start_paused = true)]
async fn what_is_changed_most_often_is_counted() {
    let drive = Drive::new(FakeEngine::new(["tota1 tota1 sum", "tota1"]));
    let id = drive.submit().await;
    drive.drain().await;
    let (service, scope) = (&drive.service, drive.scope());
    let at = |page, version| CorrectedAt::new(id, page, version);
    let join = Operation::JoinWords {
        word: 1,
        count: 2,
        text: None,
    };
    let operations = vec![set(0, "total"), set(1, "total"), set(2, "sum"), join];
    service.correct(scope, at(1, 0), operations).await.unwrap();
    service.undo_correction(scope, at(1, 4)).await.unwrap();
    let delete = Operation::DeleteWord { word: 0 };
    service.correct(scope, at(2, 0), vec![delete]).await.unwrap();
    let common = service.common_corrections(scope, 10).await.unwrap();
    let seen: Vec<(&str, &str, &str, u32)> = common
        .corrections
        .iter()
        .map(|one| {
            (
                one.engine.as_str(),
                one.original.as_str(),
                one.text.as_str(),
                one.count,
            )
        })
        .collect();
    assert_eq!(seen, [("fake", "tota1", "total", 2), ("fake", "tota1", "", 1)]);
    assert_eq!((common.documents, common.sampled), (1, false));
    let first = service.common_corrections(scope, 1).await.unwrap();
    assert_eq!(first.corrections.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_document_read_again_keeps_its_corrections_or_offers_them() {
    let (drive, id) = read().await;
    correct(&drive, id, 0, set(1, "total")).await;
    drive.service.retry(drive.scope(), id).await.unwrap();
    drive.drain().await;
    assert_eq!(
        text(&drive, id).await,
        "the total amount\u{c}is 12",
        "it says the same"
    );

    // An engine of the same name takes its place.
    let engine = FakeEngine::new(["the tota1 amounts", "is 12"]);
    drive.parts.platform.engines.add(Arc::new(engine));
    drive.service.retry(drive.scope(), id).await.unwrap();
    drive.drain().await;
    assert_eq!(text(&drive, id).await, "the tota1 amounts\u{c}is 12");
    let offered = drive.service.corrections(drive.scope(), id, 1).await.unwrap();
    assert_eq!((offered.corrected.earlier, offered.version()), (1, 1));
    let at = CorrectedAt::new(id, 1, 1);
    let (after, carried) = drive
        .service
        .carry_over_corrections(drive.scope(), at)
        .await
        .unwrap();
    let fates: Vec<Fate> = carried.iter().map(|one| one.fate).collect();
    assert_eq!(fates, [Fate::Carried]);
    assert_eq!(after.corrected.page.plain_text(), "the total amounts");
    let again = CorrectedAt::new(id, 1, after.version());
    let refused = drive.service.carry_over_corrections(drive.scope(), again).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
}
