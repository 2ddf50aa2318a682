//! Others at the same list: producers, consumers, and people who delete it.

use std::{sync::Arc, time::Duration};

use ocr_core::queue::{Nack, Queue, QueueDepth};
use ocr_testkit::{
    harness::{LONG, soon},
    samples,
};

use super::{Cli, LIST, queue};

const TASK: &str = "0190A5B0-0000-7000-8000-00000000000a";
const USER: &str = "11111111-1111-1111-1111-111111111111";
const FILE: &str = "33333333-3333-3333-3333-333333333333";

fn pushed() -> String {
    format!("{{ \"fileId\": \"{FILE}\", \"taskId\": \"{TASK}\", \"userId\": \"{USER}\", \"retries\": 0 }}")
}

#[tokio::test]
async fn an_item_of_another_producer_is_worked_on() {
    let (database, queue) = queue().await;
    let mut cli = Cli::connect(&database.url()).await;
    let queue = Arc::new(queue);
    let waiter = Arc::clone(&queue);
    let waiter = tokio::spawn(async move { waiter.wait(LONG).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let _: u64 = cli.run(&["LPUSH", LIST, &pushed()]).await;
    soon("a wake-up", waiter).await.unwrap().unwrap();

    let lease = queue.lease(1, LONG).await.unwrap()[0];
    assert_eq!(lease.item.task_id, TASK.parse().unwrap());
    assert_eq!(lease.item.user_id, USER.parse().unwrap());
    assert_eq!(lease.item.file_id, FILE.parse().unwrap());
    queue.nack(lease.token, Nack::Release).await.unwrap();
    let again = queue.lease(1, LONG).await.unwrap()[0];
    assert!(again.token.attempt > lease.token.attempt);
    assert_eq!(queue.ack(vec![again.token]).await.unwrap(), vec![]);
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::default());
}

#[tokio::test]
async fn an_item_pushed_twice_is_held_once() {
    let (database, queue) = queue().await;
    let mut cli = Cli::connect(&database.url()).await;
    for _ in 0..3 {
        let _: u64 = cli.run(&["LPUSH", LIST, &pushed()]).await;
    }
    let leases = queue.lease(10, LONG).await.unwrap();
    assert_eq!(leases.len(), 1);
    let _: u64 = cli.run(&["LPUSH", LIST, &pushed()]).await;
    assert_eq!(queue.lease(10, LONG).await.unwrap(), vec![]);
    assert_eq!(queue.ack(vec![leases[0].token]).await.unwrap(), vec![]);
}

#[tokio::test]
async fn what_is_no_item_is_set_aside_and_stops_nobody() {
    let (database, queue) = queue().await;
    let mut cli = Cli::connect(&database.url()).await;
    let half = format!("{{\"taskId\":\"{TASK}\"}}");
    let wrong = pushed().replace(USER, "me");
    let deep = "[".repeat(5_000);
    for text in [
        "",
        "hello",
        "{}",
        "42",
        "null",
        &half,
        &wrong,
        &deep,
        "\u{0}\u{ff}",
    ] {
        let _: u64 = cli.run(&["LPUSH", LIST, text]).await;
    }
    let item = samples::item(samples::user());
    queue.enqueue(vec![item]).await.unwrap();
    let leases = queue.lease(1, LONG).await.unwrap();
    assert_eq!(leases.len(), 1);
    assert_eq!(leases[0].item, item.item);
    let aside: u64 = cli.run(&["LLEN", "ocr:task:queue:malformed"]).await;
    assert_eq!(aside, 9);
    assert_eq!(cli.waiting().await, 0);
}

#[tokio::test]
async fn items_that_another_consumer_took_may_come_again() {
    let (database, queue) = queue().await;
    let mut cli = Cli::connect(&database.url()).await;
    let items = samples::items(samples::user(), 4);
    queue.enqueue(items.clone()).await.unwrap();
    let held = queue.lease(1, LONG).await.unwrap()[0];
    let _: String = cli.run(&["RPOP", LIST]).await;
    queue.reap(10).await.unwrap();
    queue.enqueue(items.clone()).await.unwrap();
    assert_eq!(
        cli.waiting().await,
        3,
        "the one taken is back, and none is there twice"
    );

    let _: u64 = cli.run(&["DEL", LIST]).await;
    queue.reap(10).await.unwrap();
    queue.enqueue(items).await.unwrap();
    assert_eq!(cli.waiting().await, 3);
    assert_eq!(queue.ack(vec![held.token]).await.unwrap(), vec![], "leases last");
}

#[tokio::test]
async fn another_thing_under_the_name_of_the_list_is_reported() {
    let (database, queue) = queue().await;
    let mut cli = Cli::connect(&database.url()).await;
    let _: String = cli.run(&["SET", LIST, "mine"]).await;
    let error = queue.depth().await.unwrap_err();
    assert_eq!(error.kind(), ocr_core::ErrorKind::Config, "{error:?}");
    let kept: String = cli.run(&["GET", LIST]).await;
    assert_eq!(kept, "mine");
}
