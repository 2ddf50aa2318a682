//! What every [`FilingStore`] must do, clause by clause.

use std::sync::Arc;

use ocr_core::{
    ErrorKind,
    clock::later,
    filing_store::{FiledTask, FilingStore, FilingUpdate, NameCount},
    id::{TaskId, UserId},
    model::{CollectionChange, Filing, FilingChange, FilingKind, FilingName, MAX_LABELS, Task, Transition},
    pagination::PageRequest,
    store::{Created, Directive, OutboxMessage, Scope, Store, TaskFilter, Write},
};

use crate::{
    beside_tasks::told_once,
    harness::{Guard, LONG, TestTime, no_guard, refused, with_guard},
    samples,
};

/// An empty store of its own that keeps how documents are filed.
#[non_exhaustive]
pub struct FilingFixture {
    /// The store, as that of tasks.
    pub store: Arc<dyn Store>,
    /// The same store, as that of filings.
    pub filings: Arc<dyn FilingStore>,
    /// How time passes for it.
    pub time: TestTime,
    /// Keeps what it needs alive.
    pub guard: Guard,
}

impl std::fmt::Debug for FilingFixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FilingFixture")
            .field("filings", &self.filings)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

impl FilingFixture {
    /// An empty `store` of its own, and how time passes for it; nothing needs to be kept alive.
    pub fn new<S: Store + FilingStore>(store: Arc<S>, time: TestTime) -> Self {
        Self {
            store: store.clone(),
            filings: store,
            time,
            guard: no_guard(),
        }
    }

    with_guard!();

    /// A pending task of `owner`.
    async fn task(&self, owner: UserId) -> Task {
        self.store.ensure_user(owner).await.unwrap();
        let new = samples::new_task(owner);
        let created = self.store.create_task(new, Write::default()).await.unwrap();
        let (Created::New(task) | Created::Existing(task)) = created;
        task
    }

    async fn change(&self, tasks: &[TaskId], change: FilingChange) -> Vec<FiledTask> {
        let update = FilingUpdate::new(tasks.to_vec(), change);
        self.filings
            .change_filings(Scope::system(), update, Write::default())
            .await
            .unwrap()
    }

    async fn filings(&self, tasks: &[TaskId]) -> Vec<FiledTask> {
        self.filings
            .filings(Scope::system(), tasks.to_vec())
            .await
            .unwrap()
    }

    /// The tasks of a list, in the order of their creation.
    async fn listed(&self, filter: TaskFilter) -> Vec<TaskId> {
        let request = PageRequest::first(100).unwrap();
        let page = self.store.list_tasks(Scope::system(), filter, request).await;
        let mut tasks: Vec<TaskId> = page.unwrap().items.iter().map(|task| task.id).collect();
        tasks.reverse();
        tasks
    }

    async fn trash(&self, task: TaskId) {
        let purge_after = later(self.time.now(), LONG);
        self.store
            .trash_task(Scope::system(), task, purge_after, Write::default())
            .await
            .unwrap();
    }
}

fn name(text: &str) -> FilingName {
    FilingName::new(text).unwrap()
}

fn names(texts: &[&str]) -> Vec<FilingName> {
    texts.iter().map(|text| name(text)).collect()
}

fn labelled(texts: &[&str]) -> FilingChange {
    FilingChange::default().with_add_labels(names(texts))
}

/// Labels, collection and note are read back exactly, and changed as [`FilingChange::apply`] says.
pub async fn filings_are_kept_exactly(fixture: &FilingFixture) {
    let task = fixture.task(samples::user()).await.id;
    assert_eq!(fixture.filings(&[task]).await, []);
    let mut wanted = Filing::default();
    let long = "x\u{1f600}\n\t%_'\"\\".repeat(400);
    for change in [
        labelled(&["Tax", "Ärger", "a, b", "名前", "it's 100%_\\"]),
        FilingChange::default().with_collection(CollectionChange::Enter(name("Old Letters"))),
        FilingChange::default().with_note(long.clone()),
        labelled(&["TAX", "z"]).with_remove_labels(names(&["ärger"])),
        FilingChange::default().with_labels(names(&["TAX"])),
        FilingChange::default().with_collection(CollectionChange::Enter(name("OLD letters"))),
        FilingChange::default().with_collection(CollectionChange::Leave),
        FilingChange::default().with_note(String::new()),
    ] {
        wanted = change.apply(&wanted).unwrap();
        let answer = fixture.change(&[task], change.clone()).await;
        assert_eq!(answer, [FiledTask::new(task, wanted.clone())], "{change:?}");
        assert_eq!(fixture.filings(&[task]).await, answer, "{change:?}");
    }
    fixture
        .change(
            &[task],
            FilingChange::default().with_labels(Vec::<FilingName>::new()),
        )
        .await;
    assert_eq!(fixture.filings(&[task]).await, []);
}

/// Several documents are filed at once; what is not there is left out and keeps no other from being filed.
pub async fn several_are_filed_at_once(fixture: &FilingFixture) {
    let (owner, other) = (samples::user(), samples::user());
    let mut own = Vec::new();
    for _ in 0..3 {
        own.push(fixture.task(owner).await.id);
    }
    own.sort_unstable();
    let foreign = fixture.task(other).await.id;
    let deleted = fixture.task(owner).await.id;
    fixture.trash(deleted).await;
    let mut tasks = vec![samples::task_id(), deleted, foreign, own[0]];
    tasks.extend(own.iter().rev());
    let update = FilingUpdate::new(tasks.clone(), labelled(&["tax"]));
    let filed = fixture
        .filings
        .change_filings(Scope::owner(owner), update, Write::default())
        .await
        .unwrap();
    let filing = Filing::default().with_labels(names(&["tax"]));
    let wanted: Vec<FiledTask> = own
        .iter()
        .map(|task| FiledTask::new(*task, filing.clone()))
        .collect();
    assert_eq!(filed, wanted);
    assert_eq!(fixture.filings(&tasks).await, wanted);
}

/// What is refused of one document changes none.
pub async fn a_refused_change_changes_nothing(fixture: &FilingFixture) {
    let owner = samples::user();
    let (one, full) = (fixture.task(owner).await.id, fixture.task(owner).await.id);
    let labels: Vec<FilingName> = (0..MAX_LABELS).map(|number| name(&number.to_string())).collect();
    fixture
        .change(&[full], FilingChange::default().with_labels(labels))
        .await;
    let before = fixture.filings(&[one, full]).await;
    let head = fixture.store.change_head().await.unwrap();
    let update = FilingUpdate::new(vec![one, full], labelled(&["one more"]));
    let message = OutboxMessage::Event(samples::task_event(owner, one, "refused"));
    let write = Write::default().with_message(message);
    let outcome = fixture
        .filings
        .change_filings(Scope::system(), update, write)
        .await;
    refused(outcome, ErrorKind::InvalidInput);
    assert_eq!(fixture.filings(&[one, full]).await, before);
    assert_eq!(
        fixture.store.changes(Scope::system(), head, 10).await.unwrap(),
        []
    );
    assert_eq!(fixture.store.lease_outbox(10, LONG).await.unwrap(), []);
}

/// Only the owner and the platform see how a document is filed; in the trash the platform does.
pub async fn filings_are_of_their_owner(fixture: &FilingFixture) {
    let owner = samples::user();
    let task = fixture.task(owner).await.id;
    let filed = fixture.change(&[task], labelled(&["tax"])).await;
    let seen = |scope| fixture.filings.filings(scope, vec![task]);
    assert_eq!(seen(Scope::owner(owner)).await.unwrap(), filed);
    assert_eq!(seen(Scope::owner(samples::user())).await.unwrap(), []);
    fixture.trash(task).await;
    assert_eq!(seen(Scope::owner(owner)).await.unwrap(), []);
    assert_eq!(seen(Scope::system()).await.unwrap(), filed);
}

/// Filing is a change of the task: others learn of it from the change log and the outbox. What changes nothing is none.
pub async fn filing_is_a_change_of_the_task(fixture: &FilingFixture) {
    let owner = samples::user();
    let task = fixture.task(owner).await;
    fixture.time.tick().await;
    let head = fixture.store.change_head().await.unwrap();
    let message = OutboxMessage::Event(samples::task_event(owner, task.id, "filed"));
    for _ in 0..2 {
        // The second time it is filed so already.
        let update = FilingUpdate::new(vec![task.id], labelled(&["tax"]));
        let write = Write::default().with_message(message.clone());
        fixture
            .filings
            .change_filings(Scope::owner(owner), update, write)
            .await
            .unwrap();
    }
    told_once(&*fixture.store, &task, head, message).await;
}

/// A document can be filed while it is read, which goes on undisturbed, and stays filed when it is read again.
pub async fn filings_stay_until_their_task_is_purged(fixture: &FilingFixture) {
    let task = fixture.task(samples::user()).await.id;
    let claim = Transition::Claim { lease: LONG };
    let move_on = |transition| {
        fixture
            .store
            .transition(Scope::system(), task, transition, Write::default())
    };
    let claimed = move_on(claim).await.unwrap();
    let filed = fixture.change(&[task], labelled(&["tax"])).await;
    let reading = fixture.store.task(Scope::system(), task).await.unwrap().unwrap();
    assert_eq!(reading.state, claimed.state);
    let heartbeat = fixture.store.record_progress(claimed.fence(), None, LONG).await;
    assert_eq!(heartbeat.unwrap(), Directive::Continue);
    move_on(Transition::Cancel).await.unwrap();
    move_on(Transition::Retry).await.unwrap();
    assert_eq!(fixture.filings(&[task]).await, filed);
    let now = fixture.time.now();
    fixture
        .store
        .trash_task(Scope::system(), task, now, Write::default())
        .await
        .unwrap();
    assert_eq!(fixture.store.purge(vec![task]).await.unwrap(), 1);
    assert_eq!(fixture.filings(&[task]).await, []);
}

/// Lists hold what has the label and is in the collection that they are asked for, whatever the case of their letters.
pub async fn lists_are_filtered_by_filing(fixture: &FilingFixture) {
    let owner = samples::user();
    let mut tasks = Vec::new();
    for _ in 0..4 {
        tasks.push(fixture.task(owner).await.id);
        fixture.time.tick().await;
    }
    fixture.change(&tasks[..2], labelled(&["Tax", "Ü"])).await;
    fixture.change(&tasks[2..3], labelled(&["tax return"])).await;
    let enter = FilingChange::default().with_collection(CollectionChange::Enter(name("2024")));
    fixture.change(&tasks[1..3], enter).await;
    let label = |text| TaskFilter::default().with_label(name(text));
    let collection = |text| TaskFilter::default().with_collection(name(text));
    assert_eq!(fixture.listed(label("TAX")).await, tasks[..2]);
    assert_eq!(fixture.listed(label("ü")).await, tasks[..2]);
    assert_eq!(fixture.listed(label("2024")).await, []);
    assert_eq!(fixture.listed(collection("2024")).await, tasks[1..3]);
    assert_eq!(
        fixture.listed(label("tax").with_collection(name("2024"))).await,
        tasks[1..2]
    );
    // A cursor belongs to its list.
    let first = PageRequest::first(1).unwrap();
    let list = |filter, request| fixture.store.list_tasks(Scope::system(), filter, request);
    let page = list(label("tax"), first).await.unwrap();
    assert_eq!(page.items[0].id, tasks[1]);
    let next = PageRequest::first(1).unwrap().after(page.next);
    let rest = list(label("tax"), next.clone()).await.unwrap();
    assert_eq!((rest.items[0].id, rest.next), (tasks[0], None));
    refused(list(label("ü"), next).await, ErrorKind::InvalidInput);
}

/// Names are counted over the live documents of a scope, those of most documents first.
pub async fn names_are_counted(fixture: &FilingFixture) {
    let owner = samples::user();
    let mut tasks = Vec::new();
    for _ in 0..3 {
        tasks.push(fixture.task(owner).await.id);
    }
    let foreign = fixture.task(samples::user()).await.id;
    fixture.change(&tasks[..1], labelled(&["TAX", "b"])).await;
    fixture.change(&tasks[1..], labelled(&["tax", "a", "Ä"])).await;
    fixture.change(&[foreign], labelled(&["foreign"])).await;
    let enter = FilingChange::default().with_collection(CollectionChange::Enter(name("2024")));
    fixture.change(&tasks[..2], enter).await;
    let counted = async |kind, limit| -> Vec<(String, u64)> {
        let counts = fixture
            .filings
            .filing_names(Scope::owner(owner), kind, limit)
            .await;
        let pair = |counted: &NameCount| (counted.name.key().to_owned(), counted.count);
        counts.unwrap().iter().map(pair).collect()
    };
    let pairs = |wanted: &[(&str, u64)]| -> Vec<(String, u64)> {
        wanted
            .iter()
            .map(|(key, count)| ((*key).to_owned(), *count))
            .collect()
    };
    let labels = counted(FilingKind::Label, 10).await;
    assert_eq!(labels, pairs(&[("tax", 3), ("a", 2), ("ä", 2), ("b", 1)]));
    assert_eq!(counted(FilingKind::Label, 2).await, labels[..2]);
    assert_eq!(counted(FilingKind::Collection, 10).await, pairs(&[("2024", 2)]));
    fixture.trash(tasks[0]).await;
    assert_eq!(
        counted(FilingKind::Label, 10).await,
        pairs(&[("a", 2), ("tax", 2), ("ä", 2)])
    );
    let all = fixture
        .filings
        .filing_names(Scope::system(), FilingKind::Label, 10)
        .await;
    assert_eq!(all.unwrap().len(), 4);
}

/// Expands to one test for each clause of the [`FilingStore`] contract.
///
/// Takes a path to an `async fn() -> FilingFixture` that makes an empty store of its own.
#[macro_export]
macro_rules! filing_conformance {
    ($fresh:expr) => {
        $crate::clauses! { $fresh, filings:
            filings_are_kept_exactly
            several_are_filed_at_once
            a_refused_change_changes_nothing
            filings_are_of_their_owner
            filing_is_a_change_of_the_task
            filings_stay_until_their_task_is_purged
            lists_are_filtered_by_filing
            names_are_counted
        }
    };
}
