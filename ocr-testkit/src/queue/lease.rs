//! Leases: how long they last and how they end.

use std::sync::Arc;

use ocr_core::{
    clock::later,
    queue::{Nack, QueueDepth},
};

use super::QueueFixture;
use crate::{harness::LONG, samples};

/// A lease takes up to `max` items and leaves the rest.
pub async fn a_lease_takes_no_more_than_asked_for(fixture: &QueueFixture) {
    fixture.add(samples::items(samples::user(), 5)).await;
    assert_eq!(fixture.lease(2, LONG).await.len(), 2);
    assert_eq!(fixture.lease(10, LONG).await.len(), 3);
    fixture.nothing_ready().await;
}

/// `expires_at` is `ttl` from now.
pub async fn a_lease_says_when_it_ends(fixture: &QueueFixture) {
    fixture.add(samples::items(samples::user(), 1)).await;
    let before = fixture.time.now();
    let lease = fixture.lease_one(LONG).await;
    if fixture.time.is_manual() {
        assert_eq!(lease.expires_at, later(before, LONG));
    } else {
        assert!(lease.expires_at > later(before, LONG / 2), "{lease:?}");
    }
}

/// An item is not ready while its lease lasts, each lease for its own time.
pub async fn a_lease_lasts_as_long_as_promised(fixture: &QueueFixture) {
    let short = fixture.time.short();
    fixture.add(samples::items(samples::user(), 2)).await;
    let long = fixture.lease(1, LONG).await;
    let brief = fixture.lease(1, short).await;
    fixture.nothing_ready().await;
    fixture.time.pass(short).await;
    let again = fixture.lease_one(LONG).await;
    assert_eq!(again.item, brief[0].item);
    assert_ne!(again.item, long[0].item);
}

/// An item whose lease ran out is ready again, and its next lease has a higher attempt.
pub async fn an_expired_item_comes_again_with_a_higher_attempt(fixture: &QueueFixture) {
    let new = samples::item(samples::user());
    fixture.add(vec![new]).await;
    let mut last = fixture.lease_one(fixture.time.short()).await;
    for _ in 0..3 {
        fixture.time.pass(fixture.time.short()).await;
        let next = fixture.lease_one(fixture.time.short()).await;
        assert_eq!(next.item, new.item);
        assert!(next.token.attempt > last.token.attempt, "{next:?} after {last:?}");
        last = next;
    }
}

/// Many callers find an expired item, and one gets it.
pub async fn an_expired_item_is_taken_over_once(fixture: &QueueFixture) {
    fixture.add(samples::items(samples::user(), 1)).await;
    fixture.lease_one(fixture.time.short()).await;
    fixture.time.pass(fixture.time.short()).await;
    let callers = (0..8).map(|_| {
        let queue = Arc::clone(&fixture.queue);
        tokio::spawn(async move { queue.lease(1, LONG).await.unwrap().len() })
    });
    let mut taken = 0;
    for caller in callers.collect::<Vec<_>>() {
        taken += caller.await.unwrap();
    }
    assert_eq!(taken, 1, "one of eight callers has the item");
}

/// A heartbeat extends the lease from now.
pub async fn a_heartbeat_extends_a_lease(fixture: &QueueFixture) {
    let short = fixture.time.short();
    fixture.add(samples::items(samples::user(), 1)).await;
    let lease = fixture.lease_one(short).await;
    fixture.queue.heartbeat(lease.token, LONG).await.unwrap();
    fixture.time.pass(short).await;
    fixture.nothing_ready().await;
    assert_eq!(fixture.queue.ack(vec![lease.token]).await.unwrap(), vec![]);
}

/// A heartbeat answers when the lease ends, and may also shorten it.
pub async fn a_heartbeat_says_when_the_lease_ends(fixture: &QueueFixture) {
    let short = fixture.time.short();
    fixture.add(samples::items(samples::user(), 1)).await;
    let lease = fixture.lease_one(LONG).await;
    let before = fixture.time.now();
    let end = fixture.queue.heartbeat(lease.token, short).await.unwrap();
    if fixture.time.is_manual() {
        assert_eq!(end, later(before, short));
    } else {
        assert!(end < lease.expires_at);
    }
    fixture.time.pass(short).await;
    fixture.lease_one(LONG).await;
}

/// An ack removes several items for good.
pub async fn an_ack_removes_items(fixture: &QueueFixture) {
    fixture.add(samples::items(samples::user(), 3)).await;
    let leases = fixture.lease(3, fixture.time.short()).await;
    let tokens = leases.iter().map(|lease| lease.token).collect();
    assert_eq!(fixture.queue.ack(tokens).await.unwrap(), vec![]);
    fixture.time.pass(fixture.time.short()).await;
    fixture.nothing_ready().await;
    assert_eq!(fixture.queue.depth().await.unwrap(), QueueDepth::default());
}

/// A released item is ready at once, and its next lease has a higher attempt.
pub async fn a_released_item_is_ready_at_once(fixture: &QueueFixture) {
    fixture.add(samples::items(samples::user(), 1)).await;
    let first = fixture.lease_one(LONG).await;
    fixture.queue.nack(first.token, Nack::Release).await.unwrap();
    let second = fixture.lease_one(LONG).await;
    assert_eq!(second.item, first.item);
    assert!(second.token.attempt > first.token.attempt);
}

/// A retried item is ready after its delay, not before.
pub async fn a_retried_item_waits_its_delay(fixture: &QueueFixture) {
    let short = fixture.time.short();
    fixture.add(samples::items(samples::user(), 2)).await;
    let leases = fixture.lease(2, LONG).await;
    let [soon, late] = leases[..] else {
        panic!("two leases: {leases:?}")
    };
    fixture
        .queue
        .nack(late.token, Nack::Reschedule(LONG))
        .await
        .unwrap();
    fixture
        .queue
        .nack(soon.token, Nack::Reschedule(short))
        .await
        .unwrap();
    let depth = fixture.queue.depth().await.unwrap();
    assert_eq!((depth.leased, depth.ready + depth.delayed), (0, 2), "{depth:?}");
    if fixture.time.is_manual() {
        fixture.nothing_ready().await;
    }
    fixture.time.pass(short).await;
    let again = fixture.lease_one(LONG).await;
    assert_eq!(again.item, soon.item);
    assert!(again.token.attempt > soon.token.attempt);
}

/// Reaping makes expired items ready, at most `limit`, and says how many.
pub async fn reaping_counts_expired_leases(fixture: &QueueFixture) {
    fixture.add(samples::items(samples::user(), 5)).await;
    let first = fixture.lease(5, fixture.time.short()).await;
    assert_eq!(first.len(), 5);
    fixture.time.pass(fixture.time.short()).await;
    assert_eq!(fixture.queue.reap(2).await.unwrap(), 2);
    assert_eq!(fixture.queue.reap(10).await.unwrap(), 3);
    assert_eq!(fixture.queue.reap(10).await.unwrap(), 0);
    let again = fixture.lease(10, LONG).await;
    assert_eq!(again.len(), 5);
    for lease in again {
        let before = first
            .iter()
            .find(|first| first.item == lease.item)
            .expect("an item we know");
        assert!(lease.token.attempt > before.token.attempt);
    }
}

/// Reaping leaves leases that last, delayed and ready items alone.
pub async fn reaping_spares_leases_that_last(fixture: &QueueFixture) {
    fixture.add(samples::items(samples::user(), 2)).await;
    let held = fixture.lease(1, LONG).await;
    assert_eq!(fixture.queue.reap(10).await.unwrap(), 0);
    assert_eq!(fixture.queue.ack(vec![held[0].token]).await.unwrap(), vec![]);
    fixture.lease_one(LONG).await;
}
