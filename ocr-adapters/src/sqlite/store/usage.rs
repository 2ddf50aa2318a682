//! What owners used, and their limits.

use async_trait::async_trait;
use chrono::NaiveDate;
use ocr_core::{
    Result,
    clock::Timestamp,
    id::{TaskId, UserId},
    model::{AttemptNote, Quotas, ResultSummary, Task},
    store::Scope,
    usage_store::{UsageAmounts, UsageEntry, UsageStore, charged_since, read_for, read_in_vain},
};
use serde_json::Value;
use sqlx::{Sqlite, Transaction, sqlite::SqliteRow};

use super::{SqliteStore, owner_of};
use crate::{
    by_hand::readable,
    same_pages::TAKEN_OVER,
    sqlite::{
        error::sqlite_error,
        rows::{column, corrupt, count, parsed},
    },
};

#[async_trait]
impl UsageStore for SqliteStore {
    async fn usage(&self, scope: Scope, from: NaiveDate, to: NaiveDate) -> Result<Vec<UsageEntry>> {
        let rows = sqlx::query(
            "SELECT day, engine, SUM(documents) AS documents, SUM(bytes) AS bytes, SUM(pages) AS pages, \
             SUM(words) AS words, SUM(billed_pages) AS billed_pages, SUM(cost_micros) AS cost_micros \
             FROM usage_counts WHERE (?1 IS NULL OR user_id = ?1) AND day BETWEEN ?2 AND ?3 \
             GROUP BY day, engine ORDER BY day, engine",
        )
        .bind(owner_of(scope))
        .bind(from.to_string())
        .bind(to.to_string())
        .fetch_all(&self.database.read)
        .await
        .map_err(|error| sqlite_error("usage", error))?;
        Ok(rows.iter().filter_map(|row| readable(entry(row))).collect())
    }

    async fn quotas(&self, owner: UserId) -> Result<Quotas> {
        let row = sqlx::query("SELECT limits FROM quotas WHERE user_id = ?1")
            .bind(owner.to_string())
            .fetch_optional(&self.database.read)
            .await
            .map_err(|error| sqlite_error("quotas", error))?;
        let limits = row.map(|row| -> Result<Quotas> {
            serde_json::from_str(column(&row, "limits")?).map_err(|error| corrupt("limits", error))
        });
        Ok(limits.transpose()?.unwrap_or_default())
    }

    async fn set_quotas(&self, owner: UserId, quotas: Quotas) -> Result<()> {
        let limits = serde_json::to_string(&quotas).map_err(|error| corrupt("limits", error))?;
        sqlx::query(
            "INSERT INTO quotas (user_id, limits) VALUES (?1, ?2) \
             ON CONFLICT (user_id) DO UPDATE SET limits = excluded.limits",
        )
        .bind(owner.to_string())
        .bind(limits)
        .execute(self.database.writer())
        .await
        .map(drop)
        .map_err(|error| sqlite_error("set_quotas", error))
    }

    async fn forget_usage(&self, owner: UserId) -> Result<()> {
        let mut tx = self.database.begin("forget_usage").await?;
        for statement in [
            "DELETE FROM usage_counts WHERE user_id = ?1",
            "DELETE FROM quotas WHERE user_id = ?1",
        ] {
            sqlx::query(statement)
                .bind(owner.to_string())
                .execute(&mut *tx)
                .await
                .map_err(|error| sqlite_error("forget_usage", error))?;
        }
        tx.commit()
            .await
            .map_err(|error| sqlite_error("forget_usage", error))
    }
}

fn entry(row: &SqliteRow) -> Result<UsageEntry> {
    let day = column::<&str>(row, "day")?
        .parse::<NaiveDate>()
        .map_err(|error| corrupt("day", error))?;
    let amounts = UsageAmounts::default()
        .with_documents(count::<u64>(row, "documents")?)
        .with_bytes(count::<u64>(row, "bytes")?)
        .with_pages(count::<u64>(row, "pages")?)
        .with_words(count::<u64>(row, "words")?)
        .with_billed_pages(count::<u64>(row, "billed_pages")?)
        .with_cost_micros(count::<u64>(row, "cost_micros")?);
    Ok(UsageEntry::new(day, column::<String>(row, "engine")?, amounts))
}

/// Counts what `owner` used at `now`.
pub(super) async fn count_used(
    tx: &mut Transaction<'static, Sqlite>,
    owner: UserId,
    engine: &str,
    amounts: UsageAmounts,
    now: Timestamp,
) -> Result<()> {
    let number = |amount: u64| i64::try_from(amount).unwrap_or(i64::MAX);
    sqlx::query(
        "INSERT INTO usage_counts (user_id, day, engine, documents, bytes, pages, words, billed_pages, cost_micros) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (user_id, day, engine) DO UPDATE SET \
         documents = documents + excluded.documents, bytes = bytes + excluded.bytes, \
         pages = pages + excluded.pages, words = words + excluded.words, \
         billed_pages = billed_pages + excluded.billed_pages, cost_micros = cost_micros + excluded.cost_micros",
    )
    .bind(owner.to_string())
    .bind(now.date_naive().to_string())
    .bind(engine)
    .bind(number(amounts.documents))
    .bind(number(amounts.bytes))
    .bind(number(amounts.pages))
    .bind(number(amounts.words))
    .bind(number(amounts.billed_pages))
    .bind(number(amounts.cost_micros))
    .execute(&mut **tx)
    .await
    .map(drop)
    .map_err(|error| sqlite_error("count_used", error))
}

/// Counts what was read for `result` of `task`, if anything was.
pub(super) async fn count_result(
    tx: &mut Transaction<'static, Sqlite>,
    task: &Task,
    result: &ResultSummary,
    now: Timestamp,
) -> Result<()> {
    match read_for(result, task.history.pages_counted) {
        Some(read) => count_used(tx, task.owner, &result.engine, read, now).await,
        None => Ok(()),
    }
}

/// Counts the pages that were read of `task` in vain and did not count before, and notes in it that they do.
pub(super) async fn count_in_vain(
    tx: &mut Transaction<'static, Sqlite>,
    task: &mut Task,
    note: &AttemptNote,
    now: Timestamp,
) -> Result<()> {
    let read: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM result_pages WHERE task_id = ?1 AND instr(body, ?2) = 0")
            .bind(task.id.to_string())
            .bind(TAKEN_OVER)
            .fetch_one(&mut **tx)
            .await
            .map_err(|error| sqlite_error("count_in_vain", error))?;
    let pages = task.count_pages(u32::try_from(read).unwrap_or(u32::MAX));
    match read_in_vain(task, note, pages) {
        Some((engine, amounts)) => count_used(tx, task.owner, &engine, amounts, now).await,
        None => Ok(()),
    }
}

/// Counts what `checkpoint` says was charged for the task beyond what the one before it said.
pub(super) async fn count_charged(
    tx: &mut Transaction<'static, Sqlite>,
    task: TaskId,
    checkpoint: &Value,
    now: Timestamp,
) -> Result<()> {
    if charged_since(None, checkpoint).is_empty() {
        return Ok(());
    }
    let row = sqlx::query(
        "SELECT t.user_id, c.body FROM tasks t LEFT JOIN task_checkpoints c ON c.task_id = t.id WHERE t.id = ?1",
    )
    .bind(task.to_string())
    .fetch_one(&mut **tx)
    .await
    .map_err(|error| sqlite_error("put_checkpoint", error))?;
    let owner: UserId = parsed(&row, "user_id")?;
    let before: Option<&str> = column(&row, "body")?;
    let before: Option<Value> = before.and_then(|body| serde_json::from_str(body).ok());
    for (engine, usage) in charged_since(before.as_ref(), checkpoint) {
        count_used(tx, owner, &engine, usage.into(), now).await?;
    }
    Ok(())
}
