//! The UsageStore port: what owners used, day by day, and limits of their own. Optional on a
//! [`Platform`](crate::platform::Platform).
//!
//! A further trait of a store, not a store of its own: what is used is counted in the same transaction as the change
//! that uses it.

use std::{collections::BTreeMap, iter::Sum, ops::Add};

use async_trait::async_trait;
use chrono::NaiveDate;
use serde_json::Value;

use crate::{
    Result,
    builder::builder,
    id::UserId,
    model::{AttemptNote, Quotas, ResultSummary, Task, Usage},
    store::{Scope, StoreBase},
};

/// Counts what owners use, and keeps limits that were set for one of them.
///
/// A method may be dropped at any await point: either nothing or everything it says happened.
#[async_trait]
pub trait UsageStore: StoreBase {
    /// What was used from the day `from` to the day `to`, both included, ascending by day and engine.
    ///
    /// # Behavior
    /// - Days are those of UTC, by the clock of the store, at the moment of the change that used something.
    /// - One entry a day and engine; what `scope` covers is added up.
    /// - A new task counts one document and the bytes of its file, under the empty name in place of an engine. A
    ///   repetition of the request counts nothing.
    /// - A task that completes counts one document and the pages and words of its result, under the engine that read
    ///   it. A result that was taken over from another task counts nothing.
    /// - A task that ends in any other way, or goes to the trash before it has ended, counts the pages that are stored and
    ///   were read for it, under the engine that [`read_in_vain`] names. Each page counts once, however often that happens and
    ///   also when the task goes on and completes; only one that is asked for again counts again.
    /// - A checkpoint that is written counts the difference between what it says was charged and what the one before it
    ///   said, as [`charged_since`] tells it, by engine. Writing the same one again counts nothing.
    /// - Nothing is taken back: neither by deleting and purging nor by reading again.
    async fn usage(&self, scope: Scope, from: NaiveDate, to: NaiveDate) -> Result<Vec<UsageEntry>>;

    /// The limits that were set for `owner`; empty when none were.
    async fn quotas(&self, owner: UserId) -> Result<Quotas>;

    /// Sets the limits of `owner` in place of those before; empty ones leave the defaults alone.
    async fn set_quotas(&self, owner: UserId, quotas: Quotas) -> Result<()>;

    /// Forgets what `owner` used and their limits, as if there had never been any; what others used stays. Forgetting
    /// somebody of whom nothing is known is fine.
    async fn forget_usage(&self, owner: UserId) -> Result<()>;
}

/// What was used on one day with one engine.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UsageEntry {
    /// The day, UTC.
    pub day: NaiveDate,
    /// The engine; empty for what was accepted, before any engine read it.
    pub engine: String,
    /// How much.
    pub amounts: UsageAmounts,
}

impl UsageEntry {
    /// This much on `day` with `engine`.
    pub fn new(day: NaiveDate, engine: impl Into<String>, amounts: UsageAmounts) -> Self {
        Self {
            day,
            engine: engine.into(),
            amounts,
        }
    }
}

/// How much was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct UsageAmounts {
    /// Documents.
    pub documents: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Pages that were read.
    pub pages: u64,
    /// Words that were found.
    pub words: u64,
    /// Pages that engines billed.
    pub billed_pages: u64,
    /// What they charged, in millionths of a US dollar.
    pub cost_micros: u64,
}

builder!(UsageAmounts {
    with_documents(documents: u64) "The same with this many documents."
    with_bytes(bytes: u64) "The same with this many bytes."
    with_pages(pages: u64) "The same with this many pages."
    with_words(words: u64) "The same with this many words."
    with_billed_pages(billed_pages: u64) "The same with this many billed pages."
    with_cost_micros(cost_micros: u64) "The same for this price, in millionths of a US dollar."
});

impl From<Usage> for UsageAmounts {
    fn from(usage: Usage) -> Self {
        Self::default()
            .with_billed_pages(u64::from(usage.billed_pages))
            .with_cost_micros(usage.cost_micros)
    }
}

impl Add for UsageAmounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            documents: self.documents.saturating_add(other.documents),
            bytes: self.bytes.saturating_add(other.bytes),
            pages: self.pages.saturating_add(other.pages),
            words: self.words.saturating_add(other.words),
            billed_pages: self.billed_pages.saturating_add(other.billed_pages),
            cost_micros: self.cost_micros.saturating_add(other.cost_micros),
        }
    }
}

impl Sum for UsageAmounts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

/// What the checkpoint `next` says was charged beyond what the one `before` it said, by engine; engines that charged
/// nothing are left out. What is no checkpoint charged nothing.
pub fn charged_since(before: Option<&Value>, next: &Value) -> BTreeMap<String, Usage> {
    let charged = |checkpoint: &Value| -> BTreeMap<String, Usage> {
        let usage = checkpoint.get("usage").cloned().unwrap_or_default();
        serde_json::from_value(usage).unwrap_or_default()
    };
    let before = before.map(charged).unwrap_or_default();
    charged(next)
        .into_iter()
        .filter_map(|(engine, usage)| {
            let known = before.get(&engine).copied().unwrap_or_default();
            let more = Usage::new(
                usage.billed_pages.saturating_sub(known.billed_pages),
                usage.cost_micros.saturating_sub(known.cost_micros),
            );
            (more != Usage::default()).then_some((engine, more))
        })
        .collect()
}

/// What was read for `result`: its document, with its words and the pages beyond the `counted` ones that counted before
/// there was a result. `None` for one that was taken over from the same bytes: nothing was read for it.
pub fn read_for(result: &ResultSummary, counted: u32) -> Option<UsageAmounts> {
    let amounts = UsageAmounts::default()
        .with_documents(1_u64)
        .with_pages(u64::from(result.page_count.saturating_sub(counted)))
        .with_words(result.word_count);
    result.same_as.is_none().then_some(amounts)
}

/// What counts for `pages` pages that were read of a task without a result, and under which engine: the one that was
/// asked for, the one that `note` names, or that of its last attempt; the empty name where nobody knows. `None` when
/// there are none.
pub fn read_in_vain(task: &Task, note: &AttemptNote, pages: u32) -> Option<(String, UsageAmounts)> {
    let attempted = task.history.attempts.last();
    let engine = task
        .options
        .engine
        .clone()
        .or_else(|| note.engine.clone())
        .or_else(|| attempted?.engine.clone());
    let amounts = UsageAmounts::default().with_pages(u64::from(pages));
    (pages > 0).then(|| (engine.unwrap_or_default(), amounts))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(before: Option<&Value>, next: &Value) -> Vec<(String, Usage)> {
        charged_since(before, next).into_iter().collect()
    }

    #[test]
    fn what_was_charged_is_counted_once() {
        let first =
            json!({"generation": 1, "states": {}, "usage": {"a": {"billedPages": 2, "costMicros": 3000}}});
        let second = json!({"usage": {
            "a": {"billedPages": 3, "costMicros": 4500}, "b": {"billedPages": 1, "costMicros": 10}
        }});
        assert_eq!(of(None, &first), [("a".to_owned(), Usage::new(2, 3000))]);
        assert_eq!(
            of(Some(&first), &second),
            [
                ("a".to_owned(), Usage::new(1, 1500)),
                ("b".to_owned(), Usage::new(1, 10))
            ]
        );
        assert_eq!(of(Some(&second), &second), []);
        assert_eq!(of(Some(&second), &first), [], "nothing is taken back");
        for odd in [json!(null), json!({"usage": 7}), json!("x")] {
            assert_eq!(of(None, &odd), []);
        }
    }
}
