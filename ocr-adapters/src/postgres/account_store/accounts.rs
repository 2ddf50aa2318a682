//! Accounts, and documents that pass to them.

use async_trait::async_trait;
use ocr_core::{
    Error, ErrorKind, Result,
    account_store::{
        Account, AccountChange, Accounts, AuditEntry, PasswordHash, last_admin, no_account,
        not_the_present_password,
    },
    id::{SessionId, UserId},
};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::{
    PgAccountStore, audit, erase,
    rows::{ACCOUNT_COLUMNS, account},
};
use crate::postgres::{
    error::pg_error,
    rows::{column, count, row_limit, storable},
};

/// Whether an administrator can sign in.
const ANY_ADMIN: &str = "SELECT EXISTS (SELECT 1 FROM accounts WHERE role = 'admin' AND NOT disabled AND password_hash IS NOT NULL)";

#[async_trait]
impl Accounts for PgAccountStore {
    async fn create_account(&self, new: Account, first: bool, entry: AuditEntry) -> Result<()> {
        self.database
            .transaction("create_account", async |tx| {
                alone(tx).await?;
                if first && exists(tx, "SELECT EXISTS (SELECT 1 FROM accounts)").await? {
                    return Err(Error::new(ErrorKind::Conflict, "there is an account already"));
                }
                insert(tx, &new).await?;
                audit::append(tx, &entry).await
            })
            .await
    }

    async fn account(&self, user: UserId) -> Result<Option<Account>> {
        self.database
            .call("account", async |connection| load(connection, user, "").await)
            .await
    }

    async fn account_of(&self, login: String) -> Result<Option<Account>> {
        let sql = format!("SELECT {ACCOUNT_COLUMNS} FROM accounts a WHERE a.login = $1");
        let row = self
            .database
            .call("account_of", async |connection| {
                sqlx::query(AssertSqlSafe(sql))
                    .bind(storable(&login))
                    .fetch_optional(connection)
                    .await
                    .map_err(|error| pg_error("account_of", error))
            })
            .await?;
        row.as_ref().map(account).transpose()
    }

    async fn accounts(&self, after: Option<String>, limit: usize) -> Result<Vec<Account>> {
        let sql = format!(
            "SELECT {ACCOUNT_COLUMNS} FROM accounts a WHERE $1::text IS NULL OR a.login > $1 \
             ORDER BY a.login LIMIT $2"
        );
        let rows = self
            .database
            .call("accounts", async |connection| {
                sqlx::query(AssertSqlSafe(sql))
                    .bind(after.as_deref().map(storable))
                    .bind(row_limit(limit))
                    .fetch_all(connection)
                    .await
                    .map_err(|error| pg_error("accounts", error))
            })
            .await?;
        rows.iter().map(account).collect()
    }

    async fn change_account(
        &self,
        user: UserId,
        change: AccountChange,
        entry: Option<AuditEntry>,
    ) -> Result<Account> {
        self.database
            .transaction("change_account", async |tx| {
                // Of two administrators who leave at once, one must see the other gone.
                alone(tx).await?;
                // Not FOR UPDATE: a link that is kept at once locks the key of the account, and would wait for us while
                // we wait for the one it replaces.
                let before = load(tx, user, " FOR NO KEY UPDATE")
                    .await?
                    .ok_or_else(no_account)?;
                if !before.admits(&change) {
                    return Err(not_the_present_password());
                }
                let was_admin = before.is_active_admin();
                let after = before.changed(&change);
                update(tx, &after).await?;
                if was_admin && !after.is_active_admin() && !exists(tx, ANY_ADMIN).await? {
                    return Err(last_admin());
                }
                match change {
                    AccountChange::Password { keep, .. } => sign_out(tx, user, keep).await?,
                    AccountChange::Disabled(true) => sign_out(tx, user, None).await?,
                    AccountChange::Disabled(false)
                    | AccountChange::Role(_)
                    | AccountChange::Rehashed { .. } => {}
                }
                if let Some(entry) = &entry {
                    audit::append(tx, entry).await?;
                }
                Ok(after)
            })
            .await
    }

    async fn adopt(&self, from: UserId, to: UserId, entry: AuditEntry) -> Result<u64> {
        self.database
            .transaction("adopt", async |tx| {
                load(tx, to, "").await?.ok_or_else(no_account)?;
                let mut adopted = 0;
                // Keys of repeated requests are those of the old owner, who does not ask any more.
                for (statement, counts) in [
                    (
                        "DELETE FROM idempotency_keys WHERE user_id = $1 AND $2 <> $1",
                        false,
                    ),
                    (
                        "UPDATE files SET user_id = $2 WHERE user_id = $1 AND $2 <> $1",
                        false,
                    ),
                    // A search of a name that the account has too stays where it is.
                    (
                        "UPDATE saved_searches s SET user_id = $2 WHERE s.user_id = $1 AND $2 <> $1 AND NOT EXISTS \
                         (SELECT 1 FROM saved_searches other WHERE other.user_id = $2 AND other.key = s.key)",
                        false,
                    ),
                    (
                        "UPDATE tasks SET user_id = $2 WHERE user_id = $1 AND $2 <> $1",
                        true,
                    ),
                ] {
                    let done = sqlx::query(statement)
                        .bind(from.0)
                        .bind(to.0)
                        .execute(&mut *tx)
                        .await
                        .map_err(|error| pg_error("adopt", error))?;
                    if counts {
                        adopted = done.rows_affected();
                    }
                }
                audit::append(tx, &entry).await?;
                Ok(adopted)
            })
            .await
    }

    async fn erase_user(&self, user: UserId, entry: AuditEntry) -> Result<u64> {
        erase::erase(self, user, entry).await
    }

    async fn strangers(&self, limit: usize) -> Result<Vec<(UserId, u64)>> {
        let rows = self
            .database
            .call("strangers", async |connection| {
                sqlx::query(
                    "SELECT t.user_id, COUNT(*) AS tasks FROM tasks t WHERE t.user_id IS NOT NULL \
                     AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.user_id = t.user_id) \
                     GROUP BY t.user_id ORDER BY t.user_id LIMIT $1",
                )
                .bind(row_limit(limit))
                .fetch_all(connection)
                .await
                .map_err(|error| pg_error("strangers", error))
            })
            .await?;
        rows.iter()
            .map(|row| Ok((UserId(column::<Uuid>(row, "user_id")?), count(row, "tasks")?)))
            .collect()
    }
}

/// Makes whoever changes accounts wait for each other; they are few, and it is rare.
pub(super) async fn alone(tx: &mut PgConnection) -> Result<()> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('accounts', 0))")
        .execute(tx)
        .await
        .map(drop)
        .map_err(|error| pg_error("accounts", error))
}

async fn exists(tx: &mut PgConnection, sql: &'static str) -> Result<bool> {
    sqlx::query_scalar(sql)
        .fetch_one(tx)
        .await
        .map_err(|error| pg_error("accounts", error))
}

/// The account of `user`, locked where `locked` says so.
pub(super) async fn load(
    connection: &mut PgConnection,
    user: UserId,
    locked: &'static str,
) -> Result<Option<Account>> {
    let sql = format!("SELECT {ACCOUNT_COLUMNS} FROM accounts a WHERE a.user_id = $1{locked}");
    let row = sqlx::query(AssertSqlSafe(sql))
        .bind(user.0)
        .fetch_optional(connection)
        .await
        .map_err(|error| pg_error("account", error))?;
    row.as_ref().map(account).transpose()
}

pub(super) async fn insert(tx: &mut PgConnection, new: &Account) -> Result<()> {
    sqlx::query("INSERT INTO users (id) VALUES ($1) ON CONFLICT (id) DO NOTHING")
        .bind(new.id.0)
        .execute(&mut *tx)
        .await
        .map_err(|error| pg_error("create_account", error))?;
    sqlx::query(
        "INSERT INTO accounts (user_id, login, password_hash, role, disabled, created_at, last_sign_in) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(new.id.0)
    .bind(storable(&new.login))
    .bind(new.password.as_ref().map(PasswordHash::as_str))
    .bind(new.role.as_str())
    .bind(new.disabled)
    .bind(new.created_at)
    .bind(new.last_sign_in)
    .execute(tx)
    .await
    .map(drop)
    .map_err(|error| pg_error("create_account", error))
}

async fn update(tx: &mut PgConnection, account: &Account) -> Result<()> {
    sqlx::query("UPDATE accounts SET password_hash = $2, role = $3, disabled = $4 WHERE user_id = $1")
        .bind(account.id.0)
        .bind(account.password.as_ref().map(PasswordHash::as_str))
        .bind(account.role.as_str())
        .bind(account.disabled)
        .execute(tx)
        .await
        .map(drop)
        .map_err(|error| pg_error("change_account", error))
}

/// Ends the sessions of `user` but one, and forgets their links and tickets; those of sessions go with them.
async fn sign_out(tx: &mut PgConnection, user: UserId, keep: Option<SessionId>) -> Result<()> {
    sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND ($2::uuid IS NULL OR id <> $2)")
        .bind(user.0)
        .bind(keep.map(|keep| keep.0))
        .execute(&mut *tx)
        .await
        .map_err(|error| pg_error("change_account", error))?;
    sqlx::query(
        "DELETE FROM one_time_tokens WHERE user_id = $1 \
         OR key_id IN (SELECT id FROM api_keys WHERE user_id = $1)",
    )
    .bind(user.0)
    .execute(tx)
    .await
    .map(drop)
    .map_err(|error| pg_error("change_account", error))
}
