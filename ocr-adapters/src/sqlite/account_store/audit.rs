//! The audit log. Triggers refuse to change or remove an entry.

use async_trait::async_trait;
use ocr_core::{
    Result,
    account_store::{AuditAction, AuditEntry, AuditFilter, AuditLog, AuditOrigin},
    id::UserId,
};
use sqlx::{SqliteConnection, sqlite::SqliteRow};

use super::SqliteAccountStore;
use crate::{
    by_hand::readable,
    sqlite::{
        error::sqlite_error,
        rows::{column, corrupt, parsed, text_time, time},
    },
};

#[async_trait]
impl AuditLog for SqliteAccountStore {
    async fn record(&self, entry: AuditEntry) -> Result<()> {
        let connection = self.database.writer().acquire().await;
        let mut connection = connection.map_err(|error| sqlite_error("record", error))?;
        append(&mut connection, &entry).await
    }

    async fn audit(&self, filter: AuditFilter, limit: usize) -> Result<Vec<AuditEntry>> {
        let rows = sqlx::query(
            "SELECT id, at, actor, action, object, address FROM audit_log \
             WHERE (?1 IS NULL OR actor = ?1) AND (?2 IS NULL OR action = ?2) AND (?3 IS NULL OR id < ?3) \
             ORDER BY id DESC LIMIT ?4",
        )
        .bind(filter.actor.map(|actor| actor.to_string()))
        .bind(filter.action.map(AuditAction::as_str))
        .bind(filter.before.map(|before| before.to_string()))
        .bind(limit as i64)
        .fetch_all(&self.database.read)
        .await
        .map_err(|error| sqlite_error("audit", error))?;
        Ok(rows.iter().filter_map(|row| readable(entry(row))).collect())
    }
}

/// Adds an entry, in the transaction of the change that it tells of.
pub(super) async fn append(connection: &mut SqliteConnection, entry: &AuditEntry) -> Result<()> {
    sqlx::query(
        "INSERT INTO audit_log (id, at, actor, action, object, address) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .bind(entry.id.to_string())
    .bind(text_time(entry.at))
    .bind(entry.actor.map(|actor| actor.to_string()))
    .bind(entry.action.as_str())
    .bind(&entry.object)
    .bind(&entry.address)
    .execute(connection)
    .await
    .map(drop)
    .map_err(|error| sqlite_error("audit", error))
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
