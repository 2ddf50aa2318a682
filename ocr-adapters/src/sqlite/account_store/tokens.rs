//! Secrets that work once.

use async_trait::async_trait;
use ocr_core::{
    Result,
    account_store::{AttemptCount, Credential, OneTimeToken, OneTimeTokens, TokenHash, TokenPurpose},
    clock::Timestamp,
};
use sqlx::{Row as _, sqlite::SqliteRow};

use super::SqliteAccountStore;
use crate::sqlite::{
    error::sqlite_error,
    rows::{column, corrupt, parsed, text_time, time},
};

#[async_trait]
impl OneTimeTokens for SqliteAccountStore {
    async fn keep_token(&self, token: OneTimeToken) -> Result<()> {
        let failed = |error| sqlite_error("keep_token", error);
        let (purpose, user, session, key) = match token.purpose {
            TokenPurpose::SetUp => ("set_up", None, None, None),
            TokenPurpose::Reset(user) => ("reset", Some(user.to_string()), None, None),
            TokenPurpose::Live(Credential::Session(id)) => ("live", None, Some(id.to_string()), None),
            TokenPurpose::Live(Credential::Key(id)) => ("live", None, None, Some(id.to_string())),
        };
        let mut tx = self.database.begin("keep_token").await?;
        // Of links there is one at a time.
        sqlx::query("DELETE FROM one_time_tokens WHERE purpose = ?1 AND purpose <> 'live' AND user_id IS ?2")
            .bind(purpose)
            .bind(&user)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        sqlx::query(
            "INSERT INTO one_time_tokens (token_hash, purpose, user_id, session_id, key_id, expires_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .bind(token.token.as_str())
        .bind(purpose)
        .bind(&user)
        .bind(session)
        .bind(key)
        .bind(text_time(token.expires_at))
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
        tx.commit().await.map_err(failed)
    }

    async fn take_token(&self, token: TokenHash, now: Timestamp) -> Result<Option<OneTimeToken>> {
        let rows = sqlx::query(
            "DELETE FROM one_time_tokens WHERE token_hash = ?1 \
             RETURNING token_hash, purpose, user_id, session_id, key_id, expires_at",
        )
        .bind(token.as_str())
        .fetch_all(self.database.writer())
        .await
        .map_err(|error| sqlite_error("take_token", error))?;
        let taken = rows.first().map(one_time_token).transpose()?;
        Ok(taken.filter(|token| token.expires_at > now))
    }

    async fn forget_expired(&self, now: Timestamp) -> Result<u64> {
        let failed = |error| sqlite_error("forget_expired", error);
        let mut tx = self.database.begin("forget_expired").await?;
        let mut forgotten = 0;
        for (statement, before) in [
            ("DELETE FROM one_time_tokens WHERE expires_at <= ?1", now),
            ("DELETE FROM sessions WHERE expires_at <= ?1", now),
            ("DELETE FROM signing_keys WHERE expires_at <= ?1", now),
            (
                "DELETE FROM sign_in_attempts WHERE last_at <= ?1",
                AttemptCount::forgotten_before(now),
            ),
        ] {
            let done = sqlx::query(statement)
                .bind(text_time(before))
                .execute(&mut *tx)
                .await
                .map_err(failed)?;
            forgotten += done.rows_affected();
        }
        tx.commit().await.map_err(failed)?;
        Ok(forgotten)
    }
}

fn one_time_token(row: &SqliteRow) -> Result<OneTimeToken> {
    let is_null = |name: &str| -> Result<bool> {
        let value: Option<&str> = row.try_get(name).map_err(|error| sqlite_error("decode", error))?;
        Ok(value.is_none())
    };
    let purpose = match column::<&str>(row, "purpose")? {
        "set_up" => TokenPurpose::SetUp,
        "reset" => TokenPurpose::Reset(parsed(row, "user_id")?),
        "live" if is_null("key_id")? => TokenPurpose::Live(Credential::Session(parsed(row, "session_id")?)),
        "live" => TokenPurpose::Live(Credential::Key(parsed(row, "key_id")?)),
        _ => return Err(corrupt("purpose", "the purpose is not known")),
    };
    Ok(OneTimeToken::new(
        TokenHash::stored(column::<String>(row, "token_hash")?),
        purpose,
        time(row, "expires_at")?,
    ))
}
