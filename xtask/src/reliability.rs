//! `cargo xtask chaos`, `hostile` and `load`: what they need is installed and built, and the program
//! `reliability` does the rest.

use std::{env, fs};

use anyhow::{Context, Result, anyhow, bail};

use crate::{
    moto,
    process::{self, built, cargo, command, root},
    requirements::Requirements,
    standard, system,
};

/// Names the corpus of foreign documents; without it, it is looked for beside the clone.
const CORPUS: &str = "OCR_TEST_CORPUS";
/// Names a server that is built already.
const PROGRAM: &str = "--program";
/// What is run among the tests, and for want of what it is not: seconds of faults that all tests can bear, and one seed, so
/// that what failed fails again.
const BRIEF: [(&str, &[&str], &[&str]); 3] = [
    (
        "faults on servers of the embedded profile",
        &["chaos", "25", "--seed", "1", "--profile", "embedded"],
        &["models"],
    ),
    (
        "faults on servers of the standard profile",
        &["chaos", "30", "--seed", "1", "--profile", "standard"],
        &["models", "postgres", "redis", "moto"],
    ),
    (
        "the positive control of faults",
        &["chaos", "8", "--seed", "1", "--control"],
        &["redis"],
    ),
];

/// Runs `name` with `arguments` against a server: the one of `--program`, or one that is built first.
pub(crate) fn run(name: &str, arguments: &[String]) -> Result<()> {
    let has = |argument: &str| arguments.iter().any(|given| given == argument);
    let is_control = has("--control");
    let mut rest = arguments.to_vec();
    let mut moto = None;
    if name == "chaos" {
        system::install_servers()?;
        if has("--clocks") {
            system::install_clocks()?;
        }
        if !is_control && !has("embedded") {
            moto = Some(moto::install()?);
        }
    }
    process::run(&mut cargo(&["build", "--locked", "-p", "reliability"]))?;
    let mut reliability = built("debug", "reliability");
    // Paths are those of whoever calls us.
    reliability.current_dir(env::current_dir()?);
    if env::var_os(CORPUS).is_none() {
        reliability.env(CORPUS, root().join("../shared/data"));
    }
    if !is_control {
        let features = if has("--failpoints") {
            "standard,failpoints"
        } else {
            "standard"
        };
        let program = server(&mut rest, features)?;
        process::run(command(&program).args(["models", "pull"]))?;
        reliability.envs(moto.map(|folder| ("PYTHONPATH", folder)));
        return process::run(reliability.arg(name).args(rest).args([PROGRAM, &program]));
    }
    process::run(reliability.arg(name).args(rest))
}

/// Runs a short `chaos` of each profile and its control, with the programs that were built for the tests.
pub(crate) fn run_briefly(requirements: &Requirements) -> Result<()> {
    for (part, arguments, needs) in BRIEF {
        if let Some(missed) = needs.iter().find(|name| requirements.may_miss(name)) {
            let asked = Err(anyhow!("it may be missing"));
            let _: Option<()> = requirements.or_skip(missed, part, asked)?;
            continue;
        }
        let mut reliability = built("debug", "reliability");
        if needs.contains(&"moto") {
            reliability.env("PYTHONPATH", moto::install()?);
        }
        if needs.contains(&"models") {
            let server = built("debug", "ocr-server");
            reliability
                .arg(arguments[0])
                .arg(PROGRAM)
                .arg(server.get_program());
            process::run(reliability.args(&arguments[1..]))?;
        } else {
            process::run(reliability.args(arguments))?;
        }
    }
    Ok(())
}

/// Takes the server out of the arguments, or builds one with these features.
fn server(arguments: &mut Vec<String>, features: &str) -> Result<String> {
    let Some(position) = arguments.iter().position(|argument| argument == PROGRAM) else {
        return Ok(standard::build_with(features)?.display().to_string());
    };
    if position + 1 >= arguments.len() {
        bail!("{PROGRAM} needs the path of a server");
    }
    arguments.remove(position);
    let path = arguments.remove(position);
    let path = fs::canonicalize(&path).with_context(|| format!("there is no program {path}"))?;
    Ok(path.display().to_string())
}
