//! What the queue remembers. Pure: no file, no clock.

use ocr_core::{
    Error, ErrorKind, Result,
    clock::Timestamp,
    id::TaskId,
    queue::{DeadItem, Lease, LeaseToken, NewItem, QueueDepth},
};
use serde::{Deserialize, Serialize};

/// Everything that is waiting, leased or set aside, in the order it came.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Book {
    /// Counted over all tasks, so that a task that is removed and queued again gets no attempt twice.
    last_attempt: u32,
    entries: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    new: NewItem,
    attempt: u32,
    place: Place,
}

#[derive(Debug, Serialize, Deserialize)]
enum Place {
    Waiting,
    Leased { until: Timestamp },
    Dead { reason: String, at: Timestamp },
}

impl Entry {
    fn task(&self) -> TaskId {
        self.new.item.task_id
    }

    fn is_ready(&self, now: Timestamp) -> bool {
        match self.place {
            Place::Waiting => self.new.not_before.is_none_or(|at| at <= now),
            Place::Leased { until } => until <= now,
            Place::Dead { .. } => false,
        }
    }
}

impl Book {
    /// Adds items, except those whose task is here already.
    pub(crate) fn add(&mut self, items: Vec<NewItem>) {
        for new in items {
            if self.entries.iter().all(|entry| entry.task() != new.item.task_id) {
                self.entries.push(Entry {
                    new,
                    attempt: 0,
                    place: Place::Waiting,
                });
            }
        }
    }

    /// Whether an item could be leased now.
    pub(crate) fn has_ready(&self, now: Timestamp) -> bool {
        self.entries.iter().any(|entry| entry.is_ready(now))
    }

    /// Leases up to `max` items until `expires_at`, first come first served.
    pub(crate) fn lease(&mut self, max: usize, now: Timestamp, expires_at: Timestamp) -> Vec<Lease> {
        let ready = self.entries.iter_mut().filter(|entry| entry.is_ready(now));
        let mut leases = Vec::new();
        for entry in ready.take(max) {
            self.last_attempt += 1;
            entry.attempt = self.last_attempt;
            entry.place = Place::Leased { until: expires_at };
            leases.push(Lease::new(
                LeaseToken::new(entry.task(), entry.attempt),
                entry.new.item,
                expires_at,
            ));
        }
        leases
    }

    /// Extends a lease.
    pub(crate) fn extend(&mut self, token: LeaseToken, until: Timestamp) -> Result<()> {
        self.held(token)?.place = Place::Leased { until };
        Ok(())
    }

    /// Removes what these tokens hold, and returns those that hold nothing.
    pub(crate) fn finish(&mut self, tokens: Vec<LeaseToken>) -> Vec<LeaseToken> {
        let (held, stale): (Vec<LeaseToken>, Vec<LeaseToken>) =
            tokens.into_iter().partition(|token| self.held(*token).is_ok());
        self.remove(&held.iter().map(|token| token.task).collect::<Vec<_>>());
        stale
    }

    /// Makes an item wait again, until `not_before` where there is one.
    pub(crate) fn give_back(&mut self, token: LeaseToken, not_before: Option<Timestamp>) -> Result<()> {
        let entry = self.held(token)?;
        entry.place = Place::Waiting;
        entry.new.not_before = not_before;
        Ok(())
    }

    /// Sets an item aside.
    pub(crate) fn bury(&mut self, token: LeaseToken, reason: String, at: Timestamp) -> Result<()> {
        self.held(token)?.place = Place::Dead { reason, at };
        Ok(())
    }

    /// Makes items wait whose lease ran out, and says how many.
    pub(crate) fn reap(&mut self, limit: usize, now: Timestamp) -> usize {
        let expired = self
            .entries
            .iter_mut()
            .filter(|entry| matches!(entry.place, Place::Leased { until } if until <= now));
        expired
            .take(limit)
            .map(|entry| entry.place = Place::Waiting)
            .count()
    }

    /// What was set aside, newest first.
    pub(crate) fn dead(&self) -> Vec<DeadItem> {
        let dead = self.entries.iter().filter_map(|entry| match &entry.place {
            Place::Dead { reason, at } => Some(DeadItem::new(entry.new.item, reason.clone(), *at)),
            _ => None,
        });
        let mut dead: Vec<DeadItem> = dead.collect();
        dead.sort_by_key(|item| std::cmp::Reverse((item.at, item.item.task_id)));
        dead
    }

    /// Makes dead items wait again, and says how many there were.
    pub(crate) fn revive(&mut self, tasks: &[TaskId]) -> usize {
        let dead = self
            .entries
            .iter_mut()
            .filter(|entry| matches!(entry.place, Place::Dead { .. }) && tasks.contains(&entry.task()));
        dead.map(|entry| {
            entry.place = Place::Waiting;
            entry.new.not_before = None;
        })
        .count()
    }

    /// Forgets tasks.
    pub(crate) fn remove(&mut self, tasks: &[TaskId]) {
        self.entries.retain(|entry| !tasks.contains(&entry.task()));
    }

    /// How much is where.
    pub(crate) fn depth(&self, now: Timestamp) -> QueueDepth {
        let mut depth = QueueDepth::default();
        for entry in &self.entries {
            *match entry.place {
                Place::Dead { .. } => &mut depth.dead,
                _ if entry.is_ready(now) => &mut depth.ready,
                Place::Waiting => &mut depth.delayed,
                Place::Leased { .. } => &mut depth.leased,
            } += 1;
        }
        depth
    }

    /// The entry a token still holds. A lease that ran out counts until somebody takes it over.
    fn held(&mut self, token: LeaseToken) -> Result<&mut Entry> {
        let mut entries = self.entries.iter_mut();
        entries
            .find(|entry| {
                entry.task() == token.task
                    && entry.attempt == token.attempt
                    && matches!(entry.place, Place::Leased { .. })
            })
            .ok_or_else(|| Error::new(ErrorKind::LeaseLost, "the lease has passed on").at("file", "queue"))
    }
}
