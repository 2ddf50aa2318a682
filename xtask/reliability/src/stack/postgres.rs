//! A Postgres server of our own.

use std::{
    env, fs,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Signal, getuid};
use tokio::process::Command;

use crate::{
    proc,
    process::{Launch, Process, free_port, signal, until},
};

/// The superuser, and the user of the system that Postgres runs as when we are root.
const USER: &str = "postgres";
/// The database that every cluster has.
const DATABASE: &str = "postgres";
/// Longest time the server may take to start, or to recover.
const START: Duration = Duration::from_mins(1);
/// Longest time a statement of ours may take.
const STATEMENT: Duration = Duration::from_secs(10);

/// A running server.
#[derive(Debug)]
pub(crate) struct Postgres {
    process: Process,
    port: u16,
}

impl Postgres {
    /// Makes a cluster in `directory` and starts a server on it.
    pub(crate) async fn start(directory: &Path, logs: &Path) -> Result<Self> {
        fs::create_dir(directory)?;
        let owner = owner().await?;
        if let Some((user, group)) = owner {
            chown(directory, Some(user), Some(group))?;
        }
        let as_owner = |name: &str, program: PathBuf| match owner {
            None => Launch::new(name, program, logs),
            Some((user, group)) => Launch::new(name, "setpriv", logs)
                .with_arguments([format!("--reuid={user}"), format!("--regid={group}")])
                .with_arguments(["--clear-groups", "--"])
                .with_arguments([program.display()]),
        };
        let cluster = directory.join("data").display().to_string();
        as_owner("initdb", program("initdb")?)
            .with_arguments(["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"])
            .with_arguments(["-U", USER, "-D", &cluster])
            .run()
            .await?;
        let port = free_port()?;
        let settings = [
            format!("port={port}"),
            "listen_addresses=127.0.0.1".into(),
            format!("unix_socket_directories={}", directory.display()),
            "max_connections=200".into(),
            // Processes are killed here, machines are not: what the kernel has is safe.
            "fsync=off".into(),
        ];
        let settings = settings.iter().flat_map(|setting| ["-c", setting]);
        let server = as_owner("postgres", program("postgres")?)
            .with_arguments(["-D", &cluster])
            .with_arguments(settings);
        let started = Self {
            process: server.start()?,
            port,
        };
        started.wait().await?;
        Ok(started)
    }

    /// Its TCP port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Its database by way of `port`.
    pub(crate) fn url(port: u16) -> String {
        format!("postgres://{USER}@127.0.0.1:{port}/{DATABASE}")
    }

    /// Waits until it answers.
    pub(crate) async fn wait(&self) -> Result<()> {
        until("Postgres answers", START, || async {
            self.query("SELECT 1").await.is_ok()
        })
        .await
    }

    /// Stops or continues all of its processes.
    pub(crate) fn signal_all(&mut self, which: Signal) -> Result<()> {
        let pid = self.process.pid().context("Postgres has ended")?;
        // The first one starts the others: frozen first, it starts no more.
        signal(pid, which)?;
        for backend in proc::descendants(pid) {
            signal(backend.pid, which)?;
        }
        Ok(())
    }

    /// Breaks every connection from inside; how many there were.
    pub(crate) async fn terminate_backends(&self) -> Result<usize> {
        let counted = self
            .query(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                 WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
            )
            .await?;
        Ok(counted.trim().parse()?)
    }

    /// `kill -9` of one of its backends, and waits until it has recovered.
    pub(crate) async fn crash(&self, target: usize) -> Result<bool> {
        let listed = self
            .query(
                "SELECT pid FROM pg_stat_activity \
                 WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY pid",
            )
            .await?;
        let backends: Vec<u32> = listed
            .lines()
            .filter_map(|line| line.trim().parse().ok())
            .collect();
        if backends.is_empty() {
            return Ok(false);
        }
        signal(backends[target % backends.len()], Signal::KILL)?;
        self.wait().await?;
        Ok(true)
    }

    /// What `psql` prints of the answer.
    async fn query(&self, sql: &str) -> Result<String> {
        let mut psql = Command::new(program("psql")?);
        psql.args([
            "-h",
            "127.0.0.1",
            "-p",
            &self.port.to_string(),
            "-U",
            USER,
            "-d",
            DATABASE,
        ]);
        psql.args(["-AtXqc", sql]).kill_on_drop(true);
        let output = tokio::time::timeout(STATEMENT, psql.output()).await??;
        if !output.status.success() {
            bail!("psql: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// User and group that the server must run as, when we are root: Postgres refuses that.
async fn owner() -> Result<Option<(u32, u32)>> {
    if !getuid().is_root() {
        return Ok(None);
    }
    let mut ids = [0; 2];
    for (id, option) in ids.iter_mut().zip(["-u", "-g"]) {
        let output = Command::new("id").args([option, USER]).output().await?;
        let text = String::from_utf8_lossy(&output.stdout);
        *id = text
            .trim()
            .parse()
            .with_context(|| format!("there is no user {USER}"))?;
    }
    Ok(Some((ids[0], ids[1])))
}

/// A program of Postgres. Debian keeps those of the server off the path, one folder a version.
fn program(name: &str) -> Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut versions: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    versions.sort();
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = versions.into_iter().rev().chain(env::split_paths(&path));
    let mut programs = folders.map(|folder| folder.join(name));
    programs
        .find(|program| program.is_file())
        .with_context(|| format!("{name} is needed: apt-get install postgresql"))
}
