//! Messages committed with the change they tell of.

use std::time::Duration;

use async_trait::async_trait;
use ocr_core::{
    Result,
    clock::later,
    store::{Outbox, OutboxEntry, Write},
};
use sqlx::{Sqlite, Transaction};

use super::SqliteStore;
use crate::sqlite::{
    account_store::append,
    error::sqlite_error,
    rows::{column, corrupt, text_time},
};

/// Adds messages and entries of the audit log to a transaction.
pub(super) async fn send(tx: &mut Transaction<'static, Sqlite>, write: Write, now: &str) -> Result<()> {
    for message in write.outbox {
        let json = serde_json::to_string(&message).map_err(|error| corrupt("message", error))?;
        sqlx::query("INSERT INTO outbox (message, created_at) VALUES (?1, ?2)")
            .bind(json)
            .bind(now)
            .execute(&mut **tx)
            .await
            .map_err(|error| sqlite_error("outbox", error))?;
    }
    for entry in &write.audit {
        append(tx, entry).await?;
    }
    Ok(())
}

#[async_trait]
impl Outbox for SqliteStore {
    async fn lease_outbox(&self, limit: usize, ttl: Duration) -> Result<Vec<OutboxEntry>> {
        let now = self.clock.now();
        // Looking first keeps an idle relay from taking the write lock.
        let waiting =
            sqlx::query("SELECT 1 FROM outbox WHERE hidden_until IS NULL OR hidden_until <= ?1 LIMIT 1")
                .bind(text_time(now))
                .fetch_optional(&self.database.read)
                .await
                .map_err(|error| sqlite_error("lease_outbox", error))?;
        if waiting.is_none() {
            return Ok(Vec::new());
        }
        let rows = sqlx::query(
            "UPDATE outbox SET hidden_until = ?2 WHERE id IN \
             (SELECT id FROM outbox WHERE hidden_until IS NULL OR hidden_until <= ?1 ORDER BY id LIMIT ?3) \
             RETURNING id, message",
        )
        .bind(text_time(now))
        .bind(text_time(later(now, ttl)))
        .bind(limit as i64)
        .fetch_all(self.database.writer())
        .await
        .map_err(|error| sqlite_error("lease_outbox", error))?;
        let mut entries = Vec::with_capacity(rows.len());
        for row in &rows {
            entries.extend(OutboxEntry::decode(column(row, "id")?, column(row, "message")?));
        }
        entries.sort_by_key(|entry| entry.id);
        Ok(entries)
    }

    async fn settle_outbox(&self, sent: Vec<i64>) -> Result<()> {
        let mut tx = self.database.begin("settle_outbox").await?;
        for id in sent {
            sqlx::query("DELETE FROM outbox WHERE id = ?1")
                .bind(id)
                .execute(&mut *tx)
                .await
                .map_err(|error| sqlite_error("settle_outbox", error))?;
        }
        tx.commit()
            .await
            .map_err(|error| sqlite_error("settle_outbox", error))
    }
}
