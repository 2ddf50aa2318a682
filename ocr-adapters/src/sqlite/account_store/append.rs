//! Adding to the audit log.

use ocr_core::{Result, account_store::AuditEntry};
use sqlx::SqliteConnection;

use crate::sqlite::{error::sqlite_error, rows::text_time};

/// Adds an entry, in the transaction of the change that it tells of.
pub(in crate::sqlite) async fn append(connection: &mut SqliteConnection, entry: &AuditEntry) -> Result<()> {
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
