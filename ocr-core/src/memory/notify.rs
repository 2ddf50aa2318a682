//! A notifier within one process.

use async_trait::async_trait;
use futures::{StreamExt, stream};
use tokio::sync::broadcast::{self, error::RecvError};

use crate::{
    Result,
    notify::{Event, EventStream, Notifier, NotifierCapabilities, Received, Topic},
};

/// Events a slow subscriber may be behind before it is told that it lagged.
const DEFAULT_CAPACITY: usize = 1024;

/// A notifier within one process.
#[derive(Debug)]
pub struct MemoryNotifier {
    sender: broadcast::Sender<Event>,
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
            let _ = self.sender.send(event);
        }
        Ok(())
    }

    async fn subscribe(&self, topic: Topic) -> Result<EventStream> {
        let receiver = self.sender.subscribe();
        let received = stream::unfold(receiver, |mut receiver| async {
            match receiver.recv().await {
                Ok(event) => Some((Received::Event(event), receiver)),
                Err(RecvError::Lagged(missed)) => Some((Received::Lagged { missed }, receiver)),
                Err(RecvError::Closed) => None,
            }
        });
        let wanted = received.filter(move |received| {
            let keep = match received {
                Received::Event(event) => topic.matches(event.owner),
                Received::Lagged { .. } => true,
            };
            std::future::ready(keep)
        });
        Ok(wanted.boxed())
    }
}
