//! Events as the spec writes them, with members of ours that others may leave out.

use ocr_core::{
    clock::Timestamp,
    id::{EventId, TaskId, UserId},
    model::TaskStatus,
    notify::{DbChange, Event, EventBody, TaskUpdate},
    store::{ChangeCursor, ChangeOperation},
};
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use super::Stamp;

/// What is told where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    Updates,
    Changes,
}

impl Channel {
    pub(super) const ALL: [Self; 2] = [Self::Updates, Self::Changes];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Updates => "ocr:task:updates",
            Self::Changes => "ocr:db:changes",
        }
    }
}

/// A task moved on, on `ocr:task:updates`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateMessage {
    task_id: TaskId,
    user_id: UserId,
    status: TaskStatus,
    #[serde(default)]
    message: String,
    #[serde(default, deserialize_with = "percent")]
    progress: u8,
    id: Option<EventId>,
    at: Option<Timestamp>,
}

/// A row changed, on `ocr:db:changes`.
#[derive(Debug, Serialize, Deserialize)]
struct ChangeMessage {
    r#type: ChangeType,
    data: ChangeData,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ChangeType {
    DbChange,
}

#[derive(Debug, Serialize, Deserialize)]
struct ChangeData {
    table: String,
    operation: ChangeOperation,
    record_id: Uuid,
    user_id: UserId,
    status: Option<TaskStatus>,
    task_id: Option<TaskId>,
    #[serde(default)]
    cursor: ChangeCursor,
    id: Option<EventId>,
    at: Option<Timestamp>,
}

/// A share done in percent, as any program may write it: `50`, `50.0`, `120`.
fn percent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    Ok(f64::deserialize(deserializer)?.clamp(0.0, 100.0) as u8)
}

/// The channel and text of an event; `None` for a kind of event the spec has no message for.
pub(super) fn written(event: Event) -> Option<(Channel, String)> {
    let (channel, text) = match event.body {
        EventBody::TaskUpdate(update) => {
            let message = UpdateMessage {
                task_id: update.task_id,
                user_id: event.owner,
                status: update.status,
                message: update.message,
                progress: update.progress,
                id: Some(event.id),
                at: Some(event.at),
            };
            (Channel::Updates, serde_json::to_string(&message))
        }
        EventBody::DbChange(change) => {
            let data = ChangeData {
                table: change.table,
                operation: change.operation,
                record_id: change.record_id,
                user_id: event.owner,
                status: change.status,
                task_id: change.task_id,
                cursor: change.cursor,
                id: Some(event.id),
                at: Some(event.at),
            };
            let r#type = ChangeType::DbChange;
            (
                Channel::Changes,
                serde_json::to_string(&ChangeMessage { r#type, data }),
            )
        }
        _ => return None,
    };
    text.ok().map(|text| (channel, text))
}

/// The event that a message tells, whoever wrote it.
pub(super) fn read(channel: Channel, text: &[u8], stamp: &Stamp) -> serde_json::Result<Event> {
    match channel {
        Channel::Updates => {
            let message: UpdateMessage = serde_json::from_slice(text)?;
            let update = TaskUpdate::new(message.task_id, message.status, message.message, message.progress);
            let body = EventBody::TaskUpdate(update);
            Ok(stamp.event(message.id, message.at, message.user_id, body))
        }
        Channel::Changes => {
            let data = serde_json::from_slice::<ChangeMessage>(text)?.data;
            let of_tasks = (data.table == "tasks").then_some(TaskId(data.record_id));
            let change = DbChange::new(data.table, data.operation, data.record_id, data.cursor)
                .with_task_id(data.task_id.or(of_tasks))
                .with_status(data.status);
            let body = EventBody::DbChange(change);
            Ok(stamp.event(data.id, data.at, data.user_id, body))
        }
    }
}

impl Stamp {
    fn event(&self, id: Option<EventId>, at: Option<Timestamp>, owner: UserId, body: EventBody) -> Event {
        Event::new(
            id.unwrap_or_else(|| EventId(self.ids.next())),
            at.unwrap_or_else(|| self.clock.now()),
            owner,
            body,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::{clock::ManualClock, id::SequentialIds};
    use serde_json::json;
    use std::sync::Arc;

    const ID: &str = "11111111-1111-1111-1111-111111111111";

    fn stamp() -> Stamp {
        Stamp {
            clock: Arc::new(ManualClock::default()),
            ids: Arc::new(SequentialIds::default()),
        }
    }

    fn event(body: EventBody) -> Event {
        stamp().event(None, None, ID.parse().unwrap(), body)
    }

    /// The members of `message` that the spec does not name, sorted.
    fn extras(message: &serde_json::Value, named: &[&str]) -> Vec<String> {
        let names = message.as_object().unwrap().keys();
        let extra = names.filter(|name| !named.contains(&name.as_str()));
        // The order of members depends on features that other crates turn on.
        let mut extra: Vec<String> = extra.cloned().collect();
        extra.sort_unstable();
        extra
    }

    #[test]
    fn an_update_is_written_as_the_spec_says() {
        let update = TaskUpdate::new(
            ID.parse().unwrap(),
            TaskStatus::Processing,
            "Processing document...",
            50,
        );
        let (channel, text) = written(event(EventBody::TaskUpdate(update))).unwrap();
        assert_eq!(channel.name(), "ocr:task:updates");
        let mut message: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            extras(&message, &["taskId", "userId", "status", "message", "progress"]),
            ["at", "id"]
        );
        for extra in ["at", "id"] {
            message.as_object_mut().unwrap().remove(extra);
        }
        let expected = json!({
            "taskId": ID, "userId": ID, "status": "processing",
            "message": "Processing document...", "progress": 50,
        });
        assert_eq!(message, expected);
        let read = read(channel, expected.to_string().as_bytes(), &stamp()).unwrap();
        assert_eq!(
            written(read).unwrap().1,
            text,
            "what others write is the same event"
        );
    }

    #[test]
    fn a_change_is_written_as_the_spec_says() {
        let change = DbChange::new(
            "tasks",
            ChangeOperation::Update,
            ID.parse().unwrap(),
            ChangeCursor::default(),
        )
        .with_task_id(Some(ID.parse().unwrap()))
        .with_status(Some(TaskStatus::Completed));
        let (channel, text) = written(event(EventBody::DbChange(change))).unwrap();
        assert_eq!(channel.name(), "ocr:db:changes");
        let message: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(message["type"], "db_change");
        let named = ["table", "operation", "record_id", "user_id", "status"];
        assert_eq!(
            extras(&message["data"], &named),
            ["at", "cursor", "id", "task_id"]
        );
        let bare = json!({
            "type": "db_change",
            "data": {
                "table": "tasks", "operation": "UPDATE", "record_id": ID, "user_id": ID,
                "status": "completed",
            },
        });
        let read = read(channel, bare.to_string().as_bytes(), &stamp()).unwrap();
        assert_eq!(
            written(read).unwrap().1,
            text,
            "what others write is the same event"
        );
    }

    #[test]
    fn messages_of_others_are_taken_as_they_are_meant() {
        let update = |rest: &str| {
            let text = format!("{{\"taskId\":\"{ID}\",\"userId\":\"{ID}\",\"status\":\"failed\"{rest}}}");
            read(Channel::Updates, text.as_bytes(), &stamp())
        };
        for (rest, expected) in [("", 0), (",\"progress\":49.9", 49), (",\"progress\":1000", 100)] {
            match update(rest).unwrap().body {
                EventBody::TaskUpdate(update) => assert_eq!(update.progress, expected),
                other => panic!("{other:?}"),
            }
        }
        assert!(update(",\"progress\":\"half\"").is_err());
        for text in [
            "",
            "{}",
            "[]",
            "{\"type\":\"db_change\"}",
            "{\"type\":\"other\",\"data\":{}}",
        ] {
            assert!(
                read(Channel::Changes, text.as_bytes(), &stamp()).is_err(),
                "{text}"
            );
        }
    }
}
