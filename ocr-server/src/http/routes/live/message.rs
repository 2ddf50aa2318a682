//! Messages to subscribers, the same over WebSocket and as server-sent events.

use chrono::{DateTime, Utc};
use ocr_core::{
    id::UserId,
    notify::{DbChange, Event, EventBody},
    store::Change,
};
use serde_json::{Value, json};

use crate::http::routes::changes::cursor_text;

/// Changes replayed to a client that comes back; a client that missed more is told so and reloads its
/// list.
pub(super) const REPLAY: usize = 1000;

/// The greeting.
pub(super) fn connected(message: &str, user: UserId, now: DateTime<Utc>) -> Value {
    json!({"type": "connected", "message": message, "userId": user, "timestamp": now})
}

/// Some events were missed, how many where that is known: the client reads the change log, or its list
/// anew.
pub(super) fn lagged(missed: Option<u64>, now: DateTime<Utc>) -> Value {
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

/// What a subscriber who comes back is told of the first [`REPLAY`] changes it missed, and that there
/// may be more where there are so many.
pub(super) fn replay(changes: &[Change], now: DateTime<Utc>) -> Vec<Value> {
    let mut told: Vec<Value> = changes.iter().map(replayed).collect();
    if changes.len() >= REPLAY {
        told.push(lagged(None, now));
    }
    told
}

fn replayed(change: &Change) -> Value {
    let told = DbChange::new(
        change.table.clone(),
        change.operation,
        change.record_id,
        change.cursor,
    )
    .with_task_id(change.task)
    .with_status(change.status);
    db_change(&told, change.at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::store::{ChangeCursor, ChangeOperation};
    use uuid::Uuid;

    #[test]
    fn a_client_that_missed_more_than_is_replayed_is_told() {
        let change = Change::new(
            ChangeCursor { xid: 1, seq: 2 },
            "tasks",
            ChangeOperation::Update,
            Uuid::nil(),
            UserId(Uuid::nil()),
            DateTime::UNIX_EPOCH,
        );
        let last = |missed| {
            let told = replay(&vec![change.clone(); missed], DateTime::UNIX_EPOCH);
            told.last().map(|message| message["type"].clone())
        };
        assert_eq!(last(0), None);
        assert_eq!(last(REPLAY - 1), Some("db_change".into()));
        assert_eq!(last(REPLAY), Some("lagged".into()));
    }
}
