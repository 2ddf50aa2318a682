//! The queue: the spec's LIST for what is ready, taken into leases by scripts, so that nothing is lost
//! between the list and a worker.

mod scripts;
mod wait;

use std::time::Duration;

use async_trait::async_trait;
use ocr_core::{
    Error, ErrorKind, Result,
    clock::Timestamp,
    id::TaskId,
    pagination::{Cursor, Page, PageRequest},
    queue::{DeadItem, Lease, LeaseToken, Nack, NewItem, Queue, QueueCapabilities, QueueDepth, QueueItem},
};
use redis::{FromRedisValue, Script};
use uuid::Uuid;

use super::RedisServer;
use scripts::Scripts;
use wait::Waiters;

/// Items one call may carry; bounds the time a script keeps the server from others.
const MAX_BATCH: usize = 500;
/// What cursors of the dead list are bound to.
const DEAD_LIST: &str = "dead";
/// Maximum duration, a hundred years in ms, so that sums stay in range.
const FAR: u128 = 100 * 365 * 24 * 60 * 60 * 1000;

/// A queue in a [`RedisServer`].
#[derive(Debug)]
pub struct RedisQueue {
    server: RedisServer,
    scripts: Scripts,
    waiters: Waiters,
}

impl RedisQueue {
    /// The queue of `server`. Time is the server's.
    pub fn new(server: RedisServer) -> Self {
        Self {
            scripts: Scripts::new(&server),
            waiters: Waiters::default(),
            server,
        }
    }

    async fn run<T: FromRedisValue>(
        &self,
        operation: &'static str,
        script: &Script,
        arguments: &[String],
    ) -> Result<T> {
        let call = async |connection| self.scripts.run(script, arguments, connection).await;
        self.server.link.run(operation, call).await
    }
}

fn millis(duration: Duration) -> String {
    duration.as_millis().min(FAR).to_string()
}

fn moment(millis: i64) -> Result<Timestamp> {
    Timestamp::from_timestamp_millis(millis).ok_or_else(unreadable)
}

fn id(text: &str) -> Result<Uuid> {
    Uuid::parse_str(text).map_err(|_| unreadable())
}

fn unreadable() -> Error {
    Error::new(ErrorKind::Corrupt, "Redis holds something that cannot be read").at("redis", "queue")
}

fn lease_lost() -> Error {
    Error::new(ErrorKind::LeaseLost, "the lease has passed on").at("redis", "queue")
}

pub(super) fn item(task: &str, user: &str, file: &str) -> Result<QueueItem> {
    Ok(QueueItem::new(
        TaskId(id(task)?),
        ocr_core::id::UserId(id(user)?),
        ocr_core::id::FileId(id(file)?),
    ))
}

fn texts(tasks: &[TaskId]) -> Vec<String> {
    tasks.iter().map(ToString::to_string).collect()
}

#[async_trait]
impl Queue for RedisQueue {
    fn name(&self) -> &'static str {
        "redis"
    }

    /// A list is first in, first out for all owners together.
    fn capabilities(&self) -> QueueCapabilities {
        QueueCapabilities::full(MAX_BATCH)
            .with_fair_share(false)
            .with_push_wakeup(true)
    }

    async fn check(&self) -> Result<()> {
        self.server.ping().await
    }

    async fn enqueue(&self, items: Vec<NewItem>) -> Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        let mut arguments = Vec::with_capacity(6 * items.len());
        for new in &items {
            let not_before = new.not_before.map_or(0, |at| at.timestamp_millis().max(0));
            arguments.extend([
                new.item.task_id.to_string(),
                new.item.user_id.to_string(),
                new.item.file_id.to_string(),
                new.priority.to_string(),
                not_before.to_string(),
                new.item.trace.map(|trace| trace.to_string()).unwrap_or_default(),
            ]);
        }
        self.run("enqueue", &self.scripts.enqueue, &arguments).await
    }

    async fn lease(&self, max: usize, ttl: Duration) -> Result<Vec<Lease>> {
        if max == 0 {
            return Ok(Vec::new());
        }
        let arguments = [max.min(MAX_BATCH).to_string(), millis(ttl)];
        let (expires, attempt, malformed, parts): (i64, u32, u64, Vec<String>) =
            self.run("lease", &self.scripts.lease, &arguments).await?;
        if malformed > 0 {
            tracing::warn!(
                malformed,
                list = self.scripts.list(),
                "set aside what was pushed to the queue and is no item"
            );
        }
        let expires_at = moment(expires)?;
        let leases = parts.as_chunks::<4>().0.iter().map(|[task, user, file, trace]| {
            let item = item(task, user, file)?.with_trace(trace.parse().ok());
            let token = LeaseToken::new(item.task_id, attempt);
            Ok(Lease::new(token, item, expires_at))
        });
        leases.collect()
    }

    async fn heartbeat(&self, token: LeaseToken, ttl: Duration) -> Result<Timestamp> {
        let arguments = [token.task.to_string(), token.attempt.to_string(), millis(ttl)];
        let expires: i64 = self.run("heartbeat", &self.scripts.heartbeat, &arguments).await?;
        if expires < 0 {
            return Err(lease_lost());
        }
        moment(expires)
    }

    async fn ack(&self, tokens: Vec<LeaseToken>) -> Result<Vec<LeaseToken>> {
        let mut stale = Vec::new();
        for batch in tokens.chunks(MAX_BATCH) {
            let pairs = batch
                .iter()
                .flat_map(|token| [token.task.to_string(), token.attempt.to_string()]);
            let arguments: Vec<String> = pairs.collect();
            let positions: Vec<usize> = self.run("ack", &self.scripts.ack, &arguments).await?;
            stale.extend(
                positions
                    .iter()
                    .filter_map(|position| batch.get(position.wrapping_sub(1))),
            );
        }
        Ok(stale)
    }

    async fn nack(&self, token: LeaseToken, nack: Nack) -> Result<()> {
        let (how, detail) = match nack {
            Nack::Release => ("release", String::new()),
            Nack::Reschedule(delay) => ("retry", millis(delay)),
            Nack::DeadLetter(reason) => ("dead", reason),
        };
        let arguments = [
            token.task.to_string(),
            token.attempt.to_string(),
            how.to_owned(),
            detail,
        ];
        let held: bool = self.run("nack", &self.scripts.nack, &arguments).await?;
        if held { Ok(()) } else { Err(lease_lost()) }
    }

    async fn reap(&self, limit: usize) -> Result<usize> {
        let arguments = [limit.min(MAX_BATCH).to_string()];
        self.run("reap", &self.scripts.reap, &arguments).await
    }

    async fn dead(&self, page: PageRequest) -> Result<Page<DeadItem>> {
        let after = page.cursor().map(|cursor| cursor.decode(DEAD_LIST)).transpose()?;
        let (at, last) = after
            .map(|(at, id)| (at.timestamp_millis().to_string(), id.to_string()))
            .unwrap_or_default();
        let limit = usize::from(page.limit());
        let arguments = [(limit + 1).to_string(), at, last];
        let parts: Vec<String> = self.run("dead", &self.scripts.dead, &arguments).await?;
        let mut items = Vec::new();
        for [task, user, file, at, reason] in parts.as_chunks::<5>().0 {
            items.push(DeadItem::new(
                item(task, user, file)?,
                reason.clone(),
                moment(at.parse().map_err(|_| unreadable())?)?,
            ));
        }
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items
            .last()
            .filter(|_| more)
            .map(|last| Cursor::new(last.at, last.item.task_id.0, DEAD_LIST));
        Ok(Page { items, next })
    }

    async fn redrive(&self, tasks: Vec<TaskId>) -> Result<usize> {
        let mut count = 0;
        for batch in tasks.chunks(MAX_BATCH) {
            count += self
                .run::<usize>("redrive", &self.scripts.redrive, &texts(batch))
                .await?;
        }
        Ok(count)
    }

    async fn remove(&self, tasks: Vec<TaskId>) -> Result<()> {
        for batch in tasks.chunks(MAX_BATCH) {
            self.run::<()>("remove", &self.scripts.remove, &texts(batch))
                .await?;
        }
        Ok(())
    }

    async fn depth(&self) -> Result<QueueDepth> {
        let (ready, delayed, leased, dead) = self.run("depth", &self.scripts.depth, &[]).await?;
        Ok(QueueDepth::default()
            .with_ready(ready)
            .with_delayed(delayed)
            .with_leased(leased)
            .with_dead(dead))
    }

    async fn wait(&self, timeout: Duration) -> Result<()> {
        self.wait_for_work(timeout).await
    }
}
