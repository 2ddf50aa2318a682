//! How documents are filed.

use async_trait::async_trait;
use ocr_core::{
    ErrorKind, Result,
    filing_store::{FiledTask, FilingStore, FilingUpdate, NameCount},
    id::TaskId,
    model::{Filing, FilingKind, FilingName},
    store::{Scope, Write},
};
use sqlx::{PgConnection, postgres::PgRow};
use uuid::Uuid;

use super::{PgStore, outbox, tasks::lock_live};
use crate::{
    by_hand::readable,
    filings::{FilingRow, gathered, rows_of},
    postgres::{
        error::pg_error,
        rows::{column, count, row_limit, task_id},
    },
};

#[async_trait]
impl FilingStore for PgStore {
    async fn filings(&self, scope: Scope, tasks: Vec<TaskId>) -> Result<Vec<FiledTask>> {
        let owner = scope.owner_id().map(|owner| owner.0);
        let tasks: Vec<Uuid> = tasks.iter().map(|task| task.0).collect();
        let rows = self
            .database
            .call("filings", async |connection| {
                sqlx::query(
                    "SELECT x.task_id, x.kind, x.text FROM filings x JOIN tasks t ON t.id = x.task_id \
                     WHERE x.task_id = ANY($1) \
                     AND ($2::uuid IS NULL OR (t.user_id = $2 AND t.deleted_at IS NULL)) \
                     ORDER BY x.task_id, x.kind, x.key",
                )
                .bind(&tasks)
                .bind(owner)
                .fetch_all(connection)
                .await
                .map_err(|error| pg_error("filings", error))
            })
            .await?;
        Ok(gathered(rows.iter().map(filing_row)))
    }

    async fn change_filings(
        &self,
        scope: Scope,
        update: FilingUpdate,
        write: Write,
    ) -> Result<Vec<FiledTask>> {
        self.database
            .transaction("change_filings", async |tx| {
                let mut filed = Vec::with_capacity(update.tasks.len());
                let mut changed = Vec::new();
                for task in &update.tasks {
                    let Some(before) = live_filing(tx, scope, *task).await? else {
                        continue;
                    };
                    let after = update.change.apply(&before)?;
                    if after != before {
                        replace(tx, *task, &after).await?;
                        changed.push(*task);
                    }
                    filed.push(FiledTask::new(*task, after));
                }
                if !changed.is_empty() {
                    outbox::send(tx, &write.audited_only(&changed)).await?;
                }
                Ok(filed)
            })
            .await
    }

    async fn filing_names(&self, scope: Scope, kind: FilingKind, limit: usize) -> Result<Vec<NameCount>> {
        let owner = scope.owner_id().map(|owner| owner.0);
        let rows = self
            .database
            .call("filing_names", async |connection| {
                sqlx::query(
                    "SELECT MIN(x.text) AS text, COUNT(*) AS count \
                     FROM filings x JOIN tasks t ON t.id = x.task_id \
                     WHERE x.kind = $1 AND t.deleted_at IS NULL AND ($2::uuid IS NULL OR t.user_id = $2) \
                     GROUP BY x.key ORDER BY COUNT(*) DESC, x.key LIMIT $3",
                )
                .bind(kind.as_str())
                .bind(owner)
                .bind(row_limit(limit))
                .fetch_all(connection)
                .await
                .map_err(|error| pg_error("filing_names", error))
            })
            .await?;
        Ok(rows.iter().filter_map(|row| readable(name_count(row))).collect())
    }
}

/// How the document of a live task in `scope` is filed; `None` where there is no such task. It stays so until the
/// transaction ends.
async fn live_filing(tx: &mut PgConnection, scope: Scope, task: TaskId) -> Result<Option<Filing>> {
    match lock_live(tx, scope, task).await {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let rows = sqlx::query("SELECT task_id, kind, text FROM filings WHERE task_id = $1 ORDER BY kind, key")
        .bind(task.0)
        .fetch_all(tx)
        .await
        .map_err(|error| pg_error("change_filings", error))?;
    let filed = gathered(rows.iter().map(filing_row)).into_iter().next();
    Ok(Some(filed.map(|filed| filed.filing).unwrap_or_default()))
}

/// Files a document as `filing` says, and makes that a change of its task.
async fn replace(tx: &mut PgConnection, task: TaskId, filing: &Filing) -> Result<()> {
    let failed = |error| pg_error("change_filings", error);
    sqlx::query("DELETE FROM filings WHERE task_id = $1")
        .bind(task.0)
        .execute(&mut *tx)
        .await
        .map_err(failed)?;
    for (kind, key, text) in rows_of(filing) {
        sqlx::query("INSERT INTO filings (task_id, kind, key, text) VALUES ($1, $2, $3, $4)")
            .bind(task.0)
            .bind(kind)
            .bind(key)
            .bind(text)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
    }
    sqlx::query(
        "UPDATE tasks SET updated_at = clock_timestamp() AT TIME ZONE 'UTC', version = version + 1 WHERE id = $1",
    )
    .bind(task.0)
    .execute(tx)
    .await
    .map(drop)
    .map_err(failed)
}

fn filing_row(row: &PgRow) -> Result<FilingRow> {
    Ok(FilingRow {
        task: task_id(row, "task_id")?,
        kind: column(row, "kind")?,
        text: column(row, "text")?,
    })
}

fn name_count(row: &PgRow) -> Result<NameCount> {
    let name = FilingName::new(column(row, "text")?)?;
    Ok(NameCount::new(name, count(row, "count")?))
}
