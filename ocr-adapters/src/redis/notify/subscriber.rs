//! The connection that listens, and the fan-out of what it hears.

use std::time::Duration;

use ocr_core::{Error, ErrorKind, Result, notify::Received};
use redis::{Msg, PushInfo, PushKind};
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Channel, Stamp, message};
use crate::redis::{RedisServer, error::redis_error};

/// Events a slow subscriber may be behind before it is told that it lagged.
const CAPACITY: usize = 1024;
/// How often a quiet connection is asked whether it is still there.
const PING: Duration = Duration::from_secs(5);
/// How long to wait before connecting again.
const RETRY: Duration = Duration::from_millis(500);

/// Listens on both channels until dropped.
#[derive(Debug)]
pub(super) struct Subscriber {
    events: broadcast::Sender<Received>,
    listening: watch::Receiver<bool>,
    patience: Duration,
    _stop: DropGuard,
}

impl Subscriber {
    /// Starts listening on the current runtime.
    pub(super) fn start(server: RedisServer, stamp: Stamp) -> Self {
        let events = broadcast::Sender::new(CAPACITY);
        let (state, listening) = watch::channel(false);
        let stop = CancellationToken::new();
        let patience = server.link.response_timeout();
        let listener = Listener {
            server,
            stamp,
            events: events.clone(),
            state,
        };
        tokio::spawn(stop.clone().run_until_cancelled_owned(listener.run()));
        Self {
            events,
            listening,
            patience,
            _stop: stop.drop_guard(),
        }
    }

    /// Everything that is heard from now on.
    pub(super) async fn subscribe(&self) -> Result<broadcast::Receiver<Received>> {
        let mut listening = self.listening.clone();
        match tokio::time::timeout(self.patience, listening.wait_for(|listening| *listening)).await {
            Ok(Ok(_)) => Ok(self.events.subscribe()),
            _ => Err(
                Error::new(ErrorKind::Unavailable, "nobody listens to Redis at the moment")
                    .at("redis", "subscribe"),
            ),
        }
    }
}

struct Listener {
    server: RedisServer,
    stamp: Stamp,
    events: broadcast::Sender<Received>,
    state: watch::Sender<bool>,
}

impl Listener {
    async fn run(self) {
        let mut heard_before = false;
        loop {
            if let Err(error) = self.listen(&mut heard_before).await {
                tracing::warn!(?error, "nobody listens to Redis until it can be reached again");
            }
            self.state.send_replace(false);
            tokio::time::sleep(RETRY).await;
        }
    }

    /// Connects and listens for as long as the connection lasts.
    async fn listen(&self, heard_before: &mut bool) -> Result<()> {
        let (sender, mut pushes) = mpsc::unbounded_channel();
        let mut connection = self.server.link.listening(sender).await?;
        let names = Channel::ALL.map(|channel| self.server.key(channel.name()));
        connection
            .subscribe(&names)
            .await
            .map_err(|error| redis_error("subscribe", error))?;
        // What was told in between is unknown; one stands for all of it.
        if std::mem::replace(heard_before, true) {
            let _ = self.events.send(Received::Lagged { missed: 1 });
        }
        self.state.send_replace(true);
        let forward = async {
            while let Some(push) = pushes.recv().await {
                if push.kind == PushKind::Disconnection {
                    break;
                }
                self.forward(push, &names);
            }
            Err(
                Error::new(ErrorKind::Unavailable, "Redis closed the connection that listens")
                    .at("redis", "subscribe"),
            )
        };
        let watch = async {
            loop {
                tokio::time::sleep(PING).await;
                redis::cmd("PING")
                    .exec_async(&mut connection)
                    .await
                    .map_err(|error| redis_error("subscribe", error))?;
            }
        };
        tokio::select! {
            ended = forward => ended,
            ended = watch => ended,
        }
    }

    fn forward(&self, push: PushInfo, names: &[String; 2]) {
        let Some(heard) = Msg::from_push_info(push) else {
            return;
        };
        let position = names.iter().position(|name| name == heard.get_channel_name());
        let Some(channel) = position.and_then(|position| Channel::ALL.get(position)) else {
            return;
        };
        match message::read(*channel, heard.get_payload_bytes(), &self.stamp) {
            // An error means that nobody listens, which is fine.
            Ok(event) => {
                let _ = self.events.send(Received::Event(event));
            }
            Err(error) => tracing::debug!(%error, channel = channel.name(), "a message is none of ours"),
        }
    }
}
