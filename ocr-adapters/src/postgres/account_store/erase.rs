//! Forgets a user.

use ocr_core::{Result, account_store::AuditEntry, id::UserId};
use sqlx::PgConnection;

use super::{PgAccountStore, audit::append};
use crate::postgres::error::pg_error;

/// In this order: what the audit log says can be blanked once the salt is gone, and the login is known until the account
/// goes. What belongs to a user goes with their row.
const STATEMENTS: [&str; 5] = [
    "UPDATE audit_chain SET salt = NULL WHERE salt IS NOT NULL AND entry IN (SELECT id FROM audit_log \
     WHERE actor = $1 OR strpos(object, $1::text) > 0 OR object = (SELECT login FROM accounts WHERE user_id = $1))",
    "UPDATE audit_log SET actor = NULL, object = '', address = '' \
     WHERE (actor = $1 OR strpos(object, $1::text) > 0 OR object = (SELECT login FROM accounts WHERE user_id = $1)) \
     AND id IN (SELECT entry FROM audit_chain WHERE salt IS NULL)",
    "DELETE FROM users WHERE id = $1",
    "DELETE FROM saved_searches WHERE user_id = $1",
    // Last: what goes with the user is counted.
    "DELETE FROM task_counts WHERE user_id = $1",
];

pub(super) async fn erase(store: &PgAccountStore, user: UserId, entry: AuditEntry) -> Result<u64> {
    store
        .database
        .transaction("erase_user", async |tx| erase_within(tx, user, &entry).await)
        .await
}

async fn erase_within(tx: &mut PgConnection, user: UserId, entry: &AuditEntry) -> Result<u64> {
    let failed = |error| pg_error("erase_user", error);
    // While the login is known.
    let left: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM audit_unsealed u JOIN audit_log l ON l.id = u.entry \
         WHERE l.actor = $1 OR strpos(l.object, $1::text) > 0 OR l.object = (SELECT login FROM accounts WHERE user_id = $1)",
    )
    .bind(user.0)
    .fetch_one(&mut *tx)
    .await
    .map_err(failed)?;
    for statement in STATEMENTS {
        sqlx::query(statement)
            .bind(user.0)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
    }
    append(tx, entry).await?;
    Ok(left as u64)
}
