//! The queue: the suite, and what the suite cannot see.

use std::{sync::Arc, time::Duration};

use ocr_core::queue::{Nack, Queue, QueueDepth};
use ocr_testkit::{
    harness::{LONG, TestTime, soon},
    samples,
};

use super::{Cli, LIST, config, open, queue};

mod conformance {
    use super::*;
    use ocr_testkit::queue::QueueFixture;

    async fn fresh() -> QueueFixture {
        let (database, queue) = queue().await;
        QueueFixture::new(Arc::new(queue), TestTime::real()).with_guard(database)
    }

    ocr_testkit::queue_conformance!(fresh);
}

#[tokio::test]
async fn the_list_holds_what_waits_and_nothing_else() {
    let (database, queue) = queue().await;
    let mut cli = Cli::connect(&database.url()).await;
    let mut items = samples::items(samples::user(), 3);
    items[2].not_before = Some(ocr_core::clock::later(samples::moment(), LONG * 24 * 365 * 50));
    queue.enqueue(items.clone()).await.unwrap();
    assert_eq!(cli.waiting().await, 2);
    let pushed: Vec<String> = cli.run(&["LRANGE", LIST, "0", "-1"]).await;
    let first = items[0].item;
    let expected = format!(
        "{{\"taskId\":\"{}\",\"userId\":\"{}\",\"fileId\":\"{}\"}}",
        first.task_id, first.user_id, first.file_id
    );
    assert_eq!(pushed[1], expected);
    let lease = queue.lease(1, LONG).await.unwrap()[0];
    assert_eq!(cli.waiting().await, 1);
    queue.nack(lease.token, Nack::Release).await.unwrap();
    assert_eq!(cli.waiting().await, 2);
}

#[tokio::test]
async fn a_queue_that_is_empty_leaves_nothing_behind() {
    let (database, queue) = queue().await;
    let owner = samples::user();
    let urgent = samples::item(owner).with_priority(7);
    queue.enqueue(vec![urgent, samples::item(owner)]).await.unwrap();
    let leases = queue.lease(10, LONG).await.unwrap();
    let tokens = leases.iter().map(|lease| lease.token).collect();
    assert_eq!(queue.ack(tokens).await.unwrap(), vec![]);
    let mut cli = Cli::connect(&database.url()).await;
    let keys: Vec<String> = cli.run(&["KEYS", "*"]).await;
    assert_eq!(keys, ["ocr:task:fence"]);
}

#[tokio::test]
async fn two_platforms_share_a_database_by_prefix() {
    let (database, _) = queue().await;
    let with_prefix = |prefix: &str| {
        let mut config = config(&database.url());
        config.key_prefix = prefix.into();
        async move { ocr_adapters::redis::RedisQueue::new(open(config).await) }
    };
    let (one, other) = (with_prefix("one:").await, with_prefix("other:").await);
    one.enqueue(samples::items(samples::user(), 2)).await.unwrap();
    assert_eq!(other.depth().await.unwrap(), QueueDepth::default());
    assert_eq!(one.depth().await.unwrap().ready, 2);
    let mut cli = Cli::connect(&database.url()).await;
    let waiting: u64 = cli.run(&["LLEN", "one:ocr:task:queue"]).await;
    assert_eq!(waiting, 2);
}

#[tokio::test]
async fn a_waiter_wakes_when_a_delayed_item_is_due() {
    let (_database, queue) = queue().await;
    queue.enqueue(samples::items(samples::user(), 1)).await.unwrap();
    let lease = queue.lease(1, LONG).await.unwrap()[0];
    let nack = Nack::Reschedule(Duration::from_millis(300));
    queue.nack(lease.token, nack).await.unwrap();
    soon("the end of a delay", queue.wait(LONG)).await.unwrap();
    assert_eq!(queue.lease(1, LONG).await.unwrap().len(), 1);
}

#[tokio::test]
async fn every_waiter_wakes_and_none_takes_the_item() {
    let (_database, queue) = queue().await;
    let queue = Arc::new(queue);
    let waiters: Vec<_> = (0..3)
        .map(|_| {
            let queue = Arc::clone(&queue);
            tokio::spawn(async move { queue.wait(LONG).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    queue.enqueue(samples::items(samples::user(), 1)).await.unwrap();
    for waiter in waiters {
        soon("a wake-up", waiter).await.unwrap().unwrap();
    }
    assert_eq!(queue.depth().await.unwrap().ready, 1);
}
