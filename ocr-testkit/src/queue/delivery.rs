//! Items come in, and out to one holder at a time.

use std::{collections::HashSet, sync::Arc, time::Duration};

use ocr_core::{
    id::RandomIds,
    queue::{Nack, QueueDepth},
    trace::TraceContext,
};

use super::{QueueFixture, task_ids, tasks};
use crate::{harness::LONG, samples};

/// What is leased is what was enqueued.
pub async fn an_item_is_handed_out_as_it_was_given(fixture: &QueueFixture) {
    let new = samples::item(samples::user());
    fixture.add(vec![new]).await;
    let lease = fixture.lease_one(LONG).await;
    assert_eq!(lease.item, new.item);
    assert_eq!(lease.token.task, new.item.task_id);
    fixture.nothing_ready().await;
}

/// The trace that an item is part of goes with it, through every lease.
pub async fn a_trace_goes_with_its_item(fixture: &QueueFixture) {
    let mut traced = samples::item(samples::user());
    traced.item.trace = Some(TraceContext::begin(&RandomIds));
    let plain = samples::item(samples::user());
    fixture.queue.enqueue(vec![traced, plain]).await.unwrap();
    for _ in 0..2 {
        let leases = fixture.queue.lease(10, LONG).await.unwrap();
        assert_eq!(leases.len(), 2);
        for lease in leases {
            let sent = if lease.token.task == traced.item.task_id {
                traced
            } else {
                plain
            };
            assert_eq!(lease.item, sent.item);
            fixture.queue.nack(lease.token, Nack::Release).await.unwrap();
        }
    }
}

/// Neither an empty enqueue nor a lease of nothing does anything.
pub async fn no_items_are_no_work(fixture: &QueueFixture) {
    fixture.add(vec![]).await;
    fixture.nothing_ready().await;
    fixture.add(samples::items(samples::user(), 1)).await;
    assert_eq!(fixture.lease(0, LONG).await, vec![]);
    assert_eq!(fixture.queue.ack(vec![]).await.unwrap(), vec![]);
    fixture.queue.remove(vec![]).await.unwrap();
    assert_eq!(fixture.queue.redrive(vec![]).await.unwrap(), 0);
    fixture.lease_one(LONG).await;
}

/// No item is given to two callers while a lease lasts, however many ask at once.
pub async fn an_item_is_never_held_twice(fixture: &QueueFixture) {
    let items = samples::items(samples::user(), 60);
    fixture.add(items.clone()).await;
    let workers = (0..8).map(|_| {
        let queue = Arc::clone(&fixture.queue);
        tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let leases = queue.lease(3, LONG).await.unwrap();
                if leases.is_empty() {
                    return mine;
                }
                mine.extend(tasks(&leases));
            }
        })
    });
    let mut held = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        held.extend(worker.await.unwrap());
    }
    let distinct: HashSet<_> = held.iter().copied().collect();
    assert_eq!(held.len(), distinct.len(), "no item was held twice");
    assert_eq!(
        distinct,
        task_ids(&items).into_iter().collect(),
        "every item was held"
    );
}

/// Workers that lease and ack at the same time as others enqueue see each item once.
pub async fn no_work_is_lost_between_many_workers(fixture: &QueueFixture) {
    const ITEMS: usize = 60;
    let producers = (0..3).map(|_| {
        let queue = Arc::clone(&fixture.queue);
        tokio::spawn(async move {
            for new in samples::items(samples::user(), ITEMS / 3) {
                queue.enqueue(vec![new]).await.unwrap();
            }
        })
    });
    let done = Arc::new(tokio::sync::Mutex::new(Vec::new()));
    let workers = (0..4).map(|_| {
        let (queue, done) = (Arc::clone(&fixture.queue), Arc::clone(&done));
        tokio::spawn(async move {
            while done.lock().await.len() < ITEMS {
                let leases = queue.lease(2, LONG).await.unwrap();
                if leases.is_empty() {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    continue;
                }
                let tokens = leases.iter().map(|lease| lease.token).collect();
                assert_eq!(queue.ack(tokens).await.unwrap(), vec![], "nobody took our lease");
                done.lock().await.extend(tasks(&leases));
            }
        })
    });
    let all: Vec<_> = producers.chain(workers).collect();
    for handle in all {
        handle.await.unwrap();
    }
    let done = done.lock().await;
    assert_eq!(done.len(), ITEMS, "each item was done once");
    assert_eq!(done.iter().collect::<HashSet<_>>().len(), ITEMS);
    assert_eq!(fixture.queue.depth().await.unwrap(), QueueDepth::default());
}

/// An item whose task is waiting is left as it is.
pub async fn an_item_waiting_is_not_added_again(fixture: &QueueFixture) {
    let new = samples::item(samples::user());
    fixture.add(vec![new, new]).await;
    fixture.add(vec![new]).await;
    assert_eq!(fixture.queue.depth().await.unwrap().ready, 1);
    let lease = fixture.lease_one(LONG).await;
    fixture.queue.ack(vec![lease.token]).await.unwrap();
    fixture.nothing_ready().await;
}

/// An item whose task is leased is left as it is, and stays with its holder.
pub async fn an_item_leased_is_not_added_again(fixture: &QueueFixture) {
    let new = samples::item(samples::user());
    fixture.add(vec![new]).await;
    let lease = fixture.lease_one(LONG).await;
    fixture.add(vec![new]).await;
    fixture.nothing_ready().await;
    assert_eq!(fixture.queue.ack(vec![lease.token]).await.unwrap(), vec![]);
    fixture.nothing_ready().await;
    assert_eq!(fixture.queue.depth().await.unwrap(), QueueDepth::default());
}

/// Finished work may be asked for again.
pub async fn an_item_acked_may_come_again(fixture: &QueueFixture) {
    let new = samples::item(samples::user());
    fixture.add(vec![new]).await;
    let first = fixture.lease_one(LONG).await;
    fixture.queue.ack(vec![first.token]).await.unwrap();
    fixture.add(vec![new]).await;
    assert_eq!(fixture.lease_one(LONG).await.item, new.item);
}

/// A batch of the declared size is added whole.
pub async fn a_whole_batch_is_added(fixture: &QueueFixture) {
    let size = fixture.queue.capabilities().max_batch.min(500);
    assert!(size >= 1, "a batch holds at least one item");
    let items = samples::items(samples::user(), size);
    fixture.add(items.clone()).await;
    let mut taken = HashSet::new();
    loop {
        let leases = fixture.lease(size, LONG).await;
        if leases.is_empty() {
            break;
        }
        taken.extend(tasks(&leases));
    }
    assert_eq!(taken, task_ids(&items).into_iter().collect());
}

/// An item is not leased before its `not_before`.
pub async fn an_item_waits_for_its_time(fixture: &QueueFixture) {
    let (owner, short) = (samples::user(), fixture.time.short());
    let later = |after| ocr_core::clock::later(fixture.time.now(), after);
    let mut soon = samples::item(owner);
    soon.not_before = Some(later(short * 2));
    let mut late = samples::item(owner);
    late.not_before = Some(later(LONG));
    let mut now = samples::item(owner);
    now.not_before = Some(later(Duration::ZERO) - LONG);
    fixture.add(vec![late, soon, now]).await;
    assert_eq!(fixture.lease_one(LONG).await.item, now.item);
    fixture.time.pass(short * 2).await;
    assert_eq!(fixture.lease_one(LONG).await.item, soon.item);
    fixture.nothing_ready().await;
}

/// An enqueue whose future is dropped adds all items or none.
pub async fn an_interrupted_enqueue_adds_all_or_nothing(fixture: &QueueFixture) {
    let size = fixture.queue.capabilities().max_batch.min(7);
    for step in 0..20 {
        let items = samples::items(samples::user(), size);
        let limit = Duration::from_micros(step * 50);
        let _ = tokio::time::timeout(limit, fixture.queue.enqueue(items)).await;
    }
    // What was under way when its future was dropped may still land, but whole.
    let mut left = 20;
    loop {
        let ready = fixture.queue.depth().await.unwrap().ready;
        if ready % size as u64 == 0 {
            return;
        }
        left -= 1;
        assert!(left > 0, "{ready} items are not whole batches of {size}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A lease whose future is dropped gives the items back, at the latest when it runs out.
pub async fn an_interrupted_lease_loses_nothing(fixture: &QueueFixture) {
    let items = samples::items(samples::user(), 10);
    fixture.add(items.clone()).await;
    let short = fixture.time.short();
    for step in 0..20 {
        let _ = tokio::time::timeout(Duration::from_micros(step * 50), fixture.queue.lease(1, short)).await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    fixture.time.pass(short).await;
    let mut taken = HashSet::new();
    while let [lease, ..] = fixture.lease(1, LONG).await[..] {
        taken.insert(lease.item.task_id);
    }
    assert_eq!(taken, task_ids(&items).into_iter().collect());
}
