//! Workers that share the file, each with a handle of its own, as processes would. One worker takes an
//! item and stops without giving it back.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Result, ensure};
use custom_queue::FileQueue;
use ocr_core::{
    clock::SystemClock,
    id::{FileId, IdGenerator, RandomIds, TaskId, UserId},
    queue::{NewItem, Queue, QueueDepth, QueueItem},
};

const ITEMS: usize = 30;
const WORKERS: usize = 3;
/// Short, so that the lost item comes again soon.
const LEASE: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let open = || FileQueue::new(directory.path(), Arc::new(SystemClock));
    let items: Vec<NewItem> = (0..ITEMS).map(|_| item().into()).collect();
    open().enqueue(items).await?;

    let lost = open().lease(1, LEASE).await?;
    ensure!(lost.len() == 1, "there is work for the worker that is lost");

    let workers: Vec<_> = (0..WORKERS).map(|_| tokio::spawn(work(open()))).collect();
    let mut done: BTreeMap<TaskId, usize> = BTreeMap::new();
    for worker in workers {
        for task in worker.await?? {
            *done.entry(task).or_default() += 1;
        }
    }
    ensure!(done.len() == ITEMS, "{} of {ITEMS} items were done", done.len());
    ensure!(done.values().all(|times| *times == 1), "an item was done twice");

    let stale = open().ack(vec![lost[0].token]).await?;
    ensure!(stale.len() == 1, "the lost worker can finish nothing any more");
    println!("{ITEMS} items done, {} of them twice begun", lost.len());
    Ok(())
}

/// Works until nothing is left, and says what it did.
async fn work(queue: FileQueue) -> Result<Vec<TaskId>> {
    let mut done = Vec::new();
    while queue.depth().await? != QueueDepth::default() {
        queue.wait(LEASE).await?;
        for lease in queue.lease(2, LEASE).await? {
            // Only what is still ours counts as done.
            if queue.ack(vec![lease.token]).await?.is_empty() {
                done.push(lease.item.task_id);
            }
        }
    }
    Ok(done)
}

fn item() -> QueueItem {
    QueueItem::new(
        TaskId(RandomIds.next()),
        UserId(RandomIds.next()),
        FileId(RandomIds.next()),
    )
}
