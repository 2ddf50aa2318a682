//! Accounts of people who sign in with a provider.

use async_trait::async_trait;
use ocr_core::{
    Result,
    account_store::{Account, AuditEntry, Identities, Identity, no_account},
    id::UserId,
};
use sqlx::{AssertSqlSafe, PgConnection};

use super::{
    PgAccountStore,
    accounts::{alone, insert, load},
    audit,
    rows::{ACCOUNT_COLUMNS, account},
};
use crate::{
    postgres::{error::pg_error, rows::storable},
    taken_identity::taken,
};

#[async_trait]
impl Identities for PgAccountStore {
    async fn account_identified(&self, identity: Identity) -> Result<Option<Account>> {
        let sql = format!(
            "SELECT {ACCOUNT_COLUMNS} FROM identities i JOIN accounts a ON a.user_id = i.user_id \
             WHERE i.issuer = $1 AND i.subject = $2"
        );
        let row = self
            .database
            .call("account_identified", async |connection| {
                sqlx::query(AssertSqlSafe(sql))
                    .bind(storable(&identity.issuer))
                    .bind(storable(&identity.subject))
                    .fetch_optional(connection)
                    .await
                    .map_err(|error| pg_error("account_identified", error))
            })
            .await?;
        row.as_ref().map(account).transpose()
    }

    async fn create_identified(&self, new: Account, identity: Identity, entry: AuditEntry) -> Result<()> {
        self.database
            .transaction("create_identified", async |tx| {
                alone(tx).await?;
                insert(tx, &new).await?;
                link(tx, new.id, &identity).await?;
                audit::append(tx, &entry).await
            })
            .await
    }

    async fn link_identity(&self, user: UserId, identity: Identity, entry: AuditEntry) -> Result<()> {
        self.database
            .transaction("link_identity", async |tx| {
                load(tx, user, " FOR SHARE").await?.ok_or_else(no_account)?;
                link(tx, user, &identity).await?;
                audit::append(tx, &entry).await
            })
            .await
    }
}

async fn link(tx: &mut PgConnection, user: UserId, identity: &Identity) -> Result<()> {
    sqlx::query("INSERT INTO identities (issuer, subject, user_id) VALUES ($1, $2, $3)")
        .bind(storable(&identity.issuer))
        .bind(storable(&identity.subject))
        .bind(user.0)
        .execute(tx)
        .await
        .map(drop)
        .map_err(|error| taken(error, |error| pg_error("link_identity", error)))
}
