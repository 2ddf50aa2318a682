//! `chaos --kills`: processes are killed while they read, so many of them, and others pick up what they had.

use std::{
    ops::RangeInclusive,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use fastrand::Rng;
use tokio::time::sleep;

use super::{
    Plan, keep_unless_good,
    leases::{FILTER, Leases},
    report::{self, Totals},
    trial::Trial,
};
use crate::{
    proc,
    stack::{Profile, Stack},
};

/// How long a worker may be silent in these runs.
pub(super) const LEASE: Duration = Duration::from_secs(2);
/// Pages of a document: few, so that much happens in little time, but more than one, so that there is something between.
pub(super) const PAGES: RangeInclusive<usize> = 2..=4;
/// Time between two looks at what the workers do.
pub(super) const LOOK: Duration = Duration::from_millis(5);
/// A worker that has begun is killed within these milliseconds: at any point of its work.
const WITHIN: u64 = 1500;
/// Longest time without a worker that reads.
pub(super) const PATIENCE: Duration = Duration::from_mins(2);
/// Longest wait for the last ones to be picked up.
const LAST: Duration = Duration::from_secs(20);
/// One line of progress for so many kills.
const TELL: u64 = 50;

/// What was killed.
#[derive(Debug, Default)]
struct Kills {
    /// Processes that had begun to read what they held.
    reading: u64,
    /// Processes that had just ended it.
    idle: u64,
    took: Duration,
}

/// Kills until `count` processes had begun to read when they died.
pub(super) async fn run(plan: &Plan, profile: Profile, count: u64) -> Result<Totals> {
    println!(
        "{} profile, {count} kills while documents are read, leases of {} s, --seed {}",
        profile.name(),
        LEASE.as_secs(),
        plan.seed
    );
    let mut stack = Stack::start(&plan.program, profile, &settings()).await?;
    let outcome = judged(plan, &stack, count).await;
    keep_unless_good(plan, &mut stack, &outcome);
    outcome
}

/// Those of all runs, with short leases, without limits of use, which a client that never rests would meet, and with
/// logs that say what workers hold.
pub(super) fn settings() -> Vec<(&'static str, String)> {
    let ours = [
        ("OCR_LEASE", LEASE.as_secs().to_string()),
        ("OCR_RATE_READ", "0".into()),
        ("OCR_RATE_WRITE", "0".into()),
        ("OCR_LOG", FILTER.into()),
    ];
    let mut settings = super::settings();
    settings.retain(|(name, _)| ours.iter().all(|(other, _)| other != name));
    settings.extend(ours);
    settings
}

async fn judged(plan: &Plan, stack: &Stack, count: u64) -> Result<Totals> {
    let trial = Trial::begin(plan.seed, stack, PAGES)?;
    let mut leases = Leases::of(stack).await;
    let kills = kill(stack, &mut leases, count, plan.seed).await?;
    await_pick_ups(&mut leases).await?;
    let totals = trial.conclude(stack, &[]).await?;
    println!("  {}", proc::machine());
    println!(
        "  {} processes killed that were reading within {:.0} s, and {} that had just ended",
        kills.reading,
        kills.took.as_secs_f64(),
        kills.idle
    );
    print!("{}", report::of_pick_ups(&leases.pick_ups, LEASE));
    println!(
        "  {} tasks of theirs were claimed by nobody after: the end of the attempt may have been stored",
        leases.unclaimed()
    );
    let totals = Totals {
        kills: usize::try_from(kills.reading)?,
        faults: usize::try_from(kills.reading + kills.idle)?,
        other: totals.other + leases.stale,
        ..totals
    };
    println!("  {}", totals.line());
    Ok(totals)
}

/// Looks on until what the last ones had held was claimed again.
async fn await_pick_ups(leases: &mut Leases) -> Result<()> {
    let begun = Instant::now();
    while leases.unclaimed() > 0 && begun.elapsed() < LAST {
        leases.look()?;
        sleep(LOOK).await;
    }
    Ok(())
}

async fn kill(stack: &Stack, leases: &mut Leases, count: u64, seed: u64) -> Result<Kills> {
    let mut random = Rng::with_seed(seed);
    let mut kills = Kills::default();
    let begun = Instant::now();
    let mut last = begun;
    // When each worker is to be killed, once it has begun to read.
    let mut due: Vec<Option<Instant>> = vec![None; leases.workers()];
    while kills.reading < count {
        if last.elapsed() > PATIENCE {
            bail!(
                "no process has read anything for {} s after {} kills",
                PATIENCE.as_secs(),
                kills.reading
            );
        }
        leases.look()?;
        for (worker, due) in due.iter_mut().enumerate() {
            if kills.reading == count || leases.begun(worker).is_empty() {
                *due = None;
                continue;
            }
            let soon = Duration::from_millis(random.u64(..WITHIN));
            if *due.get_or_insert_with(|| Instant::now() + soon) > Instant::now() {
                continue;
            }
            *due = None;
            last = Instant::now();
            if !kill_one(stack, leases, worker).await? {
                kills.idle += 1;
                continue;
            }
            kills.reading += 1;
            if kills.reading.is_multiple_of(TELL) {
                println!(
                    "  {} kills after {:.0} s",
                    kills.reading,
                    begun.elapsed().as_secs_f64()
                );
            }
        }
        sleep(LOOK).await;
    }
    kills.took = begun.elapsed();
    Ok(kills)
}

/// `kill -9` of a worker, which is started again at once; whether it was reading when it died.
async fn kill_one(stack: &Stack, leases: &mut Leases, worker: usize) -> Result<bool> {
    let member = stack
        .members
        .get(leases.member(worker))
        .context("no such worker")?;
    let mut process = member.process.lock().await;
    let at = Instant::now();
    process.kill().await?;
    // What it had written before it died may say that it had come to the end.
    leases.look()?;
    let was_reading = !leases.begun(worker).is_empty();
    leases.killed(worker, at);
    process.start_again()?;
    Ok(was_reading)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_is_there_once_and_the_lease_is_short() {
        let settings = settings();
        let mut names: Vec<&str> = settings.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), settings.len());
        assert!(settings.contains(&("OCR_LEASE", "2".to_owned())));
        assert!(settings.contains(&("OCR_MAX_CRASHES", "1000".to_owned())));
    }
}
