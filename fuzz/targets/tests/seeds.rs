//! Every target on its committed seeds, and on mutations of them: on any compiler, each time the same.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use fuzz_targets::{Mutations, TARGETS, Target};

/// Memory of the process that runs a target; what needs more has found a way around the limits.
const MEMORY: u64 = 4 << 30;
/// After which one input counts as hanging; all of them are read in milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// What all seeds together may weigh in the repository.
const MAXIMUM_SEED_BYTES: u64 = 300_000;

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../seeds")
        .join(target)
}

fn committed(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = folder(target.name);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; cargo xtask fuzz-seeds writes them",
            folder.display()
        )
    });
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
        .into_iter()
        .map(|file| (file.clone(), fs::read(file).unwrap()))
        .collect()
}

/// Runs a target on one input. What makes it panic is written where it can be looked at.
fn run(target: &Target, name: &str, input: &[u8]) {
    let started = Instant::now();
    let outcome = std::panic::catch_unwind(|| (target.run)(input));
    if outcome.is_err() || started.elapsed() > PATIENCE {
        let kept = std::env::temp_dir().join(format!("fuzz-{}-{}", target.name, std::process::id()));
        fs::write(&kept, input).unwrap();
        panic!(
            "{} fails on {name} after {:?}; the input is in {}",
            target.name,
            started.elapsed(),
            kept.display()
        );
    }
}

fn withstands(name: &str) {
    rlimit::setrlimit(rlimit::Resource::AS, MEMORY, MEMORY).unwrap();
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let seeds = committed(target);
    for (file, seed) in &seeds {
        run(target, &file.display().to_string(), seed);
    }
    let seeds: Vec<Vec<u8>> = seeds.into_iter().map(|(_, seed)| seed).collect();
    let mutations = Mutations::new(&seeds, target.words).take(target.mutations);
    for (number, mutation) in mutations.enumerate() {
        run(target, &format!("mutation {number}"), &mutation);
    }
}

macro_rules! targets {
    ($($test:ident $name:literal)+) => {
        $(
            #[test]
            fn $test() {
                withstands($name);
            }
        )+

        const TESTED: &[&str] = &[$($name),+];
    };
}

targets! {
    document "document"
    metadata "metadata"
    pdf "pdf"
    page_protocol "page-protocol"
    redis_messages "redis-messages"
    settings "settings"
}

#[test]
fn every_target_is_tested_and_has_its_seeds() {
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(names, TESTED);
    let mut bytes = 0;
    for target in &TARGETS {
        let committed = committed(target);
        bytes += committed.iter().map(|(_, seed)| seed.len() as u64).sum::<u64>();
        for (name, _) in (target.seeds)() {
            let there = committed.iter().any(|(file, _)| file.ends_with(name));
            assert!(
                there,
                "{name} of {} is missing; cargo xtask fuzz-seeds writes it",
                target.name
            );
        }
    }
    assert!(bytes < MAXIMUM_SEED_BYTES, "the seeds have {bytes} bytes");
}
