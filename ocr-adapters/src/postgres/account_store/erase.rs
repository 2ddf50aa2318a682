//! Forgets a user.

use ocr_core::{Result, account_store::AuditEntry, id::UserId};
use sqlx::PgConnection;

use super::{PgAccountStore, audit::append, audit_chain::LOCK};
use crate::postgres::error::pg_error;

/// What the audit log says can be blanked once the salt is gone.
const BLANK: [&str; 2] = [
    "UPDATE audit_chain SET salt = NULL WHERE salt IS NOT NULL AND entry IN (SELECT id FROM audit_log \
     WHERE actor = $1 OR strpos(object, $1::text) > 0 OR object = (SELECT login FROM accounts WHERE user_id = $1))",
    "UPDATE audit_log SET actor = NULL, object = '', address = '' \
     WHERE (actor = $1 OR strpos(object, $1::text) > 0 OR object = (SELECT login FROM accounts WHERE user_id = $1)) \
     AND id IN (SELECT entry FROM audit_chain WHERE salt IS NULL)",
];
/// What belongs to a user goes with their row.
const REMOVE: [&str; 5] = [
    "DELETE FROM users WHERE id = $1",
    "DELETE FROM saved_searches WHERE user_id = $1",
    "DELETE FROM usage_counts WHERE user_id = $1",
    "DELETE FROM quotas WHERE user_id = $1",
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
    // What is sealed between the two changes below would keep its salt.
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(LOCK)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
    for statement in BLANK {
        run(tx, statement, user).await?;
    }
    let left: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM audit_unsealed u JOIN audit_log l ON l.id = u.entry \
         WHERE l.actor = $1 OR strpos(l.object, $1::text) > 0 OR l.object = (SELECT login FROM accounts WHERE user_id = $1)",
    )
    .bind(user.0)
    .fetch_one(&mut *tx)
    .await
    .map_err(failed)?;
    // While an entry waits for its seal, the login by which it is found must be known.
    if left == 0 {
        for statement in REMOVE {
            run(tx, statement, user).await?;
        }
    }
    append(tx, entry).await?;
    Ok(left as u64)
}

async fn run(tx: &mut PgConnection, statement: &'static str, user: UserId) -> Result<()> {
    sqlx::query(statement)
        .bind(user.0)
        .execute(tx)
        .await
        .map(drop)
        .map_err(|error| pg_error("erase_user", error))
}
