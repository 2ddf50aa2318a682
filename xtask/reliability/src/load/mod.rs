//! `load`: requests on a schedule, and how long their answers take.

mod arrivals;
mod plot;
mod requests;
mod samples;
mod sockets;

use std::{
    fs,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use tokio::{task::JoinSet, time::sleep};

use crate::{
    arguments::Arguments,
    proc,
    stack::{self, Profile, Stack},
};
use arrivals::{Arrival, Operation, schedule};
use requests::Requests;
use samples::{Answered, Memory, Sample};

pub(crate) use samples::percentile;

/// Seconds, unless said otherwise.
const SECONDS: u64 = 60;
/// Uploads a second, unless said otherwise.
const UPLOADS: f64 = 1.0;
/// Other requests for each upload: lists, signed URLs, pings.
const OTHERS: [(Operation, f64); 3] = [
    (Operation::List, 10.0),
    (Operation::SignedUrl, 4.0),
    (Operation::Ping, 10.0),
];
/// Sockets that are held open, unless said otherwise.
const SOCKETS: u64 = 200;
/// Time between two looks at the memory.
const LOOK: Duration = Duration::from_millis(500);
/// How long reading may go on after the last arrival.
const DRAIN: Duration = Duration::from_mins(2);

/// Runs what `arguments` ask for.
pub(crate) async fn run(arguments: &mut Arguments) -> Result<()> {
    let seed = arguments.seed()?;
    let uploads = arguments
        .text("--uploads")?
        .map(|rate| rate.parse::<f64>())
        .transpose()?;
    let uploads = uploads.unwrap_or(UPLOADS);
    let count = usize::try_from(arguments.number("--sockets")?.unwrap_or(SOCKETS))?;
    let plot = arguments.text("--plot")?;
    let program = arguments
        .text("--program")?
        .context("which server? --program PATH")?;
    let seconds = arguments.word().map(|word| word.parse()).transpose()?;
    arguments.end()?;
    let length = Duration::from_secs(seconds.unwrap_or(SECONDS));
    let mut rates: Vec<(Operation, f64)> = OTHERS.map(|(operation, rate)| (operation, rate * uploads)).into();
    rates.push((Operation::Upload, uploads));
    if count == 0 {
        rates.retain(|(operation, _)| *operation != Operation::Ping);
    }
    let title = format!(
        "{} s, {uploads} uploads a second, {count} sockets, --seed {seed}",
        length.as_secs()
    );
    println!("load: {title}");
    let mut stack = Stack::start(&stack::program(&program)?, Profile::Embedded, &[]).await?;
    let measured = measure(&stack, seed, length, &rates, count).await;
    let (samples, memory) = measured.inspect_err(|_| {
        println!("  logs are kept in {}", stack.keep().display());
    })?;
    print!("{}", samples::of_latencies(&samples));
    println!("{}", samples::of_memory(&memory));
    if let Some(path) = plot {
        fs::write(&path, plot::svg(&title, &samples, &memory))
            .with_context(|| format!("{path} cannot be written"))?;
        println!("  drawn in {path}");
    }
    let wrong = samples
        .iter()
        .filter(|sample| sample.outcome == Answered::Wrong)
        .count();
    if wrong > 0 {
        bail!(
            "{wrong} requests went wrong; logs are kept in {}",
            stack.keep().display()
        );
    }
    Ok(())
}

async fn measure(
    stack: &Stack,
    seed: u64,
    length: Duration,
    rates: &[(Operation, f64)],
    count: usize,
) -> Result<(Vec<Sample>, Vec<Memory>)> {
    let load = Arc::new(Requests::start(&stack.bases, seed, count).await?);
    let pid = stack.pid().await.context("the server has ended")?;
    let processors = || [pid, std::process::id()].map(proc::processor_time);
    let before = processors();
    let begun = Instant::now();
    let memory = Arc::new(Mutex::new(Vec::new()));
    let looking = tokio::spawn(look(pid, begun, Arc::clone(&memory)));
    let mut samples = send(&load, begun, schedule(seed, length, rates)).await;
    samples.extend(load.readings(begun, DRAIN).await);
    looking.abort();
    let after = processors();
    println!(
        "  processor: {:.1} s of the server, {:.1} s of ours; {} of {count} sockets closed",
        after[0].saturating_sub(before[0]).as_secs_f64(),
        after[1].saturating_sub(before[1]).as_secs_f64(),
        load.closed()
    );
    let memory = memory.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok((samples, memory))
}

/// Sends every request at its time, whether those before are answered or not.
async fn send(load: &Arc<Requests>, begun: Instant, arrivals: Vec<Arrival>) -> Vec<Sample> {
    let mut sent = JoinSet::new();
    for arrival in arrivals {
        let due = begun + arrival.at;
        sleep(due.saturating_duration_since(Instant::now())).await;
        let load = Arc::clone(load);
        sent.spawn(async move {
            let (outcome, answered) = load.request(arrival, due).await;
            Sample {
                at: arrival.at,
                operation: arrival.operation,
                latency: answered.saturating_duration_since(due),
                outcome,
            }
        });
    }
    sent.join_all().await
}

/// Looks at the memory until it is aborted.
async fn look(pid: u32, begun: Instant, memory: Arc<Mutex<Vec<Memory>>>) {
    loop {
        let children = proc::descendants(pid)
            .into_iter()
            .map(|child| proc::resident(child.pid));
        let now = Memory {
            at: begun.elapsed(),
            server: proc::resident(pid),
            children: children.sum(),
        };
        memory.lock().unwrap_or_else(PoisonError::into_inner).push(now);
        sleep(LOOK).await;
    }
}
