//! `cargo xtask test`: everything the tests need, then every test.

use anyhow::Result;

use crate::{
    containers::Containers,
    moto,
    process::{self, built, cargo, succeeds},
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

/// Installs what is missing, builds the workspace once, fetches the models, and runs all tests.
pub(crate) fn run() -> Result<()> {
    system::install_missing()?;
    moto::install()?;
    let axe = web::install_tools()?;
    web::test()?;
    // What cannot be had should be known before the long runs.
    let engine = Containers::prepare()?;
    // One build with one set of features serves the server, the tests and the examples.
    process::run(&mut cargo(&["build", "--locked", "--workspace", "--all-targets"]))?;
    process::run(built("debug", "ocr-server").args(["models", "pull"]))?;
    let services = Services::start(&[])?;
    let mut tests = if has_nextest() {
        cargo(&["nextest", "run", "--locked", "--workspace"])
    } else {
        cargo(&["test", "--locked", "--workspace", "--all-targets"])
    };
    process::run(tests.envs(services.environment()).env("OCR_TEST_AXE", axe))?;
    drop(services);
    against(&engine)?;
    process::run(&mut cargo(&["test", "--locked", "--workspace", "--doc"]))?;
    for example in EXAMPLES {
        process::run(&mut built("debug", example))?;
    }
    Ok(())
}

/// The tests of the adapters of Postgres and Redis once more, on databases in containers.
pub(crate) fn in_containers() -> Result<()> {
    against(&Containers::prepare()?)
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
