//! What every [`CorrectionStore`] must do, clause by clause.

use std::sync::Arc;

use ocr_core::{
    ErrorKind,
    clock::later,
    correction_store::{Addition, CorrectionStore, PageVersion, present_version},
    corrections::{Action, Edit, Entry, Operation, PageLog, Target},
    id::{TaskId, UserId},
    model::{Outcome, Polygon, Task, Transition},
    store::{Created, OutboxMessage, Scope, Store, Write},
};

use crate::{
    beside_tasks::told_once,
    harness::{Guard, LONG, TestTime, no_guard, refused, with_guard},
    samples,
};

/// An empty store of its own that keeps corrections.
#[non_exhaustive]
pub struct CorrectionFixture {
    /// The store, as that of tasks.
    pub store: Arc<dyn Store>,
    /// The same store, as that of corrections.
    pub corrections: Arc<dyn CorrectionStore>,
    /// How time passes for it.
    pub time: TestTime,
    /// Keeps what it needs alive.
    pub guard: Guard,
}

impl std::fmt::Debug for CorrectionFixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CorrectionFixture")
            .field("corrections", &self.corrections)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

impl CorrectionFixture {
    /// An empty `store` of its own, and how time passes for it; nothing needs to be kept alive.
    pub fn new<S: Store + CorrectionStore>(store: Arc<S>, time: TestTime) -> Self {
        Self {
            store: store.clone(),
            corrections: store,
            time,
            guard: no_guard(),
        }
    }

    with_guard!();

    /// A completed task of `owner`.
    async fn completed(&self, owner: UserId) -> Task {
        self.store.ensure_user(owner).await.unwrap();
        let created = self
            .store
            .create_task(samples::new_task(owner), Write::default())
            .await;
        let (Created::New(task) | Created::Existing(task)) = created.unwrap();
        let claim = Transition::Claim { lease: LONG };
        let claimed = self
            .store
            .transition(Scope::system(), task.id, claim, Write::default())
            .await
            .unwrap();
        let result = samples::summary(&claimed);
        self.store
            .finish(claimed.fence(), Outcome::Complete { result }, Write::default())
            .await
            .unwrap()
    }

    async fn add(&self, task: TaskId, page: u32, seen: u32, entries: Vec<Entry>) {
        let addition = Addition::new(task, page, seen, entries);
        self.corrections
            .add_corrections(Scope::system(), addition, Write::default())
            .await
            .unwrap();
    }

    async fn logs(&self, task: TaskId) -> Vec<PageLog> {
        self.corrections
            .correction_logs(Scope::system(), task, 1, u32::MAX)
            .await
            .unwrap()
    }

    async fn versions(&self, task: TaskId) -> Vec<PageVersion> {
        self.corrections
            .correction_versions(Scope::system(), task)
            .await
            .unwrap()
    }
}

/// An entry with everything filled in.
fn entry(version: u32) -> Entry {
    let operation = Operation::SetText {
        word: version,
        text: samples::long_text(50),
    };
    let polygon = Polygon::from_box(0.1, 0.2, 0.912_345_6, 0.25);
    let target = Target::new("with a null\0 character", polygon);
    let edit = Action::Edit(Edit::new(operation, vec![target]));
    Entry::new(
        version,
        samples::moment(),
        Some(samples::user()),
        "0123456789abcdef",
        edit,
    )
}

fn undo(version: u32) -> Entry {
    Entry::new(version, samples::moment(), None, "", Action::Undo)
}

/// Entries are read back exactly, in their order.
pub async fn entries_are_kept_exactly(fixture: &CorrectionFixture) {
    let task = fixture.completed(samples::user()).await.id;
    assert_eq!(fixture.logs(task).await, []);
    let first = vec![entry(1), undo(2)];
    fixture.add(task, 3, 0, first.clone()).await;
    assert_eq!(fixture.logs(task).await, [PageLog::new(3, first.clone())]);
    let more: Vec<Entry> = (3..=12).map(entry).collect();
    fixture.add(task, 3, 2, more.clone()).await;
    let all: Vec<Entry> = first.into_iter().chain(more).collect();
    assert_eq!(fixture.logs(task).await, [PageLog::new(3, all)]);
    assert_eq!(fixture.versions(task).await, [PageVersion::new(3, 12)]);
}

/// Each page has a log of its own; both ends of a range belong to it.
pub async fn pages_have_logs_of_their_own(fixture: &CorrectionFixture) {
    let owner = samples::user();
    let (task, other) = (
        fixture.completed(owner).await.id,
        fixture.completed(owner).await.id,
    );
    for page in [10, 2, 9, 1] {
        fixture.add(task, page, 0, vec![entry(1)]).await;
    }
    fixture.add(task, 9, 1, vec![undo(2)]).await;
    fixture.add(other, 2, 0, vec![entry(1), entry(2), entry(3)]).await;
    let pages = |logs: Vec<PageLog>| logs.iter().map(|log| log.page).collect::<Vec<_>>();
    assert_eq!(pages(fixture.logs(task).await), [1, 2, 9, 10]);
    for (from, to, wanted) in [
        (2, 9, vec![2, 9]),
        (3, 8, vec![]),
        (9, 2, vec![]),
        (10, u32::MAX, vec![10]),
    ] {
        let logs = fixture
            .corrections
            .correction_logs(Scope::system(), task, from, to)
            .await;
        assert_eq!(pages(logs.unwrap()), wanted, "{from} to {to}");
    }
    let wanted = [(1, 1), (2, 1), (9, 2), (10, 1)].map(|(page, version)| PageVersion::new(page, version));
    assert_eq!(fixture.versions(task).await, wanted);
}

/// Whoever saw another version than the present one changes nothing, and is told the present one.
pub async fn an_old_version_is_refused(fixture: &CorrectionFixture) {
    let task = fixture.completed(samples::user()).await.id;
    fixture.add(task, 1, 0, vec![entry(1), entry(2)]).await;
    let before = fixture.logs(task).await;
    for seen in [0, 1, 3, u32::MAX - 1] {
        let addition = Addition::new(task, 1, seen, vec![entry(seen + 1)]);
        let write = Write::default().with_message(OutboxMessage::Event(samples::task_event(
            samples::user(),
            task,
            "too late",
        )));
        let error = fixture
            .corrections
            .add_corrections(Scope::system(), addition, write)
            .await
            .unwrap_err();
        assert_eq!(present_version(&error), Some(2), "{seen}: {error:?}");
    }
    assert_eq!(fixture.logs(task).await, before);
    assert_eq!(fixture.store.lease_outbox(10, LONG).await.unwrap(), vec![]);
}

/// Of many who saw the same version exactly one succeeds.
pub async fn one_of_several_succeeds(fixture: &CorrectionFixture) {
    let task = fixture.completed(samples::user()).await.id;
    for seen in 0..3 {
        let additions = (0..5).map(|_| {
            let addition = Addition::new(task, 1, seen, vec![entry(seen + 1)]);
            fixture
                .corrections
                .add_corrections(Scope::system(), addition, Write::default())
        });
        let outcomes = futures::future::join_all(additions).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        let mut conflicts = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
        assert!(conflicts.all(|error| present_version(error) == Some(seen + 1)));
    }
    assert_eq!(fixture.versions(task).await, [PageVersion::new(1, 3)]);
}

/// Only the owner and the platform see a log and add to it; in the trash nobody adds.
pub async fn logs_are_of_their_owner(fixture: &CorrectionFixture) {
    let owner = samples::user();
    let task = fixture.completed(owner).await.id;
    let store = &fixture.corrections;
    let add = |scope, task, seen: u32| {
        let addition = Addition::new(task, 1, seen, vec![entry(seen + 1)]);
        store.add_corrections(scope, addition, Write::default())
    };
    add(Scope::owner(owner), task, 0).await.unwrap();
    let other = Scope::owner(samples::user());
    refused(add(other, task, 1).await, ErrorKind::NotFound);
    refused(
        add(Scope::system(), samples::task_id(), 0).await,
        ErrorKind::NotFound,
    );
    assert_eq!(store.correction_logs(other, task, 1, 9).await.unwrap(), vec![]);
    assert_eq!(store.correction_versions(other, task).await.unwrap(), vec![]);
    let own = store
        .correction_logs(Scope::owner(owner), task, 1, 9)
        .await
        .unwrap();
    assert_eq!(own.len(), 1);
    let purge_after = later(fixture.time.now(), LONG);
    fixture
        .store
        .trash_task(Scope::system(), task, purge_after, Write::default())
        .await
        .unwrap();
    refused(add(Scope::system(), task, 1).await, ErrorKind::NotFound);
    let hidden = store.correction_logs(Scope::owner(owner), task, 1, 9).await;
    assert_eq!(hidden.unwrap(), vec![]);
    assert_eq!(fixture.logs(task).await, own);
}

/// A correction is a change of its task: others learn of it from the change log and the outbox.
pub async fn a_correction_is_a_change_of_the_task(fixture: &CorrectionFixture) {
    let owner = samples::user();
    let task = fixture.completed(owner).await;
    let stats = fixture.store.stats(Scope::owner(owner)).await.unwrap();
    fixture.time.tick().await;
    let head = fixture.store.change_head().await.unwrap();
    let message = OutboxMessage::Event(samples::task_event(owner, task.id, "Corrected"));
    let addition = Addition::new(task.id, 1, 0, vec![entry(1)]);
    fixture
        .corrections
        .add_corrections(
            Scope::owner(owner),
            addition,
            Write::default().with_message(message.clone()),
        )
        .await
        .unwrap();
    told_once(&*fixture.store, &task, head, message).await;
    assert_eq!(fixture.store.stats(Scope::owner(owner)).await.unwrap(), stats);
}

/// Logs outlive that a task is read again, and go with it for good.
pub async fn logs_stay_until_their_task_is_purged(fixture: &CorrectionFixture) {
    let task = fixture.completed(samples::user()).await.id;
    fixture.add(task, 1, 0, vec![entry(1)]).await;
    let log = fixture.logs(task).await;
    fixture
        .store
        .transition(Scope::system(), task, Transition::Retry, Write::default())
        .await
        .unwrap();
    assert_eq!(fixture.logs(task).await, log);
    let now = fixture.time.now();
    fixture
        .store
        .trash_task(Scope::system(), task, now, Write::default())
        .await
        .unwrap();
    assert_eq!(fixture.store.purge(vec![task]).await.unwrap(), 1);
    assert_eq!(fixture.logs(task).await, []);
    assert_eq!(fixture.versions(task).await, []);
}

/// Expands to one test for each clause of the [`CorrectionStore`] contract.
///
/// Takes a path to an `async fn() -> CorrectionFixture` that makes an empty store of its own.
#[macro_export]
macro_rules! correction_conformance {
    ($fresh:expr) => {
        $crate::clauses! { $fresh, corrections:
            entries_are_kept_exactly
            pages_have_logs_of_their_own
            an_old_version_is_refused
            one_of_several_succeeds
            logs_are_of_their_owner
            a_correction_is_a_change_of_the_task
            logs_stay_until_their_task_is_purged
        }
    };
}
