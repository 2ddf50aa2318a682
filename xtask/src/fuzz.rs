//! `cargo xtask fuzz`: libFuzzer on one of the targets, and the seeds of all.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::process::{cargo, root, run, succeeds};

/// The programs for libFuzzer.
const PROGRAMS: &str = "fuzz";
/// Seeds, in a folder for each target.
const SEEDS: &str = "fuzz/seeds";
/// Memory of a run in megabytes, and seconds that one input may take.
const LIMITS: [&str; 2] = ["-rss_limit_mb=4096", "-timeout=30"];
/// How long a target is fuzzed unless somebody says so.
const SECONDS: u32 = 60;

/// Fuzzes `target` for some seconds, beginning with its seeds. What is found stays in `fuzz/artifacts`.
pub(crate) fn run_target(target: &str, seconds: Option<&str>) -> Result<()> {
    let seconds: u32 = seconds
        .map_or(Ok(SECONDS), str::parse)
        .context("how many seconds?")?;
    let seeds = root().join(SEEDS).join(target);
    if !seeds.is_dir() {
        bail!(
            "there is no target {target}; there are: {}",
            targets()?.join(", ")
        );
    }
    if !succeeds(&mut cargo(&["fuzz", "--version"])) {
        bail!("fuzzing needs cargo-fuzz: cargo install --locked cargo-fuzz");
    }
    // The same versions of all crates as in the tests.
    let programs = root().join(PROGRAMS);
    fs::copy(root().join("Cargo.lock"), programs.join("Cargo.lock"))
        .context("Cargo.lock cannot be copied")?;
    let corpus = programs.join("corpus").join(target);
    fs::create_dir_all(&corpus)?;
    // Sanitizers are for nightly compilers. A stable one has them too, but has to be told.
    let mut fuzz = cargo(&["fuzz", "run", target]);
    fuzz.env("RUSTC_BOOTSTRAP", "1").arg(&corpus).arg(&seeds);
    run(fuzz
        .arg("--")
        .arg(format!("-max_total_time={seconds}"))
        .args(LIMITS))
}

fn targets() -> Result<Vec<String>> {
    let mut names: Vec<String> = fs::read_dir(root().join(SEEDS))
        .context("there are no seeds; cargo xtask fuzz-seeds writes them")?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_>>()?;
    names.sort();
    Ok(names)
}

/// Writes the seeds of all targets anew. Those that a fuzzer found stay.
pub(crate) fn write_seeds() -> Result<()> {
    run(&mut cargo(&[
        "run",
        "--quiet",
        "--locked",
        "--package",
        "fuzz-targets",
        "--",
        SEEDS,
    ]))
}
