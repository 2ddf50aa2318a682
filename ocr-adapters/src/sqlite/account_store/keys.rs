//! Keys of programs.

use async_trait::async_trait;
use ocr_core::{
    Error, ErrorKind, Result,
    account_store::{Account, ApiKey, ApiKeys, AuditEntry, Lookup, no_account},
    clock::Timestamp,
    id::{KeyId, UserId},
};
use sqlx::AssertSqlSafe;

use super::{
    SqliteAccountStore, accounts, audit,
    rows::{ACCOUNT_COLUMNS, KEY_COLUMNS, account, key},
};
use crate::sqlite::{error::sqlite_error, rows::text_time};

#[async_trait]
impl ApiKeys for SqliteAccountStore {
    async fn create_key(&self, new: ApiKey, entry: AuditEntry) -> Result<()> {
        let failed = |error| sqlite_error("create_key", error);
        let mut tx = self.database.begin("create_key").await?;
        accounts::load(&mut tx, new.user).await?.ok_or_else(no_account)?;
        sqlx::query(
            "INSERT INTO api_keys (id, user_id, name, prefix, token_hash, scope, created_at, expires_at, last_used_at, \
             requests_per_minute) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )
        .bind(new.id.to_string())
        .bind(new.user.to_string())
        .bind(&new.name)
        .bind(&new.prefix)
        .bind(new.token.as_str())
        .bind(new.scope.as_str())
        .bind(text_time(new.created_at))
        .bind(new.expires_at.map(text_time))
        .bind(new.last_used_at.map(text_time))
        .bind(new.requests_per_minute)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(failed)
    }

    async fn key(&self, which: Lookup<KeyId>, now: Timestamp) -> Result<Option<(ApiKey, Account)>> {
        let (column, value) = match which {
            Lookup::Token(token) => ("k.token_hash", token.as_str().to_owned()),
            Lookup::Id(id) => ("k.id", id.to_string()),
        };
        let sql = format!(
            "SELECT {KEY_COLUMNS}, {ACCOUNT_COLUMNS} FROM api_keys k JOIN accounts a ON a.user_id = k.user_id \
             WHERE {column} = ?1 AND (k.expires_at IS NULL OR k.expires_at > ?2) AND NOT a.disabled"
        );
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(value)
            .bind(text_time(now))
            .fetch_optional(&self.database.read)
            .await
            .map_err(|error| sqlite_error("key", error))?;
        row.as_ref().map(|row| Ok((key(row)?, account(row)?))).transpose()
    }

    async fn keys(&self, user: UserId) -> Result<Vec<ApiKey>> {
        let sql = format!(
            "SELECT {KEY_COLUMNS} FROM api_keys k WHERE k.user_id = ?1 ORDER BY k.created_at DESC, k.id DESC"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(user.to_string())
            .fetch_all(&self.database.read)
            .await
            .map_err(|error| sqlite_error("keys", error))?;
        rows.iter().map(key).collect()
    }

    async fn touch_key(&self, id: KeyId, at: Timestamp) -> Result<()> {
        sqlx::query("UPDATE api_keys SET last_used_at = ?2 WHERE id = ?1")
            .bind(id.to_string())
            .bind(text_time(at))
            .execute(self.database.writer())
            .await
            .map(drop)
            .map_err(|error| sqlite_error("touch_key", error))
    }

    async fn revoke_key(&self, user: UserId, id: KeyId, entry: AuditEntry) -> Result<()> {
        let failed = |error| sqlite_error("revoke_key", error);
        let mut tx = self.database.begin("revoke_key").await?;
        let revoked = sqlx::query("DELETE FROM api_keys WHERE id = ?1 AND user_id = ?2")
            .bind(id.to_string())
            .bind(user.to_string())
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        if revoked.rows_affected() == 0 {
            return Err(Error::new(ErrorKind::NotFound, "the key does not exist"));
        }
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(failed)
    }
}
