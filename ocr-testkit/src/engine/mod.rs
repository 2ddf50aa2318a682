//! What every [`OcrEngine`] must do, clause by clause.

mod input;
mod pages;
mod stop;

use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use ocr_core::{
    ErrorKind, Result,
    blob::{BlobKey, BlobStore, PutOptions},
    clock::SystemClock,
    engine::{DocumentSource, OcrContext, OcrEngine, OcrRequest, PageStream},
    memory::MemoryBlobStore,
    model::{MediaType, PageText},
};

use crate::harness::{Guard, no_guard, with_guard};

pub use input::*;
pub use pages::*;
pub use stop::*;

/// An engine and documents it can read.
#[non_exhaustive]
pub struct EngineFixture {
    /// The engine.
    pub engine: Arc<dyn OcrEngine>,
    /// Documents it reads, one of them with three pages at least.
    pub documents: Vec<SampleDocument>,
    /// Keeps what it needs alive.
    pub guard: Guard,
}

/// A document whose pages are known.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SampleDocument {
    /// What it is.
    pub media_type: MediaType,
    /// Its bytes.
    pub bytes: Bytes,
    /// How many pages it has.
    pub pages: u32,
}

impl SampleDocument {
    /// A document of `media_type` with this content and so many pages.
    pub fn new(media_type: MediaType, bytes: Bytes, pages: u32) -> Self {
        Self {
            media_type,
            bytes,
            pages,
        }
    }
}

impl std::fmt::Debug for EngineFixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EngineFixture")
            .field("engine", &self.engine)
            .field("documents", &self.documents.len())
            .finish_non_exhaustive()
    }
}

impl EngineFixture {
    /// `engine` with `documents` it reads, one of them with three pages at least; nothing needs to be kept alive.
    pub fn new(engine: Arc<dyn OcrEngine>, documents: Vec<SampleDocument>) -> Self {
        Self {
            engine,
            documents,
            guard: no_guard(),
        }
    }

    with_guard!();

    /// The sample with the most pages.
    fn longest(&self) -> &SampleDocument {
        let longest = self.documents.iter().max_by_key(|document| document.pages);
        let longest = longest.expect("the fixture has documents");
        assert!(longest.pages >= 3, "one document has three pages at least");
        longest
    }

    async fn start(&self, request: OcrRequest, context: OcrContext) -> Result<PageStream> {
        self.engine.recognize(request, context).await
    }

    /// All pages of a request that succeeds, by number.
    async fn read(&self, request: OcrRequest) -> (u32, Vec<PageText>) {
        let stream = self.start(request, OcrContext::default()).await.unwrap();
        let total = stream.total;
        let mut pages: Vec<PageText> = drain(stream).await.into_iter().map(Result::unwrap).collect();
        pages.sort_by_key(|page| page.number);
        (total, pages)
    }

    /// How a request ends: `Ok` with its pages, or the first error.
    async fn attempt(&self, request: OcrRequest) -> Result<Vec<PageText>> {
        let stream = self.start(request, OcrContext::default()).await?;
        drain(stream).await.into_iter().collect()
    }
}

async fn drain(stream: PageStream) -> Vec<Result<PageText>> {
    stream.pages.collect().await
}

/// A request for all pages of `bytes`, stored in a blob store of its own.
async fn request(media_type: MediaType, bytes: &Bytes) -> OcrRequest {
    let blobs = Arc::new(MemoryBlobStore::new(Arc::new(SystemClock)));
    let key: BlobKey = "uploads/u/document".parse().expect("a well-formed key");
    let sha256 = ocr_core::digest::sha256_hex(bytes);
    blobs
        .put(key.clone(), bytes.clone().into(), PutOptions::default())
        .await
        .unwrap();
    let document = DocumentSource::new(blobs, key, bytes.len() as u64, sha256);
    OcrRequest::new(document, media_type)
}

async fn whole(document: &SampleDocument) -> OcrRequest {
    request(document.media_type, &document.bytes).await
}

fn is_input_error(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::InvalidInput
            | ErrorKind::PasswordRequired
            | ErrorKind::TooManyPages
            | ErrorKind::TooManyPixels
            | ErrorKind::OutOfMemory
            | ErrorKind::OutOfTime
            | ErrorKind::Crashed
    )
}

/// Expands to one test for each clause of the [`OcrEngine`] contract.
///
/// Takes a path to an `async fn() -> EngineFixture`. Put it in a module of its own for each engine.
#[macro_export]
macro_rules! engine_conformance {
    ($fresh:expr) => {
        $crate::clauses! { $fresh, engine:
            every_page_comes_once
            only_wanted_pages_come
            stored_pages_are_skipped
            nothing_is_left_when_all_is_stored
            boxes_and_confidences_are_shares
            words_and_sources_agree
            the_answer_is_the_same_each_time
            documents_are_read_side_by_side

            a_foreign_type_is_unsupported
            a_foreign_feature_is_unsupported
            garbage_is_invalid_input
            an_empty_document_is_invalid_input
            a_truncated_document_is_survived
            a_damaged_document_is_survived
            a_missing_document_is_not_found
            the_engine_says_what_it_is

            cancelling_ends_the_stream
            a_cancelled_request_reads_nothing_more
            a_dropped_stream_stops
        }
    };
}
