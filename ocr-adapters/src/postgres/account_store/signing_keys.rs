//! Keys with which access tokens are signed.

use async_trait::async_trait;
use ocr_core::{
    Result,
    account_store::{AuditEntry, SigningKey, SigningKeys},
    clock::Timestamp,
};
use sqlx::AssertSqlSafe;

use super::{
    PgAccountStore, audit,
    rows::{SIGNING_KEY_COLUMNS, signing_key},
};
use crate::postgres::error::pg_error;

#[async_trait]
impl SigningKeys for PgAccountStore {
    async fn signing_keys(&self, now: Timestamp) -> Result<Vec<SigningKey>> {
        let sql = format!(
            "SELECT {SIGNING_KEY_COLUMNS} FROM signing_keys WHERE expires_at IS NULL OR expires_at > $1 \
             ORDER BY created_at DESC, id DESC"
        );
        let rows = self
            .database
            .call("signing_keys", async |connection| {
                sqlx::query(AssertSqlSafe(sql))
                    .bind(now)
                    .fetch_all(connection)
                    .await
                    .map_err(|error| pg_error("signing_keys", error))
            })
            .await?;
        rows.iter().map(signing_key).collect()
    }

    async fn keep_signing_key(
        &self,
        key: SigningKey,
        others_until: Option<Timestamp>,
        entry: AuditEntry,
    ) -> Result<()> {
        self.database
            .transaction("keep_signing_key", async |tx| {
                sqlx::query(
                    "UPDATE signing_keys SET expires_at = $1 WHERE expires_at IS NULL OR expires_at > $1",
                )
                .bind(others_until)
                .execute(&mut *tx)
                .await
                .map_err(|error| pg_error("keep_signing_key", error))?;
                sqlx::query(
                    "INSERT INTO signing_keys (id, private_key, public_key, created_at, expires_at) \
                     VALUES ($1, $2, $3, $4, $5)",
                )
                .bind(key.id.0)
                .bind(key.private.as_str())
                .bind(&key.public)
                .bind(key.created_at)
                .bind(key.expires_at)
                .execute(&mut *tx)
                .await
                .map_err(|error| pg_error("keep_signing_key", error))?;
                audit::append(tx, &entry).await
            })
            .await
    }
}
