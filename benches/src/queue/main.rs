//! Measures queues side by side: ours through the `Queue` port, others through a script.
//!
//! `queue-throughput PEERS_DIR [--jobs N] [--rounds N] [--latencies N]`: `PEERS_DIR` holds
//! `measure.mjs` and the packages it needs. Every round measures each system once, so that what slows
//! the machine down slows all of them down; the table shows the median of the rounds.

mod ours;
mod peers;
mod report;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use ocr_testkit::services::{postgres, redis};

use report::Figures;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
struct Amount {
    /// Jobs added and finished.
    jobs: usize,
    /// Times everything is measured.
    rounds: usize,
    /// Jobs whose wait on an idle queue is timed.
    latencies: usize,
}

#[tokio::main]
async fn main() -> Result<()> {
    let (peers, amount) = arguments()?;
    // Durable, as one would run it: nothing of this differs from the defaults but the room for caches.
    let database = postgres::Server::throw_away_with(&[
        "fsync=on",
        "full_page_writes=on",
        "shared_buffers=512MB",
        "max_wal_size=4GB",
    ])
    .await;
    let database = std::sync::Arc::new(database);
    let memory = std::sync::Arc::new(redis::Server::throw_away().await);
    let mut figures: Vec<Figures> = Vec::new();
    for round in 1..=amount.rounds {
        eprintln!("round {round} of {}", amount.rounds);
        let own = postgres::database_on(std::sync::Arc::clone(&database)).await;
        figures.push(ours::postgres(own.url(), amount).await?);
        let own = postgres::database_on(std::sync::Arc::clone(&database)).await;
        figures.push(peers::measure(&peers, "graphile", own.url(), amount).await?);
        let own = redis::database_on(std::sync::Arc::clone(&memory)).await;
        figures.push(ours::redis(&own.url(), amount).await?);
        figures.push(peers::measure(&peers, "bullmq", memory.url(), amount).await?);
    }
    println!("{}", report::table(&figures));
    Ok(())
}

fn arguments() -> Result<(PathBuf, Amount)> {
    let mut words = std::env::args().skip(1);
    let peers = words.next().context("the folder of the peers is missing")?;
    let mut amount = Amount {
        jobs: 100_000,
        rounds: 3,
        latencies: 1_000,
    };
    while let Some(word) = words.next() {
        let number = words.next().with_context(|| format!("{word} needs a number"))?;
        let number: usize = number.parse().with_context(|| format!("{word} needs a number"))?;
        match word.as_str() {
            "--jobs" => amount.jobs = number,
            "--rounds" => amount.rounds = number,
            "--latencies" => amount.latencies = number.max(1),
            _ => bail!("there is no option {word}"),
        }
    }
    Ok((peers.into(), amount))
}
