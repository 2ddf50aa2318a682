//! Attempts to sign in.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use ocr_core::{
    Result,
    account_store::{AttemptCount, AttemptLimit, SignInAttempts},
    clock::Timestamp,
};
use sqlx::PgConnection;

use super::PgAccountStore;
use crate::postgres::{
    error::pg_error,
    rows::{column, count, storable},
};

#[async_trait]
impl SignInAttempts for PgAccountStore {
    async fn attempt(&self, limits: Vec<AttemptLimit>, now: Timestamp) -> Result<Duration> {
        self.database
            .transaction("attempt", async |tx| {
                // Always in the same order, so that nobody waits for each other in a circle.
                let limits: BTreeMap<&str, &AttemptLimit> =
                    limits.iter().map(|limit| (limit.key.as_str(), limit)).collect();
                let mut longest = Duration::ZERO;
                let mut counted = Vec::with_capacity(limits.len());
                for (key, limit) in &limits {
                    let attempts = locked(tx, key, now).await?;
                    longest = longest.max(attempts.wait(limit, now));
                    counted.push((*key, attempts.another(now)));
                }
                for (key, attempts) in counted {
                    if longest.is_zero() {
                        keep(tx, key, attempts).await?;
                    } else {
                        forget_uncounted(tx, key).await?;
                    }
                }
                Ok(longest)
            })
            .await
    }

    async fn forgive(&self, forget: Vec<String>, undo: Vec<String>) -> Result<()> {
        self.database
            .transaction("forgive", async |tx| {
                let mut keys: Vec<(&String, &'static str)> = Vec::new();
                keys.extend(
                    forget
                        .iter()
                        .map(|key| (key, "DELETE FROM sign_in_attempts WHERE key = $1")),
                );
                let less = "UPDATE sign_in_attempts SET count = GREATEST(count - 1, 0) WHERE key = $1";
                keys.extend(undo.iter().map(|key| (key, less)));
                keys.sort_unstable();
                for (key, statement) in keys {
                    sqlx::query(statement)
                        .bind(storable(key))
                        .execute(&mut *tx)
                        .await
                        .map_err(|error| pg_error("forgive", error))?;
                }
                Ok(())
            })
            .await
    }
}

/// What was counted under `key`, in a row that is ours until the end of the transaction.
async fn locked(tx: &mut PgConnection, key: &str, now: Timestamp) -> Result<AttemptCount> {
    let row = sqlx::query(
        "INSERT INTO sign_in_attempts AS known (key, count, last_at) VALUES ($1, 0, $2) \
         ON CONFLICT (key) DO UPDATE SET count = known.count RETURNING count, last_at",
    )
    .bind(storable(key))
    .bind(now)
    .fetch_one(tx)
    .await
    .map_err(|error| pg_error("attempt", error))?;
    Ok(AttemptCount::new(count(&row, "count")?, column(&row, "last_at")?))
}

/// Removes the row that was made only to be locked: those who do not wait must not fill the table.
async fn forget_uncounted(tx: &mut PgConnection, key: &str) -> Result<()> {
    sqlx::query("DELETE FROM sign_in_attempts WHERE key = $1 AND count = 0")
        .bind(storable(key))
        .execute(tx)
        .await
        .map(drop)
        .map_err(|error| pg_error("attempt", error))
}

async fn keep(tx: &mut PgConnection, key: &str, attempts: AttemptCount) -> Result<()> {
    sqlx::query("UPDATE sign_in_attempts SET count = $2, last_at = $3 WHERE key = $1")
        .bind(storable(key))
        .bind(i64::from(attempts.count))
        .bind(attempts.last)
        .execute(tx)
        .await
        .map(drop)
        .map_err(|error| pg_error("attempt", error))
}
