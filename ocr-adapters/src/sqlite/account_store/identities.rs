//! Accounts of people who sign in with a provider.

use async_trait::async_trait;
use ocr_core::{
    Result,
    account_store::{Account, AuditEntry, Identities, Identity, no_account},
    id::UserId,
};
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::{
    SqliteAccountStore,
    accounts::{insert, load},
    audit,
    rows::{ACCOUNT_COLUMNS, account},
};
use crate::{sqlite::error::sqlite_error, taken_identity::taken};

#[async_trait]
impl Identities for SqliteAccountStore {
    async fn account_identified(&self, identity: Identity) -> Result<Option<Account>> {
        let sql = format!(
            "SELECT {ACCOUNT_COLUMNS} FROM identities i JOIN accounts a ON a.user_id = i.user_id \
             WHERE i.issuer = ?1 AND i.subject = ?2"
        );
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(identity.issuer)
            .bind(identity.subject)
            .fetch_optional(&self.database.read)
            .await
            .map_err(|error| sqlite_error("account_identified", error))?;
        row.as_ref().map(account).transpose()
    }

    async fn create_identified(&self, new: Account, identity: Identity, entry: AuditEntry) -> Result<()> {
        let mut tx = self.database.begin("create_identified").await?;
        insert(&mut tx, &new).await?;
        link(&mut tx, new.id, &identity).await?;
        audit::append(&mut tx, &entry).await?;
        tx.commit()
            .await
            .map_err(|error| sqlite_error("create_identified", error))
    }

    async fn link_identity(&self, user: UserId, identity: Identity, entry: AuditEntry) -> Result<()> {
        let mut tx = self.database.begin("link_identity").await?;
        load(&mut tx, user).await?.ok_or_else(no_account)?;
        link(&mut tx, user, &identity).await?;
        audit::append(&mut tx, &entry).await?;
        tx.commit()
            .await
            .map_err(|error| sqlite_error("link_identity", error))
    }
}

async fn link(connection: &mut SqliteConnection, user: UserId, identity: &Identity) -> Result<()> {
    sqlx::query("INSERT INTO identities (issuer, subject, user_id) VALUES (?1, ?2, ?3)")
        .bind(&identity.issuer)
        .bind(&identity.subject)
        .bind(user.to_string())
        .execute(connection)
        .await
        .map(drop)
        .map_err(|error| taken(error, |error| sqlite_error("link_identity", error)))
}
