//! Recognised pages.

use ocr_core::{
    ErrorKind,
    model::{Outcome, PageText, Task, TaskStatus, Transition},
    store::{Fence, Scope, Write},
};
use serde_json::{Value, json};
use std::time::Duration;

use super::{StoreFixture, claim, ends};
use crate::{
    harness::{LONG, refused},
    samples,
};

impl StoreFixture {
    async fn put(&self, task: &Task, pages: Vec<PageText>) {
        self.store.put_pages(task.fence(), pages).await.unwrap();
    }

    async fn pages(&self, task: &Task, from: u32, to: u32) -> Vec<PageText> {
        self.store
            .pages(Scope::system(), task.id, from, to)
            .await
            .unwrap()
    }
}

/// Every field of a page is read back exactly, boxes and confidences to the last bit.
pub async fn pages_are_kept_exactly(fixture: &StoreFixture) {
    let task = fixture.claimed(fixture.user().await, LONG).await;
    let pages = vec![
        samples::page(1, &samples::long_text(500)),
        PageText::empty(2, 1, u32::MAX),
        samples::page(3, ""),
    ];
    fixture.put(&task, pages.clone()).await;
    assert_eq!(fixture.pages(&task, 1, 3).await, pages);
    assert_eq!(fixture.store.page_numbers(task.id).await.unwrap(), [1, 2, 3]);
}

/// Pages come in ascending order, however they were stored.
pub async fn pages_come_in_order(fixture: &StoreFixture) {
    let task = fixture.claimed(fixture.user().await, LONG).await;
    assert_eq!(fixture.pages(&task, 1, u32::MAX).await, vec![]);
    fixture.put(&task, vec![]).await;
    for batch in [vec![10, 2], vec![100], vec![9, 1]] {
        let pages = batch
            .iter()
            .map(|number| samples::page(*number, "text"))
            .collect();
        fixture.put(&task, pages).await;
    }
    let expected = [1, 2, 9, 10, 100];
    assert_eq!(fixture.store.page_numbers(task.id).await.unwrap(), expected);
    let numbers: Vec<u32> = fixture
        .pages(&task, 1, u32::MAX)
        .await
        .iter()
        .map(|page| page.number)
        .collect();
    assert_eq!(numbers, expected);
}

/// A page stored before is replaced, also by a later attempt; the others stay.
pub async fn a_page_stored_again_is_replaced(fixture: &StoreFixture) {
    let short = fixture.time.short();
    let first = fixture.claimed(fixture.user().await, short).await;
    fixture
        .put(&first, vec![samples::page(1, "kept"), samples::page(2, "old")])
        .await;
    fixture.put(&first, vec![samples::page(2, "newer")]).await;
    fixture.time.pass(short).await;
    let second = fixture.apply(first.id, claim(LONG)).await;
    fixture
        .put(
            &second,
            vec![samples::page(2, "newest"), samples::page(3, "added")],
        )
        .await;
    let texts: Vec<String> = fixture
        .pages(&second, 1, 9)
        .await
        .iter()
        .map(PageText::plain_text)
        .collect();
    assert_eq!(texts, ["kept", "newest", "added"]);
}

/// A page of 5 MB in many scripts is kept whole.
pub async fn a_big_page_is_kept(fixture: &StoreFixture) {
    let task = fixture.claimed(fixture.user().await, LONG).await;
    let mut page = samples::page(1, "");
    if let Some(line) = page.blocks.iter_mut().flat_map(|block| &mut block.lines).next() {
        line.text = samples::long_text(5_000_000);
    }
    fixture.put(&task, vec![page.clone()]).await;
    let read = fixture.pages(&task, 1, 1).await;
    assert!(read == [page], "the page is kept whole");
}

/// Hundreds of pages are stored at once and read back.
pub async fn many_pages_are_kept(fixture: &StoreFixture) {
    let task = fixture.claimed(fixture.user().await, LONG).await;
    let pages: Vec<PageText> = (1..=400)
        .map(|number| samples::page(number, "some text"))
        .collect();
    fixture.put(&task, pages.clone()).await;
    assert_eq!(fixture.pages(&task, 1, 400).await, pages);
}

/// Both ends of the range belong to it; an empty range is empty.
pub async fn pages_of_a_range_are_given(fixture: &StoreFixture) {
    let task = fixture.claimed(fixture.user().await, LONG).await;
    let other = fixture.claimed(task.owner, LONG).await;
    let pages: Vec<PageText> = (1..=5).map(|number| samples::page(number, "text")).collect();
    fixture.put(&task, pages.clone()).await;
    fixture
        .put(&other, vec![samples::page(3, "of another task")])
        .await;
    assert_eq!(fixture.pages(&task, 2, 4).await, pages[1..4]);
    assert_eq!(fixture.pages(&task, 5, 5).await, pages[4..]);
    assert_eq!(fixture.pages(&task, 0, u32::MAX).await, pages);
    assert_eq!(fixture.pages(&task, 6, 9).await, vec![]);
    assert_eq!(fixture.pages(&task, 4, 2).await, vec![]);
}

/// An owner reads the pages of their task while it runs and after; not those in the trash.
pub async fn pages_are_seen_by_their_owner_only(fixture: &StoreFixture) {
    let (owner, other) = (fixture.user().await, fixture.user().await);
    let task = fixture.claimed(owner, LONG).await;
    let page = samples::page(1, "text");
    fixture.put(&task, vec![page.clone()]).await;
    let read = async |scope| fixture.store.pages(scope, task.id, 1, 9).await.unwrap();
    assert_eq!(read(Scope::owner(owner)).await, std::slice::from_ref(&page));
    let complete = ends(
        task.state.attempt,
        Outcome::Complete {
            result: samples::summary(&task),
        },
    );
    fixture.apply(task.id, complete).await;
    assert_eq!(read(Scope::owner(owner)).await, std::slice::from_ref(&page));
    assert_eq!(read(Scope::owner(other)).await, vec![]);
    fixture.trash(task.id, LONG).await;
    assert_eq!(read(Scope::owner(owner)).await, vec![]);
    assert_eq!(read(Scope::system()).await, [page]);
}

/// `LeaseLost` for an attempt that never was, is over, or is another task's; nothing is stored.
pub async fn stale_pages_are_refused(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let pending = fixture.pending(owner).await;
    let completed = fixture.completed(owner).await;
    let running = fixture.claimed(owner, LONG).await;
    for (task, attempt) in [(&pending, 0), (&pending, 1), (&completed, 1), (&running, 2)] {
        let pages = vec![samples::page(1, "stale")];
        let outcome = fixture.store.put_pages(Fence::new(task.id, attempt), pages).await;
        refused(outcome, ErrorKind::LeaseLost);
        assert_eq!(
            fixture.store.page_numbers(task.id).await.unwrap(),
            Vec::<u32>::new()
        );
    }
}

impl StoreFixture {
    async fn note(&self, task: &Task, checkpoint: Value) {
        self.store.put_checkpoint(task.fence(), checkpoint).await.unwrap();
    }

    async fn noted(&self, task: &Task) -> Option<Value> {
        self.store.checkpoint(task.id).await.unwrap()
    }
}

/// A checkpoint is read back as it was written; the last one counts, and each task has its own.
pub async fn a_checkpoint_is_kept_exactly(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let task = fixture.claimed(owner, LONG).await;
    let other = fixture.claimed(owner, LONG).await;
    assert_eq!(fixture.noted(&task).await, None);
    let first =
        json!({"job": "a", "pages": [1, 2, 3], "nested": {"none": null, "big": 9_007_199_254_740_993_u64}});
    fixture.note(&task, first.clone()).await;
    assert_eq!(fixture.noted(&task).await, Some(first));
    let second = json!({"text": samples::long_text(20_000)});
    fixture.note(&task, second.clone()).await;
    assert_eq!(fixture.noted(&task).await, Some(second));
    assert_eq!(fixture.noted(&other).await, None);
    assert_eq!(fixture.store.checkpoint(samples::task_id()).await.unwrap(), None);
}

/// A checkpoint outlives the attempt that wrote it, however that ended, and the trash.
pub async fn a_checkpoint_outlives_its_attempt(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let (delay, short) = (Duration::ZERO, fixture.time.short());
    let task = fixture.claimed(owner, short).await;
    let checkpoint = json!({"job": "a"});
    fixture.note(&task, checkpoint.clone()).await;
    fixture.time.pass(short).await;
    let taken = fixture.apply(task.id, claim(LONG)).await;
    assert_eq!(fixture.noted(&task).await, Some(checkpoint.clone()), "taken over");
    let attempt = taken.state.attempt;
    fixture
        .apply(task.id, ends(attempt, Outcome::Release { delay }))
        .await;
    let attempt = fixture.apply(task.id, claim(LONG)).await.state.attempt;
    let failure = samples::failure("later");
    let later = ends(attempt, Outcome::Reschedule { failure, delay });
    assert_eq!(fixture.apply(task.id, later).await.status(), TaskStatus::Pending);
    assert_eq!(fixture.noted(&task).await, Some(checkpoint.clone()), "given back");
    fixture.trash(task.id, LONG).await;
    fixture
        .store
        .restore_task(ocr_core::store::Scope::system(), task.id, Write::default())
        .await
        .unwrap();
    assert_eq!(fixture.noted(&task).await, Some(checkpoint), "restored");
}

/// Asking for a task again begins without a checkpoint, and so does nothing else.
pub async fn retrying_clears_the_checkpoint(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let task = fixture.claimed(owner, LONG).await;
    fixture.note(&task, json!({"job": "a"})).await;
    let attempt = task.state.attempt;
    let complete = ends(
        attempt,
        Outcome::Complete {
            result: samples::summary(&task),
        },
    );
    fixture.apply(task.id, complete).await;
    assert!(fixture.noted(&task).await.is_some());
    fixture.apply(task.id, Transition::Retry).await;
    assert_eq!(fixture.noted(&task).await, None);
}

/// `LeaseLost` for an attempt that never was, is over, or is another task's; nothing is stored.
pub async fn a_stale_checkpoint_is_refused(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let pending = fixture.pending(owner).await;
    let completed = fixture.completed(owner).await;
    let running = fixture.claimed(owner, LONG).await;
    let trashed = fixture.claimed(owner, LONG).await;
    fixture.trash(trashed.id, LONG).await;
    for (task, attempt) in [
        (&pending, 0),
        (&pending, 1),
        (&completed, 1),
        (&running, 2),
        (&trashed, 1),
    ] {
        let outcome = fixture
            .store
            .put_checkpoint(Fence::new(task.id, attempt), json!({"job": "stale"}))
            .await;
        refused(outcome, ErrorKind::LeaseLost);
        assert_eq!(fixture.noted(task).await, None);
    }
}

/// Expands to one test for each clause of the [`PageStore`](ocr_core::store::PageStore) contract; a part of
/// [`store_conformance!`](crate::store_conformance), for who works on one trait.
#[macro_export]
macro_rules! page_store_conformance {
    ($fresh:expr) => {
        $crate::clauses! { $fresh, store:
            pages_are_kept_exactly
            pages_come_in_order
            a_page_stored_again_is_replaced
            a_big_page_is_kept
            many_pages_are_kept
            pages_of_a_range_are_given
            pages_are_seen_by_their_owner_only
            stale_pages_are_refused

            a_checkpoint_is_kept_exactly
            a_checkpoint_outlives_its_attempt
            retrying_clears_the_checkpoint
            a_stale_checkpoint_is_refused
        }
    };
}
