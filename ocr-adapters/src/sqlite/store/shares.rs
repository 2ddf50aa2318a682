//! Links with which others can read a document.

use async_trait::async_trait;
use ocr_core::{
    Result,
    clock::Timestamp,
    id::{ShareId, TaskId},
    model::{PasswordHash, TokenHash},
    share_store::{
        MAX_SHARE_VISITS, MAX_SHARES, Share, ShareStore, ShareVisit, no_such_share, too_many_shares,
        too_many_visits,
    },
    store::{Scope, Write},
};
use sqlx::{Sqlite, SqliteExecutor, Transaction, sqlite::SqliteRow};

use super::{
    SqliteStore, outbox, owner_of,
    tasks::{load_live, not_found},
};
use crate::{
    by_hand::readable,
    sqlite::{
        error::sqlite_error,
        rows::{column, count, optional_time, parsed, text_time, time},
    },
};

#[async_trait]
impl ShareStore for SqliteStore {
    async fn create_share(&self, scope: Scope, share: Share, write: Write) -> Result<()> {
        let failed = |error| sqlite_error("create_share", error);
        let now = self.now();
        let mut tx = self.database.begin_growing("create_share").await?;
        if load_live(&mut tx, scope, share.task).await?.owner != share.owner {
            return Err(not_found());
        }
        sqlx::query("DELETE FROM shares WHERE task_id = ?1 AND expires_at <= ?2")
            .bind(share.task.to_string())
            .bind(text_time(share.created_at))
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        let others: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM shares WHERE task_id = ?1")
            .bind(share.task.to_string())
            .fetch_one(&mut *tx)
            .await
            .map_err(failed)?;
        if others >= MAX_SHARES as i64 {
            return Err(too_many_shares());
        }
        insert(&mut tx, &share).await?;
        outbox::send(&mut tx, write, &now).await?;
        tx.commit().await.map_err(failed)
    }

    async fn shares(&self, scope: Scope, task: Option<TaskId>, limit: usize) -> Result<Vec<Share>> {
        // Begins with the tasks of the owner, or with the one that is named: SQLite would rather look at the links of all.
        let rows = sqlx::query(
            "SELECT s.*, t.user_id FROM tasks t CROSS JOIN shares s ON s.task_id = t.id \
             WHERE t.deleted_at IS NULL AND (?1 IS NULL OR t.user_id = ?1) AND (?2 IS NULL OR t.id = ?2) \
             ORDER BY s.id DESC LIMIT ?3",
        )
        .bind(owner_of(scope))
        .bind(task.map(|task| task.to_string()))
        .bind(limit as i64)
        .fetch_all(&self.database.read)
        .await
        .map_err(|error| sqlite_error("shares", error))?;
        Ok(rows.iter().filter_map(|row| readable(share(row))).collect())
    }

    async fn share(&self, id: ShareId, token: TokenHash, now: Timestamp) -> Result<Option<Share>> {
        open(&self.database.read, "share", id, &token, now).await
    }

    async fn open_share(
        &self,
        id: ShareId,
        token: TokenHash,
        visit: ShareVisit,
        now: Timestamp,
        write: Write,
    ) -> Result<Option<Share>> {
        let failed = |error| sqlite_error("open_share", error);
        let mut tx = self.database.begin_growing("open_share").await?;
        let Some(found) = open(&mut *tx, "open_share", id, &token, now).await? else {
            return Ok(None);
        };
        let opens = found.opens.saturating_add(1);
        keep_visit(&mut tx, id, &visit, now).await?;
        sqlx::query("UPDATE shares SET opens = ?2, last_opened_at = ?3 WHERE id = ?1")
            .bind(id.to_string())
            .bind(opens)
            .bind(text_time(now))
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        outbox::send(&mut tx, write, &text_time(now)).await?;
        tx.commit().await.map_err(failed)?;
        Ok(Some(found.with_opens(opens).with_last_opened_at(now)))
    }

    async fn visited_share(&self, id: ShareId, visit: TokenHash, now: Timestamp) -> Result<Option<Share>> {
        let row = sqlx::query(
            "SELECT s.*, t.user_id FROM share_visits v JOIN shares s ON s.id = v.share_id \
             JOIN tasks t ON t.id = s.task_id \
             WHERE v.token_hash = ?2 AND v.share_id = ?1 AND v.expires_at > ?3 AND s.expires_at > ?3 \
             AND t.deleted_at IS NULL",
        )
        .bind(id.to_string())
        .bind(visit.as_str())
        .bind(text_time(now))
        .fetch_optional(&self.database.read)
        .await
        .map_err(|error| sqlite_error("visited_share", error))?;
        row.as_ref().map(share).transpose()
    }

    async fn delete_share(&self, scope: Scope, id: ShareId, write: Write) -> Result<Share> {
        let failed = |error| sqlite_error("delete_share", error);
        let now = self.now();
        let mut tx = self.database.begin("delete_share").await?;
        let row = sqlx::query(
            "SELECT s.*, t.user_id FROM shares s JOIN tasks t ON t.id = s.task_id \
             WHERE s.id = ?1 AND (?2 IS NULL OR t.user_id = ?2)",
        )
        .bind(id.to_string())
        .bind(owner_of(scope))
        .fetch_optional(&mut *tx)
        .await
        .map_err(failed)?;
        let deleted = share(&row.ok_or_else(no_such_share)?)?;
        sqlx::query("DELETE FROM shares WHERE id = ?1")
            .bind(id.to_string())
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        outbox::send(&mut tx, write, &now).await?;
        tx.commit().await.map_err(failed)?;
        Ok(deleted)
    }
}

/// The link with this secret, if it can be opened now.
async fn open(
    executor: impl SqliteExecutor<'_>,
    operation: &'static str,
    id: ShareId,
    token: &TokenHash,
    now: Timestamp,
) -> Result<Option<Share>> {
    let row = sqlx::query(
        "SELECT s.*, t.user_id FROM shares s JOIN tasks t ON t.id = s.task_id \
         WHERE s.id = ?1 AND s.token_hash = ?2 AND t.deleted_at IS NULL",
    )
    .bind(id.to_string())
    .bind(token.as_str())
    .fetch_optional(executor)
    .await
    .map_err(|error| sqlite_error(operation, error))?;
    let found = row.as_ref().map(share).transpose()?;
    Ok(found.filter(|share| share.opens_at(now)))
}

async fn insert(tx: &mut Transaction<'static, Sqlite>, share: &Share) -> Result<()> {
    sqlx::query(
        "INSERT INTO shares (id, task_id, token_hash, password_hash, formats, max_opens, opens, created_at, expires_at, \
         last_opened_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )
    .bind(share.id.to_string())
    .bind(share.task.to_string())
    .bind(share.token.as_str())
    .bind(share.password.as_ref().map(PasswordHash::as_str))
    .bind(share.formats.join(" "))
    .bind(share.max_opens)
    .bind(share.opens)
    .bind(text_time(share.created_at))
    .bind(text_time(share.expires_at))
    .bind(share.last_opened_at.map(text_time))
    .execute(&mut **tx)
    .await
    .map(drop)
    .map_err(|error| sqlite_error("create_share", error))
}

/// Keeps a visit in place of those whose time is over.
async fn keep_visit(
    tx: &mut Transaction<'static, Sqlite>,
    share: ShareId,
    visit: &ShareVisit,
    now: Timestamp,
) -> Result<()> {
    let failed = |error| sqlite_error("open_share", error);
    sqlx::query("DELETE FROM share_visits WHERE share_id = ?1 AND expires_at <= ?2")
        .bind(share.to_string())
        .bind(text_time(now))
        .execute(&mut **tx)
        .await
        .map_err(failed)?;
    let others: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM share_visits WHERE share_id = ?1")
        .bind(share.to_string())
        .fetch_one(&mut **tx)
        .await
        .map_err(failed)?;
    if others >= MAX_SHARE_VISITS as i64 {
        return Err(too_many_visits());
    }
    sqlx::query("INSERT INTO share_visits (token_hash, share_id, expires_at) VALUES (?1, ?2, ?3)")
        .bind(visit.token.as_str())
        .bind(share.to_string())
        .bind(text_time(visit.expires_at))
        .execute(&mut **tx)
        .await
        .map(drop)
        .map_err(failed)
}

/// A link from a row with the owner of its task.
fn share(row: &SqliteRow) -> Result<Share> {
    let token: String = column(row, "token_hash")?;
    let formats: &str = column(row, "formats")?;
    let password: Option<String> = column(row, "password_hash")?;
    let max_opens: Option<i64> = column(row, "max_opens")?;
    Ok(Share::new(
        parsed(row, "id")?,
        parsed(row, "task_id")?,
        parsed(row, "user_id")?,
        TokenHash::stored(token),
        time(row, "created_at")?,
        time(row, "expires_at")?,
    )
    .with_password(password.map(PasswordHash::new))
    // What somebody wrote that is no such number is the strictest one.
    .with_max_opens(max_opens.map(|most| u32::try_from(most).unwrap_or(0)))
    .with_formats(formats.split_whitespace().map(str::to_owned).collect())
    .with_opens(count::<u32>(row, "opens")?)
    .with_last_opened_at(optional_time(row, "last_opened_at")?))
}
