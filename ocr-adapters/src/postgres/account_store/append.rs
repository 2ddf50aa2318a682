//! Adding to the audit log.

use ocr_core::{Result, account_store::AuditEntry};
use sqlx::PgConnection;

use crate::postgres::{error::pg_error, rows::storable};

/// Adds an entry, in the transaction of the change that it tells of.
pub(in crate::postgres) async fn append(connection: &mut PgConnection, entry: &AuditEntry) -> Result<()> {
    sqlx::query(
        "INSERT INTO audit_log (id, at, actor, action, object, address) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(entry.id.0)
    .bind(entry.at)
    .bind(entry.actor.map(|actor| actor.0))
    .bind(entry.action.as_str())
    .bind(storable(&entry.object))
    .bind(storable(&entry.address))
    .execute(connection)
    .await
    .map(drop)
    .map_err(|error| pg_error("audit", error))
}
