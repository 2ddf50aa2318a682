//! Messages that are committed with the change they tell of, until they are sent.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{Result, notify::Event, queue::NewItem};

/// Messages that were committed with the change they tell of, until they are sent. They are added by
/// the [`Write`](super::Write) of a change.
#[async_trait]
pub trait Outbox: fmt::Debug + Send + Sync + 'static {
    /// Takes up to `limit` unsent messages, oldest first, hiding them from others for `ttl`.
    async fn lease_outbox(&self, limit: usize, ttl: Duration) -> Result<Vec<OutboxEntry>>;

    /// Forgets sent messages. Unknown ids are ignored.
    async fn settle_outbox(&self, sent: Vec<i64>) -> Result<()>;
}

/// Something another process must learn of, committed with the change it tells of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "payload", rename_all = "snake_case")]
#[non_exhaustive]
pub enum OutboxMessage {
    /// Work for the queue.
    Enqueue(NewItem),
    /// An event for subscribers.
    Event(Event),
}

/// A message on its way.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OutboxEntry {
    /// For [`Outbox::settle_outbox`].
    pub id: i64,
    /// What to send.
    pub message: OutboxMessage,
}

impl OutboxEntry {
    /// `message`, stored under `id`.
    pub fn new(id: i64, message: OutboxMessage) -> Self {
        Self { id, message }
    }
}

impl OutboxEntry {
    /// The entry of a stored message. `None` for one that this version does not understand, perhaps of a
    /// newer one that runs beside it. Such a message is skipped; it is tried again when its lease expires,
    /// and the other messages are sent.
    pub fn decode(id: i64, message: &str) -> Option<Self> {
        match serde_json::from_str(message) {
            Ok(message) => Some(Self { id, message }),
            Err(error) => {
                tracing::warn!(%error, id, "an outbox message cannot be read; it is tried again later");
                None
            }
        }
    }
}
