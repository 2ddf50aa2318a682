//! The notifier: the spec's two channels, heard by one connection of a process and fanned out in
//! memory.

#[cfg(feature = "fuzzing")]
pub(super) mod fuzzing;
mod message;
mod subscriber;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use ocr_core::{
    Result,
    clock::Clock,
    id::IdGenerator,
    notify::{Event, EventStream, Notifier, NotifierCapabilities, hear},
    store::Scope,
};
use tokio::sync::OnceCell;

use super::RedisServer;
use message::Channel;
use subscriber::Subscriber;

/// A notifier on channels of a [`RedisServer`].
///
/// The connection that listens is made for the first subscriber, and again whenever it is lost;
/// subscribers are then told that they lagged.
pub struct RedisNotifier {
    server: RedisServer,
    stamp: Stamp,
    subscriber: OnceCell<Subscriber>,
}

/// Gives messages of others what only ours have.
#[derive(Clone)]
struct Stamp {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

impl fmt::Debug for RedisNotifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisNotifier")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

impl RedisNotifier {
    /// The notifier of `server`. `clock` and `ids` complete messages of other programs, which have
    /// neither time nor identity.
    pub fn new(server: RedisServer, clock: Arc<dyn Clock>, ids: Arc<dyn IdGenerator>) -> Self {
        Self {
            server,
            stamp: Stamp { clock, ids },
            subscriber: OnceCell::new(),
        }
    }

    async fn subscriber(&self) -> &Subscriber {
        let start = async || Subscriber::start(self.server.clone(), self.stamp.clone());
        self.subscriber.get_or_init(start).await
    }
}

#[async_trait]
impl Notifier for RedisNotifier {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn capabilities(&self) -> NotifierCapabilities {
        NotifierCapabilities::cross_process()
    }

    async fn check(&self) -> Result<()> {
        self.server.ping().await
    }

    async fn publish(&self, events: Vec<Event>) -> Result<()> {
        let mut messages = redis::pipe();
        for event in events {
            if let Some((channel, message)) = message::written(event) {
                messages
                    .publish(self.server.key(channel.name()), message)
                    .ignore();
            }
        }
        if messages.is_empty() {
            return Ok(());
        }
        let send = async |mut connection| messages.exec_async(&mut connection).await;
        self.server.link.run("publish", send).await
    }

    async fn subscribe(&self, scope: Scope) -> Result<EventStream> {
        let receiver = self.subscriber().await.subscribe().await?;
        Ok(hear(receiver, scope))
    }
}
