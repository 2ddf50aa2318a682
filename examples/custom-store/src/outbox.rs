//! Messages that were committed with a change, until they are sent.

use std::time::Duration;

use async_trait::async_trait;
use ocr_core::{
    Result,
    clock::later,
    store::{Outbox, OutboxEntry},
};

use crate::FileStore;

#[async_trait]
impl Outbox for FileStore {
    async fn lease_outbox(&self, limit: usize, ttl: Duration) -> Result<Vec<OutboxEntry>> {
        self.change(move |state, now| {
            let ready = state
                .outbox
                .iter_mut()
                .filter(|unsent| unsent.hidden_until.is_none_or(|until| until <= now));
            let leased = ready.take(limit).map(|unsent| {
                unsent.hidden_until = Some(later(now, ttl));
                OutboxEntry::new(unsent.id, unsent.message.clone())
            });
            Ok(leased.collect())
        })
        .await
    }

    async fn settle_outbox(&self, sent: Vec<i64>) -> Result<()> {
        self.change(move |state, _| {
            state.outbox.retain(|unsent| !sent.contains(&unsent.id));
            Ok(())
        })
        .await
    }
}
