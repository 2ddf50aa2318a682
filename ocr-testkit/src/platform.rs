//! A whole platform in memory whose parts can be looked at.

use std::sync::Arc;

use ocr_core::{
    Error, ErrorKind, Result,
    clock::ManualClock,
    engine::OcrEngine,
    id::SequentialIds,
    memory::{MemoryBlobStore, MemoryNotifier, MemoryQueue, MemoryStore},
    model::{ContentInspector, MediaType},
    platform::{Platform, Policies},
};

use crate::documents::magic;

/// A platform of memory adapters on a clock that moves only when told to.
///
/// The clock stamps rows and ends leases; pauses within the worker are those of tokio. Run tests on
/// a paused runtime and advance both. Each document is read, also where the same bytes were read before, so that a
/// test can count what engines do: see [`Policies::reuse_results`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct MemoryPlatform {
    /// The platform; replace its ports as you like.
    pub platform: Platform,
    /// Its clock.
    pub clock: Arc<ManualClock>,
    /// Its store.
    pub store: Arc<MemoryStore>,
    /// Its queue.
    pub queue: Arc<MemoryQueue>,
    /// Its blob store.
    pub blobs: Arc<MemoryBlobStore>,
    /// Its notifier.
    pub notifier: Arc<MemoryNotifier>,
}

impl MemoryPlatform {
    /// An empty platform without an engine.
    pub fn new() -> Self {
        let clock = Arc::new(ManualClock::default());
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let queue = Arc::new(MemoryQueue::new(clock.clone()));
        let blobs = Arc::new(MemoryBlobStore::new(clock.clone()));
        let notifier = Arc::new(MemoryNotifier::default());
        let platform = Platform::new(
            store.clone(),
            queue.clone(),
            blobs.clone(),
            notifier.clone(),
            Arc::new(MagicInspector),
        )
        .with_corrections(store.clone())
        .with_filings(store.clone())
        .with_saved_searches(store.clone())
        .with_shares(store.clone())
        .with_same_pages(store.clone())
        .with_usage(store.clone())
        .with_clock(clock.clone())
        .with_ids(Arc::new(SequentialIds::default()))
        .with_policies(Policies::default().with_reuse_results(false));
        Self {
            platform,
            clock,
            store,
            queue,
            blobs,
            notifier,
        }
    }

    /// The same with an engine.
    pub fn with_engine(self, engine: impl OcrEngine) -> Self {
        Self {
            platform: self.platform.with_engine(Arc::new(engine)),
            ..self
        }
    }

    /// The same with other policies.
    pub fn with_policies(self, policies: Policies) -> Self {
        Self {
            platform: self.platform.with_policies(policies),
            ..self
        }
    }
}

impl Default for MemoryPlatform {
    fn default() -> Self {
        Self::new()
    }
}

/// Knows documents by their first bytes, whatever their name.
#[derive(Debug, Clone, Copy, Default)]
pub struct MagicInspector;

impl ContentInspector for MagicInspector {
    fn head_len(&self) -> usize {
        16
    }

    fn inspect(&self, _filename: &str, head: &[u8]) -> Result<MediaType> {
        if head.is_empty() {
            return Err(Error::new(ErrorKind::InvalidInput, "the file is empty"));
        }
        magic(head).ok_or_else(|| {
            Error::new(
                ErrorKind::UnsupportedMediaType,
                format!("only {} files can be read", MediaType::names("and")),
            )
        })
    }
}
