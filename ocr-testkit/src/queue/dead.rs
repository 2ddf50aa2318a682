//! Items that are set aside, and removal.

use std::collections::HashSet;

use ocr_core::{
    ErrorKind,
    pagination::{Cursor, PageRequest},
    queue::{DeadItem, Nack, NewItem, QueueDepth},
};

use super::{QueueFixture, task_ids};
use crate::{
    harness::{LONG, refused},
    samples,
};

async fn bury(fixture: &QueueFixture, item: NewItem, reason: &str) {
    fixture.add(vec![item]).await;
    let token = fixture.lease_one(LONG).await.token;
    let nack = Nack::DeadLetter(reason.into());
    fixture.queue.nack(token, nack).await.unwrap();
}

async fn dead(fixture: &QueueFixture) -> Vec<DeadItem> {
    let page = PageRequest::first(100).unwrap();
    fixture.queue.dead(page).await.unwrap().items
}

/// A dead item is never leased, and is listed with its reason and time.
pub async fn a_dead_item_is_set_aside(fixture: &QueueFixture) {
    let new = samples::item(samples::user());
    assert_eq!(dead(fixture).await, vec![]);
    bury(fixture, new, "the payload is of version 9").await;
    fixture.time.pass(fixture.time.short()).await;
    fixture.nothing_ready().await;
    assert_eq!(fixture.queue.reap(10).await.unwrap(), 0);
    let listed = dead(fixture).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].item, new.item);
    assert_eq!(listed[0].reason, "the payload is of version 9");
    if fixture.time.is_manual() {
        assert!(listed[0].at < fixture.time.now());
    }
}

/// Dead items come newest first, page by page, each once.
pub async fn dead_items_are_paged_newest_first(fixture: &QueueFixture) {
    let items = samples::items(samples::user(), 5);
    for (index, new) in items.iter().enumerate() {
        bury(fixture, *new, &index.to_string()).await;
        fixture.time.tick().await;
    }
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let request = PageRequest::first(2).unwrap().after(cursor);
        let page = fixture.queue.dead(request).await.unwrap();
        assert!(page.items.len() <= 2);
        seen.extend(page.items.iter().map(|dead| dead.item.task_id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
        assert!(seen.len() <= items.len(), "paging ends");
    }
    let mut expected = task_ids(&items);
    expected.reverse();
    assert_eq!(seen, expected);
}

/// A cursor that was not made for this list is `InvalidInput`.
pub async fn a_foreign_cursor_is_refused(fixture: &QueueFixture) {
    let foreign = [
        Cursor::from_client("nonsense"),
        Cursor::new(samples::moment(), samples::task_id().0, "another list"),
    ];
    for cursor in foreign {
        let request = PageRequest::first(2).unwrap().after(Some(cursor));
        refused(fixture.queue.dead(request).await, ErrorKind::InvalidInput);
    }
}

/// A redriven item is ready at once, with a higher attempt.
pub async fn a_dead_item_can_be_made_ready_again(fixture: &QueueFixture) {
    let new = samples::item(samples::user());
    fixture.add(vec![new]).await;
    let first = fixture.lease_one(LONG).await.token;
    let nack = Nack::DeadLetter("for now".into());
    fixture.queue.nack(first, nack).await.unwrap();
    assert_eq!(fixture.queue.redrive(vec![new.item.task_id]).await.unwrap(), 1);
    assert_eq!(dead(fixture).await, vec![]);
    let again = fixture.lease_one(LONG).await;
    assert_eq!(again.item, new.item);
    assert!(again.token.attempt > first.attempt);
}

/// Unknown, waiting and leased tasks are not counted by `redrive`, nor changed.
pub async fn only_dead_items_are_redriven(fixture: &QueueFixture) {
    let owner = samples::user();
    let [waiting, leased, buried] = [(); 3].map(|()| samples::item(owner));
    bury(fixture, buried, "no").await;
    fixture.add(vec![leased]).await;
    let lease = fixture.lease_one(LONG).await;
    fixture.add(vec![waiting]).await;
    let mut tasks = task_ids(&[waiting, leased, buried]);
    tasks.push(samples::task_id());
    assert_eq!(fixture.queue.redrive(tasks).await.unwrap(), 1);
    let ready: HashSet<_> = fixture
        .lease(10, LONG)
        .await
        .iter()
        .map(|lease| lease.item.task_id)
        .collect();
    assert_eq!(ready, task_ids(&[waiting, buried]).into_iter().collect());
    assert_eq!(fixture.queue.ack(vec![lease.token]).await.unwrap(), vec![]);
}

/// A reason of any length and script is kept whole.
pub async fn a_long_reason_is_kept(fixture: &QueueFixture) {
    let reason = samples::long_text(100_000);
    bury(fixture, samples::item(samples::user()), &reason).await;
    assert!(
        dead(fixture).await[0].reason == reason,
        "the reason is kept whole"
    );
}

/// Waiting, delayed, leased and dead items are removed; unknown tasks are ignored.
pub async fn items_are_removed_wherever_they_are(fixture: &QueueFixture) {
    let owner = samples::user();
    let [waiting, delayed, leased, buried, kept] = [(); 5].map(|()| samples::item(owner));
    bury(fixture, buried, "no").await;
    fixture.add(vec![leased]).await;
    let lease = fixture.lease_one(LONG).await;
    fixture.add(vec![delayed]).await;
    let token = fixture.lease_one(LONG).await.token;
    fixture.queue.nack(token, Nack::Reschedule(LONG)).await.unwrap();
    fixture.add(vec![waiting]).await;
    fixture.add(vec![kept]).await;
    let mut tasks = task_ids(&[waiting, delayed, leased, buried]);
    tasks.push(samples::task_id());
    fixture.queue.remove(tasks).await.unwrap();
    let expected = QueueDepth::default().with_ready(1);
    assert_eq!(fixture.queue.depth().await.unwrap(), expected);
    assert_eq!(
        fixture.queue.ack(vec![lease.token]).await.unwrap(),
        vec![lease.token]
    );
    assert_eq!(fixture.lease_one(LONG).await.item, kept.item);
    fixture.add(vec![leased]).await;
    assert_eq!(fixture.lease_one(LONG).await.item, leased.item);
}
