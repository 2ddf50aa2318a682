//! The WebSocket: live updates of one user's tasks.

use axum::{
    extract::{
        State,
        ws::{
            CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code,
            rejection::WebSocketUpgradeRejection,
        },
    },
    response::Response,
};
use chrono::{DateTime, Utc};
use futures::StreamExt;
use ocr_core::{
    id::UserId,
    notify::{DbChange, Event, EventBody, EventStream, Received, Topic},
    store::{Change, ChangeCursor, Scope},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

use super::{
    changes::{cursor_text, parse_cursor},
    start_page,
};
use crate::http::{
    error::ApiError,
    request::{Caller, Params},
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
/// Changes replayed to a client that comes back; a client that missed more reloads its list.
const REPLAY: usize = 1000;

/// Where a client wants to go on.
#[derive(Debug, Deserialize)]
pub(crate) struct LiveParams {
    since: Option<String>,
}

/// `GET /`: the WebSocket for those who ask for one, the start page for everybody else.
pub(crate) async fn root(
    State(state): State<AppState>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    caller: Caller,
    Params(params): Params<LiveParams>,
) -> Result<Response, ApiError> {
    let Ok(upgrade) = upgrade else {
        return Ok(start_page::page(&state).await);
    };
    let user = caller.user()?;
    let since = params.since.as_deref().map(parse_cursor).transpose()?;
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER)
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE);
    Ok(upgrade.on_upgrade(move |socket| async move {
        let mut connection = Connection { socket, state, user };
        if let Err(reason) = connection.run(since).await {
            tracing::debug!(%user, reason, "a live connection ended");
        }
    }))
}

struct Connection {
    socket: WebSocket,
    state: AppState,
    user: UserId,
}

/// Why a connection ends.
type Ended = &'static str;

impl Connection {
    async fn run(&mut self, since: Option<ChangeCursor>) -> Result<(), Ended> {
        // Listening starts before the replay is read, so that nothing falls between the two.
        let notifier = self.state.service.platform().notifier.clone();
        let events = notifier
            .subscribe(Topic::Owner(self.user))
            .await
            .map_err(|_| "no events")?;
        let now = self.now();
        self.send(json!({
            "type": "connected",
            "message": "WebSocket connection established",
            "userId": self.user,
            "timestamp": now,
        }))
        .await?;
        if let Some(since) = since {
            self.replay(since).await?;
        }
        self.forward(events).await
    }

    async fn replay(&mut self, since: ChangeCursor) -> Result<(), Ended> {
        let scope = Scope::Owner(self.user);
        let changes = self
            .state
            .service
            .changes(scope, since, REPLAY)
            .await
            .map_err(|_| "no change log")?;
        for change in changes {
            self.send(replayed(&change)).await?;
        }
        Ok(())
    }

    async fn forward(&mut self, mut events: EventStream) -> Result<(), Ended> {
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
                event = events.next() => match event {
                    Some(Received::Event(event)) => self.send(message(&event)).await?,
                    Some(Received::Lagged { missed }) => {
                        let now = self.now();
                        self.send(json!({"type": "lagged", "data": {"missed": missed}, "timestamp": now})).await?;
                    }
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
                    Some(Err(_)) => return Err("the connection broke"),
                },
            }
        }
    }

    /// Answers the application's own ping; what else clients say is of no interest.
    async fn answer(&mut self, text: &str) -> Result<(), Ended> {
        let asked: Option<Value> = serde_json::from_str(text).ok();
        if asked.is_some_and(|value| value["type"] == "ping") {
            let now = self.now();
            self.send(json!({"type": "pong", "timestamp": now})).await?;
        }
        Ok(())
    }

    async fn send(&mut self, message: Value) -> Result<(), Ended> {
        self.deliver(Message::Text(Utf8Bytes::from(message.to_string())))
            .await
    }

    /// A client that does not read is let go; it comes back and catches up.
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

fn message(event: &Event) -> Value {
    match &event.body {
        EventBody::TaskUpdate(update) => {
            json!({"type": "task_update", "data": update, "timestamp": event.at})
        }
        EventBody::DbChange(change) => db_change(change, event.at),
        _ => json!({"type": "event", "timestamp": event.at}),
    }
}

fn db_change(change: &DbChange, at: DateTime<Utc>) -> Value {
    json!({
        "type": "db_change",
        "data": {
            "table": change.table,
            "operation": change.operation,
            "recordId": change.record_id,
            "taskId": change.task_id,
            "status": change.status,
            "message": format!("Database {} on {}", change.operation.as_str().to_lowercase(), change.table),
        },
        "cursor": cursor_text(change.cursor),
        "timestamp": at,
    })
}

fn replayed(change: &Change) -> Value {
    let told = DbChange {
        table: change.table.clone(),
        operation: change.operation,
        record_id: change.record_id,
        task_id: change.task,
        status: change.status,
        cursor: change.cursor,
    };
    db_change(&told, change.at)
}
