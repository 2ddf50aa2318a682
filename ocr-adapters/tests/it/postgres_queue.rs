//! The queue under load, and between processes.

use std::{collections::HashSet, time::Duration};

use ocr_adapters::postgres::{PgDatabase, PgQueue};
use ocr_core::queue::{NewItem, Queue};
use ocr_testkit::{
    harness::{LONG, soon},
    samples,
};

use crate::postgres::{config, database, psql};

/// Enqueues `items` as many batches as they need.
async fn add(queue: &PgQueue, items: &[NewItem]) {
    for batch in items.chunks(queue.capabilities().max_batch) {
        queue.enqueue(batch.to_vec()).await.unwrap();
    }
}

#[tokio::test]
async fn an_owner_with_much_does_not_hide_one_with_little() {
    let (database, _test) = database().await;
    let queue = PgQueue::new(database);
    let (many, few) = (samples::user(), samples::user());
    add(&queue, &samples::items(many, 5_000)).await;
    add(&queue, &samples::items(few, 2)).await;
    let leases = queue.lease(6, LONG).await.unwrap();
    let share = leases.iter().filter(|lease| lease.item.user_id == few).count();
    assert_eq!((leases.len(), share), (6, 2));
}

#[tokio::test]
async fn hundreds_of_owners_have_their_turns() {
    let (database, _test) = database().await;
    let queue = PgQueue::new(database);
    let items: Vec<NewItem> = (0..300)
        .flat_map(|_| samples::items(samples::user(), 3))
        .collect();
    add(&queue, &items).await;
    let leases = queue.lease(300, LONG).await.unwrap();
    let owners: HashSet<_> = leases.iter().map(|lease| lease.item.user_id).collect();
    assert_eq!((leases.len(), owners.len()), (300, 300), "one of each owner");
}

/// Relays and reconcilers of several processes bring the same tasks in different orders.
#[tokio::test]
async fn batches_with_common_tasks_do_not_wait_for_each_other() {
    let (database, _test) = database().await;
    let mut items = samples::items(samples::user(), 500);
    let mut batches = Vec::new();
    for _ in 0..8 {
        items.rotate_left(61);
        items.reverse();
        let (queue, batch) = (PgQueue::new(database.clone()), items.clone());
        batches.push(tokio::spawn(async move { queue.enqueue(batch).await }));
    }
    for batch in batches {
        batch.await.unwrap().unwrap();
    }
    let depth = PgQueue::new(database).depth().await.unwrap();
    assert_eq!(depth.ready, 500);
}

#[tokio::test]
async fn work_of_another_process_ends_the_wait() {
    let (here, test) = database().await;
    let there = PgQueue::new(PgDatabase::new(config(test.url())).unwrap());
    let here = PgQueue::new(here);
    for _ in 0..3 {
        let (waited, ()) = tokio::join!(soon("the end of the wait", here.wait(LONG)), async {
            there.enqueue(samples::items(samples::user(), 1)).await.unwrap();
        });
        waited.unwrap();
        let lease = loop {
            if let Some(lease) = here.lease(1, LONG).await.unwrap().pop() {
                break lease;
            }
            here.wait(LONG).await.unwrap();
        };
        here.ack(vec![lease.token]).await.unwrap();
    }
}

/// Of two tokens of one task the current one counts, in whatever order they come.
#[tokio::test]
async fn a_stale_token_does_not_shadow_the_current_one() {
    let (database, _test) = database().await;
    let queue = PgQueue::new(database);
    add(&queue, &samples::items(samples::user(), 1)).await;
    let stale = queue.lease(1, Duration::ZERO).await.unwrap()[0].token;
    let current = queue.lease(1, LONG).await.unwrap()[0].token;
    assert!(current.attempt > stale.attempt);
    assert_eq!(queue.ack(vec![stale, current]).await.unwrap(), [stale]);
}

#[tokio::test]
async fn what_is_left_of_finished_items_is_removed() {
    let (database, test) = database().await;
    let queue = PgQueue::new(database);
    add(&queue, &samples::items(samples::user(), 3_000)).await;
    loop {
        let leases = queue.lease(1_000, LONG).await.unwrap();
        if leases.is_empty() {
            break;
        }
        let tokens = leases.iter().map(|lease| lease.token).collect();
        assert_eq!(queue.ack(tokens).await.unwrap(), []);
    }
    let mut person = psql(&test).await;
    soon("a vacuum", async {
        loop {
            queue.reap(1).await.unwrap();
            let vacuums: i64 = sqlx::query_scalar(
                "SELECT vacuum_count FROM pg_stat_user_tables WHERE relname = 'queue_items'",
            )
            .fetch_one(&mut person)
            .await
            .unwrap();
            if vacuums > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await;
}
