//! Second factors of accounts.

use async_trait::async_trait;
use ocr_core::{
    Result,
    account_store::{AuditEntry, SecondFactor, SecondFactors, TotpSecret},
    id::UserId,
};
use sqlx::{SqliteConnection, sqlite::SqliteRow};

use super::{SqliteAccountStore, audit};
use crate::{
    recovery_codes::{joined, parted},
    sqlite::{
        error::sqlite_error,
        rows::{column, count},
    },
};

#[async_trait]
impl SecondFactors for SqliteAccountStore {
    async fn second_factor(&self, user: UserId) -> Result<Option<SecondFactor>> {
        let row = sqlx::query(
            "SELECT secret, confirmed, last_step, recovery, version FROM second_factors WHERE user_id = ?1",
        )
        .bind(user.to_string())
        .fetch_optional(&self.database.read)
        .await
        .map_err(|error| sqlite_error("second_factor", error))?;
        row.as_ref().map(second_factor).transpose()
    }

    async fn replace_second_factor(
        &self,
        user: UserId,
        version: Option<u64>,
        to: Option<SecondFactor>,
        entry: Option<AuditEntry>,
    ) -> Result<bool> {
        let mut tx = self.database.begin("replace_second_factor").await?;
        if !replace(&mut tx, user, version, to.as_ref()).await? {
            return Ok(false);
        }
        if let Some(entry) = entry {
            audit::append(&mut tx, &entry).await?;
        }
        let done = tx.commit().await;
        done.map_err(|error| sqlite_error("replace_second_factor", error))?;
        Ok(true)
    }
}

async fn replace(
    connection: &mut SqliteConnection,
    user: UserId,
    version: Option<u64>,
    to: Option<&SecondFactor>,
) -> Result<bool> {
    let statement = match (version, to) {
        (None, Some(_)) => {
            "INSERT INTO second_factors (user_id, secret, confirmed, last_step, recovery, version) \
             SELECT user_id, ?3, ?4, ?5, ?6, ?7 FROM accounts WHERE user_id = ?1 AND ?2 IS NULL \
             ON CONFLICT (user_id) DO NOTHING"
        }
        (Some(_), Some(_)) => {
            "UPDATE second_factors SET secret = ?3, confirmed = ?4, last_step = ?5, recovery = ?6, \
             version = ?7 WHERE user_id = ?1 AND version = ?2"
        }
        (Some(_), None) => "DELETE FROM second_factors WHERE user_id = ?1 AND version = ?2",
        (None, None) => return Ok(false),
    };
    let mut query = sqlx::query(statement)
        .bind(user.to_string())
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
        .map_err(|error| sqlite_error("replace_second_factor", error))?;
    Ok(done.rows_affected() > 0)
}

fn second_factor(row: &SqliteRow) -> Result<SecondFactor> {
    let recovery: &str = column(row, "recovery")?;
    let factor = SecondFactor::new(TotpSecret::new(column::<String>(row, "secret")?));
    Ok(factor.stored(
        column::<bool>(row, "confirmed")?,
        count(row, "last_step")?,
        parted(recovery),
        count(row, "version")?,
    ))
}
