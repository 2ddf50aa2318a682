//! Counting, waiting and naming.

use std::{sync::Arc, time::Duration};

use ocr_core::queue::{Nack, QueueDepth};

use super::QueueFixture;
use crate::{
    harness::{LONG, not_offered, soon},
    samples,
};

/// Each item is ready, delayed, leased or dead.
pub async fn depth_counts_every_item_once(fixture: &QueueFixture) {
    assert_eq!(fixture.queue.depth().await.unwrap(), QueueDepth::default());
    fixture.add(samples::items(samples::user(), 10)).await;
    let leases = fixture.lease(6, LONG).await;
    for lease in &leases[..2] {
        let nack = Nack::Reschedule(LONG);
        fixture.queue.nack(lease.token, nack).await.unwrap();
    }
    let nack = Nack::DeadLetter("no".into());
    fixture.queue.nack(leases[2].token, nack).await.unwrap();
    let expected = QueueDepth::default()
        .with_ready(4)
        .with_delayed(2)
        .with_leased(3)
        .with_dead(1);
    assert_eq!(fixture.queue.depth().await.unwrap(), expected);
}

/// `wait` does not wait while work is ready.
pub async fn waiting_ends_when_work_is_ready(fixture: &QueueFixture) {
    fixture.add(samples::items(samples::user(), 1)).await;
    soon("a wait beside ready work", fixture.queue.wait(LONG))
        .await
        .unwrap();
}

/// `wait` ends at its timeout without work, and without an error.
pub async fn waiting_ends_at_its_timeout(fixture: &QueueFixture) {
    let wait = fixture.queue.wait(Duration::from_millis(50));
    soon("the end of a wait without work", wait).await.unwrap();
}

/// An enqueue wakes those who wait.
pub async fn waiting_ends_when_work_arrives(fixture: &QueueFixture) {
    if !fixture.queue.capabilities().push_wakeup {
        return not_offered("wake-ups");
    }
    let queue = Arc::clone(&fixture.queue);
    let waiter = tokio::spawn(async move { queue.wait(LONG).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    fixture.add(samples::items(samples::user(), 1)).await;
    soon("a wake-up", waiter).await.unwrap().unwrap();
}

/// The name is short and lower-case, the check succeeds, and capabilities stay the same.
pub async fn the_queue_says_what_it_is(fixture: &QueueFixture) {
    let name = fixture.queue.name();
    assert!(
        !name.is_empty() && name == name.to_lowercase() && name.len() <= 20,
        "{name:?}"
    );
    fixture.queue.check().await.unwrap();
    assert_eq!(fixture.queue.capabilities(), fixture.queue.capabilities());
    assert!(fixture.queue.capabilities().max_batch >= 1);
}
