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
use sqlx::{AssertSqlSafe, Sqlite, SqliteConnection, Transaction};

use super::{
    SqliteAccountStore, audit, erase,
    rows::{ACCOUNT_COLUMNS, account},
};
use crate::sqlite::{
    error::sqlite_error,
    rows::{count, parsed, text_time},
};

#[async_trait]
impl Accounts for SqliteAccountStore {
    async fn create_account(&self, new: Account, first: bool, entry: AuditEntry) -> Result<()> {
        let failed = |error| sqlite_error("create_account", error);
        let mut tx = self.database.begin("create_account").await?;
        if first {
            let any: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM accounts)")
                .fetch_one(&mut *tx)
                .await
                .map_err(failed)?;
            if any {
                return Err(Error::new(ErrorKind::Conflict, "there is an account already"));
            }
        }
        insert(&mut tx, &new).await?;
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(failed)
    }

    async fn account(&self, user: UserId) -> Result<Option<Account>> {
        let connection = self.database.read.acquire().await;
        let mut connection = connection.map_err(|error| sqlite_error("account", error))?;
        load(&mut connection, user).await
    }

    async fn account_of(&self, login: String) -> Result<Option<Account>> {
        let sql = format!("SELECT {ACCOUNT_COLUMNS} FROM accounts a WHERE a.login = ?1");
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(login)
            .fetch_optional(&self.database.read)
            .await
            .map_err(|error| sqlite_error("account_of", error))?;
        row.as_ref().map(account).transpose()
    }

    async fn accounts(&self, after: Option<String>, limit: usize) -> Result<Vec<Account>> {
        let sql = format!(
            "SELECT {ACCOUNT_COLUMNS} FROM accounts a WHERE ?1 IS NULL OR a.login > ?1 ORDER BY a.login LIMIT ?2"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(after)
            .bind(limit as i64)
            .fetch_all(&self.database.read)
            .await
            .map_err(|error| sqlite_error("accounts", error))?;
        rows.iter().map(account).collect()
    }

    async fn change_account(
        &self,
        user: UserId,
        change: AccountChange,
        entry: Option<AuditEntry>,
    ) -> Result<Account> {
        let failed = |error| sqlite_error("change_account", error);
        let mut tx = self.database.begin("change_account").await?;
        let before = load(&mut tx, user).await?.ok_or_else(no_account)?;
        if !before.admits(&change) {
            return Err(not_the_present_password());
        }
        let was_admin = before.is_active_admin();
        let after = before.changed(&change);
        sqlx::query("UPDATE accounts SET password_hash = ?2, role = ?3, disabled = ?4 WHERE user_id = ?1")
            .bind(user.to_string())
            .bind(after.password.as_ref().map(PasswordHash::as_str))
            .bind(after.role.as_str())
            .bind(after.disabled)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        if was_admin && !after.is_active_admin() && !has_admin(&mut tx).await? {
            return Err(last_admin());
        }
        match change {
            AccountChange::Password { keep, .. } => sign_out(&mut tx, user, keep).await?,
            AccountChange::Disabled(true) => sign_out(&mut tx, user, None).await?,
            AccountChange::Disabled(false) | AccountChange::Role(_) | AccountChange::Rehashed { .. } => {}
        }
        if let Some(entry) = entry {
            audit::append(&mut tx, &entry).await?;
        }
        tx.commit().await.map_err(failed)?;
        Ok(after)
    }

    async fn adopt(&self, from: UserId, to: UserId, entry: AuditEntry) -> Result<u64> {
        let failed = |error| sqlite_error("adopt", error);
        let mut tx = self.database.begin("adopt").await?;
        load(&mut tx, to).await?.ok_or_else(no_account)?;
        let mut adopted = 0;
        // Keys of repeated requests are those of the old owner, who does not ask any more.
        for (statement, counts) in [
            (
                "DELETE FROM idempotency_keys WHERE user_id = ?1 AND ?2 <> ?1",
                false,
            ),
            (
                "UPDATE files SET user_id = ?2 WHERE user_id = ?1 AND ?2 <> ?1",
                false,
            ),
            // A search of a name that the account has too stays where it is.
            (
                "UPDATE OR IGNORE saved_searches SET user_id = ?2 WHERE user_id = ?1 AND ?2 <> ?1",
                false,
            ),
            (
                "UPDATE tasks SET user_id = ?2 WHERE user_id = ?1 AND ?2 <> ?1",
                true,
            ),
        ] {
            let done = sqlx::query(statement)
                .bind(from.to_string())
                .bind(to.to_string())
                .execute(&mut *tx)
                .await
                .map_err(failed)?;
            if counts {
                adopted = done.rows_affected();
            }
        }
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(failed)?;
        Ok(adopted)
    }

    async fn erase_user(&self, user: UserId, entry: AuditEntry) -> Result<u64> {
        erase::erase(self, user, entry).await
    }

    async fn strangers(&self, limit: usize) -> Result<Vec<(UserId, u64)>> {
        let rows = sqlx::query(
            "SELECT t.user_id, COUNT(*) AS tasks FROM tasks t \
             WHERE NOT EXISTS (SELECT 1 FROM accounts a WHERE a.user_id = t.user_id) \
             GROUP BY t.user_id ORDER BY t.user_id LIMIT ?1",
        )
        .bind(limit as i64)
        .fetch_all(&self.database.read)
        .await
        .map_err(|error| sqlite_error("strangers", error))?;
        rows.iter()
            .map(|row| Ok((parsed(row, "user_id")?, count(row, "tasks")?)))
            .collect()
    }
}

/// The account of `user`.
pub(super) async fn load(connection: &mut SqliteConnection, user: UserId) -> Result<Option<Account>> {
    let sql = format!("SELECT {ACCOUNT_COLUMNS} FROM accounts a WHERE a.user_id = ?1");
    let row = sqlx::query(AssertSqlSafe(sql))
        .bind(user.to_string())
        .fetch_optional(connection)
        .await
        .map_err(|error| sqlite_error("account", error))?;
    row.as_ref().map(account).transpose()
}

/// Keeps a new account, and its user where there is none yet.
pub(super) async fn insert(connection: &mut SqliteConnection, new: &Account) -> Result<()> {
    let failed = |error| sqlite_error("create_account", error);
    sqlx::query("INSERT INTO users (id, created_at) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING")
        .bind(new.id.to_string())
        .bind(text_time(new.created_at))
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
    sqlx::query(
        "INSERT INTO accounts (user_id, login, password_hash, role, disabled, created_at, last_sign_in) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )
    .bind(new.id.to_string())
    .bind(&new.login)
    .bind(new.password.as_ref().map(PasswordHash::as_str))
    .bind(new.role.as_str())
    .bind(new.disabled)
    .bind(text_time(new.created_at))
    .bind(new.last_sign_in.map(text_time))
    .execute(connection)
    .await
    .map(drop)
    .map_err(failed)
}

async fn has_admin(tx: &mut Transaction<'static, Sqlite>) -> Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM accounts WHERE role = 'admin' AND NOT disabled AND password_hash IS NOT NULL)",
    )
    .fetch_one(&mut **tx)
    .await
    .map_err(|error| sqlite_error("change_account", error))
}

/// Ends the sessions of `user` but one, and forgets their links and tickets; those of sessions go with them.
async fn sign_out(
    tx: &mut Transaction<'static, Sqlite>,
    user: UserId,
    keep: Option<SessionId>,
) -> Result<()> {
    let failed = |error| sqlite_error("change_account", error);
    sqlx::query("DELETE FROM sessions WHERE user_id = ?1 AND (?2 IS NULL OR id <> ?2)")
        .bind(user.to_string())
        .bind(keep.map(|keep| keep.to_string()))
        .execute(&mut **tx)
        .await
        .map_err(failed)?;
    sqlx::query(
        "DELETE FROM one_time_tokens WHERE user_id = ?1 \
         OR key_id IN (SELECT id FROM api_keys WHERE user_id = ?1)",
    )
    .bind(user.to_string())
    .execute(&mut **tx)
    .await
    .map(drop)
    .map_err(failed)
}
