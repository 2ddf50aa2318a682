//! A notifier within one process.

use async_trait::async_trait;
use tokio::sync::broadcast;

use crate::{
    Result,
    notify::{Event, EventStream, Notifier, NotifierCapabilities, Received, hear},
    store::Scope,
};

/// Events a slow subscriber may be behind before it is told that it lagged.
const DEFAULT_CAPACITY: usize = 1024;

/// A notifier within one process.
#[derive(Debug)]
pub struct MemoryNotifier {
    sender: broadcast::Sender<Received>,
}

impl MemoryNotifier {
    /// A notifier whose subscribers may be `capacity` events behind.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            sender: broadcast::channel(capacity.max(1)).0,
        }
    }
}

impl Default for MemoryNotifier {
    fn default() -> Self {
        Self::with_capacity(DEFAULT_CAPACITY)
    }
}

#[async_trait]
impl Notifier for MemoryNotifier {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn capabilities(&self) -> NotifierCapabilities {
        NotifierCapabilities::local()
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }

    async fn publish(&self, events: Vec<Event>) -> Result<()> {
        for event in events {
            // An error means that nobody listens, which is fine.
            let _ = self.sender.send(Received::Event(event));
        }
        Ok(())
    }

    async fn subscribe(&self, scope: Scope) -> Result<EventStream> {
        Ok(hear(self.sender.subscribe(), scope))
    }
}
