//! Links with which others can read a document.

use async_trait::async_trait;
use ocr_core::{
    Result,
    clock::Timestamp,
    id::{ShareId, TaskId, UserId},
    model::{PasswordHash, TokenHash},
    share_store::{
        MAX_SHARE_VISITS, MAX_SHARES, Share, ShareStore, ShareVisit, no_such_share, too_many_shares,
        too_many_visits,
    },
    store::{Scope, Write},
};
use sqlx::{PgConnection, postgres::PgRow};
use uuid::Uuid;

use super::{
    PgStore, outbox,
    tasks::{lock_live, not_found},
};
use crate::{
    by_hand::readable,
    postgres::{
        error::pg_error,
        rows::{column, count, row_limit, task_id},
    },
};

#[async_trait]
impl ShareStore for PgStore {
    async fn create_share(&self, scope: Scope, share: Share, write: Write) -> Result<()> {
        self.database
            .transaction("create_share", async |tx| {
                // Locked: of several links that are made at once, each counts those before it.
                if lock_live(tx, scope, share.task).await?.task.owner != share.owner {
                    return Err(not_found());
                }
                make_room(tx, &share).await?;
                insert(tx, &share).await?;
                outbox::send(tx, &write).await
            })
            .await
    }

    async fn shares(&self, scope: Scope, task: Option<TaskId>, limit: usize) -> Result<Vec<Share>> {
        let owner = scope.owner_id().map(|owner| owner.0);
        let task = task.map(|task| task.0);
        let rows = self
            .database
            .call("shares", async |connection| {
                sqlx::query(
                    "SELECT s.*, t.user_id FROM shares s JOIN tasks t ON t.id = s.task_id \
                     WHERE t.deleted_at IS NULL AND ($1::uuid IS NULL OR t.user_id = $1) \
                     AND ($2::uuid IS NULL OR t.id = $2) ORDER BY s.id DESC LIMIT $3",
                )
                .bind(owner)
                .bind(task)
                .bind(row_limit(limit))
                .fetch_all(connection)
                .await
                .map_err(|error| pg_error("shares", error))
            })
            .await?;
        Ok(rows.iter().filter_map(|row| readable(share(row))).collect())
    }

    async fn share(&self, id: ShareId, token: TokenHash, now: Timestamp) -> Result<Option<Share>> {
        let row = self
            .database
            .call("share", async |connection| {
                sqlx::query(
                    "SELECT s.*, t.user_id FROM shares s JOIN tasks t ON t.id = s.task_id \
                     WHERE s.id = $1 AND s.token_hash = $2 AND t.deleted_at IS NULL",
                )
                .bind(id.0)
                .bind(token.as_str())
                .fetch_optional(connection)
                .await
                .map_err(|error| pg_error("share", error))
            })
            .await?;
        let found = row.as_ref().map(share).transpose()?;
        Ok(found.filter(|share| share.opens_at(now)))
    }

    async fn open_share(
        &self,
        id: ShareId,
        token: TokenHash,
        visit: ShareVisit,
        now: Timestamp,
        write: Write,
    ) -> Result<Option<Share>> {
        self.database
            .transaction("open_share", async |tx| {
                let Some(found) = locked(tx, id, &token).await?.filter(|share| share.opens_at(now)) else {
                    return Ok(None);
                };
                keep_visit(tx, id, &visit, now).await?;
                let opens = found.opens.saturating_add(1);
                sqlx::query("UPDATE shares SET opens = $2, last_opened_at = $3 WHERE id = $1")
                    .bind(id.0)
                    .bind(i64::from(opens))
                    .bind(now)
                    .execute(&mut *tx)
                    .await
                    .map_err(|error| pg_error("open_share", error))?;
                outbox::send(tx, &write).await?;
                Ok(Some(found.with_opens(opens).with_last_opened_at(now)))
            })
            .await
    }

    async fn visited_share(&self, id: ShareId, visit: TokenHash, now: Timestamp) -> Result<Option<Share>> {
        let row = self
            .database
            .call("visited_share", async |connection| {
                sqlx::query(
                    "SELECT s.*, t.user_id FROM share_visits v JOIN shares s ON s.id = v.share_id \
                     JOIN tasks t ON t.id = s.task_id \
                     WHERE v.token_hash = $2 AND v.share_id = $1 AND v.expires_at > $3 AND s.expires_at > $3 \
                     AND t.deleted_at IS NULL",
                )
                .bind(id.0)
                .bind(visit.as_str())
                .bind(now)
                .fetch_optional(connection)
                .await
                .map_err(|error| pg_error("visited_share", error))
            })
            .await?;
        row.as_ref().map(share).transpose()
    }

    async fn delete_share(&self, scope: Scope, id: ShareId, write: Write) -> Result<Share> {
        let owner = scope.owner_id().map(|owner| owner.0);
        self.database
            .transaction("delete_share", async |tx| {
                let row = sqlx::query(
                    "DELETE FROM shares s USING tasks t \
                     WHERE t.id = s.task_id AND s.id = $1 AND ($2::uuid IS NULL OR t.user_id = $2) \
                     RETURNING s.*, t.user_id",
                )
                .bind(id.0)
                .bind(owner)
                .fetch_optional(&mut *tx)
                .await
                .map_err(|error| pg_error("delete_share", error))?;
                let deleted = share(&row.ok_or_else(no_such_share)?)?;
                outbox::send(tx, &write).await?;
                Ok(deleted)
            })
            .await
    }
}

/// The link with this id and secret, which nobody else changes until the transaction ends.
async fn locked(tx: &mut PgConnection, id: ShareId, token: &TokenHash) -> Result<Option<Share>> {
    let row = sqlx::query(
        "SELECT s.*, t.user_id FROM shares s JOIN tasks t ON t.id = s.task_id \
         WHERE s.id = $1 AND s.token_hash = $2 AND t.deleted_at IS NULL FOR UPDATE OF s",
    )
    .bind(id.0)
    .bind(token.as_str())
    .fetch_optional(tx)
    .await
    .map_err(|error| pg_error("open_share", error))?;
    row.as_ref().map(share).transpose()
}

/// Removes links whose time is over, and refuses another one where there are too many.
async fn make_room(tx: &mut PgConnection, share: &Share) -> Result<()> {
    let failed = |error| pg_error("create_share", error);
    sqlx::query("DELETE FROM shares WHERE task_id = $1 AND expires_at <= $2")
        .bind(share.task.0)
        .bind(share.created_at)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
    let others: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM shares WHERE task_id = $1")
        .bind(share.task.0)
        .fetch_one(tx)
        .await
        .map_err(failed)?;
    if others >= row_limit(MAX_SHARES) {
        return Err(too_many_shares());
    }
    Ok(())
}

async fn insert(tx: &mut PgConnection, share: &Share) -> Result<()> {
    sqlx::query(
        "INSERT INTO shares (id, task_id, token_hash, password_hash, formats, max_opens, opens, created_at, expires_at, \
         last_opened_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(share.id.0)
    .bind(share.task.0)
    .bind(share.token.as_str())
    .bind(share.password.as_ref().map(PasswordHash::as_str))
    .bind(share.formats.join(" "))
    .bind(share.max_opens.map(i64::from))
    .bind(i64::from(share.opens))
    .bind(share.created_at)
    .bind(share.expires_at)
    .bind(share.last_opened_at)
    .execute(tx)
    .await
    .map(drop)
    .map_err(|error| pg_error("create_share", error))
}

/// Keeps a visit in place of those whose time is over.
async fn keep_visit(tx: &mut PgConnection, share: ShareId, visit: &ShareVisit, now: Timestamp) -> Result<()> {
    let failed = |error| pg_error("open_share", error);
    sqlx::query("DELETE FROM share_visits WHERE share_id = $1 AND expires_at <= $2")
        .bind(share.0)
        .bind(now)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
    let others: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM share_visits WHERE share_id = $1")
        .bind(share.0)
        .fetch_one(&mut *tx)
        .await
        .map_err(failed)?;
    if others >= row_limit(MAX_SHARE_VISITS) {
        return Err(too_many_visits());
    }
    sqlx::query("INSERT INTO share_visits (token_hash, share_id, expires_at) VALUES ($1, $2, $3)")
        .bind(visit.token.as_str())
        .bind(share.0)
        .bind(visit.expires_at)
        .execute(tx)
        .await
        .map(drop)
        .map_err(failed)
}

/// A link from a row with the owner of its task.
fn share(row: &PgRow) -> Result<Share> {
    let token: String = column(row, "token_hash")?;
    let formats: &str = column(row, "formats")?;
    let password: Option<String> = column(row, "password_hash")?;
    let max_opens: Option<i64> = column(row, "max_opens")?;
    let last_opened_at: Option<Timestamp> = column(row, "last_opened_at")?;
    Ok(Share::new(
        ShareId(column::<Uuid>(row, "id")?),
        task_id(row, "task_id")?,
        UserId(column::<Uuid>(row, "user_id")?),
        TokenHash::stored(token),
        column(row, "created_at")?,
        column(row, "expires_at")?,
    )
    .with_password(password.map(PasswordHash::new))
    // What somebody wrote that is no such number is the strictest one.
    .with_max_opens(max_opens.map(|most| u32::try_from(most).unwrap_or(0)))
    .with_formats(formats.split_whitespace().map(str::to_owned).collect())
    .with_opens(count::<u32>(row, "opens")?)
    .with_last_opened_at(last_opened_at))
}
