//! The platform: the five ports with clock, ids and policies, put together once and shared.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::sync::watch;

use crate::{
    Error, ErrorKind, Result,
    account_store::AccountStore,
    blob::BlobStore,
    builder::builder,
    clock::{Clock, SystemClock},
    correction_store::CorrectionStore,
    engine::{Checkpoint, OcrEngine},
    filing_store::FilingStore,
    formats::DocumentFormats,
    id::{EventId, IdGenerator, RandomIds, TaskId, UserId},
    layers::{CallPolicy, Layered},
    model::{AuditLevel, ContentInspector, Quotas, TaskOptions, TextLayerMode, Usage},
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

/// Limits and durations; the defaults are those of the reference server.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Policies {
    /// Maximum number of bytes of an uploaded file: 50 MiB.
    pub max_upload_bytes: u64,
    /// Failures after which a task is given up: 3.
    pub max_attempts: u32,
    /// Crashes of whoever reads it after which a task is set aside: 3.
    pub max_crashes: u32,
    /// Time a task may take from its submission to its end, unless it asks for another: as long as it takes.
    pub task_deadline: Option<Duration>,
    /// Maximum time that a task may ask for: 7 days.
    pub max_task_deadline: Duration,
    /// Duration of the lease on a task, which expires without a heartbeat: 15 s.
    pub lease: Duration,
    /// Maximum time one attempt may take: 1 h.
    pub max_attempt_time: Duration,
    /// How long a URL for reading works: 1 h.
    pub download_url_ttl: Duration,
    /// How long a URL for writing works: 15 min.
    pub upload_url_ttl: Duration,
    /// How long a deleted task can be restored: 30 days.
    pub trash_retention: Duration,
    /// How long changes are kept for clients that come back: 7 days.
    pub change_retention: Duration,
    /// Age from which a blob that nothing refers to is removed: 24 h.
    pub orphan_grace: Duration,
    /// Whether an upload by an unknown user creates the user.
    pub create_unknown_users: bool,
    /// First delay before a task is tried again, doubled each time: 2 s.
    pub retry_base_delay: Duration,
    /// Maximum delay before a task is tried again: 60 s.
    pub retry_max_delay: Duration,
    /// How long a task waits while there is no engine, which counts as no failure: 5 s.
    pub no_engine_delay: Duration,
    /// How long a task waits while there is no room for what is read in it, which counts as no failure: 30 s.
    pub storage_full_delay: Duration,
    /// Whether a document takes over the result of the same bytes of the same owner, read in the same way by the same
    /// version of an engine, in place of being read: yes, unless its options ask to read again.
    pub reuse_results: bool,
    /// How long after a document was accepted its pages give their text to the same pictures of the same owner, read
    /// in the same way by the same version of an engine: 90 days. Never when it is zero, and never without
    /// [`Policies::reuse_results`].
    pub reuse_pages_for: Duration,
    /// What becomes of text that a document has already, where a request does not say: `auto`. Whoever takes requests
    /// asks for it; [`TaskOptions`] always say.
    pub text_layer: TextLayerMode,
    /// How much is recorded of what is done with documents: nothing.
    pub audit: AuditLevel,
    /// How long entries of the audit log are kept: for ever, when absent.
    pub audit_retention: Option<Duration>,
    /// What each owner may use, unless something else was set for them: as much as they want.
    pub quotas: Quotas,
    /// What all owners together may spend with engines that charge; only what is money counts: as much as they want.
    pub budget: Quotas,
    /// How long a task waits at most, while money is spent, until it is looked again whether there is more: 5 min.
    pub budget_recheck: Duration,
    /// Maximum time for which a link to a document works: 30 days. None is made when it is zero.
    pub max_share_time: Duration,
}

builder!(Policies {
    with_max_upload_bytes(max_upload_bytes: u64) "The same with another value of: maximum number of bytes of an uploaded file."
    with_max_attempts(max_attempts: u32) "The same with another value of: failures after which a task is given up."
    with_max_crashes(max_crashes: u32) "The same with another value of: crashes after which a task is set aside."
    with_task_deadline(task_deadline: impl Into<Option<Duration>>) "The same with another value of: time a task may take unless it asks for another."
    with_max_task_deadline(max_task_deadline: Duration) "The same with another value of: maximum time that a task may ask for."
    with_lease(lease: Duration) "The same with another value of: duration of the lease on a task."
    with_max_attempt_time(max_attempt_time: Duration) "The same with another value of: maximum time one attempt may take."
    with_download_url_ttl(download_url_ttl: Duration) "The same with another value of: how long a URL for reading works."
    with_upload_url_ttl(upload_url_ttl: Duration) "The same with another value of: how long a URL for writing works."
    with_trash_retention(trash_retention: Duration) "The same with another value of: how long a deleted task can be restored."
    with_change_retention(change_retention: Duration) "The same with another value of: how long changes are kept for clients that come back."
    with_orphan_grace(orphan_grace: Duration) "The same with another value of: age from which a blob that nothing refers to is removed."
    with_create_unknown_users(create_unknown_users: bool) "The same with another value of: whether an upload by an unknown user creates the user."
    with_retry_base_delay(retry_base_delay: Duration) "The same with another value of: first delay before a retry, doubled each time."
    with_retry_max_delay(retry_max_delay: Duration) "The same with another value of: maximum delay before a task is tried again."
    with_audit(audit: AuditLevel) "The same with another value of: how much is recorded of what is done with documents."
    with_audit_retention(audit_retention: impl Into<Option<Duration>>) "The same with another value of: how long entries of the audit log are kept."
    with_reuse_results(reuse_results: bool) "The same with another value of: whether results of the same bytes are taken over."
    with_reuse_pages_for(reuse_pages_for: Duration) "The same with another value of: how long pages give their text to the same pictures."
    with_text_layer(text_layer: TextLayerMode) "The same with another value of: what becomes of text that a document has already, where a request does not say."
    with_quotas(quotas: Quotas) "The same with another value of: what each owner may use."
    with_budget(budget: Quotas) "The same with another value of: what all owners together may spend."
    with_max_share_time(max_share_time: Duration) "The same with another value of: maximum time for which a link to a document works."
    with_budget_recheck(budget_recheck: Duration) "The same with another value of: how long a task waits at most until it is looked again whether there is money."
});

impl Default for Policies {
    fn default() -> Self {
        const DAY: u64 = 24 * 60 * 60;
        Self {
            max_upload_bytes: 50 * 1024 * 1024,
            max_attempts: 3,
            max_crashes: 3,
            task_deadline: None,
            max_task_deadline: Duration::from_secs(7 * DAY),
            lease: Duration::from_secs(15),
            max_attempt_time: Duration::from_hours(1),
            download_url_ttl: Duration::from_hours(1),
            upload_url_ttl: Duration::from_mins(15),
            trash_retention: Duration::from_secs(30 * DAY),
            change_retention: Duration::from_secs(7 * DAY),
            orphan_grace: Duration::from_secs(DAY),
            create_unknown_users: true,
            retry_base_delay: Duration::from_secs(2),
            retry_max_delay: Duration::from_mins(1),
            no_engine_delay: Duration::from_secs(5),
            storage_full_delay: Duration::from_secs(30),
            reuse_results: true,
            reuse_pages_for: Duration::from_secs(90 * DAY),
            text_layer: TextLayerMode::Auto,
            audit: AuditLevel::Off,
            audit_retention: None,
            quotas: Quotas::default(),
            budget: Quotas::default(),
            budget_recheck: Duration::from_mins(5),
            max_share_time: Duration::from_secs(30 * DAY),
        }
    }
}

/// The engines of a platform. One may be added while the platform runs, as when its models arrive.
#[derive(Debug, Default)]
pub struct Engines {
    engines: RwLock<Vec<Arc<dyn OcrEngine>>>,
    missing: RwLock<Option<String>>,
}

impl Engines {
    /// Adds an engine; one of the same name is replaced. The first one is the default.
    pub fn add(&self, engine: Arc<dyn OcrEngine>) {
        let mut engines = self.engines.write().unwrap_or_else(PoisonError::into_inner);
        match engines.iter_mut().find(|known| known.name() == engine.name()) {
            Some(known) => *known = engine,
            None => engines.push(engine),
        }
    }

    /// Says why there is no engine and how to get one, for everybody who asks for one.
    pub fn explain_missing(&self, reason: impl Into<String>) {
        *self.missing.write().unwrap_or_else(PoisonError::into_inner) = Some(reason.into());
    }

    /// All engines, the default first.
    pub fn all(&self) -> Vec<Arc<dyn OcrEngine>> {
        self.engines
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The engine called `name`, or the default.
    ///
    /// # Errors
    /// `NoEngine` when there is no engine at all, `InvalidInput` for an unknown name.
    pub fn choose(&self, name: Option<&str>) -> Result<Arc<dyn OcrEngine>> {
        let engines = self.all();
        let Some(default) = engines.first() else {
            let reason = self
                .missing
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            return Err(Error::new(
                ErrorKind::NoEngine,
                reason.unwrap_or_else(|| "no OCR engine is configured".into()),
            ));
        };
        let Some(name) = name else {
            return Ok(Arc::clone(default));
        };
        engines
            .iter()
            .find(|engine| engine.name() == name)
            .cloned()
            .ok_or_else(|| {
                let known: Vec<&str> = engines.iter().map(|engine| engine.name()).collect();
                Error::new(
                    ErrorKind::InvalidInput,
                    format!(
                        "there is no engine of that name; choose one of: {}",
                        known.join(", ")
                    ),
                )
            })
    }
}
