//! Keys with which access tokens are signed.

use async_trait::async_trait;
use ocr_core::{
    Result,
    account_store::{AuditEntry, SigningKey, SigningKeys},
    clock::Timestamp,
};
use sqlx::AssertSqlSafe;

use super::{
    SqliteAccountStore, audit,
    rows::{SIGNING_KEY_COLUMNS, signing_key},
};
use crate::sqlite::{error::sqlite_error, rows::text_time};

#[async_trait]
impl SigningKeys for SqliteAccountStore {
    async fn signing_keys(&self, now: Timestamp) -> Result<Vec<SigningKey>> {
        let sql = format!(
            "SELECT {SIGNING_KEY_COLUMNS} FROM signing_keys WHERE expires_at IS NULL OR expires_at > ?1 \
             ORDER BY created_at DESC, id DESC"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(text_time(now))
            .fetch_all(&self.database.read)
            .await
            .map_err(|error| sqlite_error("signing_keys", error))?;
        rows.iter().map(signing_key).collect()
    }

    async fn keep_signing_key(
        &self,
        key: SigningKey,
        others_until: Option<Timestamp>,
        entry: AuditEntry,
    ) -> Result<()> {
        let failed = |error| sqlite_error("keep_signing_key", error);
        let mut tx = self.database.begin("keep_signing_key").await?;
        sqlx::query("UPDATE signing_keys SET expires_at = ?1 WHERE expires_at IS NULL OR expires_at > ?1")
            .bind(others_until.map(text_time))
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        sqlx::query(
            "INSERT INTO signing_keys (id, private_key, public_key, created_at, expires_at) \
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )
        .bind(key.id.to_string())
        .bind(key.private.as_str())
        .bind(&key.public)
        .bind(text_time(key.created_at))
        .bind(key.expires_at.map(text_time))
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(failed)
    }
}
