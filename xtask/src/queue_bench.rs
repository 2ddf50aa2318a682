//! `cargo xtask bench-queue`: our queues beside those of others.

use std::fs;

use anyhow::{Context, Result};

use crate::process::{self, built, cargo, command, root, target_directory};

/// Where scripts and packages of the peers are declared.
const PEERS: &str = "benches/peers/queue";
/// Files of that folder.
const FILES: [&str; 2] = ["package.json", "measure.mjs"];

/// Fetches the peers, builds what measures, and runs it with `options`.
pub(crate) fn run(options: &[String]) -> Result<()> {
    let folder = target_directory().join("queue-peers");
    fs::create_dir_all(&folder).context("the target directory cannot be written")?;
    for file in FILES {
        fs::copy(root().join(PEERS).join(file), folder.join(file))
            .with_context(|| format!("{file} cannot be copied"))?;
    }
    let mut install = command("npm");
    install.current_dir(&folder);
    process::run(install.args(["install", "--no-audit", "--no-fund", "--loglevel=error"]))?;
    process::run(&mut cargo(&[
        "build",
        "--locked",
        "--release",
        "-p",
        "ocr-benches",
        "--features",
        "queue",
    ]))?;
    process::run(built("release", "queue-throughput").arg(&folder).args(options))
}
