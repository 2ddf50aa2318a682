//! Messages committed with the change they tell of.

use std::time::Duration;

use async_trait::async_trait;
use ocr_core::{
    Result,
    store::{Outbox, OutboxEntry, Write},
};
use sqlx::PgConnection;

use super::PgStore;
use crate::postgres::{
    account_store::append,
    error::pg_error,
    rows::{column, corrupt, micros, row_limit},
};

/// Adds messages, in their order, and entries of the audit log to a transaction.
pub(super) async fn send(tx: &mut PgConnection, write: &Write) -> Result<()> {
    for entry in &write.audit {
        append(tx, entry).await?;
    }
    if write.outbox.is_empty() {
        return Ok(());
    }
    let bodies = write
        .outbox
        .iter()
        .map(|message| serde_json::to_string(message).map_err(|error| corrupt("message", error)))
        .collect::<Result<Vec<_>>>()?;
    sqlx::query(
        "INSERT INTO outbox (message) \
         SELECT message FROM UNNEST($1::text[]) WITH ORDINALITY AS new (message, number) ORDER BY number",
    )
    .bind(bodies)
    .execute(tx)
    .await
    .map(drop)
    .map_err(|error| pg_error("outbox", error))
}

#[async_trait]
impl Outbox for PgStore {
    async fn lease_outbox(&self, limit: usize, ttl: Duration) -> Result<Vec<OutboxEntry>> {
        let rows = self
            .database
            .call("lease_outbox", async |connection| {
                sqlx::query(
                    "UPDATE outbox SET hidden_until = clock_timestamp() + $2 * interval '1 microsecond' \
                     WHERE id = ANY (ARRAY(SELECT id FROM outbox \
                         WHERE hidden_until IS NULL OR hidden_until <= clock_timestamp() \
                         ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)) \
                     RETURNING id, message",
                )
                .bind(row_limit(limit))
                .bind(micros(ttl))
                .fetch_all(connection)
                .await
                .map_err(|error| pg_error("lease_outbox", error))
            })
            .await?;
        let mut entries = Vec::with_capacity(rows.len());
        for row in &rows {
            entries.extend(OutboxEntry::decode(column(row, "id")?, column(row, "message")?));
        }
        entries.sort_by_key(|entry| entry.id);
        Ok(entries)
    }

    async fn settle_outbox(&self, sent: Vec<i64>) -> Result<()> {
        self.database
            .call("settle_outbox", async |connection| {
                sqlx::query("DELETE FROM outbox WHERE id = ANY ($1)")
                    .bind(&sent)
                    .execute(connection)
                    .await
                    .map(drop)
                    .map_err(|error| pg_error("settle_outbox", error))
            })
            .await
    }
}
