//! Our queues, through their port.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use ocr_adapters::{
    postgres::{PgConfig, PgDatabase, PgQueue},
    redis::{RedisConfig, RedisQueue, RedisServer},
};
use ocr_core::{
    id::{FileId, IdGenerator as _, RandomIds, TaskId, UserId},
    queue::{NewItem, Queue, QueueItem},
};
use tokio::sync::mpsc;

use crate::{Amount, report::Figures};

/// Jobs taken and answered for at once.
const BATCH: usize = 500;
/// Workers at the same time, as many as the peers have processes.
const WORKERS: usize = 2;
const LEASE: Duration = Duration::from_mins(10);
/// Pause between the phases, in which the server accounts for what was done.
const SETTLE: Duration = Duration::from_secs(2);
/// Rounds that are not counted: connections become warm.
const WARM_UP: usize = 20;

/// The Postgres queue. Who adds and who works have databases of their own, as two processes would.
pub(crate) async fn postgres(url: &str, amount: Amount) -> Result<Figures> {
    let open = || PgDatabase::new(PgConfig::from_url(url));
    let (here, there) = (open()?, open()?);
    here.migrate().await?;
    let (adding, working) = (PgQueue::new(here), PgQueue::new(there));
    measure("ours on Postgres", Arc::new(adding), Arc::new(working), amount).await
}

/// The Redis queue, with connections of their own for who adds and who works.
pub(crate) async fn redis(url: &str, amount: Amount) -> Result<Figures> {
    let open = || async { RedisServer::open(RedisConfig::from_url(&url.into())?).await };
    let (adding, working) = (RedisQueue::new(open().await?), RedisQueue::new(open().await?));
    measure("ours on Redis", Arc::new(adding), Arc::new(working), amount).await
}

async fn measure(
    system: &str,
    adding: Arc<dyn Queue>,
    working: Arc<dyn Queue>,
    amount: Amount,
) -> Result<Figures> {
    let begun = Instant::now();
    let items = items(amount.jobs);
    for batch in items.chunks(adding.capabilities().max_batch.min(1_000)) {
        adding.enqueue(batch.to_vec()).await?;
    }
    let added = begun.elapsed();

    let begun = Instant::now();
    let workers: Vec<_> = (0..WORKERS)
        .map(|_| tokio::spawn(drain(Arc::clone(&working))))
        .collect();
    for worker in workers {
        worker.await??;
    }
    let drained = begun.elapsed();

    // The reconciler of a platform does so every few seconds.
    tokio::time::sleep(SETTLE).await;
    working.reap(1_000).await?;
    let (adding_one, waiting) = latencies(adding, working, amount.latencies).await?;
    Ok(Figures {
        system: system.into(),
        add_per_second: amount.jobs as f64 / added.as_secs_f64(),
        drain_per_second: amount.jobs as f64 / drained.as_secs_f64(),
        add_one_p50_ms: milliseconds(&adding_one, 0.5),
        latency_p50_ms: milliseconds(&waiting, 0.5),
        latency_p99_ms: milliseconds(&waiting, 0.99),
    })
}

/// The duration that `share` of all do not exceed, in milliseconds.
fn milliseconds(durations: &[Duration], share: f64) -> f64 {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    let place = (share * sorted.len() as f64) as usize;
    sorted[place.min(sorted.len() - 1)].as_secs_f64() * 1e3
}

/// Jobs of one owner.
fn items(count: usize) -> Vec<NewItem> {
    let user_id = UserId(RandomIds.next());
    let item = || QueueItem::new(TaskId(RandomIds.next()), user_id, FileId(RandomIds.next()));
    (0..count).map(|_| NewItem::from(item())).collect()
}

/// Takes and finishes jobs until there are none.
async fn drain(queue: Arc<dyn Queue>) -> Result<()> {
    loop {
        let leases = queue.lease(BATCH, LEASE).await?;
        if leases.is_empty() && queue.depth().await?.ready == 0 {
            return Ok(());
        }
        let tokens = leases.iter().map(|lease| lease.token).collect();
        queue.ack(tokens).await?;
    }
}

/// How long the call takes that adds one job to an idle queue, and how long the job waits from before
/// that call until a worker has it.
async fn latencies(
    adding: Arc<dyn Queue>,
    working: Arc<dyn Queue>,
    count: usize,
) -> Result<(Vec<Duration>, Vec<Duration>)> {
    let (arrived, mut arrivals) = mpsc::unbounded_channel();
    let worker = tokio::spawn(async move {
        loop {
            working.wait(Duration::from_secs(1)).await?;
            let leases = working.lease(10, LEASE).await?;
            let at = Instant::now();
            for _ in &leases {
                if arrived.send(at).is_err() {
                    return Ok::<(), ocr_core::Error>(());
                }
            }
            let tokens = leases.iter().map(|lease| lease.token).collect();
            working.ack(tokens).await?;
        }
    });
    let (mut added, mut waited) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for round in 0..count + WARM_UP {
        let job = items(1);
        let begun = Instant::now();
        adding.enqueue(job).await?;
        let returned = begun.elapsed();
        let at = arrivals.recv().await.context("the worker has ended")?;
        if round >= WARM_UP {
            added.push(returned);
            waited.push(at - begun);
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    worker.abort();
    Ok((added, waited))
}
