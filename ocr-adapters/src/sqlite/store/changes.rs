//! The change log. One writer at a time, so sequence numbers commit in order.

use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use ocr_core::{
    Result,
    clock::Timestamp,
    model::TaskStatus,
    store::{Change, ChangeCursor, ChangeLog, ChangeOperation, Scope},
};
use sqlx::sqlite::SqliteRow;

use super::{SqliteStore, owner_of};
use crate::by_hand::readable;
use crate::sqlite::{
    error::sqlite_error,
    rows::{column, corrupt, parse_time, parsed, text_time},
};

#[async_trait]
impl ChangeLog for SqliteStore {
    async fn changes(&self, scope: Scope, since: ChangeCursor, limit: usize) -> Result<Vec<Change>> {
        let rows = match owner_of(scope) {
            Some(owner) => {
                sqlx::query("SELECT * FROM change_log WHERE user_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3")
                    .bind(owner)
            }
            None => {
                sqlx::query("SELECT * FROM change_log WHERE ?1 IS NULL AND seq > ?2 ORDER BY seq LIMIT ?3")
                    .bind(None::<String>)
            }
        }
        .bind(since.seq)
        .bind(limit as i64)
        .fetch_all(&self.database.read)
        .await
        .map_err(|error| sqlite_error("changes", error))?;
        Ok(rows.iter().filter_map(|row| readable(change(row))).collect())
    }

    async fn change_head(&self) -> Result<ChangeCursor> {
        let seq: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM change_log")
            .fetch_one(&self.database.read)
            .await
            .map_err(|error| sqlite_error("change_head", error))?;
        Ok(ChangeCursor { xid: 0, seq })
    }

    async fn change_position(&self, at: Timestamp) -> Result<ChangeCursor> {
        let first: Option<i64> = sqlx::query_scalar("SELECT MIN(seq) FROM change_log WHERE at >= ?1")
            .bind(text_time(at))
            .fetch_one(&self.database.read)
            .await
            .map_err(|error| sqlite_error("change_position", error))?;
        match first {
            Some(first) => Ok(ChangeCursor {
                xid: 0,
                seq: first - 1,
            }),
            None => self.change_head().await,
        }
    }

    async fn forget_changes(&self, age: Duration, limit: usize) -> Result<usize> {
        let Some(oldest) = TimeDelta::from_std(age)
            .ok()
            .and_then(|age| self.clock.now().checked_sub_signed(age))
        else {
            return Ok(0);
        };
        let forgotten = sqlx::query(
            "DELETE FROM change_log WHERE seq < (SELECT MAX(seq) FROM change_log) AND seq IN \
             (SELECT seq FROM (SELECT seq, at FROM change_log ORDER BY seq LIMIT ?2) WHERE at < ?1)",
        )
        .bind(text_time(oldest))
        .bind(limit as i64)
        .execute(self.database.writer())
        .await
        .map_err(|error| sqlite_error("forget_changes", error))?;
        Ok(forgotten.rows_affected() as usize)
    }
}

fn change(row: &SqliteRow) -> Result<Change> {
    let operation = match column(row, "operation")? {
        "INSERT" => ChangeOperation::Insert,
        "UPDATE" => ChangeOperation::Update,
        "DELETE" => ChangeOperation::Delete,
        _ => return Err(corrupt("operation", "unknown operation")),
    };
    let task: Option<&str> = column(row, "task_id")?;
    let status: Option<&str> = column(row, "status")?;
    let record_id: &str = column(row, "record_id")?;
    Ok(Change::new(
        ChangeCursor {
            xid: 0,
            seq: column(row, "seq")?,
        },
        column::<String>(row, "table_name")?,
        operation,
        record_id
            .parse()
            .map_err(|error: uuid::Error| corrupt("record_id", error))?,
        parsed(row, "user_id")?,
        parse_time(column(row, "at")?)?,
    )
    .with_task(task.map(str::parse).transpose()?)
    .with_status(status.map(str::parse::<TaskStatus>).transpose()?))
}
