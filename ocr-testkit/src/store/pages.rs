//! Recognised pages.

use ocr_core::{
    ErrorKind,
    model::{PageText, Task, Transition},
    store::Scope,
};

use super::{StoreFixture, claim};
use crate::{
    harness::{LONG, refused},
    samples,
};

impl StoreFixture {
    async fn put(&self, task: &Task, pages: Vec<PageText>) {
        self.store
            .put_pages(task.id, task.state.attempt, pages)
            .await
            .unwrap();
    }

    async fn pages(&self, task: &Task, from: u32, to: u32) -> Vec<PageText> {
        self.store.pages(Scope::System, task.id, from, to).await.unwrap()
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
    assert_eq!(read(Scope::Owner(owner)).await, std::slice::from_ref(&page));
    let complete = Transition::Complete {
        attempt: task.state.attempt,
        result: samples::summary(&task),
    };
    fixture.apply(task.id, complete).await;
    assert_eq!(read(Scope::Owner(owner)).await, std::slice::from_ref(&page));
    assert_eq!(read(Scope::Owner(other)).await, vec![]);
    fixture.trash(task.id, LONG).await;
    assert_eq!(read(Scope::Owner(owner)).await, vec![]);
    assert_eq!(read(Scope::System).await, [page]);
}

/// `LeaseLost` for an attempt that never was, is over, or is another task's; nothing is stored.
pub async fn stale_pages_are_refused(fixture: &StoreFixture) {
    let owner = fixture.user().await;
    let pending = fixture.pending(owner).await;
    let completed = fixture.completed(owner).await;
    let running = fixture.claimed(owner, LONG).await;
    for (task, attempt) in [(&pending, 0), (&pending, 1), (&completed, 1), (&running, 2)] {
        let pages = vec![samples::page(1, "stale")];
        let outcome = fixture.store.put_pages(task.id, attempt, pages).await;
        refused(outcome, ErrorKind::LeaseLost);
        assert_eq!(
            fixture.store.page_numbers(task.id).await.unwrap(),
            Vec::<u32>::new()
        );
    }
}
