//! Keys of programs.

use async_trait::async_trait;
use ocr_core::{
    Error, ErrorKind, Result,
    account_store::{Account, ApiKey, ApiKeys, AuditEntry, Lookup, TokenHash, no_account},
    clock::Timestamp,
    id::{KeyId, UserId},
};
use sqlx::{AssertSqlSafe, PgConnection};

use super::{
    PgAccountStore, accounts, audit,
    rows::{ACCOUNT_COLUMNS, KEY_COLUMNS, account, key},
};
use crate::postgres::{error::pg_error, rows::storable};

#[async_trait]
impl ApiKeys for PgAccountStore {
    async fn create_key(&self, new: ApiKey, entry: AuditEntry) -> Result<()> {
        self.database
            .transaction("create_key", async |tx| {
                accounts::load(tx, new.user, " FOR SHARE")
                    .await?
                    .ok_or_else(no_account)?;
                insert(tx, &new).await?;
                audit::append(tx, &entry).await
            })
            .await
    }

    async fn key(&self, which: Lookup<KeyId>, now: Timestamp) -> Result<Option<(ApiKey, Account)>> {
        let (column, token, id) = match which {
            Lookup::Token(token) => ("k.token_hash = $1", Some(token), None),
            Lookup::Id(id) => ("k.id = $2", None, Some(id.0)),
        };
        let sql = format!(
            "SELECT {KEY_COLUMNS}, {ACCOUNT_COLUMNS} FROM api_keys k JOIN accounts a ON a.user_id = k.user_id \
             WHERE ($1::text IS NOT NULL OR $2::uuid IS NOT NULL) AND {column} \
             AND (k.expires_at IS NULL OR k.expires_at > $3) AND NOT a.disabled"
        );
        let row = self
            .database
            .call("key", async |connection| {
                sqlx::query(AssertSqlSafe(sql))
                    .bind(token.as_ref().map(TokenHash::as_str))
                    .bind(id)
                    .bind(now)
                    .fetch_optional(connection)
                    .await
                    .map_err(|error| pg_error("key", error))
            })
            .await?;
        row.as_ref().map(|row| Ok((key(row)?, account(row)?))).transpose()
    }

    async fn keys(&self, user: UserId) -> Result<Vec<ApiKey>> {
        let sql = format!(
            "SELECT {KEY_COLUMNS} FROM api_keys k WHERE k.user_id = $1 ORDER BY k.created_at DESC, k.id DESC"
        );
        let rows = self
            .database
            .call("keys", async |connection| {
                sqlx::query(AssertSqlSafe(sql))
                    .bind(user.0)
                    .fetch_all(connection)
                    .await
                    .map_err(|error| pg_error("keys", error))
            })
            .await?;
        rows.iter().map(key).collect()
    }

    async fn touch_key(&self, id: KeyId, at: Timestamp) -> Result<()> {
        self.database
            .call("touch_key", async |connection| {
                sqlx::query("UPDATE api_keys SET last_used_at = $2 WHERE id = $1")
                    .bind(id.0)
                    .bind(at)
                    .execute(connection)
                    .await
                    .map(drop)
                    .map_err(|error| pg_error("touch_key", error))
            })
            .await
    }

    async fn revoke_key(&self, user: UserId, id: KeyId, entry: AuditEntry) -> Result<()> {
        self.database
            .transaction("revoke_key", async |tx| {
                let revoked = sqlx::query("DELETE FROM api_keys WHERE id = $1 AND user_id = $2")
                    .bind(id.0)
                    .bind(user.0)
                    .execute(&mut *tx)
                    .await
                    .map_err(|error| pg_error("revoke_key", error))?;
                if revoked.rows_affected() == 0 {
                    return Err(Error::new(ErrorKind::NotFound, "the key does not exist"));
                }
                audit::append(tx, &entry).await
            })
            .await
    }
}

async fn insert(tx: &mut PgConnection, new: &ApiKey) -> Result<()> {
    sqlx::query(
        "INSERT INTO api_keys (id, user_id, name, prefix, token_hash, scope, created_at, expires_at, last_used_at, \
         requests_per_minute) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(new.id.0)
    .bind(new.user.0)
    .bind(storable(&new.name))
    .bind(storable(&new.prefix))
    .bind(new.token.as_str())
    .bind(new.scope.as_str())
    .bind(new.created_at)
    .bind(new.expires_at)
    .bind(new.last_used_at)
    .bind(new.requests_per_minute.map(i64::from))
    .execute(tx)
    .await
    .map(drop)
    .map_err(|error| pg_error("create_key", error))
}
