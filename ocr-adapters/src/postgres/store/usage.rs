//! What owners used, and their limits.

use async_trait::async_trait;
use chrono::NaiveDate;
use ocr_core::{
    Result,
    id::{TaskId, UserId},
    model::{AttemptNote, Quotas, ResultSummary, Task},
    store::Scope,
    usage_store::{UsageAmounts, UsageEntry, UsageStore, charged_since, read_for, read_in_vain},
};
use serde_json::Value;
use sqlx::{PgConnection, postgres::PgRow};
use uuid::Uuid;

use super::PgStore;
use crate::{
    by_hand::readable,
    postgres::{
        error::pg_error,
        rows::{column, corrupt, count, storable},
    },
    same_pages::TAKEN_OVER,
};

#[async_trait]
impl UsageStore for PgStore {
    async fn usage(&self, scope: Scope, from: NaiveDate, to: NaiveDate) -> Result<Vec<UsageEntry>> {
        let owner = scope.owner_id().map(|owner| owner.0);
        let rows = self
            .database
            .call("usage", async |connection| {
                sqlx::query(
                    "SELECT day, engine, SUM(documents)::bigint AS documents, SUM(bytes)::bigint AS bytes, \
                     SUM(pages)::bigint AS pages, SUM(words)::bigint AS words, \
                     SUM(billed_pages)::bigint AS billed_pages, SUM(cost_micros)::bigint AS cost_micros \
                     FROM usage_counts WHERE ($1::uuid IS NULL OR user_id = $1) AND day BETWEEN $2 AND $3 \
                     GROUP BY day, engine ORDER BY day, engine",
                )
                .bind(owner)
                .bind(from)
                .bind(to)
                .fetch_all(connection)
                .await
                .map_err(|error| pg_error("usage", error))
            })
            .await?;
        Ok(rows.iter().filter_map(|row| readable(entry(row))).collect())
    }

    async fn quotas(&self, owner: UserId) -> Result<Quotas> {
        let row = self
            .database
            .call("quotas", async |connection| {
                sqlx::query("SELECT limits FROM quotas WHERE user_id = $1")
                    .bind(owner.0)
                    .fetch_optional(connection)
                    .await
                    .map_err(|error| pg_error("quotas", error))
            })
            .await?;
        let limits = row.map(|row| -> Result<Quotas> {
            serde_json::from_str(column(&row, "limits")?).map_err(|error| corrupt("limits", error))
        });
        Ok(limits.transpose()?.unwrap_or_default())
    }

    async fn set_quotas(&self, owner: UserId, quotas: Quotas) -> Result<()> {
        let limits = serde_json::to_string(&quotas).map_err(|error| corrupt("limits", error))?;
        self.database
            .call("set_quotas", async |connection| {
                sqlx::query(
                    "INSERT INTO quotas (user_id, limits) VALUES ($1, $2) \
                     ON CONFLICT (user_id) DO UPDATE SET limits = excluded.limits",
                )
                .bind(owner.0)
                .bind(&limits)
                .execute(connection)
                .await
                .map(drop)
                .map_err(|error| pg_error("set_quotas", error))
            })
            .await
    }

    async fn forget_usage(&self, owner: UserId) -> Result<()> {
        self.database
            .transaction("forget_usage", async |tx| {
                for statement in [
                    "DELETE FROM usage_counts WHERE user_id = $1",
                    "DELETE FROM quotas WHERE user_id = $1",
                ] {
                    sqlx::query(statement)
                        .bind(owner.0)
                        .execute(&mut *tx)
                        .await
                        .map_err(|error| pg_error("forget_usage", error))?;
                }
                Ok(())
            })
            .await
    }
}

fn entry(row: &PgRow) -> Result<UsageEntry> {
    let amounts = UsageAmounts::default()
        .with_documents(count::<u64>(row, "documents")?)
        .with_bytes(count::<u64>(row, "bytes")?)
        .with_pages(count::<u64>(row, "pages")?)
        .with_words(count::<u64>(row, "words")?)
        .with_billed_pages(count::<u64>(row, "billed_pages")?)
        .with_cost_micros(count::<u64>(row, "cost_micros")?);
    Ok(UsageEntry::new(
        column(row, "day")?,
        column::<String>(row, "engine")?,
        amounts,
    ))
}

/// Counts what `owner` used now. Comes last in a transaction: the row stays locked until its end.
pub(super) async fn count_used(
    tx: &mut PgConnection,
    owner: UserId,
    engine: &str,
    amounts: UsageAmounts,
) -> Result<()> {
    let number = |amount: u64| i64::try_from(amount).unwrap_or(i64::MAX);
    sqlx::query(
        "INSERT INTO usage_counts AS counted \
         (user_id, day, engine, slot, documents, bytes, pages, words, billed_pages, cost_micros) \
         SELECT $1, (clock_timestamp() AT TIME ZONE 'UTC')::date, $2, pg_backend_pid() % 8, \
         $3, $4, $5, $6, $7, $8 \
         ON CONFLICT (user_id, day, engine, slot) DO UPDATE SET \
         documents = counted.documents + excluded.documents, bytes = counted.bytes + excluded.bytes, \
         pages = counted.pages + excluded.pages, words = counted.words + excluded.words, \
         billed_pages = counted.billed_pages + excluded.billed_pages, \
         cost_micros = counted.cost_micros + excluded.cost_micros",
    )
    .bind(owner.0)
    .bind(storable(engine))
    .bind(number(amounts.documents))
    .bind(number(amounts.bytes))
    .bind(number(amounts.pages))
    .bind(number(amounts.words))
    .bind(number(amounts.billed_pages))
    .bind(number(amounts.cost_micros))
    .execute(tx)
    .await
    .map(drop)
    .map_err(|error| pg_error("count_used", error))
}

/// Counts what was read for `result` of `task`, if anything was.
pub(super) async fn count_result(tx: &mut PgConnection, task: &Task, result: &ResultSummary) -> Result<()> {
    match read_for(result, task.history.pages_counted) {
        Some(read) => count_used(tx, task.owner, &result.engine, read).await,
        None => Ok(()),
    }
}

/// Notes in `task` that the pages which were read of it in vain count; how many of them did not before.
pub(super) async fn pages_in_vain(tx: &mut PgConnection, task: &mut Task) -> Result<u32> {
    let read: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM result_pages WHERE task_id = $1 AND strpos(body, $2) = 0")
            .bind(task.id.0)
            .bind(TAKEN_OVER)
            .fetch_one(tx)
            .await
            .map_err(|error| pg_error("count_in_vain", error))?;
    Ok(task.count_pages(u32::try_from(read).unwrap_or(u32::MAX)))
}

/// Counts `pages` that were read of `task` in vain.
pub(super) async fn count_in_vain(
    tx: &mut PgConnection,
    task: &Task,
    note: &AttemptNote,
    pages: u32,
) -> Result<()> {
    match read_in_vain(task, note, pages) {
        Some((engine, amounts)) => count_used(tx, task.owner, &engine, amounts).await,
        None => Ok(()),
    }
}

/// Counts what `checkpoint` says was charged for the task beyond what `before` said, the stored text of the one that
/// it replaces.
pub(super) async fn count_charged(
    tx: &mut PgConnection,
    owner: UserId,
    before: Option<&str>,
    checkpoint: &Value,
) -> Result<()> {
    let before: Option<Value> = before.and_then(|body| serde_json::from_str(body).ok());
    for (engine, usage) in charged_since(before.as_ref(), checkpoint) {
        count_used(&mut *tx, owner, &engine, usage.into()).await?;
    }
    Ok(())
}

/// Whose a task is, and its checkpoint as it is stored.
pub(super) async fn charged_before(tx: &mut PgConnection, task: TaskId) -> Result<(UserId, Option<String>)> {
    let row = sqlx::query(
        "SELECT t.user_id, c.body FROM tasks t LEFT JOIN task_checkpoints c ON c.task_id = t.id WHERE t.id = $1",
    )
    .bind(task.0)
    .fetch_one(tx)
    .await
    .map_err(|error| pg_error("put_checkpoint", error))?;
    let owner: Uuid = column(&row, "user_id")?;
    Ok((UserId(owner), column(&row, "body")?))
}
