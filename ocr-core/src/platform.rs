//! The platform: the five ports with clock, ids and policies, put together once and shared.

mod engines;
mod policies;

pub use engines::Engines;
pub use policies::Policies;

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

use crate::{
    Result,
    account_store::AccountStore,
    blob::BlobStore,
    clock::{Clock, SystemClock},
    correction_store::CorrectionStore,
    engine::{Checkpoint, OcrEngine},
    filing_store::FilingStore,
    formats::DocumentFormats,
    id::{EventId, IdGenerator, RandomIds, TaskId, UserId},
    layers::{CallPolicy, Layered},
    model::{ContentInspector, TaskOptions, Usage},
    notify::{Event, EventBody, Notifier, TaskUpdate},
    page_renderer::PageRenderer,
    queue::Queue,
    same_page_store::SamePageStore,
    saved_search_store::SavedSearchStore,
    search_index::SearchIndex,
    share_store::ShareStore,
    store::Store,
    usage_store::UsageStore,
};

/// The five ports with clock, ids and policies. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Platform {
    /// Tasks, pages, outbox, change log and trash: the authoritative record.
    pub store: Arc<dyn Store>,
    /// Work that is waiting.
    pub queue: Arc<dyn Queue>,
    /// Bytes of documents and results.
    pub blobs: Arc<dyn BlobStore>,
    /// Events for whoever is listening.
    pub notifier: Arc<dyn Notifier>,
    /// Engines by name.
    pub engines: Arc<Engines>,
    /// Formats in which results can be had; none unless they are given.
    pub formats: Option<Arc<dyn DocumentFormats>>,
    /// Says what an uploaded file is.
    pub inspector: Arc<dyn ContentInspector>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// New identities.
    pub ids: Arc<dyn IdGenerator>,
    /// Limits and durations.
    pub policies: Arc<Policies>,
    /// Draws pages for people to look at, where that is offered.
    pub page_renderer: Option<Arc<dyn PageRenderer>>,
    /// Finds pages of what was read, where that is offered.
    pub search_index: Option<Arc<dyn SearchIndex>>,
    /// Keeps what people change about pages, where that is offered.
    pub corrections: Option<Arc<dyn CorrectionStore>>,
    /// Keeps labels, collections and notes of documents, where that is offered.
    pub filings: Option<Arc<dyn FilingStore>>,
    /// Keeps searches that users saved, where that is offered.
    pub saved_searches: Option<Arc<dyn SavedSearchStore>>,
    /// Keeps links with which others can read a document, where that is offered.
    pub shares: Option<Arc<dyn ShareStore>>,
    /// Finds pages that were read before, where that is offered.
    pub same_pages: Option<Arc<dyn SamePageStore>>,
    /// Counts what owners use, and keeps their limits, where that is offered.
    pub usage: Option<Arc<dyn UsageStore>>,
    /// Knows who may sign in, where anybody has to.
    pub account_store: Option<Arc<dyn AccountStore>>,
    wake: watch::Sender<u64>,
}

impl Platform {
    /// A platform of these ports, with the wall clock, random ids and default policies. Calls to the
    /// ports follow the default [`CallPolicy`].
    pub fn new(
        store: Arc<dyn Store>,
        queue: Arc<dyn Queue>,
        blobs: Arc<dyn BlobStore>,
        notifier: Arc<dyn Notifier>,
        inspector: Arc<dyn ContentInspector>,
    ) -> Self {
        Self::bare(store, queue, blobs, notifier, inspector).with_calls(&CallPolicy::default())
    }

    /// The same with nothing laid over the ports: to be followed by [`Platform::with_calls`], or for ports
    /// that never hang. What a platform does is only as quick as its ports answer.
    pub fn bare(
        store: Arc<dyn Store>,
        queue: Arc<dyn Queue>,
        blobs: Arc<dyn BlobStore>,
        notifier: Arc<dyn Notifier>,
        inspector: Arc<dyn ContentInspector>,
    ) -> Self {
        Self {
            store,
            queue,
            blobs,
            notifier,
            inspector,
            formats: None,
            engines: Arc::default(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            policies: Arc::default(),
            page_renderer: None,
            search_index: None,
            corrections: None,
            filings: None,
            saved_searches: None,
            shares: None,
            same_pages: None,
            usage: None,
            account_store: None,
            wake: watch::Sender::default(),
        }
    }

    /// Lays a [`Layered`] over each of the ports, so that calls to them follow `policy`.
    pub fn with_calls(self, policy: &CallPolicy) -> Self {
        Self {
            store: Arc::new(Layered::store(self.store, policy)),
            queue: Arc::new(Layered::queue(self.queue, policy)),
            blobs: Arc::new(Layered::blobs(self.blobs, policy)),
            notifier: Arc::new(Layered::notifier(self.notifier, policy)),
            search_index: self
                .search_index
                .map(|index| Arc::new(Layered::search_index(index, policy)) as Arc<dyn SearchIndex>),
            corrections: self
                .corrections
                .map(|store| Arc::new(Layered::corrections(store, policy)) as Arc<dyn CorrectionStore>),
            filings: self
                .filings
                .map(|store| Arc::new(Layered::filing_store(store, policy)) as Arc<dyn FilingStore>),
            saved_searches: self.saved_searches.map(|store| {
                Arc::new(Layered::saved_search_store(store, policy)) as Arc<dyn SavedSearchStore>
            }),
            shares: self
                .shares
                .map(|store| Arc::new(Layered::share_store(store, policy)) as Arc<dyn ShareStore>),
            same_pages: self
                .same_pages
                .map(|store| Arc::new(Layered::same_page_store(store, policy)) as Arc<dyn SamePageStore>),
            usage: self
                .usage
                .map(|store| Arc::new(Layered::usage_store(store, policy)) as Arc<dyn UsageStore>),
            account_store: self
                .account_store
                .map(|store| Arc::new(Layered::account_store(store, policy)) as Arc<dyn AccountStore>),
            ..self
        }
    }

    /// Adds an engine; the first one added is the default.
    pub fn with_engine(self, engine: Arc<dyn OcrEngine>) -> Self {
        self.engines.add(engine);
        self
    }

    /// Offers results in these formats.
    pub fn with_formats(self, formats: Arc<dyn DocumentFormats>) -> Self {
        Self {
            formats: Some(formats),
            ..self
        }
    }

    /// Draws pages for people to look at.
    pub fn with_page_renderer(self, renderer: Arc<dyn PageRenderer>) -> Self {
        Self {
            page_renderer: Some(renderer),
            ..self
        }
    }

    /// Finds pages of what was read. To be called before [`Platform::with_calls`], which lays over it too.
    pub fn with_search_index(self, index: Arc<dyn SearchIndex>) -> Self {
        Self {
            search_index: Some(index),
            ..self
        }
    }

    /// Keeps what people change about pages. The store is the one that holds the tasks. To be called before
    /// [`Platform::with_calls`], which lays over it too.
    pub fn with_corrections(self, store: Arc<dyn CorrectionStore>) -> Self {
        Self {
            corrections: Some(store),
            ..self
        }
    }

    /// Keeps labels, collections and notes of documents. The store is the one that holds the tasks. To be called before
    /// [`Platform::with_calls`], which lays over it too.
    pub fn with_filings(self, store: Arc<dyn FilingStore>) -> Self {
        Self {
            filings: Some(store),
            ..self
        }
    }

    /// Keeps searches that users saved. To be called before [`Platform::with_calls`], which lays over it too.
    pub fn with_saved_searches(self, store: Arc<dyn SavedSearchStore>) -> Self {
        Self {
            saved_searches: Some(store),
            ..self
        }
    }

    /// Keeps links to documents, in the store that holds the tasks. To be called before [`Platform::with_calls`].
    pub fn with_shares(self, store: Arc<dyn ShareStore>) -> Self {
        Self {
            shares: Some(store),
            ..self
        }
    }

    /// Finds pages that were read before, so that the same picture is not read again. The store is the one that holds
    /// the tasks. To be called before [`Platform::with_calls`], which lays over it too.
    pub fn with_same_pages(self, store: Arc<dyn SamePageStore>) -> Self {
        Self {
            same_pages: Some(store),
            ..self
        }
    }

    /// Counts what owners use, so that quotas and budgets hold. The store is the one that holds the tasks. To be called
    /// before [`Platform::with_calls`], which lays over it too.
    pub fn with_usage(self, store: Arc<dyn UsageStore>) -> Self {
        Self {
            usage: Some(store),
            ..self
        }
    }

    /// Knows who may sign in. To be called before [`Platform::with_calls`], which lays over it too.
    pub fn with_account_store(self, store: Arc<dyn AccountStore>) -> Self {
        Self {
            account_store: Some(store),
            ..self
        }
    }

    /// Replaces the policies.
    pub fn with_policies(self, policies: Policies) -> Self {
        Self {
            policies: Arc::new(policies),
            ..self
        }
    }

    /// Replaces the clock.
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Replaces the source of ids.
    pub fn with_ids(self, ids: Arc<dyn IdGenerator>) -> Self {
        Self { ids, ..self }
    }

    /// Wakes the relay and the listener of this process, because the outbox or the change log has
    /// something new.
    pub fn wake(&self) {
        self.wake.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// The calls of [`Platform::wake`] from now on.
    pub fn wakes(&self) -> Wakes {
        Wakes(self.wake.subscribe())
    }

    /// An event of `owner`, stamped now.
    pub fn event(&self, owner: UserId, body: EventBody) -> Event {
        Event {
            id: EventId(self.ids.next()),
            at: self.clock.now(),
            owner,
            body,
        }
    }

    /// Name of the engine that reads a task with these options, where it is there.
    pub(crate) fn engine_name(&self, options: &TaskOptions) -> Option<String> {
        let engine = self.engines.choose(options.engine.as_deref()).ok()?;
        Some(engine.name().to_owned())
    }

    /// What engines have charged for a task since it was last asked for.
    pub(crate) async fn charged(&self, id: TaskId) -> Result<Usage> {
        let checkpoint = self.store.checkpoint(id).await?;
        Ok(checkpoint
            .as_ref()
            .map(Checkpoint::charged_in)
            .unwrap_or_default())
    }

    /// The event that tells `owner` how a task moves on, stamped now.
    pub fn task_event(&self, owner: UserId, update: TaskUpdate) -> Event {
        self.event(owner, EventBody::TaskUpdate(update))
    }
}

/// Calls of [`Platform::wake`]. One that comes while nobody waits is not lost.
#[derive(Debug)]
pub struct Wakes(watch::Receiver<u64>);

impl Wakes {
    /// Returns when there was a call since the last return, or after `timeout`.
    pub async fn next(&mut self, timeout: Duration) {
        // The sender lives as long as the platform. When it is gone, waiting ends at once, which is fine.
        let _ = tokio::time::timeout(timeout, self.0.changed()).await;
    }
}
