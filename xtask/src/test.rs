//! `cargo xtask test`: everything the tests need, then every test.

use anyhow::Result;

use crate::{
    moto,
    process::{self, built, cargo, succeeds},
    services::Services,
    system,
};

/// Programs under `examples/`. Each asserts what it shows, and fails when that is not so.
const EXAMPLES: [&str; 2] = ["embedded-minimal", "custom-engine"];

/// Installs what is missing, builds the workspace once, fetches the models, and runs all tests.
pub(crate) fn run() -> Result<()> {
    system::install_missing()?;
    moto::install()?;
    // One build with one set of features serves the server, the tests and the examples.
    process::run(&mut cargo(&["build", "--locked", "--workspace", "--all-targets"]))?;
    process::run(built("debug", "ocr-server").args(["models", "pull"]))?;
    let services = Services::start()?;
    let mut tests = if succeeds(&mut cargo(&["nextest", "--version"])) {
        cargo(&["nextest", "run", "--locked", "--workspace"])
    } else {
        cargo(&["test", "--locked", "--workspace", "--all-targets"])
    };
    process::run(tests.envs(services.environment()))?;
    drop(services);
    process::run(&mut cargo(&["test", "--locked", "--workspace", "--doc"]))?;
    for example in EXAMPLES {
        process::run(&mut built("debug", example))?;
    }
    Ok(())
}
