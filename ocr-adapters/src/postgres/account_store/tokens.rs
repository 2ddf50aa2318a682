//! Secrets that work once.

use async_trait::async_trait;
use ocr_core::{
    Result,
    account_store::{AttemptCount, Credential, OneTimeToken, OneTimeTokens, TokenHash, TokenPurpose},
    clock::Timestamp,
    id::{KeyId, SessionId, UserId},
};
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::PgAccountStore;
use crate::postgres::{
    error::pg_error,
    rows::{column, corrupt},
};

#[async_trait]
impl OneTimeTokens for PgAccountStore {
    async fn keep_token(&self, token: OneTimeToken) -> Result<()> {
        let (purpose, user, session, key) = match token.purpose {
            TokenPurpose::SetUp => ("set_up", None, None, None),
            TokenPurpose::Reset(user) => ("reset", Some(user.0), None, None),
            TokenPurpose::Live(Credential::Session(id)) => ("live", None, Some(id.0), None),
            TokenPurpose::Live(Credential::Key(id)) => ("live", None, None, Some(id.0)),
        };
        self.database
            .transaction("keep_token", async |tx| {
                // Of links there is one at a time.
                sqlx::query(
                    "DELETE FROM one_time_tokens WHERE purpose = $1 AND purpose <> 'live' \
                     AND user_id IS NOT DISTINCT FROM $2",
                )
                .bind(purpose)
                .bind(user)
                .execute(&mut *tx)
                .await
                .map_err(|error| pg_error("keep_token", error))?;
                sqlx::query(
                    "INSERT INTO one_time_tokens (token_hash, purpose, user_id, session_id, key_id, expires_at) \
                     VALUES ($1, $2, $3, $4, $5, $6)",
                )
                .bind(token.token.as_str())
                .bind(purpose)
                .bind(user)
                .bind(session)
                .bind(key)
                .bind(token.expires_at)
                .execute(tx)
                .await
                .map(drop)
                .map_err(|error| pg_error("keep_token", error))
            })
            .await
    }

    async fn take_token(&self, token: TokenHash, now: Timestamp) -> Result<Option<OneTimeToken>> {
        let row = self
            .database
            .call("take_token", async |connection| {
                sqlx::query(
                    "DELETE FROM one_time_tokens WHERE token_hash = $1 \
                     RETURNING token_hash, purpose, user_id, session_id, key_id, expires_at",
                )
                .bind(token.as_str())
                .fetch_optional(connection)
                .await
                .map_err(|error| pg_error("take_token", error))
            })
            .await?;
        let taken = row.as_ref().map(one_time_token).transpose()?;
        Ok(taken.filter(|token| token.expires_at > now))
    }

    async fn forget_expired(&self, now: Timestamp) -> Result<u64> {
        self.database
            .transaction("forget_expired", async |tx| {
                let mut forgotten = 0;
                for (statement, before) in [
                    ("DELETE FROM one_time_tokens WHERE expires_at <= $1", now),
                    ("DELETE FROM sessions WHERE expires_at <= $1", now),
                    ("DELETE FROM signing_keys WHERE expires_at <= $1", now),
                    (
                        "DELETE FROM sign_in_attempts WHERE last_at <= $1",
                        AttemptCount::forgotten_before(now),
                    ),
                ] {
                    let done = sqlx::query(statement)
                        .bind(before)
                        .execute(&mut *tx)
                        .await
                        .map_err(|error| pg_error("forget_expired", error))?;
                    forgotten += done.rows_affected();
                }
                Ok(forgotten)
            })
            .await
    }
}

fn one_time_token(row: &PgRow) -> Result<OneTimeToken> {
    let id = |name| column::<Option<Uuid>>(row, name);
    let purpose: &str = column(row, "purpose")?;
    let purpose = match (purpose, id("user_id")?, id("session_id")?, id("key_id")?) {
        ("set_up", ..) => TokenPurpose::SetUp,
        ("reset", Some(user), ..) => TokenPurpose::Reset(UserId(user)),
        ("live", _, Some(session), _) => TokenPurpose::Live(Credential::Session(SessionId(session))),
        ("live", _, _, Some(key)) => TokenPurpose::Live(Credential::Key(KeyId(key))),
        _ => return Err(corrupt("purpose", "the purpose is not known")),
    };
    Ok(OneTimeToken::new(
        TokenHash::stored(column::<String>(row, "token_hash")?),
        purpose,
        column(row, "expires_at")?,
    ))
}
