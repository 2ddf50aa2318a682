//! What the processes of a run share, and how each of them sees it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ocr_core::{
    Error, ErrorKind, Result,
    id::{IdGenerator, SequentialIds, UserId},
    layers::CallPolicy,
    memory::{MemoryBlobStore, MemoryQueue, MemoryStore},
    model::Task,
    pagination::PageRequest,
    platform::{Platform, Policies},
    queue::Queue,
    service::OcrService,
    store::{Scope, TaskFilter, TaskStore},
};
use ocr_testkit::{Unreliable, platform::MagicInspector, unreliable::Disruption};
use tokio::time::Instant;

use super::{
    defect::{Defect, PoppedQueue},
    documents::Reader,
    life::Life,
    news::LossyNotifier,
    record::Record,
    weather::{SteppedClock, Weather},
};

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// Duration of leases.
const LEASE: Duration = Duration::from_secs(2);
/// Age from which unreferenced blobs are collected: longer than a process stays frozen between storing bytes and their row.
pub(super) const ORPHAN_GRACE: Duration = Duration::from_secs(40);

/// What the processes of a run share.
#[derive(Debug)]
pub(super) struct World {
    pub(super) weather: Arc<Weather>,
    pub(super) defect: Defect,
    pub(super) store: Arc<Record>,
    pub(super) queue: Arc<MemoryQueue>,
    pub(super) blobs: Arc<MemoryBlobStore>,
    pub(super) notifier: Arc<LossyNotifier>,
    /// The clock of the store, the queue and the blob store.
    pub(super) clock: Arc<SteppedClock>,
    epoch: Instant,
    ids: Arc<SequentialIds>,
    policies: Policies,
    repeats: u32,
    servers: Mutex<Vec<OcrService>>,
}

impl World {
    /// A new world, which begins now. To be called on a paused runtime.
    pub(super) fn new(seed: u64, defect: Defect) -> Arc<Self> {
        let weather = Weather::new(seed);
        let epoch = Instant::now();
        let clock = SteppedClock::new(epoch);
        let mut policies = Policies::default()
            .with_lease(LEASE)
            .with_retry_base_delay(Duration::from_millis(200))
            .with_retry_max_delay(Duration::from_secs(1))
            // A document with which worker after worker dies would be given up, as it should.
            .with_max_attempts(1_000)
            .with_max_crashes(1_000)
            .with_orphan_grace(ORPHAN_GRACE)
            .with_reuse_results(weather.dice.comes_true(500));
        policies.storage_full_delay = Duration::from_secs(1);
        Arc::new(Self {
            defect,
            store: Arc::new(Record::new(Arc::new(MemoryStore::new(clock.clone())), defect)),
            queue: Arc::new(MemoryQueue::new(clock.clone())),
            blobs: Arc::new(MemoryBlobStore::new(clock.clone())),
            notifier: Arc::new(LossyNotifier::new(weather.clone())),
            clock,
            epoch,
            ids: Arc::default(),
            policies,
            repeats: u32::try_from(weather.dice.below(3)).unwrap_or(0),
            servers: Mutex::default(),
            weather,
        })
    }

    /// A user of its own.
    pub(super) fn user(&self) -> UserId {
        UserId(self.ids.next())
    }

    /// The platform as a process sees it: services that fail, under the layers of every platform, under the life of the
    /// process.
    pub(super) fn platform(&self, life: &Arc<Life>, clock: Arc<SteppedClock>) -> Platform {
        let weather: Arc<dyn Disruption> = self.weather.clone();
        let reader = Reader {
            life: life.clone(),
            weather: self.weather.clone(),
        };
        let mut platform = Platform::bare(
            Arc::new(Unreliable::disrupted(self.store.clone(), weather.clone())),
            Arc::new(Unreliable::disrupted(self.queue(), weather.clone())),
            Arc::new(Unreliable::disrupted(self.blobs.clone(), weather.clone())),
            Arc::new(Unreliable::disrupted(self.notifier.clone(), weather)),
            Arc::new(MagicInspector),
        )
        .with_calls(
            &CallPolicy::default()
                .with_repeats(self.repeats)
                .with_pause(Duration::from_millis(20)),
        )
        .with_clock(clock)
        .with_ids(self.ids.clone())
        .with_policies(self.policies.clone())
        .with_engine(Arc::new(reader));
        let life: Arc<dyn Disruption> = life.clone();
        platform.store = Arc::new(Unreliable::disrupted(platform.store, life.clone()));
        platform.queue = Arc::new(Unreliable::disrupted(platform.queue, life.clone()));
        platform.blobs = Arc::new(Unreliable::disrupted(platform.blobs, life.clone()));
        platform.notifier = Arc::new(Unreliable::disrupted(platform.notifier, life));
        platform
    }

    /// The platform as nobody sees it: nothing fails.
    pub(super) fn undisturbed(&self) -> Platform {
        Platform::bare(
            self.store.clone(),
            self.queue.clone(),
            self.blobs.clone(),
            self.notifier.clone(),
            Arc::new(MagicInspector),
        )
        .with_clock(self.clock.clone())
        .with_ids(self.ids.clone())
        .with_policies(self.policies.clone())
    }

    fn queue(&self) -> Arc<dyn Queue> {
        if self.defect == Defect::PoppedQueue {
            Arc::new(PoppedQueue(self.queue.clone()))
        } else {
            self.queue.clone()
        }
    }

    /// A clock of a process, right at first.
    pub(super) fn new_clock(&self) -> Arc<SteppedClock> {
        SteppedClock::new(self.epoch)
    }

    /// Server number `slot` is `service` from now on.
    pub(super) fn open(&self, slot: usize, service: OcrService) {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        if slot < servers.len() {
            servers[slot] = service;
        } else {
            servers.push(service);
        }
    }

    /// Asks one of the servers. It goes on with what it was asked for when the client has lost its patience.
    ///
    /// # Errors
    /// `Timeout` when the client lost its patience; what the server answers.
    pub(super) async fn ask<T, F, Fut>(&self, question: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(OcrService) -> Fut,
        Fut: Future<Output = Result<T>> + Send + 'static,
    {
        let service = {
            let servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
            self.weather.dice.pick(&servers).cloned()
        };
        let service = service.ok_or_else(|| Error::new(ErrorKind::Unavailable, "there is no server"))?;
        let answer = tokio::spawn(question(service));
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => answer,
            _ => Err(Error::new(ErrorKind::Timeout, "the server does not answer")),
        }
    }

    /// Every task, those in the trash too.
    pub(super) async fn tasks(&self) -> Result<Vec<Task>> {
        let mut tasks = Vec::new();
        for deleted in [false, true] {
            let filter = TaskFilter::default().with_deleted(deleted);
            let listed = self
                .store
                .list_tasks(Scope::system(), filter, PageRequest::first(100)?);
            tasks.extend(listed.await?.items);
        }
        Ok(tasks)
    }
}
