//! What was read is found, and what is gone is not.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use ocr_core::{
    ErrorKind, Result,
    duties::{IndexDifference, Indexer},
    id::TaskId,
    memory::MemorySearchIndex,
    search::SearchQuery,
    search_index::{IndexBatch, IndexRequest, SearchIndex},
    service::{OcrService, SearchHit, SearchRequest},
    store::Scope,
};
use ocr_testkit::{FakeEngine, MemoryPlatform, Unreliable, samples, unreliable::Disruption};
use tokio_util::sync::CancellationToken;

use crate::drive::Drive;

/// A platform whose engine reads `pages`, and its indexer.
fn drive(pages: [&str; 2]) -> (Drive, Indexer, Arc<MemorySearchIndex>) {
    let engine = FakeEngine::new(pages);
    let index = Arc::new(MemorySearchIndex::default());
    let mut parts = MemoryPlatform::new().with_engine(engine.clone());
    parts.platform = parts.platform.clone().with_search_index(index.clone());
    let drive = Drive::over(parts, engine);
    let indexer = Indexer::new(drive.parts.platform.clone()).unwrap();
    (drive, indexer, index)
}

async fn hits(drive: &Drive, scope: Scope, query: &str) -> Vec<SearchHit> {
    let query = SearchQuery::parse(query).unwrap();
    let found = drive
        .service
        .search(scope, &query, SearchRequest::first(10))
        .await;
    found.unwrap().hits
}

#[tokio::test(start_paused = true)]
async fn what_was_read_is_found_with_its_words() {
    let (drive, indexer, _) = drive(["nothing here", "the total amount is 12"]);
    indexer.index_new().await.unwrap();
    let id = drive.submit().await;
    indexer.index_new().await.unwrap();
    assert_eq!(hits(&drive, drive.scope(), "name:scan").await, []);
    drive.drain().await;
    indexer.index_new().await.unwrap();
    let found = hits(&drive, drive.scope(), "\"total amount\" 12").await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].task.id, found[0].page), (id, 2));
    let words: Vec<(u32, &str)> = found[0]
        .words
        .iter()
        .map(|word| (word.index, word.text.as_str()))
        .collect();
    assert_eq!(words, [(1, "total"), (2, "amount"), (4, "12")]);
    assert_eq!(found[0].snippet.text, "the total amount is 12");
    assert_eq!(found[0].snippet.ranges, [4..9, 10..16, 20..22]);
    assert_eq!(hits(&drive, Scope::owner(samples::user()), "total").await, []);
}

/// Lets reading pages from the store take a while, the earlier calls longer, and counts those that run at once.
#[derive(Debug, Default)]
struct Slow {
    begun: AtomicUsize,
    running: AtomicUsize,
    most: AtomicUsize,
}

#[async_trait]
impl Disruption for Slow {
    async fn before(&self, operation: &'static str) -> Result<()> {
        if operation == "pages" {
            let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(running, Ordering::SeqCst);
            let begun = self.begun.fetch_add(1, Ordering::SeqCst) as u64;
            tokio::time::sleep(Duration::from_millis(1000_u64.saturating_sub(begun))).await;
        }
        Ok(())
    }

    async fn after(&self, operation: &'static str) -> Result<()> {
        if operation == "pages" {
            self.running.fetch_sub(1, Ordering::SeqCst);
        }
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn pages_of_hits_are_fetched_several_at_once_and_stay_in_order() {
    let slow = Arc::new(Slow::default());
    let engine = FakeEngine::new(["elephant"]);
    let index = Arc::new(MemorySearchIndex::default());
    let mut parts = MemoryPlatform::new().with_engine(engine.clone());
    parts.platform = parts.platform.clone().with_search_index(index.clone());
    parts.platform.store = Arc::new(Unreliable::disrupted(parts.store.clone(), slow.clone()));
    let drive = Drive::over(parts, engine);
    for _ in 0..20 {
        drive.submit().await;
    }
    drive.drain().await;
    let indexer = Indexer::new(drive.parts.platform.clone()).unwrap();
    indexer.index_new().await.unwrap();
    slow.most.store(0, Ordering::SeqCst);
    let query = SearchQuery::parse("elephant").unwrap();
    let request = IndexRequest::new(query.clone(), 0, 20);
    let expected: Vec<TaskId> = index
        .search(drive.scope(), request)
        .await
        .unwrap()
        .iter()
        .map(|page| page.task)
        .collect();
    assert_eq!(expected.len(), 20);
    let found = drive
        .service
        .search(drive.scope(), &query, SearchRequest::first(20))
        .await;
    let found: Vec<TaskId> = found.unwrap().hits.iter().map(|hit| hit.task.id).collect();
    assert_eq!(found, expected);
    let most = slow.most.load(Ordering::SeqCst);
    assert!((2..=8).contains(&most), "{most} at once");
}

#[tokio::test(start_paused = true)]
async fn what_is_deleted_is_gone_at_once_and_comes_back() {
    let (drive, indexer, index) = drive(["elephant", "zebra"]);
    let id = drive.submit().await;
    drive.drain().await;
    indexer.index_new().await.unwrap();
    assert_eq!(hits(&drive, drive.scope(), "elephant").await.len(), 1);
    drive.service.delete(drive.scope(), id).await.unwrap();
    for scope in [drive.scope(), Scope::system()] {
        assert_eq!(
            hits(&drive, scope, "elephant").await,
            [],
            "before the index knows"
        );
    }
    indexer.index_new().await.unwrap();
    assert_eq!(index.entries(None, 10).await.unwrap(), []);
    drive.service.restore(drive.scope(), id).await.unwrap();
    indexer.index_new().await.unwrap();
    assert_eq!(hits(&drive, drive.scope(), "elephant").await.len(), 1);
    drive.service.retry(drive.scope(), id).await.unwrap();
    indexer.index_new().await.unwrap();
    assert_eq!(
        hits(&drive, drive.scope(), "elephant").await,
        [],
        "it is read anew"
    );
    drive.drain().await;
    indexer.index_new().await.unwrap();
    assert_eq!(hits(&drive, drive.scope(), "elephant").await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_indexer_runs_until_it_is_stopped() {
    let (drive, indexer, _) = drive(["elephant", "zebra"]);
    let shutdown = CancellationToken::new();
    let until = shutdown.clone();
    let running = tokio::spawn(async move { indexer.run(until).await });
    drive.submit().await;
    drive.drain().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(hits(&drive, drive.scope(), "zebra").await.len(), 1);
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_index_can_be_compared_and_built_anew() {
    let (drive, indexer, index) = drive(["elephant", "zebra"]);
    for _ in 0..3 {
        drive.submit().await;
    }
    drive.drain().await;
    indexer.index_new().await.unwrap();
    assert_eq!(indexer.verify().await.unwrap(), (3, vec![]));
    let position = index.position().await.unwrap();
    let all = index.entries(None, 10).await.unwrap();
    let lost = IndexBatch::at(position).with_remove(vec![all[0].task]);
    index.apply(lost).await.unwrap();
    assert_eq!(
        indexer.verify().await.unwrap(),
        (3, vec![IndexDifference::Missing(all[0].task)])
    );
    indexer.rebuild().await.unwrap();
    assert_eq!(indexer.verify().await.unwrap(), (3, vec![]));
    assert_eq!(index.position().await.unwrap(), position);
}

#[tokio::test(start_paused = true)]
async fn answers_go_on_where_they_ended() {
    let (drive, indexer, _) = drive(["elephant", "elephant too"]);
    for _ in 0..3 {
        drive.submit().await;
    }
    drive.drain().await;
    indexer.index_new().await.unwrap();
    let query = SearchQuery::parse("elephant").unwrap();
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let request = SearchRequest::first(4).with_cursor(cursor);
        let found = drive
            .service
            .search(drive.scope(), &query, request)
            .await
            .unwrap();
        seen.extend(found.hits.into_iter().map(|hit| (hit.task.id, hit.page)));
        cursor = found.next;
        if cursor.is_none() {
            break;
        }
        let other = SearchQuery::parse("zebra").unwrap();
        let foreign = SearchRequest::first(4).with_cursor(cursor.clone());
        let refused = drive.service.search(drive.scope(), &other, foreign).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_platform_without_an_index_says_so() {
    let drive = Drive::new(FakeEngine::new(["text"]));
    assert!(Indexer::new(drive.parts.platform.clone()).is_none());
    let query = SearchQuery::parse("text").unwrap();
    let service = OcrService::new(drive.parts.platform.clone());
    let refused = service
        .search(drive.scope(), &query, SearchRequest::first(1))
        .await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unsupported);
}
