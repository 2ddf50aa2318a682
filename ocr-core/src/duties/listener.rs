//! The listener: follows the change log and publishes each change, whether this process, another one or a
//! database client made it.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::repeat;
use crate::{
    Result,
    notify::{DbChange, Event, EventBody},
    platform::Platform,
    store::{Change, ChangeCursor, Scope},
};

/// How often the change log is looked at when nothing woke us; a direct change must reach open
/// pages within a second.
const INTERVAL: Duration = Duration::from_millis(250);
/// How far back a listener starts, when its notifier reaches other processes: changes of the time without a
/// listener are published too. Subscribers recognise by its cursor a change that they have seen.
const LOOK_BACK: Duration = Duration::from_mins(5);
/// Changes told at once.
const BATCH: usize = 500;

/// Follows the change log.
#[derive(Debug)]
pub struct ChangeListener {
    platform: Platform,
    cursor: tokio::sync::Mutex<Option<ChangeCursor>>,
}

impl ChangeListener {
    /// Follows the log from the first look on; where events reach other processes, from five minutes before
    /// it, so that what changed while no listener ran is told.
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
        let mut since = match *cursor {
            Some(since) => since,
            None => self.beginning().await?,
        };
        *cursor = Some(since);
        loop {
            let changes = store.changes(Scope::system(), since, BATCH).await?;
            let Some(last) = changes.last() else { return Ok(()) };
            since = last.cursor;
            let events: Vec<Event> = changes.into_iter().map(|change| self.event(change)).collect();
            self.platform.notifier.publish(events).await?;
            *cursor = Some(since);
        }
    }

    /// Where to begin: at the end of the log, or some time before where subscribers outlive a listener.
    async fn beginning(&self) -> Result<ChangeCursor> {
        let Platform {
            store,
            notifier,
            clock,
            ..
        } = &self.platform;
        if notifier.capabilities().cross_process {
            let position = store.change_position(clock.now() - LOOK_BACK);
            position.await
        } else {
            store.change_head().await
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
