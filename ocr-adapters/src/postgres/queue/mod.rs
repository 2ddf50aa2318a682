//! The queue: a narrow table of its own, read and written by the batch.

mod lease;

use std::{collections::HashSet, time::Duration};

use async_trait::async_trait;
use ocr_core::{
    Error, ErrorKind, Result,
    clock::Timestamp,
    id::TaskId,
    pagination::{Cursor, Page, PageRequest},
    queue::{DeadItem, Lease, LeaseToken, Nack, NewItem, Queue, QueueCapabilities, QueueDepth},
};
use sqlx::postgres::PgRow;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    PgDatabase,
    error::pg_error,
    listen::Channel,
    rows::{column, count, micros, queue_item, storable, task_id},
};

/// Items one call may carry. The sequence `queue_batches` leaves room for so many between two values.
const MAX_BATCH: usize = 1000;
/// What cursors of the dead list are bound to.
const DEAD_LIST: &str = "dead";
/// How often a waiter looks by himself: for what becomes due, and for what nobody told him.
const POLL: Duration = Duration::from_secs(1);

/// A queue in the tables of a [`PgDatabase`].
///
/// What is added is on disk when [`Queue::enqueue`] returns. That something was leased or finished may be
/// forgotten in a crash of the server, by the last moment; it is then handed out again.
///
/// Statements that name their tasks compare `state` as a text, so that the planner finds rows by their
/// key: the index of leased rows looks small to it whenever few were leased at the last analysis.
#[derive(Debug)]
pub struct PgQueue {
    database: PgDatabase,
}

impl PgQueue {
    /// The queue of `database`, whose schema is up to date.
    pub fn new(database: PgDatabase) -> Self {
        Self { database }
    }

    async fn has_ready(&self) -> Result<bool> {
        self.database
            .call("wait", async |connection| {
                sqlx::query_scalar(
                    "SELECT EXISTS (SELECT 1 FROM queue_items WHERE state = 'ready') OR EXISTS \
                     (SELECT 1 FROM queue_items WHERE state IN ('delayed', 'leased') AND at <= now())",
                )
                .fetch_one(connection)
                .await
                .map_err(|error| pg_error("wait", error))
            })
            .await
    }

    /// The channel to notify when work is added; none where that is switched off.
    fn channel(&self) -> Option<&'static str> {
        self.database
            .listener()
            .is_enabled()
            .then_some(Channel::Queue.name())
    }

    fn wake(&self) {
        self.database.listener().wake(Channel::Queue);
    }
}

fn lease_lost() -> Error {
    Error::new(ErrorKind::LeaseLost, "the lease has passed on").at("postgres", "queue")
}

fn token(row: &PgRow) -> Result<LeaseToken> {
    Ok(LeaseToken::new(task_id(row, "task_id")?, count(row, "attempt")?))
}

fn dead_item(row: &PgRow) -> Result<DeadItem> {
    Ok(DeadItem::new(
        queue_item(row, "task_id")?,
        column::<Option<String>>(row, "dead_reason")?.unwrap_or_default(),
        column(row, "at")?,
    ))
}

fn ids(tasks: Vec<TaskId>) -> Vec<Uuid> {
    tasks.into_iter().map(|task| task.0).collect()
}

/// Tasks and fences, as two arrays.
fn fences(tokens: &[LeaseToken]) -> (Vec<Uuid>, Vec<i64>) {
    tokens
        .iter()
        .map(|token| (token.task.0, i64::from(token.attempt)))
        .unzip()
}

#[async_trait]
impl Queue for PgQueue {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn capabilities(&self) -> QueueCapabilities {
        QueueCapabilities::full(MAX_BATCH).with_push_wakeup(self.database.listener().is_enabled())
    }

    async fn check(&self) -> Result<()> {
        self.database.check().await
    }

    async fn enqueue(&self, items: Vec<NewItem>) -> Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        let tasks: Vec<Uuid> = items.iter().map(|new| new.item.task_id.0).collect();
        let users: Vec<Uuid> = items.iter().map(|new| new.item.user_id.0).collect();
        let files: Vec<Uuid> = items.iter().map(|new| new.item.file_id.0).collect();
        let priorities: Vec<i16> = items.iter().map(|new| new.priority).collect();
        let times: Vec<Option<Timestamp>> = items.iter().map(|new| new.not_before).collect();
        let traces: Vec<Option<String>> = items
            .iter()
            .map(|new| new.item.trace.map(|trace| trace.to_string()))
            .collect();
        self.database
            .call("enqueue", async |connection| {
                // In the order of ids, so that two batches with common tasks never wait for each other;
                // the sequence keeps the order they were given in.
                sqlx::query(
                    "WITH added AS ( \
                         INSERT INTO queue_items (task_id, user_id, file_id, priority, seq, state, at, traceparent) \
                         SELECT task_id, user_id, file_id, priority, \
                                (SELECT nextval('queue_batches')) + number, \
                                (CASE WHEN not_before > now() THEN 'delayed' ELSE 'ready' END)::queue_state, \
                                COALESCE(not_before, now()), traceparent \
                         FROM UNNEST($1::uuid[], $2::uuid[], $3::uuid[], $4::smallint[], $5::timestamptz[], \
                                     $7::text[]) \
                              WITH ORDINALITY AS new (task_id, user_id, file_id, priority, not_before, traceparent, number) \
                         ORDER BY task_id \
                         ON CONFLICT (task_id) DO NOTHING RETURNING 1) \
                     SELECT pg_notify($6, '') FROM (SELECT 1 FROM added LIMIT 1) AS any_added \
                     WHERE $6 IS NOT NULL",
                )
                .bind(&tasks)
                .bind(&users)
                .bind(&files)
                .bind(&priorities)
                .bind(&times)
                .bind(self.channel())
                .bind(&traces)
                .execute(connection)
                .await
                .map_err(|error| pg_error("enqueue", error))
            })
            .await?;
        self.wake();
        Ok(())
    }

    async fn lease(&self, max: usize, ttl: Duration) -> Result<Vec<Lease>> {
        lease::lease(&self.database, max.min(MAX_BATCH), ttl).await
    }

    async fn heartbeat(&self, token: LeaseToken, ttl: Duration) -> Result<Timestamp> {
        let expires_at: Option<Timestamp> = self
            .database
            .call("heartbeat", async |connection| {
                sqlx::query_scalar(
                    "UPDATE queue_items SET at = now() + $3 * interval '1 microsecond' \
                     WHERE task_id = $1 AND attempt = $2 AND state::text = 'leased' RETURNING at",
                )
                .bind(token.task.0)
                .bind(i64::from(token.attempt))
                .bind(micros(ttl))
                .fetch_optional(connection)
                .await
                .map_err(|error| pg_error("heartbeat", error))
            })
            .await?;
        expires_at.ok_or_else(lease_lost)
    }

    async fn ack(&self, tokens: Vec<LeaseToken>) -> Result<Vec<LeaseToken>> {
        let (tasks, attempts) = fences(&tokens);
        let rows = self
            .database
            .call("ack", async |connection| {
                sqlx::query(
                    "DELETE FROM queue_items WHERE task_id = ANY (ARRAY( \
                         SELECT l.task_id FROM set_config('synchronous_commit', 'off', true), \
                         UNNEST($1::uuid[], $2::bigint[]) AS held (task, fence) \
                         CROSS JOIN LATERAL ( \
                             SELECT task_id FROM queue_items q WHERE q.task_id = held.task \
                             AND q.attempt = held.fence AND q.state::text = 'leased' FOR UPDATE) l)) \
                     RETURNING task_id, attempt",
                )
                .bind(&tasks)
                .bind(&attempts)
                .fetch_all(connection)
                .await
                .map_err(|error| pg_error("ack", error))
            })
            .await?;
        let mut removed = rows.iter().map(token).collect::<Result<HashSet<_>>>()?;
        // A token given twice is honoured once.
        Ok(tokens
            .into_iter()
            .filter(|token| !removed.remove(token))
            .collect())
    }

    async fn nack(&self, token: LeaseToken, nack: Nack) -> Result<()> {
        let (state, delay, reason) = match &nack {
            Nack::Reschedule(delay) => ("delayed", micros(*delay), None),
            Nack::Release => ("ready", 0, None),
            Nack::DeadLetter(reason) => ("dead", 0, Some(storable(reason))),
        };
        let given_back = self
            .database
            .call("nack", async |connection| {
                sqlx::query(
                    "UPDATE queue_items SET state = $3::text::queue_state, dead_reason = $5, \
                     at = now() + $4 * interval '1 microsecond' \
                     WHERE task_id = $1 AND attempt = $2 AND state::text = 'leased'",
                )
                .bind(token.task.0)
                .bind(i64::from(token.attempt))
                .bind(state)
                .bind(delay)
                .bind(reason.as_deref())
                .execute(connection)
                .await
                .map_err(|error| pg_error("nack", error))
            })
            .await?;
        if given_back.rows_affected() == 0 {
            return Err(lease_lost());
        }
        self.wake();
        Ok(())
    }

    async fn reap(&self, limit: usize) -> Result<usize> {
        // Whoever reaps comes by every few seconds, which is when the table is tidied.
        lease::tidy(&self.database).await;
        lease::reap(&self.database, limit).await
    }

    async fn dead(&self, page: PageRequest) -> Result<Page<DeadItem>> {
        let after = page.cursor().map(|cursor| cursor.decode(DEAD_LIST)).transpose()?;
        let (at, id) = after.unzip();
        let rows = self
            .database
            .call("dead", async |connection| {
                sqlx::query(
                    "SELECT task_id, user_id, file_id, dead_reason, at FROM queue_items \
                     WHERE state = 'dead' AND ($1::timestamptz IS NULL OR (at, task_id) < ($1, $2)) \
                     ORDER BY at DESC, task_id DESC LIMIT $3",
                )
                .bind(at)
                .bind(id)
                .bind(i64::from(page.limit()) + 1)
                .fetch_all(connection)
                .await
                .map_err(|error| pg_error("dead", error))
            })
            .await?;
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
        let tasks = ids(tasks);
        let redriven = self
            .database
            .call("redrive", async |connection| {
                sqlx::query(
                    "UPDATE queue_items SET state = 'ready', at = now(), dead_reason = NULL \
                     WHERE task_id = ANY ($1) AND state = 'dead'",
                )
                .bind(&tasks)
                .execute(connection)
                .await
                .map_err(|error| pg_error("redrive", error))
            })
            .await?;
        self.wake();
        Ok(redriven.rows_affected() as usize)
    }

    async fn remove(&self, tasks: Vec<TaskId>) -> Result<()> {
        let tasks = ids(tasks);
        self.database
            .call("remove", async |connection| {
                sqlx::query("DELETE FROM queue_items WHERE task_id = ANY ($1)")
                    .bind(&tasks)
                    .execute(connection)
                    .await
                    .map(drop)
                    .map_err(|error| pg_error("remove", error))
            })
            .await
    }

    async fn depth(&self) -> Result<QueueDepth> {
        let row = self
            .database
            .call("depth", async |connection| {
                sqlx::query(
                    "SELECT COUNT(*) FILTER (WHERE state = 'dead') AS dead, \
                     COUNT(*) FILTER (WHERE state = 'leased' AND at > now()) AS leased, \
                     COUNT(*) FILTER (WHERE state = 'delayed' AND at > now()) AS delayed, \
                     COUNT(*) FILTER (WHERE state = 'ready' \
                                      OR (state IN ('delayed', 'leased') AND at <= now())) AS ready \
                     FROM queue_items",
                )
                .fetch_one(connection)
                .await
                .map_err(|error| pg_error("depth", error))
            })
            .await?;
        Ok(QueueDepth::default()
            .with_ready(count(&row, "ready")?)
            .with_delayed(count(&row, "delayed")?)
            .with_leased(count(&row, "leased")?)
            .with_dead(count(&row, "dead")?))
    }

    async fn wait(&self, timeout: Duration) -> Result<()> {
        let mut woken = self.database.listener().subscribe(Channel::Queue);
        let poll = if self.database.listener().is_enabled() {
            POLL
        } else {
            self.database.config().poll_interval
        };
        let begun = Instant::now();
        loop {
            if self.has_ready().await? {
                return Ok(());
            }
            let left = timeout.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Ok(());
            }
            tokio::select! {
                _ = woken.changed() => return Ok(()),
                () = tokio::time::sleep(left.min(poll)) => {}
            }
        }
    }
}
