//! `cargo xtask test`: everything the tests need, then every test.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use crate::{
    containers::Containers,
    moto,
    process::{self, built, cargo, succeeds},
    reliability,
    requirements::Requirements,
    services::Services,
    system, web,
};

/// Programs under `examples/`. Each asserts what it shows, and fails when that is not so.
const EXAMPLES: [&str; 6] = [
    "embedded-minimal",
    "standard-compose",
    "swap-adapters-in-tests",
    "custom-engine",
    "custom-queue",
    "custom-store",
];

/// Installs what is missing, builds the workspace once, fetches the models, runs all tests, and breaks running servers for a
/// minute. The last lines say what did not run.
pub(crate) fn run() -> Result<()> {
    let requirements = Requirements::of_environment()?;
    let axe = prepare(&requirements)?;
    // What cannot be had should be known before the long runs.
    let containers = requirements.or_skip(
        "docker",
        "adapters on databases in containers",
        Containers::prepare(),
    )?;
    // One build with one set of features serves the server, the tests and the examples.
    process::run(&mut cargo(&["build", "--locked", "--workspace", "--all-targets"]))?;
    let models = process::run(built("debug", "ocr-server").args(["models", "pull"]));
    requirements.or_skip("models", "fetching the models", models)?;
    // Where only one of the two is there, tests that need it start one of their own.
    let services = Services::start(&[]);
    let wanted = if requirements.may_miss("redis") {
        "redis"
    } else {
        "postgres"
    };
    let services = requirements.or_skip(wanted, "databases that all tests share", services)?;
    let mut tests = every_test();
    if let Some(services) = &services {
        tests.envs(services.environment());
    }
    if let Some(axe) = axe {
        tests.env("OCR_TEST_AXE", axe);
    }
    process::run(tests.envs(requirements.environment()))?;
    drop(services);
    reliability::run_briefly(&requirements)?;
    if let Some(containers) = &containers {
        against(containers)?;
    }
    process::run(&mut cargo(&["test", "--locked", "--workspace", "--doc"]))?;
    for example in EXAMPLES {
        process::run(&mut built("debug", example))?;
    }
    println!("{}", requirements.summary());
    Ok(())
}

/// Installs what the tests need besides a build, and runs those that need no build: the page's. Returns
/// the accessibility checker.
fn prepare(requirements: &Requirements) -> Result<Option<PathBuf>> {
    system::install_missing(requirements)?;
    requirements.or_skip("moto", "installing moto", moto::install().map(drop))?;
    let axe = requirements.or_skip("node", "fetching the checkers of the page", web::install_tools())?;
    if axe.is_some() {
        web::test()?;
    }
    Ok(axe)
}

/// The tests of the adapters of Postgres and Redis once more, on databases in containers.
pub(crate) fn in_containers() -> Result<()> {
    against(&Containers::prepare()?)
}

fn every_test() -> Command {
    let mut tests = if has_nextest() {
        cargo(&["nextest", "run", "--locked", "--workspace"])
    } else {
        cargo(&["test", "--locked", "--workspace", "--all-targets"])
    };
    // A snapshot that is missing or differs fails; it is never written here.
    tests.env("INSTA_UPDATE", "no");
    tests
}

fn against(engine: &Containers) -> Result<()> {
    let databases = Services::start(engine.environment())?;
    // The folder of each adapter's tests begins with its name; nobody can break a container for a test.
    let mut tests = if has_nextest() {
        let conformance = "package(ocr-adapters) & test(/^(postgres|redis)/) & not test(/faults/)";
        cargo(&["nextest", "run", "--locked", "--workspace", "-E", conformance])
    } else {
        let adapters = ["test", "--locked", "-p", "ocr-adapters", "--test", "it"];
        let mut tests = cargo(&adapters);
        tests.args(["--", "postgres", "redis", "--skip", "faults"]);
        tests
    };
    process::run(tests.envs(databases.environment()))
}

fn has_nextest() -> bool {
    succeeds(&mut cargo(&["nextest", "--version"]))
}
