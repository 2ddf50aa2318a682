//! How the parts of the platform are, and what it offers.

use std::{sync::Arc, time::Duration};

use super::OcrService;
use crate::{
    Result, clock::Timestamp, engine::OcrEngine, model::ContentInspector, platform::Policies,
    queue::QueueDepth,
};

/// Maximum time a part may take to say that it can be used.
const CHECK_TIMEOUT: Duration = Duration::from_secs(3);

/// Whether one part of the platform can be used now.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartCondition {
    /// Name of the adapter that plays the part; `none` where there is none.
    pub adapter: String,
    /// What is missing, and how to get it; `None` when the part can be used.
    pub trouble: Option<String>,
}

impl PartCondition {
    /// Whether the part can be used now.
    pub fn is_healthy(&self) -> bool {
        self.trouble.is_none()
    }
}

/// Whether the parts of the platform can be used now.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Condition {
    /// When they were asked.
    pub at: Timestamp,
    /// The store.
    pub store: PartCondition,
    /// The queue.
    pub queue: PartCondition,
    /// The notifier.
    pub notifier: PartCondition,
    /// The blob store.
    pub blobs: PartCondition,
    /// The default engine. Without one documents wait; everything else works.
    pub engine: PartCondition,
}

impl Condition {
    /// Whether requests can be served: every part but the engine is healthy.
    pub fn is_ready(&self) -> bool {
        [&self.store, &self.queue, &self.notifier, &self.blobs]
            .into_iter()
            .all(PartCondition::is_healthy)
    }
}

impl OcrService {
    /// Asks every part of the platform whether it can be used, each for a few seconds at the most.
    pub async fn condition(&self) -> Condition {
        let platform = &self.platform;
        let (store, queue, notifier, blobs) = tokio::join!(
            part(platform.store.name(), platform.store.check()),
            part(platform.queue.name(), platform.queue.check()),
            part(platform.notifier.name(), platform.notifier.check()),
            part(platform.blobs.name(), platform.blobs.check()),
        );
        let engine = match platform.engines.choose(None) {
            Ok(engine) => PartCondition {
                adapter: engine.name().into(),
                trouble: None,
            },
            Err(error) => PartCondition {
                adapter: "none".into(),
                trouble: Some(error.message().into()),
            },
        };
        Condition {
            at: platform.clock.now(),
            store,
            queue,
            notifier,
            blobs,
            engine,
        }
    }

    /// The engines that tasks can ask for, the default first.
    pub fn engines(&self) -> Vec<Arc<dyn OcrEngine>> {
        self.platform.engines.all()
    }

    /// Why no engine can read, with what to do; `None` when one can.
    pub fn missing_engine(&self) -> Option<String> {
        let chosen = self.platform.engines.choose(None);
        chosen.err().map(|error| error.message().to_owned())
    }

    /// How much work waits in the queue.
    pub async fn queue_depth(&self) -> Result<QueueDepth> {
        self.platform.queue.depth().await
    }

    /// Says what an uploaded file is, from its first bytes.
    pub fn inspector(&self) -> &dyn ContentInspector {
        &*self.platform.inspector
    }

    /// The limits and durations of the platform.
    pub fn policies(&self) -> &Policies {
        &self.platform.policies
    }

    /// What time it is for the platform.
    pub fn now(&self) -> Timestamp {
        self.platform.clock.now()
    }
}

async fn part(adapter: &str, check: impl Future<Output = Result<()>>) -> PartCondition {
    let trouble = match tokio::time::timeout(CHECK_TIMEOUT, check).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.message().to_owned()),
        Err(_) => Some("no answer in time".into()),
    };
    PartCondition {
        adapter: adapter.into(),
        trouble,
    }
}
