//! How documents are filed: what the service takes and refuses, and that the search follows.

use std::sync::Arc;

use ocr_core::{
    ErrorKind,
    duties::Indexer,
    memory::MemorySearchIndex,
    model::{CollectionChange, FilingChange, FilingName},
    pagination::PageRequest,
    search::SearchQuery,
    service::{MAX_FILED, OcrService, SearchRequest},
    store::{Scope, TaskFilter},
};
use ocr_testkit::{FakeEngine, MemoryPlatform, harness::refused, samples};

use crate::drive::Drive;

fn names(texts: &[&str]) -> Vec<FilingName> {
    texts.iter().map(|text| FilingName::new(text).unwrap()).collect()
}

fn labelled(texts: &[&str]) -> FilingChange {
    FilingChange::default().with_add_labels(names(texts))
}

fn new_drive() -> Drive {
    Drive::new(FakeEngine::new(["a page"]))
}

#[tokio::test(start_paused = true)]
async fn a_document_is_filed_and_listed() {
    let drive = new_drive();
    let (id, other) = (drive.submit().await, drive.submit().await);
    let service = &drive.service;
    let enter = CollectionChange::Enter(FilingName::new("2024").unwrap());
    let change = labelled(&["tax"])
        .with_collection(enter)
        .with_note("call".to_owned());
    let filing = service.change_filing(drive.scope(), id, change).await.unwrap();
    assert_eq!((filing.labels.len(), filing.note.as_str()), (1, "call"));
    let filings = service.filings(drive.scope(), vec![other, id]).await.unwrap();
    assert_eq!(filings.len(), 1);
    assert_eq!((filings[0].task, &filings[0].filing), (id, &filing));
    let filter = TaskFilter::default().with_label(FilingName::new("TAX").unwrap());
    let request = PageRequest::first(10).unwrap();
    let list = service.list(drive.scope(), filter, request).await.unwrap();
    assert_eq!(list.items.iter().map(|task| task.id).collect::<Vec<_>>(), [id]);
    let names = service.filing_names(drive.scope()).await.unwrap();
    assert_eq!((names.labels.len(), names.collections.len()), (1, 1));
    // What is deleted meanwhile keeps no other from being filed.
    service.delete(drive.scope(), id).await.unwrap();
    let filed = service
        .change_filings(drive.scope(), vec![id, other], labelled(&["bank"]))
        .await
        .unwrap();
    assert_eq!(filed.iter().map(|filed| filed.task).collect::<Vec<_>>(), [other]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_filed_is_refused() {
    let drive = new_drive();
    let id = drive.submit().await;
    let service = &drive.service;
    let nothing = FilingChange::default();
    refused(
        service.change_filing(drive.scope(), id, nothing).await,
        ErrorKind::InvalidInput,
    );
    let foreign = Scope::owner(samples::user());
    refused(
        service.change_filing(foreign, id, labelled(&["tax"])).await,
        ErrorKind::NotFound,
    );
    for many in [Vec::new(), vec![id; MAX_FILED + 1]] {
        let outcome = service
            .change_filings(drive.scope(), many, labelled(&["tax"]))
            .await;
        refused(outcome, ErrorKind::InvalidInput);
    }
}

#[tokio::test(start_paused = true)]
async fn a_platform_without_filings_says_so() {
    let mut platform = MemoryPlatform::new().platform;
    platform.filings = None;
    let service = OcrService::new(platform);
    let scope = Scope::owner(samples::user());
    let filed = service.filings(scope, vec![samples::task_id()]).await.unwrap();
    assert_eq!(filed, []);
    refused(service.filing_names(scope).await, ErrorKind::Unsupported);
    let change = service.change_filing(scope, samples::task_id(), labelled(&["tax"]));
    refused(change.await, ErrorKind::Unsupported);
    // Not all documents as if they had the label.
    let filter = TaskFilter::default().with_label(FilingName::new("tax").unwrap());
    let list = service.list(scope, filter, PageRequest::first(10).unwrap());
    refused(list.await, ErrorKind::Unsupported);
}

#[tokio::test(start_paused = true)]
async fn the_search_follows() {
    let mut drive = new_drive();
    let index = Arc::new(MemorySearchIndex::default());
    drive.parts.platform = drive.parts.platform.clone().with_search_index(index);
    drive.service = OcrService::new(drive.parts.platform.clone());
    let indexer = Indexer::new(drive.parts.platform.clone()).unwrap();
    let id = drive.submit().await;
    drive.drain().await;
    indexer.index_new().await.unwrap();
    let hits = async |query: &str| {
        let query = SearchQuery::parse(query).unwrap();
        let found = drive
            .service
            .search(drive.scope(), &query, SearchRequest::first(10));
        found.await.unwrap().hits.len()
    };
    assert_eq!(hits("label:tax page").await, 0);
    let change = labelled(&["Tax"]).with_note("for Ms Müller".to_owned());
    drive
        .service
        .change_filing(drive.scope(), id, change)
        .await
        .unwrap();
    indexer.index_new().await.unwrap();
    assert_eq!(hits("label:tax page").await, 1);
    assert_eq!(hits("note:muller").await, 1);
    let change = FilingChange::default().with_remove_labels(names(&["tax"]));
    drive
        .service
        .change_filing(drive.scope(), id, change)
        .await
        .unwrap();
    indexer.index_new().await.unwrap();
    assert_eq!(hits("label:tax page").await, 0);
}
