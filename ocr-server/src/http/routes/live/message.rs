//! What subscribers are told, by WebSocket and as server-sent events alike.

use chrono::{DateTime, Utc};
use ocr_core::{
    id::UserId,
    notify::{DbChange, Event, EventBody},
    store::Change,
};
use serde_json::{Value, json};

use crate::http::routes::changes::cursor_text;

/// Changes replayed to a client that comes back; a client that missed more reloads its list.
pub(super) const REPLAY: usize = 1000;

/// The greeting.
pub(super) fn connected(message: &str, user: UserId, now: DateTime<Utc>) -> Value {
    json!({"type": "connected", "message": message, "userId": user, "timestamp": now})
}

/// Some events were missed: the client reads the change log, or its list anew.
pub(super) fn lagged(missed: u64, now: DateTime<Utc>) -> Value {
    json!({"type": "lagged", "data": {"missed": missed}, "timestamp": now})
}

/// What a subscriber is told of an event.
pub(super) fn event(event: &Event) -> Value {
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

/// What a subscriber who comes back is told of a change it missed.
pub(super) fn replayed(change: &Change) -> Value {
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
