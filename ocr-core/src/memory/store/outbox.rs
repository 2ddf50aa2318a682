//! Messages that wait to be sent.

use std::time::Duration;

use async_trait::async_trait;

use super::{MemoryStore, lock};
use crate::{
    Result,
    clock::later,
    store::{Outbox, OutboxEntry},
};

#[async_trait]
impl Outbox for MemoryStore {
    async fn lease_outbox(&self, limit: usize, ttl: Duration) -> Result<Vec<OutboxEntry>> {
        let now = self.clock.now();
        let until = later(now, ttl);
        let mut tables = lock(&self.tables);
        let free = tables
            .outbox
            .iter_mut()
            .filter(|(_, pending)| pending.hidden_until.is_none_or(|hidden| hidden <= now))
            .take(limit);
        Ok(free
            .map(|(id, pending)| {
                pending.hidden_until = Some(until);
                OutboxEntry {
                    id: *id,
                    message: pending.message.clone(),
                }
            })
            .collect())
    }

    async fn settle_outbox(&self, sent: Vec<i64>) -> Result<()> {
        let mut tables = lock(&self.tables);
        for id in sent {
            tables.outbox.remove(&id);
        }
        Ok(())
    }
}
