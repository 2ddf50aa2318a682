//! The OcrEngine port: a document in, a stream of pages out.

mod checkpoint;
mod same_pages;

pub use checkpoint::Checkpoint;
pub(crate) use checkpoint::is_of_checkpoint;
pub use same_pages::SamePages;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use futures::stream::BoxStream;
use tokio_util::sync::CancellationToken;

use crate::{
    Error, ErrorKind, Result,
    blob::{Blob, BlobKey, BlobStore, GetOptions},
    builder::builder,
    clock::Timestamp,
    model::{EngineInfo, Feature, MediaType, PageSelection, PageText, TextLayerMode},
};

/// Reads documents.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait OcrEngine: fmt::Debug + Send + Sync + 'static {
    /// Short lower-case name by which tasks ask for it: `ppocr`.
    fn name(&self) -> &'static str;

    /// What this engine can do; fixed after construction, cheap.
    fn capabilities(&self) -> EngineCapabilities;

    /// Succeeds when the engine can read now; else says what is missing and how to get it.
    async fn check(&self) -> Result<()>;

    /// Starts reading.
    ///
    /// # Behavior
    /// - Every wanted page comes exactly once, in any order, as soon as it is read; a page without
    ///   text is a page.
    /// - A page that cannot be read, in a document where others can, comes empty with a warning.
    /// - A media type that is not among the capabilities is `Unsupported` before any page; a broken or
    ///   oversized document is `InvalidInput` with a sentence for its owner, and one that is known to open with a
    ///   password alone `PasswordRequired`.
    /// - A feature that is not among the capabilities is `Unsupported` before any page.
    /// - An engine that charges keeps what it must remember of a paid call in `context.checkpoint`
    ///   before and after the call, and what it charged with it.
    /// - An engine that charges pays for nothing before its stream is asked for the first page: whoever has not the money
    ///   drops the stream once the number of pages is known.
    /// - Cancelling `context.cancel` ends the stream with `Cancelled`, as soon as
    ///   `capabilities().cancellation` says.
    /// - An engine that can tell one picture of a page from another may take a page from `context.same_pages` in place of
    ///   reading it. It does so where the picture, the engine with its version, and all that was asked are the same.
    /// - Dropping the stream stops the work. Never panics, whatever the bytes.
    async fn recognize(&self, request: OcrRequest, context: OcrContext) -> Result<PageStream>;
}

/// What is to be read, and how.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OcrRequest {
    /// The bytes.
    pub document: DocumentSource,
    /// What they are.
    pub media_type: MediaType,
    /// BCP 47 tags of the expected languages; empty lets the engine decide.
    pub languages: Vec<String>,
    /// Pages wanted; all when absent.
    pub pages: Option<PageSelection>,
    /// Pages that are stored from an earlier attempt and must not be read again.
    pub skip: Vec<u32>,
    /// What is to be found beyond the text.
    pub features: Vec<Feature>,
    /// Questions to be answered from each page.
    pub queries: Vec<String>,
    /// What becomes of text that the document has already.
    pub text_layer: TextLayerMode,
}

builder!(OcrRequest {
    with_languages(languages: Vec<String>) "The same where these languages are expected, as BCP 47 tags."
    with_pages(pages: impl Into<Option<PageSelection>>) "The same for these pages only."
    with_skip(skip: Vec<u32>) "The same without these pages, which are stored already."
    with_features(features: Vec<Feature>) "The same with these things to be found beyond the text."
    with_queries(queries: Vec<String>) "The same with these questions to be answered from each page."
    with_text_layer(text_layer: TextLayerMode) "The same with text layers used in this way."
});

impl OcrRequest {
    /// `Unsupported` when an engine with these capabilities cannot read this document or find what is
    /// asked for.
    pub fn check(&self, engine: &str, capabilities: &EngineCapabilities) -> Result<()> {
        let unsupported = |message| Err(Error::new(ErrorKind::Unsupported, message));
        if !capabilities.media_types.contains(&self.media_type) {
            return unsupported(format!("{engine} does not read {}", self.media_type));
        }
        let missing = |feature: &&Feature| !capabilities.features.contains(feature);
        match self.features.iter().find(missing) {
            Some(feature) => unsupported(format!("{engine} does not find {feature}")),
            None => Ok(()),
        }
    }

    /// Everything on all pages of `document`, which is a `media_type`: text and nothing beyond it.
    pub fn new(document: DocumentSource, media_type: MediaType) -> Self {
        Self {
            document,
            media_type,
            languages: Vec::new(),
            pages: None,
            skip: Vec::new(),
            features: Vec::new(),
            queries: Vec::new(),
            text_layer: TextLayerMode::Auto,
        }
    }
}

/// Where the bytes of a document are. Cheap to clone; nothing is read until asked.
#[derive(Debug, Clone)]
pub struct DocumentSource {
    store: Arc<dyn BlobStore>,
    key: BlobKey,
    size: u64,
    sha256: String,
}

impl DocumentSource {
    /// The object `key` of `store`, with the size and lower-case hex SHA-256 it must have.
    pub fn new(store: Arc<dyn BlobStore>, key: BlobKey, size: u64, sha256: impl Into<String>) -> Self {
        Self {
            store,
            key,
            size,
            sha256: sha256.into(),
        }
    }

    /// Starts reading the bytes.
    pub async fn open(&self) -> Result<Blob> {
        self.store.get(self.key.clone(), GetOptions::default()).await
    }

    /// Size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// SHA-256 the bytes must have, lower-case hex; empty when unknown.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Key of the object.
    pub fn key(&self) -> &BlobKey {
        &self.key
    }

    /// The store that holds it.
    pub fn store(&self) -> &Arc<dyn BlobStore> {
        &self.store
    }
}

/// What a call needs beside the request: cancellation, deadline, checkpoint.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct OcrContext {
    /// Cancelled when the work is no longer wanted.
    pub cancel: CancellationToken,
    /// When the work must be done, if there is such a time.
    pub deadline: Option<Timestamp>,
    /// What the engine must remember of this document if the attempt ends here.
    pub checkpoint: Checkpoint,
    /// Pages that were read before, for engines that can tell one picture from another.
    pub same_pages: SamePages,
}

builder!(OcrContext {
    with_cancel(cancel: CancellationToken) "The same, ended by this token."
    with_deadline(deadline: impl Into<Option<Timestamp>>) "The same, to be done by this time."
    with_checkpoint(checkpoint: Checkpoint) "The same with what was remembered before."
    with_same_pages(same_pages: SamePages) "The same with pages that were read before."
});

impl OcrContext {
    /// The same for one of several engines: what it remembers is kept apart from the others.
    pub fn scoped(&self, engine: &str) -> Self {
        Self {
            checkpoint: self.checkpoint.scoped(engine),
            ..self.clone()
        }
    }
}

/// Pages as they are read.
#[non_exhaustive]
pub struct PageStream {
    /// Who reads.
    pub engine: EngineInfo,
    /// Pages of the document that are wanted, skipped ones included.
    pub total: u32,
    /// The pages; the stream ends after the last or after an error.
    pub pages: BoxStream<'static, Result<PageText>>,
}

impl PageStream {
    /// The wanted `total` pages of a document, as `engine` reads them.
    pub fn new(engine: EngineInfo, total: u32, pages: BoxStream<'static, Result<PageText>>) -> Self {
        Self { engine, total, pages }
    }
}

impl fmt::Debug for PageStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageStream")
            .field("engine", &self.engine)
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

/// What an engine can do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EngineCapabilities {
    /// Types of document it reads.
    pub media_types: Vec<MediaType>,
    /// BCP 47 tags it reads; empty means any.
    pub languages: Vec<String>,
    /// What it finds beyond the text.
    pub features: Vec<Feature>,
    /// How soon it stops when cancelled.
    pub cancellation: Cancellation,
    /// Version of the engine or of its models.
    pub version: String,
    /// What it charges for a page, at most, by what is to be found; empty for an engine that charges nothing. Nothing
    /// is paid before the first page is asked for, so that reading can be given up once the number of pages is known.
    pub prices: Vec<PagePrice>,
}

/// What one page costs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PagePrice {
    /// What is to be found beyond the text, in ascending order.
    pub features: Vec<Feature>,
    /// What it costs at most, in millionths of a US dollar.
    pub cost_micros: u64,
}

impl PagePrice {
    /// A page where these `features` are to be found costs at most `cost_micros` millionths of a US dollar.
    pub fn new(mut features: Vec<Feature>, cost_micros: u64) -> Self {
        features.sort_unstable();
        Self {
            features,
            cost_micros,
        }
    }
}

impl EngineCapabilities {
    /// Reads documents of these types in any language and finds nothing beyond their text.
    pub fn new(media_types: Vec<MediaType>, cancellation: Cancellation, version: impl Into<String>) -> Self {
        Self {
            media_types,
            languages: Vec::new(),
            features: Vec::new(),
            cancellation,
            version: version.into(),
            prices: Vec::new(),
        }
    }
}

builder!(EngineCapabilities {
    with_languages(languages: Vec<String>) "The same, reading only these languages, as BCP 47 tags."
    with_features(features: Vec<Feature>) "The same, finding these things beyond the text."
    with_prices(prices: Vec<PagePrice>) "The same, charging this for a page."
});

impl EngineCapabilities {
    /// Whether reading with it costs money.
    pub fn charges(&self) -> bool {
        !self.prices.is_empty()
    }

    /// What a page costs at most where these features are to be found, in millionths of a US dollar; nothing where it
    /// has no price for them.
    pub fn price_of_page(&self, features: &[Feature]) -> Option<u64> {
        let mut wanted = features.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        let prices = self.prices.iter();
        prices
            .filter(|price| price.features == wanted)
            .map(|price| price.cost_micros)
            .max()
    }

    /// Whether it reads documents of this type and finds all of these features.
    pub fn reads(&self, media_type: MediaType, features: &[Feature]) -> bool {
        self.media_types.contains(&media_type)
            && features.iter().all(|feature| self.features.contains(feature))
    }
}

/// How soon an engine stops when cancelled, the soonest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Cancellation {
    /// In the middle of a page.
    Immediate,
    /// When the pages begun are done.
    BetweenPages,
    /// Not at all: the work goes on elsewhere and its answer is ignored.
    Detach,
}
