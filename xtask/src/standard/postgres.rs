//! Postgres in a cluster of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result};

use super::{
    home,
    running::{self, ensure_free},
};
use crate::process::{self, command, output, succeeds};

pub(super) const DATABASE: &str = "ocr_platform_dev";
pub(super) const USER: &str = "ocr_platform_user";
/// Only this machine can connect, and what is kept here is for trying things out.
pub(super) const PASSWORD: &str = "ocr_platform";
const PORT: u16 = 5432;
/// User that Postgres runs as when we are root; Debian's package makes it.
const SYSTEM_USER: &str = "postgres";
/// Where clients look for a server when they are told of no host.
const USUAL_SOCKETS: &str = "/var/run/postgresql";

pub(super) fn cluster() -> PathBuf {
    home().join("postgres")
}

pub(super) fn runs() -> bool {
    program("pg_ctl").is_ok_and(|mut control| succeeds(control.args(["status", "-D"]).arg(cluster())))
}

/// `running`, `stopped`, or started without answering.
pub(super) fn state() -> &'static str {
    let answers = || {
        program("pg_isready").is_ok_and(|mut probe| {
            succeeds(probe.args(["-h", "127.0.0.1", "-p", &PORT.to_string(), "-t", "4"]))
        })
    };
    match runs() {
        false => "stopped",
        true if answers() => running::RUNNING,
        true => "started, but does not answer",
    }
}

pub(super) fn start() -> Result<()> {
    if runs() {
        return Ok(());
    }
    ensure_free("Postgres", PORT)?;
    let cluster = cluster();
    if !cluster.join("PG_VERSION").exists() {
        // Made as root, it must belong to the user of the server.
        process::run(command("install").args(owner()?).arg("-d").arg(&cluster))?;
        let mut initdb = program("initdb")?;
        process::run(
            initdb
                .args(["--auth=trust", "--encoding=UTF8", "--locale=C"])
                .args(["-U", SYSTEM_USER, "-D"])
                .arg(&cluster)
                .stdout(Stdio::null()),
        )?;
    }
    let log = cluster.join("server.log");
    let mut control = program("pg_ctl")?;
    control
        .args(["start", "--wait", "-o", &options(), "-l"])
        .arg(&log);
    process::run(control.arg("-D").arg(&cluster).stdout(Stdio::null()))
        .with_context(|| format!("Postgres did not start; {} says why", log.display()))?;
    let statements = [
        format!("CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'"),
        format!("CREATE DATABASE {DATABASE} OWNER {USER}"),
    ];
    for statement in statements {
        // Both exist already when the cluster does.
        let mut psql = program("psql")?;
        psql.args(["-h", "127.0.0.1", "-U", SYSTEM_USER, "-d", "postgres"]);
        let _ = succeeds(psql.args(["-c", &statement]));
    }
    Ok(())
}

pub(super) fn stop() -> Result<()> {
    if !runs() {
        return Ok(());
    }
    let mut control = program("pg_ctl")?;
    process::run(control.args(["stop", "-m", "fast", "-D"]).arg(cluster()))
}

/// What psql needs so that it finds the server, a space behind it.
pub(super) fn host_option() -> &'static str {
    if Path::new(USUAL_SOCKETS).join(format!(".s.PGSQL.{PORT}")).exists() {
        ""
    } else {
        "-h 127.0.0.1 "
    }
}

/// Options of the server. Every process of ours may take 20 connections.
fn options() -> String {
    let cluster = cluster();
    let usual = as_owner("test").is_ok_and(|mut test| succeeds(test.args(["-w", USUAL_SOCKETS])));
    let sockets = if usual {
        format!("{},{USUAL_SOCKETS}", cluster.display())
    } else {
        cluster.display().to_string()
    };
    format!("-p {PORT} -c listen_addresses=127.0.0.1 -c max_connections=300 -k {sockets}")
}

/// A program of the Postgres server, run as a user who may run it.
fn program(name: &str) -> Result<Command> {
    // Debian keeps them off the path, one folder a version.
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut found: Vec<PathBuf> = versions
        .map(|version| version.path().join("bin").join(name))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    as_owner(found.pop().unwrap_or_else(|| PathBuf::from(name)))
}

/// A program run as the owner of the cluster: Postgres refuses root.
fn as_owner(program: impl AsRef<Path>) -> Result<Command> {
    if !is_root()? {
        return Ok(command(program.as_ref()));
    }
    let mut as_user = command("runuser");
    as_user.args(["-u", SYSTEM_USER, "--"]).arg(program.as_ref());
    as_user.current_dir("/");
    Ok(as_user)
}

/// `install` arguments that give a folder to the user of Postgres when we are root.
fn owner() -> Result<&'static [&'static str]> {
    Ok(if is_root()? {
        &["-o", SYSTEM_USER, "-g", SYSTEM_USER]
    } else {
        &[]
    })
}

fn is_root() -> Result<bool> {
    Ok(output(command("id").arg("-u"))?.trim() == "0")
}
