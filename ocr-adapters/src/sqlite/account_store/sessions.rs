//! Sessions.

use async_trait::async_trait;
use ocr_core::{
    Error, ErrorKind, Result,
    account_store::{Account, AuditEntry, Lookup, PasswordHash, RefreshChain, Session, Sessions, no_account},
    clock::Timestamp,
    id::{SessionId, UserId},
};
use sqlx::AssertSqlSafe;

use super::{
    SqliteAccountStore, audit,
    rows::{ACCOUNT_COLUMNS, SESSION_COLUMNS, account, session},
};
use crate::sqlite::{error::sqlite_error, rows::text_time};

#[async_trait]
impl Sessions for SqliteAccountStore {
    async fn create_session(
        &self,
        new: Session,
        verified: Option<PasswordHash>,
        entry: AuditEntry,
    ) -> Result<()> {
        let failed = |error| sqlite_error("create_session", error);
        let mut tx = self.database.begin("create_session").await?;
        let known = sqlx::query(
            "UPDATE accounts SET last_sign_in = ?2 WHERE user_id = ?1 AND NOT disabled \
             AND (?3 IS NULL OR password_hash = ?3)",
        )
        .bind(new.user.to_string())
        .bind(text_time(new.created_at))
        .bind(verified.as_ref().map(PasswordHash::as_str))
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        if known.rows_affected() == 0 {
            return Err(no_account());
        }
        sqlx::query("UPDATE users SET last_login = ?2 WHERE id = ?1")
            .bind(new.user.to_string())
            .bind(text_time(new.created_at))
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        sqlx::query(
            "INSERT INTO sessions (id, user_id, token_hash, created_at, last_used_at, expires_at, agent, address, \
             refresh_scope, refresh_hash, refresh_generation, refresh_salt, refresh_rotated_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )
        .bind(new.id.to_string())
        .bind(new.user.to_string())
        .bind(new.token.as_str())
        .bind(text_time(new.created_at))
        .bind(text_time(new.last_used_at))
        .bind(text_time(new.expires_at))
        .bind(&new.agent)
        .bind(&new.address)
        .bind(new.refresh.as_ref().map(|chain| chain.scope.as_str()))
        .bind(new.refresh.as_ref().map(|chain| chain.token.as_str()))
        .bind(new.refresh.as_ref().map(|chain| chain.generation))
        .bind(new.refresh.as_ref().map(|chain| chain.salt.as_str()))
        .bind(new.refresh.as_ref().map(|chain| text_time(chain.rotated_at)))
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(failed)
    }

    async fn session(&self, which: Lookup<SessionId>, now: Timestamp) -> Result<Option<(Session, Account)>> {
        let (column, value) = match which {
            Lookup::Token(token) => ("s.token_hash", token.as_str().to_owned()),
            Lookup::Id(id) => ("s.id", id.to_string()),
        };
        let sql = format!(
            "SELECT {SESSION_COLUMNS}, {ACCOUNT_COLUMNS} FROM sessions s JOIN accounts a ON a.user_id = s.user_id \
             WHERE {column} = ?1 AND s.expires_at > ?2 AND NOT a.disabled"
        );
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(value)
            .bind(text_time(now))
            .fetch_optional(&self.database.read)
            .await
            .map_err(|error| sqlite_error("session", error))?;
        row.as_ref()
            .map(|row| Ok((session(row)?, account(row)?)))
            .transpose()
    }

    async fn sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
        let sql = format!(
            "SELECT {SESSION_COLUMNS} FROM sessions s WHERE s.user_id = ?1 AND s.expires_at > ?2 \
             ORDER BY s.created_at DESC, s.id DESC"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(user.to_string())
            .bind(text_time(now))
            .fetch_all(&self.database.read)
            .await
            .map_err(|error| sqlite_error("sessions", error))?;
        rows.iter().map(session).collect()
    }

    async fn touch_session(&self, id: SessionId, at: Timestamp, expires_at: Timestamp) -> Result<()> {
        sqlx::query("UPDATE sessions SET last_used_at = ?2, expires_at = ?3 WHERE id = ?1")
            .bind(id.to_string())
            .bind(text_time(at))
            .bind(text_time(expires_at))
            .execute(self.database.writer())
            .await
            .map(drop)
            .map_err(|error| sqlite_error("touch_session", error))
    }

    async fn rotate_refresh(&self, id: SessionId, from: u32, next: RefreshChain) -> Result<bool> {
        let rotated = sqlx::query(
            "UPDATE sessions SET refresh_scope = ?3, refresh_hash = ?4, refresh_generation = ?5, refresh_salt = ?6, \
             refresh_rotated_at = ?7 WHERE id = ?1 AND refresh_generation = ?2",
        )
        .bind(id.to_string())
        .bind(from)
        .bind(next.scope.as_str())
        .bind(next.token.as_str())
        .bind(next.generation)
        .bind(next.salt.as_str())
        .bind(text_time(next.rotated_at))
        .execute(self.database.writer())
        .await
        .map_err(|error| sqlite_error("rotate_refresh", error))?;
        Ok(rotated.rows_affected() > 0)
    }

    async fn end_session(&self, user: UserId, id: SessionId, entry: AuditEntry) -> Result<()> {
        let failed = |error| sqlite_error("end_session", error);
        let mut tx = self.database.begin("end_session").await?;
        let ended = sqlx::query("DELETE FROM sessions WHERE id = ?1 AND user_id = ?2")
            .bind(id.to_string())
            .bind(user.to_string())
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        if ended.rows_affected() == 0 {
            return Err(Error::new(ErrorKind::NotFound, "the session does not exist"));
        }
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(failed)
    }
}
