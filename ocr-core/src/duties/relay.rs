//! Sends what the outbox holds: work to the queue, events to the notifier. At least once.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::repeat;
use crate::{Result, platform::Platform, store::OutboxMessage};

/// How often the outbox is looked at when nothing woke us.
const INTERVAL: Duration = Duration::from_millis(500);
/// Messages sent at once.
const BATCH: usize = 200;
/// How long messages are hidden from other relays while we send them.
const SENDING_TIME: Duration = Duration::from_secs(30);

pub(super) async fn run(platform: &Platform, shutdown: &CancellationToken) {
    repeat(platform, shutdown, INTERVAL, || async {
        if let Err(error) = relay_once(platform).await {
            tracing::warn!(?error, "the outbox could not be relayed");
        }
    })
    .await;
}

/// Sends everything that is waiting.
pub(crate) async fn relay_once(platform: &Platform) -> Result<()> {
    loop {
        let entries = platform.store.lease_outbox(BATCH, SENDING_TIME).await?;
        if entries.is_empty() {
            return Ok(());
        }
        let (mut items, mut events, mut ids) = (Vec::new(), Vec::new(), Vec::new());
        for entry in entries {
            ids.push(entry.id);
            match entry.message {
                OutboxMessage::Enqueue(item) => items.push(item),
                OutboxMessage::Event(event) => events.push(event),
            }
        }
        for batch in items.chunks(platform.queue.capabilities().max_batch.max(1)) {
            platform.queue.enqueue(batch.to_vec()).await?;
        }
        if !events.is_empty() {
            platform.notifier.publish(events).await?;
        }
        platform.store.settle_outbox(ids).await?;
    }
}
