//! Between columns and accounts, sessions and keys.

use ocr_core::{
    Result,
    account_store::{
        Account, ApiKey, PasswordHash, PrivateKey, RefreshChain, RefreshSalt, Session, SigningKey, TokenHash,
    },
};
use sqlx::sqlite::SqliteRow;

use crate::sqlite::rows::{column, count, optional_time, parsed, time};

/// Columns of an account, in the names [`account`] reads.
pub(super) const ACCOUNT_COLUMNS: &str = "a.user_id AS account_id, a.login, a.password_hash, a.role, a.disabled, \
     a.created_at AS account_created_at, a.last_sign_in";

/// An account from a row of [`ACCOUNT_COLUMNS`].
pub(super) fn account(row: &SqliteRow) -> Result<Account> {
    let password: Option<String> = column(row, "password_hash")?;
    Ok(Account::new(
        parsed(row, "account_id")?,
        column::<String>(row, "login")?,
        time(row, "account_created_at")?,
    )
    .with_password(password.map(PasswordHash::new))
    .with_role(parsed(row, "role")?)
    .with_disabled(column::<bool>(row, "disabled")?)
    .with_last_sign_in(optional_time(row, "last_sign_in")?))
}

/// Columns of a session, in the names [`session`] reads.
pub(super) const SESSION_COLUMNS: &str = "s.id, s.user_id, s.token_hash, s.created_at, s.last_used_at, s.expires_at, s.agent, s.address, \
     s.refresh_scope, s.refresh_hash, s.refresh_generation, s.refresh_salt, s.refresh_rotated_at";

/// A session from a row of [`SESSION_COLUMNS`].
pub(super) fn session(row: &SqliteRow) -> Result<Session> {
    Ok(Session::new(
        parsed(row, "id")?,
        parsed(row, "user_id")?,
        TokenHash::stored(column::<String>(row, "token_hash")?),
        time(row, "created_at")?,
        time(row, "expires_at")?,
    )
    .with_last_used_at(time(row, "last_used_at")?)
    .with_agent(column::<String>(row, "agent")?)
    .with_address(column::<String>(row, "address")?)
    .with_refresh(refresh(row)?))
}

/// The refresh tokens of a session; nothing for one of a browser.
fn refresh(row: &SqliteRow) -> Result<Option<RefreshChain>> {
    let hash: Option<String> = column(row, "refresh_hash")?;
    let Some(hash) = hash.map(TokenHash::stored) else {
        return Ok(None);
    };
    let salt = RefreshSalt::new(column::<String>(row, "refresh_salt")?);
    let at = time(row, "refresh_rotated_at")?;
    let chain = RefreshChain::new(parsed(row, "refresh_scope")?, hash.clone(), salt, at);
    Ok(Some(chain.rotated(count(row, "refresh_generation")?, hash, at)))
}

/// Columns of a signing key, in the names [`signing_key`] reads.
pub(super) const SIGNING_KEY_COLUMNS: &str = "id, private_key, public_key, created_at, expires_at";

/// A signing key from a row of [`SIGNING_KEY_COLUMNS`].
pub(super) fn signing_key(row: &SqliteRow) -> Result<SigningKey> {
    Ok(SigningKey::new(
        parsed(row, "id")?,
        PrivateKey::new(column::<String>(row, "private_key")?),
        column::<String>(row, "public_key")?,
        time(row, "created_at")?,
    )
    .with_expires_at(optional_time(row, "expires_at")?))
}

/// Columns of a key, in the names [`key`] reads.
pub(super) const KEY_COLUMNS: &str = "k.id, k.user_id, k.name, k.prefix, k.token_hash, k.scope, k.created_at, \
     k.expires_at, k.last_used_at, k.requests_per_minute";

/// A number of requests as it is stored; one that is out of range, as written by hand, is the nearest that is not.
fn requests(stored: Option<i64>) -> Option<u32> {
    stored.map(|requests| u32::try_from(requests.max(1)).unwrap_or(u32::MAX))
}

/// A key from a row of [`KEY_COLUMNS`].
pub(super) fn key(row: &SqliteRow) -> Result<ApiKey> {
    Ok(ApiKey::new(
        parsed(row, "id")?,
        parsed(row, "user_id")?,
        TokenHash::stored(column::<String>(row, "token_hash")?),
        parsed(row, "scope")?,
        time(row, "created_at")?,
    )
    .with_name(column::<String>(row, "name")?)
    .with_prefix(column::<String>(row, "prefix")?)
    .with_expires_at(optional_time(row, "expires_at")?)
    .with_last_used_at(optional_time(row, "last_used_at")?)
    .with_requests_per_minute(requests(column(row, "requests_per_minute")?)))
}
