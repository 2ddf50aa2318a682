//! What every [`SamePageStore`] must do, clause by clause.

use std::{sync::Arc, time::Duration};

use ocr_core::{
    clock::{Timestamp, later},
    id::{TaskId, UserId},
    model::{PageText, Task, Transition},
    same_page_store::{EarlierPage, SamePageStore},
    store::{Created, Scope, Store, Write},
};

use crate::{
    harness::{Guard, LONG, TestTime, no_guard, with_guard},
    samples,
};

/// An empty store of its own that finds pages.
#[non_exhaustive]
pub struct SamePageFixture {
    /// The store, as that of tasks.
    pub store: Arc<dyn Store>,
    /// The same store, as that of same pages.
    pub same_pages: Arc<dyn SamePageStore>,
    /// How time passes for it.
    pub time: TestTime,
    /// Keeps what it needs alive.
    pub guard: Guard,
}

impl std::fmt::Debug for SamePageFixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SamePageFixture")
            .field("same_pages", &self.same_pages)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

impl SamePageFixture {
    /// An empty `store` of its own, and how time passes for it; nothing needs to be kept alive.
    pub fn new<S: Store + SamePageStore>(store: Arc<S>, time: TestTime) -> Self {
        Self {
            store: store.clone(),
            same_pages: store,
            time,
            guard: no_guard(),
        }
    }

    with_guard!();

    /// A task of `owner` that is being read, with these pages.
    async fn reading(&self, owner: UserId, pages: Vec<PageText>) -> Task {
        self.store.ensure_user(owner).await.unwrap();
        let new = samples::new_task(owner);
        let created = self.store.create_task(new, Write::default()).await.unwrap();
        let (Created::New(task) | Created::Existing(task)) = created;
        let task = self.move_on(task.id, Transition::Claim { lease: LONG }).await;
        self.store.put_pages(task.fence(), pages).await.unwrap();
        task
    }

    async fn move_on(&self, task: TaskId, transition: Transition) -> Task {
        let moved = self
            .store
            .transition(Scope::system(), task, transition, Write::default());
        moved.await.unwrap()
    }

    /// The page of `owner` with this digest, of whatever age.
    async fn found(&self, owner: UserId, digest: &str) -> Option<EarlierPage> {
        self.found_since(owner, digest, Timestamp::UNIX_EPOCH).await
    }

    async fn found_since(&self, owner: UserId, digest: &str, since: Timestamp) -> Option<EarlierPage> {
        let asked = self.same_pages.same_page(owner, digest.to_owned(), since);
        asked.await.unwrap()
    }
}

/// Page `number` with this text and this digest.
fn page(number: u32, text: &str, digest: &str) -> PageText {
    samples::page(number, text).with_digest(digest.to_owned())
}

/// A page is found by its digest while its document is read, exactly as it was stored; one without a digest never is.
pub async fn pages_are_found_by_their_digest(fixture: &SamePageFixture) {
    let owner = samples::user();
    let (first, second) = (page(1, "one", "aa"), page(2, "two", "bb"));
    let plain = samples::page(3, "three");
    let pages = vec![first.clone(), second.clone(), plain];
    let task = fixture.reading(owner, pages).await.id;
    let found = fixture.found(owner, "bb").await;
    assert_eq!(found, Some(EarlierPage::new(task, second)));
    let found = fixture.found(owner, "aa").await;
    assert_eq!(found, Some(EarlierPage::new(task, first)));
    for unknown in ["cc", "", "a", "AA"] {
        assert_eq!(fixture.found(owner, unknown).await, None, "{unknown}");
    }
}

/// What one owner had read is never found for another.
pub async fn same_pages_are_of_their_owner(fixture: &SamePageFixture) {
    let (owner, other) = (samples::user(), samples::user());
    fixture.reading(owner, vec![page(1, "one", "aa")]).await;
    assert_eq!(fixture.found(other, "aa").await, None);
    let theirs = fixture.reading(other, vec![page(1, "theirs", "aa")]).await.id;
    let found = fixture.found(other, "aa").await.expect("a page");
    assert_eq!(found.task, theirs);
    let found = fixture.found(owner, "aa").await.expect("a page");
    assert_eq!(found.page.plain_text(), "one");
}

/// Of several pages with one digest the newest is found, and the next when that is gone.
pub async fn the_newest_same_page_is_found(fixture: &SamePageFixture) {
    let owner = samples::user();
    let mut tasks = Vec::new();
    for text in ["one", "two", "three"] {
        tasks.push(fixture.reading(owner, vec![page(1, text, "aa")]).await.id);
        fixture.time.tick().await;
    }
    tasks.sort_unstable();
    while let Some(newest) = tasks.pop() {
        let found = fixture.found(owner, "aa").await.expect("a page");
        assert_eq!(found.task, newest);
        let now = fixture.time.now();
        fixture
            .store
            .trash_task(Scope::system(), newest, now, Write::default())
            .await
            .unwrap();
    }
    assert_eq!(fixture.found(owner, "aa").await, None);
}

/// A page of the trash is not found, is found again once its task is restored, and is gone with a task that is purged.
pub async fn same_pages_go_with_their_task(fixture: &SamePageFixture) {
    let owner = samples::user();
    let task = fixture.reading(owner, vec![page(1, "one", "aa")]).await.id;
    let trash = |purge_after| {
        fixture
            .store
            .trash_task(Scope::system(), task, purge_after, Write::default())
    };
    trash(later(fixture.time.now(), LONG)).await.unwrap();
    assert_eq!(fixture.found(owner, "aa").await, None);
    let restored = fixture
        .store
        .restore_task(Scope::system(), task, Write::default());
    restored.await.unwrap();
    assert!(fixture.found(owner, "aa").await.is_some());
    trash(fixture.time.now()).await.unwrap();
    assert_eq!(fixture.store.purge(vec![task]).await.unwrap(), 1);
    assert_eq!(fixture.found(owner, "aa").await, None);
}

/// What is replaced, and what is to be read again, is not found any more.
pub async fn what_is_read_anew_is_not_found(fixture: &SamePageFixture) {
    let owner = samples::user();
    let pages = vec![page(1, "one", "aa"), page(2, "two", "bb")];
    let task = fixture.reading(owner, pages).await;
    let put = fixture
        .store
        .put_pages(task.fence(), vec![page(1, "better", "cc")]);
    put.await.unwrap();
    assert_eq!(fixture.found(owner, "aa").await, None);
    let found = fixture.found(owner, "cc").await.expect("a page");
    assert_eq!(found.page.plain_text(), "better");
    let put = fixture
        .store
        .put_pages(task.fence(), vec![samples::page(1, "without")]);
    put.await.unwrap();
    assert_eq!(fixture.found(owner, "cc").await, None);
    fixture.move_on(task.id, Transition::Cancel).await;
    assert!(fixture.found(owner, "bb").await.is_some());
    fixture.move_on(task.id, Transition::Retry).await;
    assert_eq!(fixture.found(owner, "bb").await, None);
}

/// A page of a document that was accepted before the time asked for is not found.
pub async fn same_pages_are_not_older_than_asked(fixture: &SamePageFixture) {
    let owner = samples::user();
    let task = fixture.reading(owner, vec![page(1, "one", "aa")]).await;
    let at = task.created_at;
    assert!(fixture.found_since(owner, "aa", at).await.is_some());
    let after = later(at, Duration::from_secs(1));
    assert_eq!(fixture.found_since(owner, "aa", after).await, None);
}

/// Expands to one test for each clause of the [`SamePageStore`] contract.
///
/// Takes a path to an `async fn() -> SamePageFixture` that makes an empty store of its own.
#[macro_export]
macro_rules! same_page_conformance {
    ($fresh:expr) => {
        $crate::clauses! { $fresh, same_pages:
            pages_are_found_by_their_digest
            same_pages_are_of_their_owner
            the_newest_same_page_is_found
            same_pages_go_with_their_task
            what_is_read_anew_is_not_found
            same_pages_are_not_older_than_asked
        }
    };
}
