//! `GET /api/events`: live updates as server-sent events, for networks that break WebSockets.

use std::{convert::Infallible, time::Duration};

use axum::{
    Extension,
    extract::State,
    http::HeaderMap,
    response::{
        Sse,
        sse::{Event as SseEvent, KeepAlive},
    },
};
use futures::{Stream, StreamExt, stream};
use ocr_core::{model::Caller, notify::Received, store::Scope};
use serde_json::Value;

use super::{
    message::{self, REPLAY},
    seen::Seen,
};
use crate::http::{
    error::ApiError,
    problem::Problem,
    request::{InScope, Params, named_user},
    routes::changes::{ChangesParams, parse_cursor},
    standing::{self, Standing},
    state::AppState,
};

/// How often a silent connection is kept open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The messages of the WebSocket as server-sent events, named by their type; the id of a change is its
/// cursor, so that a browser that reconnects goes on where it was.
#[utoipa::path(
    get, path = "/api/events", tag = "live",
    params(
        ("userId" = String, Query, description = "The owner, a UUID"),
        ("Last-Event-ID" = Option<String>, Header, description = "As `since`; browsers send it themselves"),
        ("ticket" = Option<String>, Query, description = "Of `POST /api/live-tickets`, in place of a header or cookie"),
        ChangesParams,
    ),
    responses(
        (status = 200, body = String, content_type = "text/event-stream"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn events(
    State(state): State<AppState>,
    InScope(scope): InScope,
    Params(params): Params<ChangesParams>,
    caller: Option<Extension<Caller>>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<SseEvent, Infallible>>>, ApiError> {
    let user = named_user(scope)?;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let since = last.or(params.since.as_deref()).map(parse_cursor).transpose()?;
    let platform = state.service.platform().clone();
    // Listening starts before the replay is read, so that nothing falls between the two.
    let live = platform.notifier.subscribe(Scope::owner(user)).await?;
    let missed = match since {
        Some(since) => state.service.changes(Scope::owner(user), since, REPLAY).await?,
        None => Vec::new(),
    };
    let mut seen = Seen::default();
    for change in &missed {
        seen.note(change);
    }
    let greeting = message::connected("Event stream established", user, platform.clock.now());
    let missed = message::replay(&missed, platform.clock.now());
    let first = stream::iter([greeting]).chain(stream::iter(missed));
    let live = live.filter_map(move |received| {
        let message = match received {
            Received::Event(event) => seen.is_first(&event).then(|| message::event(&event)),
            Received::Lagged { missed } => Some(message::lagged(Some(missed), platform.clock.now())),
            _ => None,
        };
        std::future::ready(message)
    });
    let ended = standing::ended(Standing::of(&state, caller.as_deref(), user));
    let shutdown = state.shutdown.cancelled_owned();
    let until = async move {
        tokio::select! {
            () = shutdown => {}
            () = ended => {}
        }
    };
    let messages = first
        .chain(live)
        .take_until(until)
        .map(|message| Ok(sse_event(&message)));
    Ok(Sse::new(messages).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

fn sse_event(message: &Value) -> SseEvent {
    let event = SseEvent::default()
        .event(message["type"].as_str().unwrap_or("message"))
        .data(message.to_string());
    match message["cursor"].as_str() {
        Some(cursor) => event.id(cursor),
        None => event,
    }
}
