//! The audit log. Triggers refuse to change or remove an entry, but for what `audit_chain` does.

use async_trait::async_trait;
use ocr_core::{
    Result,
    account_store::{AuditAction, AuditAnchor, AuditEntry, AuditFilter, AuditLog, AuditOrigin, SealedRecord},
    clock::Timestamp,
    id::{AuditId, UserId},
};
use sqlx::postgres::PgRow;
use uuid::Uuid;

pub(in crate::postgres) use super::append::append;
use super::{PgAccountStore, audit_chain};
use crate::{
    by_hand::readable,
    postgres::{
        error::pg_error,
        rows::{column, parsed, row_limit},
    },
};

#[async_trait]
impl AuditLog for PgAccountStore {
    async fn record(&self, entry: AuditEntry) -> Result<()> {
        self.database
            .call("record", async |connection| append(connection, &entry).await)
            .await
    }

    async fn audit(&self, filter: AuditFilter, limit: usize) -> Result<Vec<AuditEntry>> {
        let rows = self
            .database
            .call("audit", async |connection| {
                sqlx::query(
                    "SELECT id, at, actor, action, object, address FROM audit_log \
                     WHERE ($1::uuid IS NULL OR actor = $1) AND ($2::text IS NULL OR action = $2) \
                     AND ($3::uuid IS NULL OR id < $3) AND ($5::text IS NULL OR object = $5) \
                     ORDER BY id DESC LIMIT $4",
                )
                .bind(filter.actor.map(|actor| actor.0))
                .bind(filter.action.map(AuditAction::as_str))
                .bind(filter.before.map(|before| before.0))
                .bind(row_limit(limit))
                .bind(filter.document.map(|document| document.to_string()))
                .fetch_all(connection)
                .await
                .map_err(|error| pg_error("audit", error))
            })
            .await?;
        Ok(rows.iter().filter_map(|row| readable(entry(row))).collect())
    }

    async fn seal_entries(&self, limit: usize) -> Result<usize> {
        audit_chain::seal(self, limit).await
    }

    async fn sealed_entries(&self, after: u64, limit: usize) -> Result<Vec<SealedRecord>> {
        audit_chain::sealed(self, after, limit).await
    }

    async fn unsealed_entries(&self) -> Result<u64> {
        audit_chain::unsealed(self).await
    }

    async fn audit_anchor(&self) -> Result<Option<AuditAnchor>> {
        audit_chain::anchor(self).await
    }

    async fn prune_entries(&self, before: Timestamp, entry: AuditEntry) -> Result<u64> {
        audit_chain::prune(self, before, entry).await
    }
}

fn entry(row: &PgRow) -> Result<AuditEntry> {
    let actor: Option<Uuid> = column(row, "actor")?;
    let origin = AuditOrigin::new(actor.map(UserId), column::<String>(row, "address")?);
    let id = AuditId(column::<Uuid>(row, "id")?);
    Ok(
        AuditEntry::new(id, column(row, "at")?, origin, parsed(row, "action")?)
            .with_object(column::<String>(row, "object")?),
    )
}
