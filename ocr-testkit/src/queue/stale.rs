//! The fence: a token that is no longer current changes nothing.

use std::collections::HashSet;

use ocr_core::{
    ErrorKind,
    queue::{LeaseToken, Nack},
};

use super::QueueFixture;
use crate::{
    harness::{LONG, refused},
    samples,
};

/// A heartbeat of an overtaken token is `LeaseLost`.
pub async fn a_stale_heartbeat_is_refused(fixture: &QueueFixture) {
    let (stale, current) = fixture.overtaken(samples::item(samples::user())).await;
    refused(fixture.queue.heartbeat(stale, LONG).await, ErrorKind::LeaseLost);
    fixture.queue.heartbeat(current, LONG).await.unwrap();
}

/// Overtaken tokens are returned by `ack`; current ones beside them are honoured.
pub async fn a_stale_ack_is_returned_and_removes_nothing(fixture: &QueueFixture) {
    let (stale, current) = fixture.overtaken(samples::item(samples::user())).await;
    fixture.add(samples::items(samples::user(), 1)).await;
    let other = fixture.lease_one(LONG).await.token;
    let returned = fixture.queue.ack(vec![stale, other]).await.unwrap();
    assert_eq!(returned, vec![stale]);
    assert_eq!(fixture.queue.depth().await.unwrap().leased, 1);
    fixture.queue.heartbeat(current, LONG).await.unwrap();
    assert_eq!(fixture.queue.ack(vec![current]).await.unwrap(), vec![]);
}

/// Giving back with an overtaken token is `LeaseLost`, in all three ways.
pub async fn a_stale_nack_is_refused(fixture: &QueueFixture) {
    let (stale, current) = fixture.overtaken(samples::item(samples::user())).await;
    for nack in [
        Nack::Release,
        Nack::Reschedule(LONG),
        Nack::DeadLetter("no use".into()),
    ] {
        refused(fixture.queue.nack(stale, nack).await, ErrorKind::LeaseLost);
    }
    fixture.nothing_ready().await;
    assert_eq!(fixture.queue.depth().await.unwrap().leased, 1);
    fixture.queue.nack(current, Nack::Release).await.unwrap();
}

/// What was acked or given back is not ours any more.
pub async fn a_second_ack_is_stale(fixture: &QueueFixture) {
    fixture.add(samples::items(samples::user(), 2)).await;
    let leases = fixture.lease(2, LONG).await;
    let [acked, released] = leases[..] else {
        panic!("two leases: {leases:?}")
    };
    let (acked, released) = (acked.token, released.token);
    assert_eq!(fixture.queue.ack(vec![acked]).await.unwrap(), vec![]);
    assert_eq!(fixture.queue.ack(vec![acked]).await.unwrap(), vec![acked]);
    fixture.queue.nack(released, Nack::Release).await.unwrap();
    assert_eq!(fixture.queue.ack(vec![released]).await.unwrap(), vec![released]);
    refused(
        fixture.queue.heartbeat(released, LONG).await,
        ErrorKind::LeaseLost,
    );
    refused(
        fixture.queue.nack(released, Nack::Release).await,
        ErrorKind::LeaseLost,
    );
    fixture.lease_one(LONG).await;
}

/// A token of a task that was never queued, or of an item never leased, is stale.
pub async fn a_token_of_nothing_is_stale(fixture: &QueueFixture) {
    let waiting = samples::item(samples::user());
    fixture.add(vec![waiting]).await;
    for task in [samples::task_id(), waiting.item.task_id] {
        for attempt in [0, 1, u32::MAX] {
            let token = LeaseToken::new(task, attempt);
            refused(fixture.queue.heartbeat(token, LONG).await, ErrorKind::LeaseLost);
            refused(
                fixture.queue.nack(token, Nack::Release).await,
                ErrorKind::LeaseLost,
            );
            assert_eq!(fixture.queue.ack(vec![token]).await.unwrap(), vec![token]);
        }
    }
    assert_eq!(fixture.lease_one(LONG).await.item, waiting.item);
}

/// A task that was removed and queued again has a new fence: the old holder cannot touch it.
pub async fn a_token_from_before_a_removal_is_stale(fixture: &QueueFixture) {
    let new = samples::item(samples::user());
    fixture.add(vec![new]).await;
    let old = fixture.lease_one(LONG).await.token;
    fixture.queue.remove(vec![new.item.task_id]).await.unwrap();
    fixture.add(vec![new]).await;
    let current = fixture.lease_one(LONG).await.token;
    refused(fixture.queue.heartbeat(old, LONG).await, ErrorKind::LeaseLost);
    assert_eq!(fixture.queue.ack(vec![old]).await.unwrap(), vec![old]);
    assert_eq!(fixture.queue.ack(vec![current]).await.unwrap(), vec![]);
}

/// The fence grows with every lease of a task, however the one before ended.
pub async fn each_lease_has_a_token_of_its_own(fixture: &QueueFixture) {
    let new = samples::item(samples::user());
    let mut tokens = HashSet::new();
    for _ in 0..3 {
        fixture.add(vec![new]).await;
        let first = fixture.lease_one(LONG).await.token;
        fixture.queue.nack(first, Nack::Release).await.unwrap();
        let second = fixture.lease_one(LONG).await.token;
        assert_eq!(fixture.queue.ack(vec![second]).await.unwrap(), vec![]);
        tokens.extend([first, second]);
    }
    assert_eq!(tokens.len(), 6, "no token was given twice: {tokens:?}");
}
