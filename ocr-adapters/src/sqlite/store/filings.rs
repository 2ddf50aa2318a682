//! How documents are filed.

use async_trait::async_trait;
use ocr_core::{
    ErrorKind, Result,
    filing_store::{FiledTask, FilingStore, FilingUpdate, NameCount},
    id::TaskId,
    model::{Filing, FilingKind, FilingName},
    store::{Scope, Write},
};
use sqlx::{QueryBuilder, Sqlite, Transaction, sqlite::SqliteRow};

use super::{SqliteStore, outbox, owner_of, tasks::load_live};
use crate::{
    by_hand::readable,
    filings::{FilingRow, gathered, rows_of},
    sqlite::{
        error::sqlite_error,
        rows::{column, count, parsed},
    },
};

/// Names by their number, of the documents of one owner. `CROSS JOIN` begins with their tasks: SQLite would rather look at
/// what everybody has filed.
const NAMES_OF_ONE: &str = "SELECT MIN(x.text) AS text, COUNT(*) AS count \
     FROM tasks t CROSS JOIN filings x ON x.task_id = t.id \
     WHERE t.user_id = ?2 AND t.deleted_at IS NULL AND x.kind = ?1 \
     GROUP BY x.key ORDER BY COUNT(*) DESC, x.key LIMIT ?3";
/// The same of all documents; there is no owner in `?2`.
const NAMES_OF_ALL: &str = "SELECT MIN(x.text) AS text, COUNT(*) AS count \
     FROM filings x JOIN tasks t ON t.id = x.task_id \
     WHERE x.kind = ?1 AND t.deleted_at IS NULL AND ?2 IS NULL \
     GROUP BY x.key ORDER BY COUNT(*) DESC, x.key LIMIT ?3";

#[async_trait]
impl FilingStore for SqliteStore {
    async fn filings(&self, scope: Scope, tasks: Vec<TaskId>) -> Result<Vec<FiledTask>> {
        if tasks.is_empty() {
            return Ok(Vec::new());
        }
        let mut query: QueryBuilder<Sqlite> = QueryBuilder::new(
            "SELECT x.task_id, x.kind, x.text FROM filings x JOIN tasks t ON t.id = x.task_id \
             WHERE x.task_id IN (",
        );
        let mut ids = query.separated(", ");
        for task in &tasks {
            ids.push_bind(task.to_string());
        }
        query.push(")");
        if let Some(owner) = owner_of(scope) {
            query
                .push(" AND t.deleted_at IS NULL AND t.user_id = ")
                .push_bind(owner);
        }
        query.push(" ORDER BY x.task_id, x.kind, x.key");
        let rows = query
            .build()
            .fetch_all(&self.database.read)
            .await
            .map_err(|error| sqlite_error("filings", error))?;
        Ok(gathered(rows.iter().map(filing_row)))
    }

    async fn change_filings(
        &self,
        scope: Scope,
        update: FilingUpdate,
        write: Write,
    ) -> Result<Vec<FiledTask>> {
        let now = self.now();
        let mut tx = self.database.begin_growing("change_filings").await?;
        let mut filed = Vec::with_capacity(update.tasks.len());
        let mut changed = Vec::new();
        for task in &update.tasks {
            let Some(before) = live_filing(&mut tx, scope, *task).await? else {
                continue;
            };
            let after = update.change.apply(&before)?;
            if after != before {
                replace(&mut tx, *task, &after, &now).await?;
                changed.push(*task);
            }
            filed.push(FiledTask::new(*task, after));
        }
        if !changed.is_empty() {
            outbox::send(&mut tx, write.audited_only(&changed), &now).await?;
        }
        tx.commit()
            .await
            .map_err(|error| sqlite_error("change_filings", error))?;
        Ok(filed)
    }

    async fn filing_names(&self, scope: Scope, kind: FilingKind, limit: usize) -> Result<Vec<NameCount>> {
        let owner = owner_of(scope);
        let rows = sqlx::query(if owner.is_some() {
            NAMES_OF_ONE
        } else {
            NAMES_OF_ALL
        })
        .bind(kind.as_str())
        .bind(owner)
        .bind(limit as i64)
        .fetch_all(&self.database.read)
        .await
        .map_err(|error| sqlite_error("filing_names", error))?;
        Ok(rows.iter().filter_map(|row| readable(name_count(row))).collect())
    }
}

/// How the document of a live task in `scope` is filed; `None` where there is no such task.
async fn live_filing(
    tx: &mut Transaction<'static, Sqlite>,
    scope: Scope,
    task: TaskId,
) -> Result<Option<Filing>> {
    match load_live(tx, scope, task).await {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let rows = sqlx::query("SELECT task_id, kind, text FROM filings WHERE task_id = ?1 ORDER BY kind, key")
        .bind(task.to_string())
        .fetch_all(&mut **tx)
        .await
        .map_err(|error| sqlite_error("change_filings", error))?;
    let filed = gathered(rows.iter().map(filing_row)).into_iter().next();
    Ok(Some(filed.map(|filed| filed.filing).unwrap_or_default()))
}

/// Files a document as `filing` says, and makes that a change of its task.
async fn replace(
    tx: &mut Transaction<'static, Sqlite>,
    task: TaskId,
    filing: &Filing,
    now: &str,
) -> Result<()> {
    let failed = |error| sqlite_error("change_filings", error);
    let task = task.to_string();
    sqlx::query("DELETE FROM filings WHERE task_id = ?1")
        .bind(&task)
        .execute(&mut **tx)
        .await
        .map_err(failed)?;
    for (kind, key, text) in rows_of(filing) {
        sqlx::query("INSERT INTO filings (task_id, kind, key, text) VALUES (?1, ?2, ?3, ?4)")
            .bind(&task)
            .bind(kind)
            .bind(key)
            .bind(text)
            .execute(&mut **tx)
            .await
            .map_err(failed)?;
    }
    // The status is named so that the trigger of the change log runs, although it stays as it is.
    sqlx::query("UPDATE tasks SET status = status, updated_at = ?2, version = version + 1 WHERE id = ?1")
        .bind(&task)
        .bind(now)
        .execute(&mut **tx)
        .await
        .map(drop)
        .map_err(failed)
}

fn filing_row(row: &SqliteRow) -> Result<FilingRow> {
    Ok(FilingRow {
        task: parsed(row, "task_id")?,
        kind: column(row, "kind")?,
        text: column(row, "text")?,
    })
}

fn name_count(row: &SqliteRow) -> Result<NameCount> {
    let name = FilingName::new(column(row, "text")?)?;
    Ok(NameCount::new(name, count(row, "count")?))
}
