//! `chaos --zombies`: workers are frozen until others have what they held, and wake up in the middle of it.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::Signal;
use tokio::time::sleep;

use super::{
    Plan, keep_unless_good,
    kills::{LEASE, LOOK, PAGES, PATIENCE, settings},
    leases::Leases,
    report::Totals,
    trial::Trial,
};
use crate::{
    proc,
    process::signal,
    stack::{Profile, Stack},
};

/// How much longer than a lease a worker is frozen.
const BEYOND: Duration = Duration::from_millis(500);
/// The same, while nobody else has taken over what it held.
const LONGEST: Duration = Duration::from_secs(10);
/// How long a worker that woke up may go on before the next one is frozen.
const AFTER: Duration = Duration::from_secs(1);

/// What was frozen.
#[derive(Debug, Default)]
struct Zombies {
    /// Processes that had begun to read what they held, and woke up after its lease had passed.
    woken: u64,
    /// Of these, those whose task another claim had by then.
    overtaken: u64,
}

/// Freezes until `count` processes had begun to read when they were frozen.
pub(super) async fn run(plan: &Plan, profile: Profile, count: u64) -> Result<Totals> {
    println!(
        "{} profile, {count} workers frozen beyond leases of {} s while they read, --seed {}",
        profile.name(),
        LEASE.as_secs(),
        plan.seed
    );
    let mut stack = Stack::start(&plan.program, profile, &settings()).await?;
    let outcome = judged(plan, &stack, count).await;
    keep_unless_good(plan, &mut stack, &outcome);
    outcome
}

async fn judged(plan: &Plan, stack: &Stack, count: u64) -> Result<Totals> {
    let trial = Trial::begin(plan.seed, stack, PAGES)?;
    let mut leases = Leases::of(stack).await;
    let zombies = freeze(stack, &mut leases, count).await?;
    let totals = trial.conclude(stack, &[]).await?;
    println!("  {}", proc::machine());
    println!(
        "  {} workers woke up after their lease, {} of them after another claim; {} of their writes were refused, \
         {} stale ones accepted",
        zombies.woken, zombies.overtaken, leases.refused, leases.stale
    );
    let totals = Totals {
        faults: usize::try_from(zombies.woken)?,
        other: totals.other + leases.stale,
        ..totals
    };
    println!("  {}", totals.line());
    Ok(totals)
}

async fn freeze(stack: &Stack, leases: &mut Leases, count: u64) -> Result<Zombies> {
    let mut zombies = Zombies::default();
    let mut last = Instant::now();
    let mut next = 0;
    while zombies.woken < count {
        if last.elapsed() > PATIENCE {
            bail!(
                "no process has read anything for {} s after {} freezes",
                PATIENCE.as_secs(),
                zombies.woken
            );
        }
        leases.look()?;
        // In turns, or the first one would always be it.
        let worker = next % leases.workers().max(1);
        next += 1;
        if leases.begun(worker).is_empty() {
            sleep(LOOK).await;
            continue;
        }
        let Some(is_overtaken) = freeze_one(stack, leases, worker).await? else {
            continue;
        };
        zombies.woken += 1;
        zombies.overtaken += u64::from(is_overtaken);
        last = Instant::now();
    }
    Ok(zombies)
}

/// Freezes a worker until the lease of what it holds is over, and wakes it up. Whether somebody else has claimed it
/// meanwhile; `None` when the worker had come to an end before it stopped.
async fn freeze_one(stack: &Stack, leases: &mut Leases, worker: usize) -> Result<Option<bool>> {
    let member = stack
        .members
        .get(leases.member(worker))
        .context("no such worker")?;
    let mut process = member.process.lock().await;
    let pid = process.pid().context("a worker has ended")?;
    signal(pid, Signal::STOP)?;
    // The signal may take a moment; what is logged until then counts.
    sleep(10 * LOOK).await;
    leases.look()?;
    let held = leases.begun(worker);
    if held.is_empty() {
        signal(pid, Signal::CONT)?;
        return Ok(None);
    }
    let frozen = Instant::now();
    let others = leases.workers() > 1;
    while frozen.elapsed() < LEASE + BEYOND
        || (others && !leases.overtaken(&held) && frozen.elapsed() < LONGEST)
    {
        sleep(LOOK).await;
        leases.look()?;
    }
    signal(pid, Signal::CONT)?;
    let woken = Instant::now();
    while woken.elapsed() < AFTER {
        sleep(LOOK).await;
        leases.look()?;
    }
    Ok(Some(leases.overtaken(&held)))
}
