//! What every [`UsageStore`] must do, clause by clause.

use std::{ops::RangeInclusive, sync::Arc, time::Duration};

use chrono::Days;
use ocr_core::{
    id::{TaskId, UserId},
    model::{AttemptNote, Outcome, Quota, Quotas, ResultSummary, SamePage, Task, Transition},
    store::{Fence, Scope, Store, Write},
    usage_store::{UsageAmounts, UsageEntry, UsageStore},
};
use serde_json::{Value, json};

use crate::{
    harness::{Guard, LONG, TestTime, no_guard, with_guard},
    samples,
};

/// An empty store of its own that counts what is used.
#[non_exhaustive]
pub struct UsageFixture {
    /// The store, as that of tasks.
    pub store: Arc<dyn Store>,
    /// The same store, as that of usage.
    pub usage: Arc<dyn UsageStore>,
    /// How time passes for it.
    pub time: TestTime,
    /// Keeps what it needs alive.
    pub guard: Guard,
}

impl std::fmt::Debug for UsageFixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UsageFixture")
            .field("usage", &self.usage)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

impl UsageFixture {
    /// An empty `store` of its own, and how time passes for it; nothing needs to be kept alive.
    pub fn new<S: Store + UsageStore>(store: Arc<S>, time: TestTime) -> Self {
        Self {
            store: store.clone(),
            usage: store,
            time,
            guard: no_guard(),
        }
    }

    with_guard!();

    /// A task of `owner` that is being read.
    async fn claimed(&self, owner: UserId) -> Task {
        self.store.ensure_user(owner).await.unwrap();
        let new = samples::new_task(owner);
        self.store
            .create_task(new.clone(), Write::default())
            .await
            .unwrap();
        self.claim(new.id).await
    }

    async fn claim(&self, id: TaskId) -> Task {
        let claim = Transition::Claim { lease: LONG };
        self.store
            .transition(Scope::system(), id, claim, Write::default())
            .await
            .unwrap()
    }

    /// Lets a task that has ended go on, and claims it.
    async fn again(&self, task: &Task, transition: Transition) -> Task {
        let again = self
            .store
            .transition(Scope::system(), task.id, transition, Write::default());
        again.await.unwrap();
        self.claim(task.id).await
    }

    /// Stores pages with these numbers.
    async fn read(&self, task: &Task, numbers: RangeInclusive<u32>) {
        let pages = numbers.map(|number| samples::page(number, "text")).collect();
        self.store.put_pages(task.fence(), pages).await.unwrap();
    }

    async fn fail(&self, task: &Task) {
        let failure = samples::failure("broken");
        let outcome = Outcome::Fail { failure };
        let failed = self.store.finish(task.fence(), outcome, noted());
        failed.await.unwrap();
    }

    async fn complete(&self, task: &Task, result: ResultSummary) {
        let outcome = Outcome::Complete { result };
        self.store
            .finish(task.fence(), outcome, Write::default())
            .await
            .unwrap();
    }

    async fn charge(&self, fence: Fence, checkpoint: &Value) {
        self.store
            .put_checkpoint(fence, checkpoint.clone())
            .await
            .unwrap();
    }

    /// What was used yesterday, today or tomorrow: midnight may pass while a clause runs.
    async fn entries(&self, scope: Scope) -> Vec<UsageEntry> {
        let today = self.time.now().date_naive();
        let (from, to) = (today - Days::new(1), today + Days::new(1));
        self.usage.usage(scope, from, to).await.unwrap()
    }

    /// The same by engine.
    async fn used(&self, owner: UserId, engine: &str) -> UsageAmounts {
        let entries = self.entries(Scope::owner(owner)).await;
        entries
            .into_iter()
            .filter(|entry| entry.engine == engine)
            .map(|entry| entry.amounts)
            .sum()
    }
}

/// A checkpoint that says what engines charged.
fn charged(usage: &[(&str, u32, u64)]) -> Value {
    let usage: serde_json::Map<String, Value> = usage
        .iter()
        .map(|(engine, pages, micros)| {
            let usage = json!({"billedPages": pages, "costMicros": micros});
            ((*engine).to_owned(), usage)
        })
        .collect();
    json!({"generation": 1, "states": {}, "usage": usage})
}

/// A change of a task that the engine `one` reads.
fn noted() -> Write {
    Write::default().with_note(AttemptNote::default().with_engine("one".to_owned()))
}

fn read_by(engine: &str) -> ResultSummary {
    ResultSummary::new("results/x.json", engine)
        .with_page_count(3_u32)
        .with_word_count(40_u64)
}

/// A document counts when it is accepted, once, with its bytes.
pub async fn a_document_counts_when_it_is_accepted(fixture: &UsageFixture) {
    let (owner, other) = (samples::user(), samples::user());
    assert_eq!(fixture.entries(Scope::owner(owner)).await, []);
    fixture.store.ensure_user(owner).await.unwrap();
    let new = samples::keyed_task(owner, "key", "print");
    let bytes = new.file.size;
    for _ in 0..2 {
        let repeated = fixture.store.create_task(new.clone(), Write::default());
        repeated.await.unwrap();
    }
    fixture.claimed(other).await;
    let accepted = UsageAmounts::default().with_documents(1_u64).with_bytes(bytes);
    assert_eq!(fixture.used(owner, "").await, accepted);
}

/// Pages and words count when they are read, also once more when they are read again, and not when they are taken over.
pub async fn pages_count_when_they_are_read(fixture: &UsageFixture) {
    let owner = samples::user();
    let task = fixture.claimed(owner).await;
    fixture.complete(&task, read_by("one")).await;
    let read = UsageAmounts::default()
        .with_documents(1_u64)
        .with_pages(3_u64)
        .with_words(40_u64);
    assert_eq!(fixture.used(owner, "one").await, read);
    let again = [Transition::Retry, Transition::Claim { lease: LONG }];
    let mut claimed = task.clone();
    for transition in again {
        let moved = fixture
            .store
            .transition(Scope::system(), task.id, transition, Write::default());
        claimed = moved.await.unwrap();
    }
    fixture.complete(&claimed, read_by("one")).await;
    assert_eq!(fixture.used(owner, "one").await, read + read);
    let same = fixture.claimed(owner).await;
    fixture
        .complete(&same, read_by("one").with_same_as(task.id))
        .await;
    assert_eq!(fixture.used(owner, "one").await, read + read);
}

/// What engines charge counts with the checkpoint that says it, once, whatever becomes of the task.
pub async fn charges_count_once(fixture: &UsageFixture) {
    let owner = samples::user();
    let task = fixture.claimed(owner).await;
    let (first, second) = (
        charged(&[("one", 2, 3000)]),
        charged(&[("one", 3, 4500), ("two", 1, 10)]),
    );
    for checkpoint in [&first, &first, &second, &second] {
        fixture.charge(task.fence(), checkpoint).await;
    }
    let failure = samples::failure("broken");
    let outcome = Outcome::Fail { failure };
    let failed = fixture.store.finish(task.fence(), outcome, Write::default());
    failed.await.unwrap();
    let amount = |pages: u64, micros: u64| {
        UsageAmounts::default()
            .with_billed_pages(pages)
            .with_cost_micros(micros)
    };
    assert_eq!(fixture.used(owner, "one").await, amount(3, 4500));
    assert_eq!(fixture.used(owner, "two").await, amount(1, 10));
    let late = fixture
        .store
        .put_checkpoint(task.fence(), charged(&[("one", 9, 9000)]));
    assert!(late.await.is_err());
    assert_eq!(
        fixture.used(owner, "one").await,
        amount(3, 4500),
        "nothing was written"
    );
}

/// Pages that were read count although their task fails, under the engine that is noted, and not again when it goes on.
pub async fn pages_of_a_task_that_fails_count_once(fixture: &UsageFixture) {
    let owner = samples::user();
    let pages = async || fixture.used(owner, "one").await.pages;
    let mut task = fixture.claimed(owner).await;
    fixture.read(&task, 1..=2).await;
    assert_eq!(pages().await, 0, "it may still complete");
    fixture.fail(&task).await;
    assert_eq!(pages().await, 2);
    task = fixture.again(&task, Transition::Redrive).await;
    fixture.fail(&task).await;
    assert_eq!(pages().await, 2, "nothing more was read");
    task = fixture.again(&task, Transition::Redrive).await;
    fixture.read(&task, 2..=3).await;
    fixture.complete(&task, read_by("one")).await;
    let once = UsageAmounts::default()
        .with_documents(1_u64)
        .with_pages(3_u64)
        .with_words(40_u64);
    assert_eq!(fixture.used(owner, "one").await, once);
    task = fixture.again(&task, Transition::Retry).await;
    fixture.read(&task, 1..=1).await;
    fixture.fail(&task).await;
    assert_eq!(pages().await, 4, "it was read again");
}

/// Pages that were read count although their task is cancelled or goes to the trash, once; those that were taken over
/// from another task do not.
pub async fn pages_of_a_task_that_is_stopped_count_once(fixture: &UsageFixture) {
    let owner = samples::user();
    let pages = async || fixture.used(owner, "one").await.pages;
    let cancelled = fixture.claimed(owner).await;
    fixture.read(&cancelled, 1..=2).await;
    let copied = samples::page(3, "copied").with_same_as(SamePage::new(cancelled.id, 1));
    let copied = fixture.store.put_pages(cancelled.fence(), vec![copied]);
    copied.await.unwrap();
    for _ in 0..2 {
        let cancel = Transition::Cancel;
        let stopped = fixture
            .store
            .transition(Scope::system(), cancelled.id, cancel, noted());
        stopped.await.unwrap();
        assert_eq!(pages().await, 2);
    }
    let deleted = fixture.claimed(owner).await;
    fixture.read(&deleted, 1..=3).await;
    let later = fixture.time.now() + Days::new(1);
    let trashed = fixture
        .store
        .trash_task(Scope::owner(owner), deleted.id, later, noted());
    trashed.await.unwrap();
    assert_eq!(pages().await, 5);
    let restored = fixture
        .store
        .restore_task(Scope::owner(owner), deleted.id, Write::default());
    restored.await.unwrap();
    let task = fixture.claim(deleted.id).await;
    fixture.complete(&task, read_by("one")).await;
    assert_eq!(pages().await, 5);
}

/// Each owner has their own, and the platform sees the sum.
pub async fn usage_belongs_to_its_owner(fixture: &UsageFixture) {
    let (owner, other) = (samples::user(), samples::user());
    for user in [owner, other] {
        let task = fixture.claimed(user).await;
        fixture.complete(&task, read_by("one")).await;
    }
    assert_eq!(fixture.used(owner, "one").await.pages, 3);
    let all = fixture.entries(Scope::system()).await;
    let pages: u64 = all.iter().map(|entry| entry.amounts.pages).sum();
    let documents: u64 = all
        .iter()
        .filter(|entry| entry.engine.is_empty())
        .map(|entry| entry.amounts.documents)
        .sum();
    assert_eq!((pages, documents), (6, 2));
    assert_eq!(fixture.entries(Scope::owner(samples::user())).await, []);
}

/// Nothing is taken back when a document goes.
pub async fn what_was_used_stays_used(fixture: &UsageFixture) {
    let owner = samples::user();
    let task = fixture.claimed(owner).await;
    fixture.complete(&task, read_by("one")).await;
    let trashed =
        fixture
            .store
            .trash_task(Scope::owner(owner), task.id, fixture.time.now(), Write::default());
    trashed.await.unwrap();
    assert_eq!(fixture.used(owner, "one").await.pages, 3);
    assert_eq!(fixture.used(owner, "").await.documents, 1);
}

/// What is used on one day does not count on the next. Left out where nobody can move the clock.
pub async fn days_are_told_apart(fixture: &UsageFixture) {
    if !fixture.time.is_manual() {
        return;
    }
    let owner = samples::user();
    let first = fixture.time.now().date_naive();
    fixture.claimed(owner).await;
    fixture.time.pass(Duration::from_hours(24)).await;
    fixture.claimed(owner).await;
    fixture.claimed(owner).await;
    let second = first + Days::new(1);
    let documents = async |from, to| -> Vec<u64> {
        let entries = fixture.usage.usage(Scope::owner(owner), from, to).await;
        let entries = entries.unwrap();
        entries.iter().map(|entry| entry.amounts.documents).collect()
    };
    assert_eq!(documents(first, first).await, [1]);
    assert_eq!(documents(first, second).await, [1, 2]);
    assert_eq!(documents(second, second + Days::new(9)).await, [2]);
}

/// Limits of an owner are kept exactly, and replaced as a whole.
pub async fn limits_are_kept_for_their_owner(fixture: &UsageFixture) {
    let (owner, other) = (samples::user(), samples::user());
    let store = &fixture.usage;
    assert!(store.quotas(owner).await.unwrap().is_empty());
    let limits = Quotas::default()
        .with(Quota::PagesPerDay, 7_u64)
        .with(Quota::SpendPerMonth, None::<u64>)
        .with(Quota::BytesPerMonth, ocr_core::model::MAX_QUOTA);
    store.set_quotas(owner, limits.clone()).await.unwrap();
    assert_eq!(store.quotas(owner).await.unwrap(), limits);
    assert!(store.quotas(other).await.unwrap().is_empty());
    let fewer = Quotas::default().with(Quota::OpenTasks, 0_u64);
    store.set_quotas(owner, fewer.clone()).await.unwrap();
    assert_eq!(store.quotas(owner).await.unwrap(), fewer);
    store.set_quotas(owner, Quotas::default()).await.unwrap();
    assert!(store.quotas(owner).await.unwrap().is_empty());
}

/// Who is forgotten used nothing and has no limits; nobody else is.
pub async fn an_owner_is_forgotten(fixture: &UsageFixture) {
    let (owner, other) = (samples::user(), samples::user());
    for user in [owner, other] {
        let task = fixture.claimed(user).await;
        fixture.complete(&task, read_by("one")).await;
        let limits = Quotas::default().with(Quota::OpenTasks, 7_u64);
        fixture.usage.set_quotas(user, limits).await.unwrap();
    }
    for _ in 0..2 {
        fixture.usage.forget_usage(owner).await.unwrap();
        assert_eq!(fixture.entries(Scope::owner(owner)).await, []);
        assert!(fixture.usage.quotas(owner).await.unwrap().is_empty());
    }
    assert_eq!(fixture.used(other, "one").await.pages, 3);
    assert!(!fixture.usage.quotas(other).await.unwrap().is_empty());
}

/// Expands to one test for each clause of the [`UsageStore`] contract.
///
/// Takes a path to an `async fn() -> UsageFixture` that makes an empty store of its own.
#[macro_export]
macro_rules! usage_conformance {
    ($fresh:expr) => {
        $crate::clauses! { $fresh, usage:
            a_document_counts_when_it_is_accepted
            pages_count_when_they_are_read
            charges_count_once
            pages_of_a_task_that_fails_count_once
            pages_of_a_task_that_is_stopped_count_once
            usage_belongs_to_its_owner
            what_was_used_stays_used
            days_are_told_apart
            limits_are_kept_for_their_owner
            an_owner_is_forgotten
        }
    };
}
