//! `load`: requests on a schedule, and how long their answers take.

mod arrivals;
mod dribble;
mod plan;
mod plot;
mod requests;
mod samples;
mod soak;
mod sockets;
mod trend;

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
use arrivals::{Arrival, schedule};
use plan::Plan;
use requests::Requests;
use samples::{Answered, Memory, Sample};
use soak::Soak;

pub(crate) use samples::percentile;

/// Time between two looks at the memory.
const LOOK: Duration = Duration::from_millis(500);
/// The same in a soak.
const SOAK_LOOK: Duration = Duration::from_secs(5);
/// How long reading may go on after the last arrival.
const DRAIN: Duration = Duration::from_mins(2);

/// Runs what `arguments` ask for.
pub(crate) async fn run(arguments: &mut Arguments) -> Result<()> {
    let plan = Plan::of(arguments)?;
    let title = plan.title();
    println!("load: {title}");
    let mut settings = Vec::new();
    if let Some(clients) = plan.soak {
        println!("  {}", proc::machine());
        soak::raise_limit_of_connections()?;
        settings = soak::settings(clients);
    }
    let program = stack::program(&plan.program)?;
    let mut stack = Stack::start(&program, Profile::Embedded, &settings).await?;
    let measured = measure(&stack, &plan).await;
    let (samples, memory) = measured.inspect_err(|_| {
        println!("  logs are kept in {}", stack.keep().display());
    })?;
    print!("{}", samples::of_latencies(&samples));
    println!("{}", samples::of_memory(&memory));
    if plan.soak.is_some() {
        println!("{}", trend::shown(&memory));
    }
    if let Some(path) = plan.plot {
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

async fn measure(stack: &Stack, plan: &Plan) -> Result<(Vec<Sample>, Vec<Memory>)> {
    let load = Arc::new(Requests::start(&stack.bases, plan.seed, plan.sockets).await?);
    let pid = stack.pid().await.context("the server has ended")?;
    let base = stack.bases.first().context("no server")?;
    let soak = match plan.soak {
        Some(clients) => Some(Soak::start(base, load.user(), clients, pid).await?),
        None => None,
    };
    let processors = || [pid, std::process::id()].map(proc::processor_time);
    let before = processors();
    let begun = Instant::now();
    let memory = Arc::new(Mutex::new(Vec::new()));
    let looking = tokio::spawn(look(
        pid,
        begun,
        if soak.is_some() { SOAK_LOOK } else { LOOK },
        Arc::clone(&memory),
    ));
    let mut samples = send(&load, begun, schedule(plan.seed, plan.length, &plan.rates())).await;
    samples.extend(load.readings(begun, DRAIN).await);
    looking.abort();
    let after = processors();
    println!(
        "  processor: {:.1} s of the server, {:.1} s of ours; {} of {} sockets closed",
        after[0].saturating_sub(before[0]).as_secs_f64(),
        after[1].saturating_sub(before[1]).as_secs_f64(),
        load.closed(),
        plan.sockets
    );
    if let Some(soak) = soak {
        for line in soak.report().await {
            println!("  {line}");
        }
    }
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
async fn look(pid: u32, begun: Instant, interval: Duration, memory: Arc<Mutex<Vec<Memory>>>) {
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
        sleep(interval).await;
    }
}
