//! Tells subscribers of every change of a row, whoever made it: us, another process, or a person
//! with a database client.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{repeat, within};
use crate::{
    Result,
    notify::{DbChange, Event, EventBody},
    platform::Platform,
    store::{Change, ChangeCursor, Scope},
};

/// How often the change log is looked at when nothing woke us; a direct change must reach open
/// pages within a second.
const INTERVAL: Duration = Duration::from_millis(250);
/// Changes told at once.
const BATCH: usize = 500;

/// Follows the change log.
#[derive(Debug)]
pub struct ChangeListener {
    platform: Platform,
    cursor: tokio::sync::Mutex<Option<ChangeCursor>>,
}

impl ChangeListener {
    /// Follows the log from its end at the first look.
    pub fn new(platform: Platform) -> Self {
        Self {
            platform,
            cursor: tokio::sync::Mutex::new(None),
        }
    }

    /// Publishes changes until `shutdown` is cancelled.
    pub async fn run(&self, shutdown: CancellationToken) {
        repeat(&self.platform, &shutdown, INTERVAL, || async {
            if let Err(error) = self.publish_new().await {
                tracing::warn!(?error, "the change log could not be followed");
            }
        })
        .await;
    }

    /// Publishes what is new since the last call.
    pub async fn publish_new(&self) -> Result<()> {
        let store = &self.platform.store;
        let mut cursor = self.cursor.lock().await;
        let Some(mut since) = *cursor else {
            *cursor = Some(within("store.change_head", store.change_head()).await?);
            return Ok(());
        };
        loop {
            let changes = within("store.changes", store.changes(Scope::System, since, BATCH)).await?;
            let Some(last) = changes.last() else { return Ok(()) };
            since = last.cursor;
            let events: Vec<Event> = changes.into_iter().map(|change| self.event(change)).collect();
            within("notifier.publish", self.platform.notifier.publish(events)).await?;
            *cursor = Some(since);
        }
    }

    fn event(&self, change: Change) -> Event {
        let body = EventBody::DbChange(DbChange {
            table: change.table,
            operation: change.operation,
            record_id: change.record_id,
            task_id: change.task,
            status: change.status,
            cursor: change.cursor,
        });
        self.platform.event(change.owner, body)
    }
}
