//! `chaos`: faults while documents are read, and nothing is lost.

mod boundaries;
mod checker;
mod control;
mod failpoints;
mod faults;
mod kills;
mod leases;
mod observe;
mod report;
mod schedule;
mod trial;
mod uploads;
mod zombies;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use tokio::time::sleep;

use crate::{
    arguments::Arguments,
    stack::{self, Profile, Stack},
};
use report::{Injected, Totals};
use schedule::{Fault, embedded_deck, schedule, standard_deck, with_clocks};
use trial::Trial;

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
/// Maximum number of pages of a document.
const PAGES: usize = 8;
/// The longest faults whose documents have room on a small disk.
const SMALL_DISK: Duration = Duration::from_mins(10);
/// Bytes that documents leave free there.
const KEPT_FREE: u64 = 8 * 1024 * 1024;

/// What a run is asked for.
#[derive(Debug)]
struct Plan {
    program: PathBuf,
    mode: Mode,
    length: Duration,
    gap: Option<Duration>,
    seed: u64,
    keep: bool,
}

/// What is done to the processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Faults of all kinds, for a time.
    Faults,
    /// The same, and clocks that step.
    Clocks,
    /// The end of a process before and after each step of a document.
    Failpoints,
    /// So many kills of processes that are reading, in each profile.
    Kills(u64),
    /// So many freezes of processes that are reading, in each profile.
    Zombies(u64),
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
    let mode = mode(arguments, profiles.len())?;
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
        mode,
        length: length / u32::try_from(profiles.len())?,
        gap,
        seed,
        keep,
    };
    let mut totals = Totals::default();
    for profile in profiles {
        let run = match plan.mode {
            Mode::Faults | Mode::Clocks => run_profile(&plan, profile).await?,
            Mode::Failpoints => failpoints::run(&plan, profile).await?,
            Mode::Kills(count) => kills::run(&plan, profile, count).await?,
            Mode::Zombies(count) => zombies::run(&plan, profile, count).await?,
        };
        totals = totals.plus(run);
    }
    println!("{}", totals.line());
    if !totals.is_good() {
        bail!("the run of seed {seed} found something wrong; --seed {seed} repeats its faults");
    }
    Ok(())
}

/// What the arguments want done in each of so many profiles.
fn mode(arguments: &mut Arguments, profiles: usize) -> Result<Mode> {
    let share = |all: u64| all.div_ceil(profiles as u64);
    let wanted = [
        arguments
            .number("--kills")?
            .map(|kills| Mode::Kills(share(kills))),
        arguments
            .number("--zombies")?
            .map(|zombies| Mode::Zombies(share(zombies))),
        arguments.flag("--clocks").then_some(Mode::Clocks),
        arguments.flag("--failpoints").then_some(Mode::Failpoints),
    ];
    let mut wanted = wanted.into_iter().flatten();
    let mode = wanted.next().unwrap_or(Mode::Faults);
    if wanted.next().is_some() {
        bail!("--kills, --zombies, --clocks and --failpoints are runs of their own");
    }
    Ok(mode)
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
    let with_steps = plan.mode == Mode::Clocks;
    let deck = if with_steps { with_clocks(deck) } else { deck };
    let faults = schedule(plan.seed, &deck, plan.length, gap);
    let mut settings = settings();
    let mut stack = if with_steps {
        Stack::start_with_clocks(&plan.program, profile, &settings).await?
    } else if profile == Profile::Embedded && plan.length <= SMALL_DISK {
        settings.push(("OCR_MIN_FREE_DISK_BYTES", KEPT_FREE.to_string()));
        Stack::start_on_small_disk(&plan.program, profile, &settings).await?
    } else {
        Stack::start(&plan.program, profile, &settings).await?
    };
    let outcome = judged(plan, &stack, faults).await;
    keep_unless_good(plan, &mut stack, &outcome);
    outcome
}

async fn judged(plan: &Plan, stack: &Stack, faults: Vec<Fault>) -> Result<Totals> {
    let trial = Trial::begin(plan.seed, stack, 1..=PAGES)?;
    let injected = inject_all(stack, faults, plan.length).await?;
    trial.conclude(stack, &injected).await
}

/// Leaves logs and data behind where somebody will look for what is wrong.
fn keep_unless_good(plan: &Plan, stack: &mut Stack, outcome: &Result<Totals>) {
    match outcome {
        Ok(totals) if totals.is_good() && !plan.keep => {}
        _ => println!("  logs and data are kept in {}", stack.keep().display()),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_of_one_kind_and_profiles_share_its_number() {
        let asked = |text: &str| {
            let words = text.split_whitespace().map(ToOwned::to_owned);
            mode(&mut Arguments::new(words), 2)
        };
        assert_eq!(asked("").unwrap(), Mode::Faults);
        assert_eq!(asked("--kills 5").unwrap(), Mode::Kills(3));
        assert_eq!(asked("--zombies 4").unwrap(), Mode::Zombies(2));
        assert_eq!(asked("--clocks").unwrap(), Mode::Clocks);
        assert_eq!(asked("--failpoints").unwrap(), Mode::Failpoints);
        assert!(asked("--clocks --kills 5").is_err());
    }
}
