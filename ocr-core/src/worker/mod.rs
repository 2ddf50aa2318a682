//! The worker: takes tasks under a lease, reads them, stores what was found.

mod budget;
mod keeper;
mod outcome;
mod policy;
mod process;
mod recognized;
mod reuse;
mod stop;

pub use policy::{Decision, decide};

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Result,
    duties::{reconcile_once, relay_once},
    platform::Platform,
    queue::Lease,
};

/// How often an idle worker asks the queue without a wake-up. Wake-ups can be lost; polling cannot.
const POLL: Duration = Duration::from_secs(1);
/// Pause before the next call to a port that has just failed.
const BACK_OFF: Duration = Duration::from_secs(1);

/// Reads tasks, several documents at once.
#[derive(Debug, Clone)]
pub struct Worker {
    platform: Platform,
    concurrency: NonZeroUsize,
    grace: Duration,
    poll: Duration,
    name: Arc<str>,
}

impl Worker {
    /// A worker that reads up to `concurrency` documents at once.
    pub fn new(platform: Platform, concurrency: NonZeroUsize) -> Self {
        Self {
            platform,
            concurrency,
            grace: Duration::from_secs(10),
            poll: POLL,
            name: "".into(),
        }
    }

    /// How long documents may take to finish after shutdown was asked for; the rest is given back
    /// without counting an attempt. 10 s unless set.
    pub fn with_grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
    }

    /// How long an idle worker waits before it asks the queue although nothing woke it. 1 s unless set.
    pub fn with_poll(self, poll: Duration) -> Self {
        Self { poll, ..self }
    }

    /// What the history of tasks calls it, such as host and process; it has no name unless set.
    pub fn with_name(self, name: &str) -> Self {
        Self {
            name: name.into(),
            ..self
        }
    }

    /// Works until `shutdown` is cancelled: then takes nothing new, lets running documents finish
    /// within the grace time, and gives the rest back.
    pub async fn run(&self, shutdown: CancellationToken) {
        let hard_stop = CancellationToken::new();
        let limit = std::sync::Arc::new(Semaphore::new(self.concurrency.get()));
        let running = TaskTracker::new();
        while let Some(permits) = self.free_permits(&limit, &shutdown).await {
            let leases = self.lease(permits.num_permits()).await;
            let mut permits = permits;
            for lease in leases {
                let Some(permit) = permits.split(1) else { break };
                let (platform, hard_stop) = (self.platform.clone(), hard_stop.clone());
                let name = Arc::clone(&self.name);
                running.spawn(async move {
                    process::process(&platform, &name, lease, hard_stop).await;
                    drop(permit);
                });
            }
        }
        running.close();
        if tokio::time::timeout(self.grace, running.wait()).await.is_err() {
            tracing::info!("giving back what could not be finished in time");
            hard_stop.cancel();
            running.wait().await;
        }
    }

    /// Relays, leases and reads until nothing is ready, for tests and one-shot programs.
    pub async fn drain(&self) -> Result<()> {
        loop {
            relay_once(&self.platform).await?;
            reconcile_once(&self.platform).await?;
            let leases = self
                .platform
                .queue
                .lease(self.concurrency.get(), self.platform.policies.lease)
                .await?;
            if leases.is_empty() {
                return Ok(());
            }
            let stop = CancellationToken::new();
            let all = leases
                .into_iter()
                .map(|lease| process::process(&self.platform, &self.name, lease, stop.clone()));
            futures::future::join_all(all).await;
        }
    }

    /// Waits for a free permit and then for work; `None` once shutdown was asked for.
    async fn free_permits(
        &self,
        limit: &std::sync::Arc<Semaphore>,
        shutdown: &CancellationToken,
    ) -> Option<tokio::sync::OwnedSemaphorePermit> {
        let work = async {
            let mut permit = std::sync::Arc::clone(limit).acquire_owned().await.ok()?;
            if self.platform.queue.wait(self.poll).await.is_err() {
                tokio::time::sleep(BACK_OFF).await;
            }
            let more = u32::try_from(limit.available_permits()).unwrap_or(0);
            if let Ok(extra) = std::sync::Arc::clone(limit).try_acquire_many_owned(more) {
                permit.merge(extra);
            }
            Some(permit)
        };
        tokio::select! {
            biased;
            () = shutdown.cancelled() => None,
            permit = work => permit,
        }
    }

    async fn lease(&self, max: usize) -> Vec<Lease> {
        match self.platform.queue.lease(max, self.platform.policies.lease).await {
            Ok(leases) => leases,
            Err(error) => {
                tracing::warn!(?error, "the queue cannot be read");
                tokio::time::sleep(BACK_OFF).await;
                Vec::new()
            }
        }
    }
}
