//! A queue in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use tokio::sync::Notify;

use super::lock;
use crate::{
    Error, ErrorKind, Result,
    clock::{Clock, Timestamp, later},
    id::{TaskId, UserId},
    pagination::{Cursor, Page, PageRequest},
    queue::{DeadItem, Lease, LeaseToken, Nack, NewItem, Queue, QueueCapabilities, QueueDepth},
};

/// A queue in memory; its items end with it.
#[derive(Debug)]
pub struct MemoryQueue {
    clock: Arc<dyn Clock>,
    entries: Mutex<Entries>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct Entries {
    next_seq: u64,
    /// Counted over all tasks, so that a task removed and queued again gets no token it had before.
    last_attempt: u32,
    by_task: HashMap<TaskId, Entry>,
}

#[derive(Debug)]
struct Entry {
    new: NewItem,
    seq: u64,
    attempt: u32,
    state: EntryState,
}

#[derive(Debug, Clone, PartialEq)]
enum EntryState {
    Waiting,
    Leased(Timestamp),
    Dead { reason: String, at: Timestamp },
}

impl Entry {
    fn is_ready(&self, now: Timestamp) -> bool {
        match self.state {
            EntryState::Waiting => self.new.not_before.is_none_or(|at| at <= now),
            EntryState::Leased(until) => until <= now,
            EntryState::Dead { .. } => false,
        }
    }
}

impl Entries {
    /// The entry a token still holds; an expired lease that nobody took over still counts.
    fn held(&mut self, token: LeaseToken) -> Result<&mut Entry> {
        self.by_task
            .get_mut(&token.task)
            .filter(|entry| entry.attempt == token.attempt && matches!(entry.state, EntryState::Leased(_)))
            .ok_or_else(|| Error::new(ErrorKind::LeaseLost, "the lease has passed on").at("memory", "queue"))
    }

    /// Ready tasks in the order they go: priority, then owners in turn, then first come.
    fn ready(&self, now: Timestamp) -> Vec<TaskId> {
        let mut load: HashMap<UserId, usize> = HashMap::new();
        for entry in self.by_task.values() {
            if matches!(entry.state, EntryState::Leased(until) if until > now) {
                *load.entry(entry.new.item.user_id).or_default() += 1;
            }
        }
        let mut ready: Vec<&Entry> = self
            .by_task
            .values()
            .filter(|entry| entry.is_ready(now))
            .collect();
        ready.sort_by_key(|entry| (std::cmp::Reverse(entry.new.priority), entry.seq));
        let mut ranked: Vec<_> = ready
            .into_iter()
            .map(|entry| {
                let turn = load.entry(entry.new.item.user_id).or_default();
                *turn += 1;
                (
                    std::cmp::Reverse(entry.new.priority),
                    *turn,
                    entry.seq,
                    entry.new.item.task_id,
                )
            })
            .collect();
        ranked.sort_unstable();
        ranked.into_iter().map(|(.., task)| task).collect()
    }
}

impl MemoryQueue {
    /// An empty queue that reads time from `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            entries: Mutex::default(),
            wake: Notify::new(),
        }
    }
}

#[async_trait]
impl Queue for MemoryQueue {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn capabilities(&self) -> QueueCapabilities {
        QueueCapabilities::full(usize::MAX).with_push_wakeup(true)
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }

    async fn enqueue(&self, items: Vec<NewItem>) -> Result<()> {
        {
            let mut entries = lock(&self.entries);
            for new in items {
                entries.next_seq += 1;
                let seq = entries.next_seq;
                let entry = Entry {
                    new,
                    seq,
                    attempt: 0,
                    state: EntryState::Waiting,
                };
                entries.by_task.entry(new.item.task_id).or_insert(entry);
            }
        }
        self.wake.notify_waiters();
        Ok(())
    }

    async fn lease(&self, max: usize, ttl: Duration) -> Result<Vec<Lease>> {
        let now = self.clock.now();
        let expires_at = later(now, ttl);
        let mut entries = lock(&self.entries);
        let chosen = entries.ready(now).into_iter().take(max);
        let mut leases = Vec::new();
        for task in chosen {
            let attempt = entries.last_attempt + 1;
            if let Some(entry) = entries.by_task.get_mut(&task) {
                entry.attempt = attempt;
                entry.state = EntryState::Leased(expires_at);
                let token = LeaseToken { task, attempt };
                leases.push(Lease {
                    token,
                    item: entry.new.item,
                    expires_at,
                });
                entries.last_attempt = attempt;
            }
        }
        Ok(leases)
    }

    async fn heartbeat(&self, token: LeaseToken, ttl: Duration) -> Result<Timestamp> {
        let expires_at = later(self.clock.now(), ttl);
        lock(&self.entries).held(token)?.state = EntryState::Leased(expires_at);
        Ok(expires_at)
    }

    async fn ack(&self, tokens: Vec<LeaseToken>) -> Result<Vec<LeaseToken>> {
        let mut entries = lock(&self.entries);
        let mut stale = Vec::new();
        for token in tokens {
            if entries.held(token).is_ok() {
                entries.by_task.remove(&token.task);
            } else {
                stale.push(token);
            }
        }
        Ok(stale)
    }

    async fn nack(&self, token: LeaseToken, nack: Nack) -> Result<()> {
        let now = self.clock.now();
        {
            let mut entries = lock(&self.entries);
            let entry = entries.held(token)?;
            entry.state = match nack {
                Nack::Reschedule(delay) => {
                    entry.new.not_before = Some(later(now, delay));
                    EntryState::Waiting
                }
                Nack::Release => EntryState::Waiting,
                Nack::DeadLetter(reason) => EntryState::Dead { reason, at: now },
            };
        }
        self.wake.notify_waiters();
        Ok(())
    }

    async fn reap(&self, limit: usize) -> Result<usize> {
        let now = self.clock.now();
        let mut entries = lock(&self.entries);
        let expired = entries
            .by_task
            .values_mut()
            .filter(|entry| matches!(entry.state, EntryState::Leased(until) if until <= now))
            .take(limit);
        Ok(expired.map(|entry| entry.state = EntryState::Waiting).count())
    }

    async fn dead(&self, page: PageRequest) -> Result<Page<DeadItem>> {
        let after = page.cursor().map(|cursor| cursor.decode("dead")).transpose()?;
        let entries = lock(&self.entries);
        let mut dead: Vec<DeadItem> = entries
            .by_task
            .values()
            .filter_map(|entry| match &entry.state {
                EntryState::Dead { reason, at } => Some(DeadItem {
                    item: entry.new.item,
                    reason: reason.clone(),
                    at: *at,
                }),
                _ => None,
            })
            .filter(|item| after.is_none_or(|key| (item.at, item.item.task_id.0) < key))
            .collect();
        dead.sort_by_key(|item| std::cmp::Reverse((item.at, item.item.task_id)));
        let more = dead.len() > usize::from(page.limit());
        dead.truncate(page.limit().into());
        let next = dead
            .last()
            .filter(|_| more)
            .map(|last| Cursor::new(last.at, last.item.task_id.0, "dead"));
        Ok(Page { items: dead, next })
    }

    async fn redrive(&self, tasks: Vec<TaskId>) -> Result<usize> {
        let mut count = 0;
        {
            let mut entries = lock(&self.entries);
            for task in tasks {
                if let Some(entry) = entries.by_task.get_mut(&task)
                    && matches!(entry.state, EntryState::Dead { .. })
                {
                    entry.state = EntryState::Waiting;
                    entry.new.not_before = None;
                    count += 1;
                }
            }
        }
        self.wake.notify_waiters();
        Ok(count)
    }

    async fn remove(&self, tasks: Vec<TaskId>) -> Result<()> {
        let mut entries = lock(&self.entries);
        for task in tasks {
            entries.by_task.remove(&task);
        }
        Ok(())
    }

    async fn depth(&self) -> Result<QueueDepth> {
        let now = self.clock.now();
        let mut depth = QueueDepth::default();
        for entry in lock(&self.entries).by_task.values() {
            *match entry.state {
                EntryState::Dead { .. } => &mut depth.dead,
                _ if entry.is_ready(now) => &mut depth.ready,
                EntryState::Waiting => &mut depth.delayed,
                EntryState::Leased(_) => &mut depth.leased,
            } += 1;
        }
        Ok(depth)
    }

    async fn wait(&self, timeout: Duration) -> Result<()> {
        let woken = self.wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        let now = self.clock.now();
        if lock(&self.entries)
            .by_task
            .values()
            .any(|entry| entry.is_ready(now))
        {
            return Ok(());
        }
        let _ = tokio::time::timeout(timeout, woken).await;
        Ok(())
    }
}
