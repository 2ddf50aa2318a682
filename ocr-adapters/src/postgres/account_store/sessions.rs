//! Sessions.

use async_trait::async_trait;
use ocr_core::{
    Error, ErrorKind, Result,
    account_store::{
        Account, AuditEntry, Lookup, PasswordHash, RefreshChain, Session, Sessions, TokenHash, no_account,
    },
    clock::Timestamp,
    id::{SessionId, UserId},
};
use sqlx::{AssertSqlSafe, PgConnection};

use super::{
    PgAccountStore, audit,
    rows::{ACCOUNT_COLUMNS, SESSION_COLUMNS, account, session},
};
use crate::postgres::{error::pg_error, rows::storable};

#[async_trait]
impl Sessions for PgAccountStore {
    async fn create_session(
        &self,
        new: Session,
        verified: Option<PasswordHash>,
        entry: AuditEntry,
    ) -> Result<()> {
        self.database
            .transaction("create_session", async |tx| {
                note_sign_in(tx, &new, verified.as_ref()).await?;
                insert(tx, &new).await?;
                audit::append(tx, &entry).await
            })
            .await
    }

    async fn session(&self, which: Lookup<SessionId>, now: Timestamp) -> Result<Option<(Session, Account)>> {
        let (column, token, id) = match which {
            Lookup::Token(token) => ("s.token_hash = $1", Some(token), None),
            Lookup::Id(id) => ("s.id = $2", None, Some(id.0)),
        };
        let sql = format!(
            "SELECT {SESSION_COLUMNS}, {ACCOUNT_COLUMNS} FROM sessions s JOIN accounts a ON a.user_id = s.user_id \
             WHERE ($1::text IS NOT NULL OR $2::uuid IS NOT NULL) AND {column} AND s.expires_at > $3 AND NOT a.disabled"
        );
        let row = self
            .database
            .call("session", async |connection| {
                sqlx::query(AssertSqlSafe(sql))
                    .bind(token.as_ref().map(TokenHash::as_str))
                    .bind(id)
                    .bind(now)
                    .fetch_optional(connection)
                    .await
                    .map_err(|error| pg_error("session", error))
            })
            .await?;
        row.as_ref()
            .map(|row| Ok((session(row)?, account(row)?)))
            .transpose()
    }

    async fn sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
        let sql = format!(
            "SELECT {SESSION_COLUMNS} FROM sessions s WHERE s.user_id = $1 AND s.expires_at > $2 \
             ORDER BY s.created_at DESC, s.id DESC"
        );
        let rows = self
            .database
            .call("sessions", async |connection| {
                sqlx::query(AssertSqlSafe(sql))
                    .bind(user.0)
                    .bind(now)
                    .fetch_all(connection)
                    .await
                    .map_err(|error| pg_error("sessions", error))
            })
            .await?;
        rows.iter().map(session).collect()
    }

    async fn touch_session(&self, id: SessionId, at: Timestamp, expires_at: Timestamp) -> Result<()> {
        self.database
            .call("touch_session", async |connection| {
                sqlx::query("UPDATE sessions SET last_used_at = $2, expires_at = $3 WHERE id = $1")
                    .bind(id.0)
                    .bind(at)
                    .bind(expires_at)
                    .execute(connection)
                    .await
                    .map(drop)
                    .map_err(|error| pg_error("touch_session", error))
            })
            .await
    }

    async fn rotate_refresh(&self, id: SessionId, from: u32, next: RefreshChain) -> Result<bool> {
        self.database
            .call("rotate_refresh", async |connection| {
                let rotated = sqlx::query(
                    "UPDATE sessions SET refresh_scope = $3, refresh_hash = $4, refresh_generation = $5, \
                     refresh_salt = $6, refresh_rotated_at = $7 WHERE id = $1 AND refresh_generation = $2",
                )
                .bind(id.0)
                .bind(i64::from(from))
                .bind(next.scope.as_str())
                .bind(next.token.as_str())
                .bind(i64::from(next.generation))
                .bind(next.salt.as_str())
                .bind(next.rotated_at)
                .execute(connection)
                .await
                .map_err(|error| pg_error("rotate_refresh", error))?;
                Ok(rotated.rows_affected() > 0)
            })
            .await
    }

    async fn end_session(&self, user: UserId, id: SessionId, entry: AuditEntry) -> Result<()> {
        self.database
            .transaction("end_session", async |tx| {
                let ended = sqlx::query("DELETE FROM sessions WHERE id = $1 AND user_id = $2")
                    .bind(id.0)
                    .bind(user.0)
                    .execute(&mut *tx)
                    .await
                    .map_err(|error| pg_error("end_session", error))?;
                if ended.rows_affected() == 0 {
                    return Err(Error::new(ErrorKind::NotFound, "the session does not exist"));
                }
                audit::append(tx, &entry).await
            })
            .await
    }
}

async fn note_sign_in(tx: &mut PgConnection, new: &Session, verified: Option<&PasswordHash>) -> Result<()> {
    // Whoever changes the password has the row, and is waited for: this looks at what they left.
    let known = sqlx::query(
        "UPDATE accounts SET last_sign_in = $2 WHERE user_id = $1 AND NOT disabled \
         AND ($3::text IS NULL OR password_hash = $3)",
    )
    .bind(new.user.0)
    .bind(new.created_at)
    .bind(verified.map(PasswordHash::as_str))
    .execute(&mut *tx)
    .await
    .map_err(|error| pg_error("create_session", error))?;
    if known.rows_affected() == 0 {
        return Err(no_account());
    }
    sqlx::query("UPDATE users SET last_login = $2 AT TIME ZONE 'UTC' WHERE id = $1")
        .bind(new.user.0)
        .bind(new.created_at)
        .execute(tx)
        .await
        .map(drop)
        .map_err(|error| pg_error("create_session", error))
}

async fn insert(tx: &mut PgConnection, new: &Session) -> Result<()> {
    sqlx::query(
        "INSERT INTO sessions (id, user_id, token_hash, created_at, last_used_at, expires_at, agent, address, \
         refresh_scope, refresh_hash, refresh_generation, refresh_salt, refresh_rotated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(new.id.0)
    .bind(new.user.0)
    .bind(new.token.as_str())
    .bind(new.created_at)
    .bind(new.last_used_at)
    .bind(new.expires_at)
    .bind(storable(&new.agent))
    .bind(storable(&new.address))
    .bind(new.refresh.as_ref().map(|chain| chain.scope.as_str()))
    .bind(new.refresh.as_ref().map(|chain| chain.token.as_str()))
    .bind(new.refresh.as_ref().map(|chain| i64::from(chain.generation)))
    .bind(new.refresh.as_ref().map(|chain| chain.salt.as_str()))
    .bind(new.refresh.as_ref().map(|chain| chain.rotated_at))
    .execute(tx)
    .await
    .map(drop)
    .map_err(|error| pg_error("create_session", error))
}
