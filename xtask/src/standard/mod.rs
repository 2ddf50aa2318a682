//! `cargo xtask standard`: the standard profile without containers. Real Postgres and Redis, a stand-in
//! for S3, and every role in a process of its own.

mod postgres;
mod running;
mod servers;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    moto,
    process::{self, built, cargo, command},
    system,
};
use running::{Daemon, Question, anything_runs};

/// Port of the API where a process does not say otherwise.
const API_PORT: &str = "8080";

/// Name, role and port of each process of ours; those without a port serve nobody.
const PROCESSES: [(&str, &str, Option<&str>); 8] = [
    ("api-1", "api", Some(API_PORT)),
    ("api-2", "api", Some("8081")),
    ("worker-1", "worker", None),
    ("worker-2", "worker", None),
    ("worker-3", "worker", None),
    ("listener", "listener,indexer", None),
    ("health", "health", Some("5000")),
    ("web", "web", Some("3000")),
];

/// Starts what does not run yet: `program`, or the server that is built first.
pub(crate) fn up(program: Option<&str>) -> Result<()> {
    system::install_servers()?;
    moto::install()?;
    let program = match program {
        Some(path) => fs::canonicalize(path).with_context(|| format!("there is no program {path}"))?,
        None => build()?,
    };
    process::run(command(&program).args(["models", "pull"]))?;
    if !postgres::runs() && !anything_runs(&names()) {
        // The stand-in for S3 keeps documents in memory. Rows without their documents would be of no use.
        remove_data()?;
    }
    for folder in ["logs", "pids", "data"] {
        fs::create_dir_all(home().join(folder))?;
    }
    postgres::start()?;
    servers::start_redis()?;
    servers::start_s3()?;
    process::run(
        command(&program)
            .args(["storage", "setup"])
            .envs(servers::environment()),
    )?;
    process::run(command(&program).arg("migrate").envs(servers::environment()))?;
    for (name, role, port) in PROCESSES {
        daemon(name, port).start(&mut server(&program, role, port))?;
    }
    for (name, _, port) in PROCESSES {
        daemon(name, port).wait_until_ready()?;
    }
    println!(
        "page http://127.0.0.1:3000 · API http://127.0.0.1:8080 and :8081 · health http://127.0.0.1:5000/status"
    );
    println!("logs in {}", home().join("logs").display());
    println!(
        "psql {}-U {} -d {} · redis-cli LLEN ocr:task:queue",
        postgres::host_option(),
        postgres::USER,
        postgres::DATABASE
    );
    Ok(())
}

/// Stops everything, our own processes before the servers they use.
pub(crate) fn down() -> Result<()> {
    // All are asked at once: a worker may take its time to finish a document.
    end_all(PROCESSES.iter().map(|(name, _, port)| daemon(name, *port)));
    end_all([servers::s3(), servers::redis()].into_iter());
    postgres::stop()?;
    println!("everything is stopped; the documents are gone, and the next start begins anew");
    Ok(())
}

fn end_all(daemons: impl Iterator<Item = Daemon>) {
    let asked: Vec<(Daemon, u32)> = daemons
        .filter_map(|daemon| daemon.ask_to_end().map(|pid| (daemon, pid)))
        .collect();
    for (daemon, pid) in asked {
        daemon.wait_until_ended(pid);
    }
}

/// Says how everything is. Fails unless everything runs and answers.
pub(crate) fn status() -> Result<()> {
    let mut unwell = 0;
    let mut report = |name: &str, state: &str, well: bool| {
        println!("{name:<10} {state}");
        unwell += usize::from(!well);
    };
    let state = postgres::state();
    report("postgres", state, state == running::RUNNING);
    let daemons = [servers::redis(), servers::s3()]
        .into_iter()
        .chain(PROCESSES.map(|(name, _, port)| daemon(name, port)));
    for daemon in daemons {
        let state = daemon.state();
        report(daemon.name, &state, state.starts_with(running::RUNNING));
    }
    if unwell > 0 {
        bail!("{unwell} of them are not well; start what is missing with: cargo xtask standard up");
    }
    Ok(())
}

/// Builds the server with everything the profile needs.
pub(crate) fn build() -> Result<PathBuf> {
    build_with("standard")
}

/// The same with these features, a comma between them.
pub(crate) fn build_with(features: &str) -> Result<PathBuf> {
    process::run(&mut cargo(&[
        "build",
        "--locked",
        "--release",
        "-p",
        "ocr-server",
        "--features",
        features,
    ]))?;
    Ok(built("release", "ocr-server").get_program().into())
}

fn server(program: &Path, role: &str, port: Option<&str>) -> Command {
    let mut server = command(program);
    server
        .args(["serve", "--role", role])
        .envs(servers::environment());
    if role == "api" {
        server.envs(port.map(|port| ("PORT", port)));
    }
    server
}

fn daemon(name: &'static str, port: Option<&str>) -> Daemon {
    Daemon {
        name,
        port: port.and_then(|port| port.parse().ok()),
        question: Question::Http("/readyz"),
    }
}

fn names() -> Vec<&'static str> {
    let servers = [servers::redis().name, servers::s3().name];
    servers
        .into_iter()
        .chain(PROCESSES.map(|(name, ..)| name))
        .collect()
}

/// Where everything is kept: a place that the user of Postgres can reach, too.
fn home() -> PathBuf {
    std::env::temp_dir().join("ocr-standard")
}

fn remove_data() -> Result<()> {
    for folder in [home().join("data"), postgres::cluster()] {
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("{} cannot be removed", folder.display()))?;
        }
    }
    Ok(())
}
