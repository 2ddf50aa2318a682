//! The WebSocket: live updates of one user's tasks.

use axum::{
    Extension,
    extract::{
        State,
        ws::{
            CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code,
            rejection::WebSocketUpgradeRejection,
        },
    },
    http::HeaderMap,
    response::Response,
};
use chrono::{DateTime, Utc};
use futures::StreamExt;
use ocr_core::{
    id::UserId,
    model::Caller,
    notify::{EventStream, Received},
    store::{ChangeCursor, Scope},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::{Error as WsError, error::ProtocolError};

use super::{
    message::{self, REPLAY},
    seen::Seen,
};
use crate::http::{
    connection_permit::ConnectionPermit,
    error::ApiError,
    request::{InScope, Params, named_user},
    routes::{changes::parse_cursor, page},
    standing::{self, Standing},
    state::AppState,
};

/// Largest message a client may send.
const MAX_MESSAGE: usize = 64 * 1024;
/// Read buffer of a connection; the library's default of 128 KiB is for other uses.
const READ_BUFFER: usize = 4 * 1024;
/// Unsent bytes at which a client counts as gone.
const WRITE_BUFFER: usize = 256 * 1024;
/// How often we make sure that the client is still there.
const PING: Duration = Duration::from_secs(30);
/// Longest time a message may take to be sent.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
/// The code with which a connection ends whose sign-in has ended; 4000 to 4999 are for applications.
const SIGNED_OUT: u16 = 4401;
/// How long a connection that is refused stays open, so that the client can read why.
const LINGER: Duration = Duration::from_secs(1);

/// The code (RFC 6455, section 7.4.1) and the reason for which a connection ends that broke a rule of the
/// protocol; `None` when it did not, but is gone.
fn broken_rule(error: &WsError) -> Option<(u16, Ended)> {
    match error {
        WsError::Capacity(_) => Some((close_code::SIZE, "a message is too large")),
        WsError::Utf8(_) => Some((close_code::INVALID, "a text message is not UTF-8")),
        WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
        WsError::Protocol(_) => Some((close_code::PROTOCOL, "a frame breaks the protocol")),
        _ => None,
    }
}

/// Where a client wants to go on.
#[derive(Debug, Deserialize)]
pub(crate) struct LiveParams {
    since: Option<String>,
}

/// `GET /`: the WebSocket for those who ask for one, the page for everybody else.
pub(crate) async fn root(
    State(state): State<AppState>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    scope: Result<InScope, ApiError>,
    params: Result<Params<LiveParams>, ApiError>,
    permit: Option<Extension<ConnectionPermit>>,
    caller: Option<Extension<Caller>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Ok(upgrade) = upgrade else {
        return Ok(page::index(&headers));
    };
    let InScope(scope) = scope?;
    let user = named_user(scope)?;
    let Params(params) = params?;
    let since = params.since.as_deref().map(parse_cursor).transpose()?;
    let standing = Standing::of(&state, caller.as_deref(), user);
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER)
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE);
    Ok(upgrade.on_upgrade(move |socket| async move {
        // The connection counts, and is waited for at shutdown, for as long as it is a socket.
        let _permit = permit;
        let mut connection = Connection {
            socket,
            state,
            user,
            seen: Seen::default(),
        };
        if let Err(reason) = connection.run(since, standing).await {
            tracing::debug!(%user, reason, "a live connection ended");
        }
    }))
}

struct Connection {
    socket: WebSocket,
    state: AppState,
    user: UserId,
    seen: Seen,
}

/// Why a connection ends.
type Ended = &'static str;

impl Connection {
    async fn run(&mut self, since: Option<ChangeCursor>, standing: Option<Standing>) -> Result<(), Ended> {
        // Listening starts before the replay is read, so that nothing falls between the two.
        let notifier = self.state.service.platform().notifier.clone();
        let events = notifier
            .subscribe(Scope::owner(self.user))
            .await
            .map_err(|_| "no events")?;
        let greeting = message::connected("WebSocket connection established", self.user, self.now());
        self.send(greeting).await?;
        if let Some(since) = since {
            self.replay(since).await?;
        }
        self.forward(events, standing).await
    }

    async fn replay(&mut self, since: ChangeCursor) -> Result<(), Ended> {
        let scope = Scope::owner(self.user);
        let changes = self
            .state
            .service
            .changes(scope, since, REPLAY)
            .await
            .map_err(|_| "no change log")?;
        for change in &changes {
            self.seen.note(change);
        }
        for message in message::replay(&changes, self.now()) {
            self.send(message).await?;
        }
        Ok(())
    }

    async fn forward(&mut self, mut events: EventStream, standing: Option<Standing>) -> Result<(), Ended> {
        let mut ended = std::pin::pin!(standing::ended(standing));
        let mut ping = tokio::time::interval(PING);
        ping.reset();
        let mut answered = true;
        let shutdown = self.state.shutdown.clone();
        loop {
            tokio::select! {
                () = shutdown.cancelled() => {
                    let frame = CloseFrame { code: close_code::AWAY, reason: "the server is restarting".into() };
                    let _ = self.deliver(Message::Close(Some(frame))).await;
                    return Ok(());
                }
                () = &mut ended => {
                    let frame = CloseFrame { code: SIGNED_OUT, reason: "the sign-in has ended".into() };
                    let _ = self.deliver(Message::Close(Some(frame))).await;
                    return Ok(());
                }
                event = events.next() => match event {
                    Some(Received::Event(event)) => if self.seen.is_first(&event) {
                        self.send(message::event(&event)).await?;
                    },
                    Some(Received::Lagged { missed }) => {
                        self.send(message::lagged(Some(missed), self.now())).await?;
                    }
                    Some(_) => {}
                    None => return Err("the events ended"),
                },
                _ = ping.tick() => {
                    if !answered {
                        return Err("the client is gone");
                    }
                    answered = false;
                    self.deliver(Message::Ping(bytes::Bytes::new())).await?;
                }
                received = self.socket.recv() => match received {
                    Some(Ok(Message::Text(text))) => {
                        answered = true;
                        self.answer(&text).await?;
                    }
                    Some(Ok(Message::Close(_))) | None => return Ok(()),
                    Some(Ok(_)) => answered = true,
                    Some(Err(error)) => return Err(self.refuse(error).await),
                },
            }
        }
    }

    /// Answers the application's own ping and ignores other messages.
    async fn answer(&mut self, text: &str) -> Result<(), Ended> {
        let asked: Option<Value> = serde_json::from_str(text).ok();
        if asked.is_some_and(|value| value["type"] == "ping") {
            let now = self.now();
            self.send(json!({"type": "pong", "timestamp": now})).await?;
        }
        Ok(())
    }

    /// Tells a client that sent what no client may send, and why the connection ends.
    async fn refuse(&mut self, error: axum::Error) -> Ended {
        let error = error.into_inner();
        let Some((code, reason)) = error.downcast_ref().and_then(broken_rule) else {
            return "the connection broke";
        };
        let frame = CloseFrame {
            code,
            reason: reason.into(),
        };
        if self.deliver(Message::Close(Some(frame))).await.is_ok() {
            // What the client still sends would reset the connection before it has read why.
            tokio::time::sleep(LINGER).await;
        }
        reason
    }

    async fn send(&mut self, message: Value) -> Result<(), Ended> {
        self.deliver(Message::Text(Utf8Bytes::from(message.to_string())))
            .await
    }

    /// Disconnects a client that does not read. It reconnects and catches up from the change log.
    async fn deliver(&mut self, message: Message) -> Result<(), Ended> {
        match tokio::time::timeout(SEND_TIMEOUT, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err("the connection broke"),
            Err(_) => Err("the client reads too slowly"),
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.state.service.platform().clock.now()
    }
}
