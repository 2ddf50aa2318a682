//! The audit log. Triggers refuse to change or remove an entry, but for what `audit_chain` does.

use async_trait::async_trait;
use ocr_core::{
    Result,
    account_store::{AuditAction, AuditAnchor, AuditEntry, AuditFilter, AuditLog, AuditOrigin, SealedRecord},
    clock::Timestamp,
    id::UserId,
};
use sqlx::sqlite::SqliteRow;

pub(in crate::sqlite) use super::append::append;
use super::{SqliteAccountStore, audit_chain};
use crate::{
    by_hand::readable,
    sqlite::{
        error::sqlite_error,
        rows::{column, corrupt, parsed, time},
    },
};

/// Entries about anything, by the index of their ids.
const OF_ALL: &str = "SELECT id, at, actor, action, object, address FROM audit_log \
     WHERE (?1 IS NULL OR actor = ?1) AND (?2 IS NULL OR action = ?2) AND (?3 IS NULL OR id < ?3) \
     AND ?5 IS NULL ORDER BY id DESC LIMIT ?4";
/// Entries about one object, by the index of objects.
const OF_ONE: &str = "SELECT id, at, actor, action, object, address FROM audit_log \
     WHERE object = ?5 AND (?1 IS NULL OR actor = ?1) AND (?2 IS NULL OR action = ?2) \
     AND (?3 IS NULL OR id < ?3) ORDER BY id DESC LIMIT ?4";

#[async_trait]
impl AuditLog for SqliteAccountStore {
    async fn record(&self, entry: AuditEntry) -> Result<()> {
        let connection = self.database.writer().acquire().await;
        let mut connection = connection.map_err(|error| sqlite_error("record", error))?;
        append(&mut connection, &entry).await
    }

    async fn audit(&self, filter: AuditFilter, limit: usize) -> Result<Vec<AuditEntry>> {
        let rows = sqlx::query(match filter.document {
            Some(_) => OF_ONE,
            None => OF_ALL,
        })
        .bind(filter.actor.map(|actor| actor.to_string()))
        .bind(filter.action.map(AuditAction::as_str))
        .bind(filter.before.map(|before| before.to_string()))
        .bind(limit as i64)
        .bind(filter.document.map(|document| document.to_string()))
        .fetch_all(&self.database.read)
        .await
        .map_err(|error| sqlite_error("audit", error))?;
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

fn entry(row: &SqliteRow) -> Result<AuditEntry> {
    let actor: Option<String> = column(row, "actor")?;
    let actor = actor
        .map(|actor| actor.parse::<UserId>())
        .transpose()
        .map_err(|error| corrupt("actor", error))?;
    let origin = AuditOrigin::new(actor, column::<String>(row, "address")?);
    Ok(AuditEntry::new(
        parsed(row, "id")?,
        time(row, "at")?,
        origin,
        parsed(row, "action")?,
    )
    .with_object(column::<String>(row, "object")?))
}
