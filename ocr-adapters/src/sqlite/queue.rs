//! The queue: a narrow table of what is waiting, claimed in one statement.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use ocr_core::{
    Error, ErrorKind, Result,
    clock::{Clock, Timestamp, later},
    id::TaskId,
    pagination::{Cursor, Page, PageRequest},
    queue::{DeadItem, Lease, LeaseToken, Nack, NewItem, Queue, QueueCapabilities, QueueDepth, QueueItem},
};
use sqlx::{
    Row,
    sqlite::{SqliteQueryResult, SqliteRow},
};
use tokio::sync::Notify;

use super::{
    SqliteDatabase,
    error::sqlite_error,
    rows::{column, count, parse_time, parsed, text_time},
};

/// Items one call may carry; bounds the time the write lock is held.
const MAX_BATCH: usize = 1000;
/// What cursors of the dead list are bound to.
const DEAD_LIST: &str = "dead";

/// A queue in the tables of a [`SqliteDatabase`].
#[derive(Debug)]
pub struct SqliteQueue {
    database: SqliteDatabase,
    clock: Arc<dyn Clock>,
    wake: Notify,
}

impl SqliteQueue {
    /// The queue of `database`.
    pub fn new(database: SqliteDatabase, clock: Arc<dyn Clock>) -> Self {
        Self {
            database,
            clock,
            wake: Notify::new(),
        }
    }

    fn now(&self) -> String {
        text_time(self.clock.now())
    }

    async fn has_ready(&self) -> Result<bool> {
        let ready = sqlx::query(
            "SELECT 1 FROM queue_items WHERE dead_at IS NULL AND (not_before IS NULL OR not_before <= ?1) \
             AND (leased_until IS NULL OR leased_until <= ?1) LIMIT 1",
        )
        .bind(self.now())
        .fetch_optional(&self.database.read)
        .await
        .map_err(|error| sqlite_error("wait", error))?;
        Ok(ready.is_some())
    }
}

fn lease_lost(result: &SqliteQueryResult) -> Result<()> {
    if result.rows_affected() == 0 {
        return Err(Error::new(ErrorKind::LeaseLost, "the lease has passed on").at("sqlite", "queue"));
    }
    Ok(())
}

fn item(row: &SqliteRow) -> Result<QueueItem> {
    Ok(QueueItem::new(
        parsed(row, "task_id")?,
        parsed(row, "user_id")?,
        parsed(row, "file_id")?,
    ))
}

fn dead_item(row: &SqliteRow) -> Result<DeadItem> {
    Ok(DeadItem::new(
        item(row)?,
        column::<String>(row, "dead_reason")?,
        parse_time(column(row, "dead_at")?)?,
    ))
}

fn leased(row: &SqliteRow, expires_at: Timestamp) -> Result<Lease> {
    // A trace that somebody wrote by hand must not keep an item from being read.
    let trace = column::<Option<&str>>(row, "traceparent")?.and_then(|trace| trace.parse().ok());
    let item = item(row)?.with_trace(trace);
    let token = LeaseToken::new(item.task_id, count(row, "attempt")?);
    Ok(Lease::new(token, item, expires_at))
}

/// Ready items ranked by priority, then by turns of their owners (what an owner already has under
/// lease counts as turns taken), then first come. The inner limit bounds the ranking work.
const LEASE: &str = "\
    WITH load AS (
        SELECT user_id, COUNT(*) AS turns FROM queue_items
        WHERE dead_at IS NULL AND leased_until > ?1 GROUP BY user_id
    ),
    ready AS (
        SELECT seq, user_id, priority FROM queue_items
        WHERE dead_at IS NULL AND (not_before IS NULL OR not_before <= ?1)
          AND (leased_until IS NULL OR leased_until <= ?1)
        ORDER BY priority DESC, seq LIMIT 10000
    ),
    ranked AS (
        SELECT r.seq, r.priority, COALESCE(l.turns, 0)
            + ROW_NUMBER() OVER (PARTITION BY r.user_id ORDER BY r.priority DESC, r.seq) AS turn
        FROM ready r LEFT JOIN load l ON l.user_id = r.user_id
    )
    UPDATE queue_items SET attempt = (SELECT value FROM queue_fence), leased_until = ?2
    WHERE seq IN (SELECT seq FROM ranked ORDER BY priority DESC, turn, seq LIMIT ?3)
    RETURNING seq, task_id, user_id, file_id, attempt, priority, traceparent";

#[async_trait]
impl Queue for SqliteQueue {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn capabilities(&self) -> QueueCapabilities {
        QueueCapabilities::full(MAX_BATCH)
    }

    async fn check(&self) -> Result<()> {
        self.database.check().await
    }

    async fn enqueue(&self, items: Vec<NewItem>) -> Result<()> {
        let mut tx = self.database.begin("enqueue").await?;
        for new in items {
            sqlx::query(
                "INSERT INTO queue_items (task_id, user_id, file_id, priority, not_before, traceparent) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (task_id) DO NOTHING",
            )
            .bind(new.item.task_id.to_string())
            .bind(new.item.user_id.to_string())
            .bind(new.item.file_id.to_string())
            .bind(new.priority)
            .bind(new.not_before.map(text_time))
            .bind(new.item.trace.map(|trace| trace.to_string()))
            .execute(&mut *tx)
            .await
            .map_err(|error| sqlite_error("enqueue", error))?;
        }
        tx.commit()
            .await
            .map_err(|error| sqlite_error("enqueue", error))?;
        self.wake.notify_waiters();
        Ok(())
    }

    async fn lease(&self, max: usize, ttl: Duration) -> Result<Vec<Lease>> {
        // Read before writing, so that idle workers do not take the write lock.
        if max == 0 || !self.has_ready().await? {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        let expires_at = later(now, ttl);
        let mut tx = self.database.begin("lease").await?;
        sqlx::query("UPDATE queue_fence SET value = value + 1")
            .execute(&mut *tx)
            .await
            .map_err(|error| sqlite_error("lease", error))?;
        let mut rows = sqlx::query(LEASE)
            .bind(text_time(now))
            .bind(text_time(expires_at))
            .bind(max.min(MAX_BATCH) as i64)
            .fetch_all(&mut *tx)
            .await
            .map_err(|error| sqlite_error("lease", error))?;
        tx.commit().await.map_err(|error| sqlite_error("lease", error))?;
        rows.sort_by_key(|row| {
            (
                std::cmp::Reverse(row.get::<i64, _>("priority")),
                row.get::<i64, _>("seq"),
            )
        });
        rows.iter().map(|row| leased(row, expires_at)).collect()
    }

    async fn heartbeat(&self, token: LeaseToken, ttl: Duration) -> Result<Timestamp> {
        let expires_at = later(self.clock.now(), ttl);
        let result = sqlx::query(
            "UPDATE queue_items SET leased_until = ?3 \
             WHERE task_id = ?1 AND attempt = ?2 AND leased_until IS NOT NULL AND dead_at IS NULL",
        )
        .bind(token.task.to_string())
        .bind(token.attempt)
        .bind(text_time(expires_at))
        .execute(self.database.writer())
        .await
        .map_err(|error| sqlite_error("heartbeat", error))?;
        lease_lost(&result)?;
        Ok(expires_at)
    }

    async fn ack(&self, tokens: Vec<LeaseToken>) -> Result<Vec<LeaseToken>> {
        let mut tx = self.database.begin("ack").await?;
        let mut stale = Vec::new();
        for token in tokens {
            let result = sqlx::query(
                "DELETE FROM queue_items \
                 WHERE task_id = ?1 AND attempt = ?2 AND leased_until IS NOT NULL AND dead_at IS NULL",
            )
            .bind(token.task.to_string())
            .bind(token.attempt)
            .execute(&mut *tx)
            .await
            .map_err(|error| sqlite_error("ack", error))?;
            if result.rows_affected() == 0 {
                stale.push(token);
            }
        }
        tx.commit().await.map_err(|error| sqlite_error("ack", error))?;
        Ok(stale)
    }

    async fn nack(&self, token: LeaseToken, nack: Nack) -> Result<()> {
        let now = self.clock.now();
        let (not_before, dead) = match nack {
            Nack::Reschedule(delay) => (Some(text_time(later(now, delay))), None),
            Nack::Release => (None, None),
            Nack::DeadLetter(reason) => (None, Some((reason, text_time(now)))),
        };
        let (reason, dead_at) = dead.unzip();
        let result = sqlx::query(
            "UPDATE queue_items SET leased_until = NULL, not_before = COALESCE(?3, not_before), \
             dead_reason = ?4, dead_at = ?5 \
             WHERE task_id = ?1 AND attempt = ?2 AND leased_until IS NOT NULL AND dead_at IS NULL",
        )
        .bind(token.task.to_string())
        .bind(token.attempt)
        .bind(not_before)
        .bind(reason)
        .bind(dead_at)
        .execute(self.database.writer())
        .await
        .map_err(|error| sqlite_error("nack", error))?;
        lease_lost(&result)?;
        self.wake.notify_waiters();
        Ok(())
    }

    async fn reap(&self, limit: usize) -> Result<usize> {
        let result = sqlx::query(
            "UPDATE queue_items SET leased_until = NULL WHERE seq IN \
             (SELECT seq FROM queue_items WHERE dead_at IS NULL AND leased_until <= ?1 LIMIT ?2)",
        )
        .bind(self.now())
        .bind(limit as i64)
        .execute(self.database.writer())
        .await
        .map_err(|error| sqlite_error("reap", error))?;
        Ok(result.rows_affected() as usize)
    }

    async fn dead(&self, page: PageRequest) -> Result<Page<DeadItem>> {
        let after = page.cursor().map(|cursor| cursor.decode(DEAD_LIST)).transpose()?;
        let (at, id) = after.map(|(at, id)| (text_time(at), id.to_string())).unzip();
        let rows = sqlx::query(
            "SELECT task_id, user_id, file_id, dead_reason, dead_at FROM queue_items \
             WHERE dead_at IS NOT NULL AND (?1 IS NULL OR (dead_at, task_id) < (?1, ?2)) \
             ORDER BY dead_at DESC, task_id DESC LIMIT ?3",
        )
        .bind(at)
        .bind(id)
        .bind(i64::from(page.limit()) + 1)
        .fetch_all(&self.database.read)
        .await
        .map_err(|error| sqlite_error("dead", error))?;
        let mut items = rows.iter().map(dead_item).collect::<Result<Vec<_>>>()?;
        let more = items.len() > usize::from(page.limit());
        items.truncate(page.limit().into());
        let next = items
            .last()
            .filter(|_| more)
            .map(|last| Cursor::new(last.at, last.item.task_id.0, DEAD_LIST));
        Ok(Page { items, next })
    }

    async fn redrive(&self, tasks: Vec<TaskId>) -> Result<usize> {
        let mut tx = self.database.begin("redrive").await?;
        let mut count = 0;
        for task in tasks {
            let result = sqlx::query(
                "UPDATE queue_items SET dead_at = NULL, dead_reason = NULL, not_before = NULL \
                 WHERE task_id = ?1 AND dead_at IS NOT NULL",
            )
            .bind(task.to_string())
            .execute(&mut *tx)
            .await
            .map_err(|error| sqlite_error("redrive", error))?;
            count += result.rows_affected() as usize;
        }
        tx.commit()
            .await
            .map_err(|error| sqlite_error("redrive", error))?;
        self.wake.notify_waiters();
        Ok(count)
    }

    async fn remove(&self, tasks: Vec<TaskId>) -> Result<()> {
        let mut tx = self.database.begin("remove").await?;
        for task in tasks {
            sqlx::query("DELETE FROM queue_items WHERE task_id = ?1")
                .bind(task.to_string())
                .execute(&mut *tx)
                .await
                .map_err(|error| sqlite_error("remove", error))?;
        }
        tx.commit().await.map_err(|error| sqlite_error("remove", error))
    }

    async fn depth(&self) -> Result<QueueDepth> {
        let row = sqlx::query(
            "SELECT COUNT(*) FILTER (WHERE dead_at IS NOT NULL) AS dead, \
             COUNT(*) FILTER (WHERE dead_at IS NULL AND leased_until > ?1) AS leased, \
             COUNT(*) FILTER (WHERE dead_at IS NULL AND (leased_until IS NULL OR leased_until <= ?1) \
                              AND not_before > ?1) AS delayed, \
             COUNT(*) FILTER (WHERE dead_at IS NULL AND (leased_until IS NULL OR leased_until <= ?1) \
                              AND (not_before IS NULL OR not_before <= ?1)) AS ready \
             FROM queue_items",
        )
        .bind(self.now())
        .fetch_one(&self.database.read)
        .await
        .map_err(|error| sqlite_error("depth", error))?;
        Ok(QueueDepth::default()
            .with_ready(count(&row, "ready")?)
            .with_delayed(count(&row, "delayed")?)
            .with_leased(count(&row, "leased")?)
            .with_dead(count(&row, "dead")?))
    }

    async fn wait(&self, timeout: Duration) -> Result<()> {
        let woken = self.wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        if self.has_ready().await? {
            return Ok(());
        }
        let _ = tokio::time::timeout(timeout, woken).await;
        Ok(())
    }
}
