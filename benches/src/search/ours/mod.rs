//! Our indexes, put together as the server does it.

mod postgres;
mod sqlite;

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use async_trait::async_trait;
use ocr_core::{
    clock::{Clock as _, SystemClock},
    correction_store::CorrectionStore,
    digest::sha256_hex,
    id::{FileId, IdGenerator as _, RandomIds, TaskId, UserId},
    layers::CallPolicy,
    memory::{MemoryBlobStore, MemoryNotifier, MemoryQueue},
    model::{
        Block, BlockKind, Line, MediaType, NewTask, Outcome, PageText, Polygon, ResultSummary, StoredFile,
        Task, TextOrigin, Transition, Word,
    },
    platform::Platform,
    search::SearchQuery,
    search_index::{IndexBatch, IndexRequest, IndexedDocument, SearchIndex},
    service::{OcrService, SearchRequest},
    store::{Scope, Store, Write},
};
use ocr_testkit::platform::MagicInspector;
use tokio::sync::Mutex;

use crate::{
    contestant::{HITS, Indexed, Searched},
    corpus::{Document, OWNERS, Page},
    questions::Question,
};

const LEASE: Duration = Duration::from_mins(10);
/// Confidence of every word.
const CONFIDENCE: f32 = 0.97;

/// What of a database is looked at from outside.
#[async_trait]
trait Upkeep: Send + Sync {
    /// As [`Indexed::settle`].
    async fn settle(&self) -> Result<()>;

    /// As [`Indexed::bytes`].
    async fn bytes(&self) -> Result<u64>;
}

/// A platform with an index, searched as the server searches: [`OcrService::search`], whose hits carry the page, a
/// snippet and the boxes of the words.
pub(crate) struct Ours {
    name: &'static str,
    service: OcrService,
    /// As the platform calls it.
    index: Arc<dyn SearchIndex>,
    upkeep: Box<dyn Upkeep>,
    owners: Vec<UserId>,
    ready: Mutex<Vec<(Task, Vec<PageText>)>>,
}

/// The same, asked for pages alone.
pub(crate) struct IndexAlone(pub(crate) Arc<Ours>);

impl Ours {
    async fn open<S: Store + CorrectionStore>(
        name: &'static str,
        store: S,
        index: impl SearchIndex,
        upkeep: impl Upkeep + 'static,
    ) -> Result<Self> {
        let (store, clock) = (Arc::new(store), Arc::new(SystemClock));
        let platform = Platform::bare(
            store.clone(),
            Arc::new(MemoryQueue::new(clock.clone())),
            Arc::new(MemoryBlobStore::new(clock)),
            Arc::new(MemoryNotifier::default()),
            Arc::new(MagicInspector),
        )
        .with_search_index(Arc::new(index))
        .with_corrections(store)
        .with_calls(&CallPolicy::default());
        let owners: Vec<UserId> = (0..OWNERS).map(|_| UserId(RandomIds.next())).collect();
        for owner in &owners {
            platform.store.ensure_user(*owner).await?;
        }
        let index = platform
            .search_index
            .clone()
            .ok_or_else(|| anyhow::anyhow!("the platform has no index"))?;
        Ok(Self {
            name,
            service: OcrService::new(platform),
            index,
            upkeep: Box::new(upkeep),
            owners,
            ready: Mutex::default(),
        })
    }

    /// Stores a document that was read.
    async fn store(&self, document: &Document) -> Result<(Task, Vec<PageText>)> {
        let store = &self.service.platform().store;
        let file = FileId(RandomIds.next());
        let owner = self.owners[document.owner];
        let stored_filename = format!("{file}_scan.pdf");
        let stored = StoredFile::new(
            file,
            MediaType::Pdf,
            1,
            sha256_hex(file.0.as_bytes()),
            SystemClock.now(),
        )
        .with_filename(format!("scan-{}.pdf", document.index))
        .with_key(format!("uploads/{owner}/{stored_filename}"))
        .with_stored_filename(stored_filename)
        .with_bucket("documents");
        let new = NewTask::new(TaskId(RandomIds.next()), owner, stored);
        let task = store.create_task(new, Write::default()).await?.into_task();
        let claim = Transition::Claim { lease: LEASE };
        let held = store
            .transition(Scope::system(), task.id, claim, Write::default())
            .await?;
        let pages: Vec<PageText> = (1..)
            .zip(&document.pages)
            .map(|(number, page)| read(number, page))
            .collect();
        store.put_pages(held.fence(), pages.clone()).await?;
        let result = ResultSummary::new(format!("results/{owner}/{file}_result.json"), "generated")
            .with_page_count(pages.len() as u32);
        let outcome = Outcome::Complete { result };
        let task = store.finish(held.fence(), outcome, Write::default()).await?;
        Ok((task, pages))
    }

    fn scope(&self) -> Scope {
        Scope::owner(self.owners[0])
    }
}

/// The page as an engine reads it: words with boxes, one block.
fn read(number: u32, page: &Page) -> PageText {
    let height = 0.8 / page.0.len().max(1) as f32;
    let lines = page.0.iter().enumerate().map(|(row, text)| {
        let top = 0.1 + row as f32 * height;
        let bottom = top + height * 0.8;
        let words: Vec<&str> = text.split(' ').collect();
        let width = 0.8 / words.len() as f32;
        let word = |(column, text): (usize, &&str)| {
            let left = 0.1 + column as f32 * width;
            Word::new(
                *text,
                Polygon::from_box(left, top, left + width * 0.9, bottom),
                CONFIDENCE,
            )
        };
        let words = words.iter().enumerate().map(word).collect();
        Line::new(
            text.as_str(),
            Polygon::from_box(0.1, top, 0.9, bottom),
            CONFIDENCE,
            words,
        )
    });
    let all = Polygon::from_box(0.1, 0.1, 0.9, 0.9);
    let block = Block::new(BlockKind::Paragraph, all, lines.collect());
    let mut read = PageText::empty(number, 2480, 3508)
        .with_source(TextOrigin::Ocr)
        .with_blocks(vec![block]);
    read.update_confidence();
    read
}

#[async_trait]
impl Indexed for Ours {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn prepare(&self, documents: &[Document]) -> Result<()> {
        let mut ready = Vec::with_capacity(documents.len());
        for document in documents {
            ready.push(self.store(document).await?);
        }
        *self.ready.lock().await = ready;
        Ok(())
    }

    async fn index(&self) -> Result<()> {
        let ready = std::mem::take(&mut *self.ready.lock().await);
        let put = ready
            .iter()
            .map(|(task, pages)| IndexedDocument::new(task, pages));
        let batch = IndexBatch::at(None).with_put(put.collect());
        Ok(self.index.apply(batch).await?)
    }

    async fn settle(&self) -> Result<()> {
        self.upkeep.settle().await
    }

    async fn bytes(&self) -> Result<u64> {
        self.upkeep.bytes().await
    }
}

#[async_trait]
impl Searched for Ours {
    async fn ask(&self, question: &Question) -> Result<usize> {
        let query = SearchQuery::parse(&question.query())?;
        let request = SearchRequest::first(HITS);
        let answer = self.service.search(self.scope(), &query, request).await?;
        Ok(answer.hits.len())
    }
}

#[async_trait]
impl Searched for IndexAlone {
    async fn ask(&self, question: &Question) -> Result<usize> {
        let query = SearchQuery::parse(&question.query())?;
        let request = IndexRequest::new(query, 0, HITS);
        Ok(self.0.index.search(self.0.scope(), request).await?.len())
    }
}
