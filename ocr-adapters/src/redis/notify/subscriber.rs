//! The connection that listens, and the fan-out of what it hears.

use std::time::Duration;

use ocr_core::{Error, ErrorKind, Result, notify::Received};
use redis::{Msg, PushInfo, PushKind, aio::MultiplexedConnection};
use tokio::sync::{broadcast, mpsc, oneshot, watch};
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
    session: watch::Receiver<Option<Session>>,
    patience: Duration,
    _stop: DropGuard,
}

/// What hears a new subscriber.
type JoinReply = oneshot::Sender<broadcast::Receiver<Received>>;

/// What the listener handles, one after the other.
enum Heard {
    Push(PushInfo),
    Join(JoinReply),
}

/// A connection that is listening now.
#[derive(Debug, Clone)]
struct Session {
    connection: MultiplexedConnection,
    heard: mpsc::UnboundedSender<Heard>,
}

impl Subscriber {
    /// Starts listening on the current runtime.
    pub(super) fn start(server: RedisServer, stamp: Stamp) -> Self {
        let (state, session) = watch::channel(None);
        let stop = CancellationToken::new();
        let patience = server.link.response_timeout();
        let listener = Listener {
            server,
            stamp,
            events: broadcast::Sender::new(CAPACITY),
            state,
        };
        tokio::spawn(stop.clone().run_until_cancelled_owned(listener.run()));
        Self {
            session,
            patience,
            _stop: stop.drop_guard(),
        }
    }

    /// Everything that is told from now on.
    pub(super) async fn subscribe(&self) -> Result<broadcast::Receiver<Received>> {
        tokio::time::timeout(self.patience, self.join())
            .await
            .ok()
            .flatten()
            .ok_or_else(|| {
                Error::new(ErrorKind::Unavailable, "nobody listens to Redis at the moment")
                    .at("redis", "subscribe")
            })
    }

    /// A receiver that starts behind everything that was told before; `None` when the listener has ended.
    async fn join(&self) -> Option<broadcast::Receiver<Received>> {
        let mut state = self.session.clone();
        loop {
            let mut session = state.wait_for(Option::is_some).await.ok()?.clone()?;
            // What was told before arrives before the answer.
            let answered = redis::cmd("PING").exec_async(&mut session.connection).await;
            let (reply, joined) = oneshot::channel();
            if answered.is_ok()
                && session.heard.send(Heard::Join(reply)).is_ok()
                && let Ok(receiver) = joined.await
            {
                return Some(receiver);
            }
            // That connection is lost; the next one will do.
            state.changed().await.ok()?;
        }
    }
}

struct Listener {
    server: RedisServer,
    stamp: Stamp,
    events: broadcast::Sender<Received>,
    state: watch::Sender<Option<Session>>,
}

impl Listener {
    async fn run(self) {
        let mut heard_before = false;
        loop {
            if let Err(error) = self.listen(&mut heard_before).await {
                tracing::warn!(?error, "nobody listens to Redis until it can be reached again");
            }
            self.state.send_replace(None);
            tokio::time::sleep(RETRY).await;
        }
    }

    /// Connects and listens for as long as the connection lasts.
    async fn listen(&self, heard_before: &mut bool) -> Result<()> {
        let (heard, mut queue) = mpsc::unbounded_channel();
        let pushes = heard.clone();
        let sender = move |push| pushes.send(Heard::Push(push));
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
        self.state.send_replace(Some(Session {
            connection: connection.clone(),
            heard,
        }));
        let handle = async {
            while let Some(heard) = queue.recv().await {
                match heard {
                    Heard::Push(push) if push.kind == PushKind::Disconnection => break,
                    Heard::Push(push) => self.forward(push, &names),
                    // Whoever has gone away meanwhile needs no answer.
                    Heard::Join(reply) => drop(reply.send(self.events.subscribe())),
                }
            }
            let message = "Redis closed the connection that listens";
            Err(Error::new(ErrorKind::Unavailable, message).at("redis", "subscribe"))
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
            ended = handle => ended,
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
            Ok(event) => drop(self.events.send(Received::Event(event))),
            Err(error) => tracing::debug!(%error, channel = channel.name(), "a message is none of ours"),
        }
    }
}
