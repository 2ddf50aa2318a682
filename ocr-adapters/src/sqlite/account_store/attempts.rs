//! Attempts to sign in.

use std::time::Duration;

use async_trait::async_trait;
use ocr_core::{
    Result,
    account_store::{AttemptCount, AttemptLimit, SignInAttempts},
    clock::Timestamp,
};
use sqlx::{Sqlite, Transaction};

use super::SqliteAccountStore;
use crate::sqlite::{
    error::sqlite_error,
    rows::{count, text_time, time},
};

#[async_trait]
impl SignInAttempts for SqliteAccountStore {
    async fn attempt(&self, limits: Vec<AttemptLimit>, now: Timestamp) -> Result<Duration> {
        let mut tx = self.database.begin("attempt").await?;
        let mut counted = Vec::with_capacity(limits.len());
        let mut longest = Duration::ZERO;
        for limit in &limits {
            let attempts = counted_under(&mut tx, &limit.key).await?;
            longest = longest.max(attempts.wait(limit, now));
            counted.push(attempts.another(now));
        }
        if !longest.is_zero() {
            return Ok(longest);
        }
        for (limit, attempts) in limits.iter().zip(counted) {
            sqlx::query(
                "INSERT INTO sign_in_attempts (key, count, last_at) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (key) DO UPDATE SET count = excluded.count, last_at = excluded.last_at",
            )
            .bind(&limit.key)
            .bind(attempts.count)
            .bind(text_time(attempts.last))
            .execute(&mut *tx)
            .await
            .map_err(|error| sqlite_error("attempt", error))?;
        }
        tx.commit()
            .await
            .map_err(|error| sqlite_error("attempt", error))?;
        Ok(Duration::ZERO)
    }

    async fn forgive(&self, forget: Vec<String>, undo: Vec<String>) -> Result<()> {
        let failed = |error| sqlite_error("forgive", error);
        let mut tx = self.database.begin("forgive").await?;
        for (statement, keys) in [
            ("DELETE FROM sign_in_attempts WHERE key = ?1", forget),
            (
                "UPDATE sign_in_attempts SET count = MAX(count - 1, 0) WHERE key = ?1",
                undo,
            ),
        ] {
            for key in keys {
                sqlx::query(statement)
                    .bind(key)
                    .execute(&mut *tx)
                    .await
                    .map_err(failed)?;
            }
        }
        tx.commit().await.map_err(failed)
    }
}

async fn counted_under(tx: &mut Transaction<'static, Sqlite>, key: &str) -> Result<AttemptCount> {
    let row = sqlx::query("SELECT count, last_at FROM sign_in_attempts WHERE key = ?1")
        .bind(key)
        .fetch_optional(&mut **tx)
        .await
        .map_err(|error| sqlite_error("attempt", error))?;
    row.map_or(Ok(AttemptCount::default()), |row| {
        Ok(AttemptCount::new(count(&row, "count")?, time(&row, "last_at")?))
    })
}
