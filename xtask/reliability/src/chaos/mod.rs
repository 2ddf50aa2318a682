//! `chaos`: faults while documents are read, and nothing is lost.

mod checker;
mod control;
mod faults;
mod observe;
mod report;
mod schedule;
mod uploads;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use tokio::{sync::watch, time::sleep};

use crate::{
    arguments::Arguments,
    client::Client,
    follower::{Follower, Way},
    stack::{self, Profile, Stack},
};
use checker::Verdict;
use report::{Injected, Totals};
use schedule::{Fault, embedded_deck, schedule, standard_deck};
use uploads::{Phase, Uploads};

pub(crate) use control::work as work_naively;

/// Seconds of faults, both profiles together, unless said otherwise.
const SECONDS: u64 = 180;
/// The same of the control.
const CONTROL: u64 = 20;
/// Milliseconds between two kills of the control.
const CONTROL_GAP: u64 = 400;
/// Milliseconds between two faults on average, unless said otherwise.
const GAP: u64 = 1500;
/// The same where every fault breaks everything: some work should be done in between.
const EMBEDDED_GAP: u64 = 3000;
/// How long what was not acknowledged is repeated after the last fault.
const FINISH: Duration = Duration::from_mins(1);
/// How long reading may take after that.
const SETTLE: Duration = Duration::from_mins(3);

/// The longest faults whose documents have room on a small disk.
const SMALL_DISK: Duration = Duration::from_mins(10);
/// Bytes that documents leave free there.
const KEPT_FREE: u64 = 8 * 1024 * 1024;

/// What a run is asked for.
#[derive(Debug)]
struct Plan {
    program: PathBuf,
    length: Duration,
    gap: Option<Duration>,
    seed: u64,
    keep: bool,
}

/// Runs what `arguments` ask for.
pub(crate) async fn run(arguments: &mut Arguments) -> Result<()> {
    let seed = arguments.seed()?;
    let gap = arguments.number("--gap")?.map(Duration::from_millis);
    let profiles = match arguments.text("--profile")?.as_deref() {
        None => vec![Profile::Embedded, Profile::Standard],
        Some("embedded") => vec![Profile::Embedded],
        Some("standard") => vec![Profile::Standard],
        Some(other) => bail!("--profile {other}: embedded or standard"),
    };
    let keep = arguments.flag("--keep");
    let is_control = arguments.flag("--control");
    let program = arguments.text("--program")?;
    let usual = if is_control { CONTROL } else { SECONDS };
    let seconds = arguments.word().map(|word| word.parse()).transpose()?;
    arguments.end()?;
    let length = Duration::from_secs(seconds.unwrap_or(usual));
    if is_control {
        let gap = gap.unwrap_or(Duration::from_millis(CONTROL_GAP));
        return control::run(length, gap, seed).await;
    }
    let plan = Plan {
        program: stack::program(&program.context("which server? --program PATH")?)?,
        length: length / u32::try_from(profiles.len())?,
        gap,
        seed,
        keep,
    };
    let mut totals = Totals::default();
    for profile in profiles {
        totals = totals.plus(run_profile(&plan, profile).await?);
    }
    println!("{}", totals.line());
    if !totals.is_good() {
        bail!("the run of seed {seed} found something wrong; --seed {seed} repeats its faults");
    }
    Ok(())
}

async fn run_profile(plan: &Plan, profile: Profile) -> Result<Totals> {
    let (deck, gap) = match profile {
        Profile::Embedded => (embedded_deck(), EMBEDDED_GAP),
        Profile::Standard => (standard_deck(), GAP),
    };
    let gap = plan.gap.unwrap_or(Duration::from_millis(gap));
    println!(
        "{} profile, {} s of faults, one each {} ms, --seed {}",
        profile.name(),
        plan.length.as_secs(),
        gap.as_millis(),
        plan.seed
    );
    let faults = schedule(plan.seed, &deck, plan.length, gap);
    let mut settings = settings();
    let mut stack = if profile == Profile::Embedded && plan.length <= SMALL_DISK {
        settings.push(("OCR_MIN_FREE_DISK_BYTES", KEPT_FREE.to_string()));
        Stack::start_on_small_disk(&plan.program, profile, &settings).await?
    } else {
        Stack::start(&plan.program, profile, &settings).await?
    };
    let outcome = judged(plan, &stack, faults).await;
    match &outcome {
        Ok(totals) if totals.is_good() && !plan.keep => {}
        _ => println!("  logs and data are kept in {}", stack.keep().display()),
    }
    outcome
}

/// What differs from the defaults: leases are short so that much happens in little time, and the maximum of
/// attempts is out of reach, because a document that worker after worker is killed with would rightly fail.
fn settings() -> Vec<(&'static str, String)> {
    [
        ("OCR_LEASE", "4"),
        ("OCR_MAX_ATTEMPTS", "1000"),
        ("OCR_MAX_CRASHES", "1000"),
        ("OCR_RETRY_BASE_DELAY", "1"),
        ("OCR_RETRY_MAX_DELAY", "4"),
        ("OCR_WORKERS", "2"),
        ("OCR_PAGE_PROCESSES", "1"),
        ("OCR_LOG_FORMAT", "json"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

async fn judged(plan: &Plan, stack: &Stack, faults: Vec<Fault>) -> Result<Totals> {
    let client = Client::new(format!("00000000-0000-4000-8000-{:012x}", plan.seed))?;
    let follow = |way| Follower::start(way, client.clone(), stack.bases.clone());
    let (socket, events) = (follow(Way::Socket), follow(Way::Events));
    let (phase, watched) = watch::channel(Phase::Upload);
    let bases = stack.bases.clone();
    let uploading = tokio::spawn(uploads::run(client.clone(), bases, plan.seed, socket, watched));
    let injected = inject_all(stack, faults, plan.length).await?;
    phase.send_replace(Phase::Finish);
    let ended = stack.heal().await?;
    stack.wait_until_ready().await?;
    tokio::spawn(async move {
        sleep(FINISH).await;
        phase.send_replace(Phase::Stop);
    });
    let (uploads, socket) = uploading.await?;
    let socket = socket.context("a client still runs")?;
    let base = stack.bases.first().context("no server")?;
    let settled = observe::settle(&client, base, SETTLE).await;
    let followers = [("socket", &socket), ("events", &events)];
    let history = observe::history(&client, base, uploads.submitted.clone(), &followers).await?;
    let verdict = checker::judge(&history);
    let rows = client.tasks(base).await?;
    let before = observe::stored(&rows, stack).await?;
    stack.collect_orphans().await?;
    let after = observe::stored(&rows, stack).await?;
    print!("{}", report::of_faults(&injected, &uploads.requests));
    println!("  uploads: {}", report::answers(&uploads.requests));
    println!("  settled within {:.1} s after the faults", settled.as_secs_f64());
    println!(
        "  {} of {} blobs belonged to no task; after collection {} do, and {} of those that tasks refer to are missing",
        before.orphans, before.blobs, after.orphans, after.missing
    );
    for (name, follower) in followers {
        let belief = follower.belief();
        println!(
            "  {name}: {} connections, told {} times that something was missed",
            belief.connections, belief.lags
        );
    }
    let other = complaints(&verdict, &injected, &uploads, &ended) + after.orphans + after.missing;
    let totals = Totals::of(&injected, &verdict, other);
    println!("  {}", totals.line());
    Ok(totals)
}

/// Prints what is wrong; how much of it the verdict does not count.
fn complaints(verdict: &Verdict, injected: &[Injected], uploads: &Uploads, ended: &[String]) -> usize {
    for line in verdict.lines() {
        println!("  {line}");
    }
    if verdict.refused > 0 {
        println!(
            "  {} documents were never accepted, minutes after the last fault",
            verdict.refused
        );
    }
    let survivors = report::survivors(injected);
    if survivors > 0 {
        println!("  {survivors} page processes outlived their worker");
    }
    let defects = report::defects(&uploads.requests);
    if defects > 0 {
        println!("  {defects} uploads were answered with 500");
    }
    for name in ended {
        println!("  {name} ended without being killed");
    }
    verdict.refused + survivors + defects + ended.len()
}

/// Lets every fault happen at its time; some overlap. Returns when the last one is over.
async fn inject_all(stack: &Stack, faults: Vec<Fault>, length: Duration) -> Result<Vec<Injected>> {
    let begun = Instant::now();
    let mut injected = Vec::new();
    // Faults borrow the stack, so they are futures of this task and not tasks of their own.
    let each = faults.into_iter().map(|fault| async move {
        sleep((begun + fault.at).saturating_duration_since(Instant::now())).await;
        let begun = Instant::now();
        let effect = faults::inject(stack, fault).await;
        let effect = effect.with_context(|| format!("{} could not be done", fault.kind.name()))?;
        anyhow::Ok(Injected {
            fault,
            effect,
            begun,
            ended: Instant::now(),
        })
    });
    for one in futures::future::join_all(each).await {
        injected.push(one?);
    }
    sleep((begun + length).saturating_duration_since(Instant::now())).await;
    Ok(injected)
}
