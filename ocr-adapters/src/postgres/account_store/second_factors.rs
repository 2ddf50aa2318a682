//! Second factors of accounts.

use async_trait::async_trait;
use ocr_core::{
    Result,
    account_store::{AuditEntry, SecondFactor, SecondFactors, TotpSecret},
    id::UserId,
};
use sqlx::{PgConnection, postgres::PgRow};

use super::{PgAccountStore, audit};
use crate::{
    postgres::{
        error::pg_error,
        rows::{column, count},
    },
    recovery_codes::{joined, parted},
};

#[async_trait]
impl SecondFactors for PgAccountStore {
    async fn second_factor(&self, user: UserId) -> Result<Option<SecondFactor>> {
        let row = self
            .database
            .call("second_factor", async |connection| {
                sqlx::query(
                    "SELECT secret, confirmed, last_step, recovery, version FROM second_factors WHERE user_id = $1",
                )
                .bind(user.0)
                .fetch_optional(connection)
                .await
                .map_err(|error| pg_error("second_factor", error))
            })
            .await?;
        row.as_ref().map(second_factor).transpose()
    }

    async fn replace_second_factor(
        &self,
        user: UserId,
        version: Option<u64>,
        to: Option<SecondFactor>,
        entry: Option<AuditEntry>,
    ) -> Result<bool> {
        self.database
            .transaction("replace_second_factor", async |tx| {
                if !replace(tx, user, version, to.as_ref()).await? {
                    return Ok(false);
                }
                if let Some(entry) = &entry {
                    audit::append(tx, entry).await?;
                }
                Ok(true)
            })
            .await
    }
}

async fn replace(
    connection: &mut PgConnection,
    user: UserId,
    version: Option<u64>,
    to: Option<&SecondFactor>,
) -> Result<bool> {
    let statement = match (version, to) {
        (None, Some(_)) => {
            "INSERT INTO second_factors (user_id, secret, confirmed, last_step, recovery, version) \
             SELECT user_id, $3, $4, $5, $6, $7 FROM accounts WHERE user_id = $1 AND $2::bigint IS NULL \
             ON CONFLICT (user_id) DO NOTHING"
        }
        (Some(_), Some(_)) => {
            "UPDATE second_factors SET secret = $3, confirmed = $4, last_step = $5, recovery = $6, \
             version = $7 WHERE user_id = $1 AND version = $2"
        }
        (Some(_), None) => "DELETE FROM second_factors WHERE user_id = $1 AND version = $2",
        (None, None) => return Ok(false),
    };
    let mut query = sqlx::query(statement)
        .bind(user.0)
        .bind(version.map(|version| version as i64));
    if let Some(to) = to {
        query = query
            .bind(to.secret.as_str())
            .bind(to.confirmed)
            .bind(to.last_step as i64)
            .bind(joined(to))
            .bind(to.version as i64);
    }
    let done = query
        .execute(connection)
        .await
        .map_err(|error| pg_error("replace_second_factor", error))?;
    Ok(done.rows_affected() > 0)
}

fn second_factor(row: &PgRow) -> Result<SecondFactor> {
    let recovery: &str = column(row, "recovery")?;
    let factor = SecondFactor::new(TotpSecret::new(column::<String>(row, "secret")?));
    Ok(factor.stored(
        column::<bool>(row, "confirmed")?,
        count(row, "last_step")?,
        parted(recovery),
        count(row, "version")?,
    ))
}
