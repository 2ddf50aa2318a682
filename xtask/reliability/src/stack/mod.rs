//! Running servers of a profile, in a directory of their own, on ports that were free.

mod clocks;
mod disk;
mod postgres;
mod services;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;
use tokio::sync::Mutex;

pub(crate) use clocks::Clocks;
pub(crate) use disk::Disk;
pub(crate) use services::{Redis, Services};

use crate::process::{Launch, Process, free_port, until};

/// Longest time until servers answer, on a machine that does other things too.
const START: Duration = Duration::from_secs(90);

/// Which adapters the servers have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// SQLite and a directory, one process.
    Embedded,
    /// Postgres, Redis and a stand-in for S3, a process for each role.
    Standard,
}

impl Profile {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Standard => "standard",
        }
    }
}

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// All roles in one.
    Everything,
    /// Serves the API.
    Server,
    /// Reads documents.
    Worker,
    /// Follows the change log.
    Listener,
}

/// A process and what it does.
#[derive(Debug)]
pub(crate) struct Member {
    /// What it does.
    pub(crate) role: Role,
    /// Whoever breaks it holds it until it is well again.
    pub(crate) process: Mutex<Process>,
}

/// Everything that runs. All of it ends when dropped.
#[derive(Debug)]
pub(crate) struct Stack {
    /// Our own processes.
    pub(crate) members: Vec<Member>,
    /// Addresses of the API servers.
    pub(crate) bases: Vec<String>,
    /// TCP ports on which our processes listen.
    pub(crate) ports: Vec<u16>,
    /// What they use, if that are processes.
    pub(crate) services: Option<Services>,
    /// The disk of their data, if it is one that can be filled.
    pub(crate) disk: Option<Disk>,
    /// The clocks of our processes, if they can be set.
    pub(crate) clocks: Option<Clocks>,
    directory: TempDir,
}

impl Stack {
    /// The id of the first process, unless it has ended.
    pub(crate) async fn pid(&self) -> Option<u32> {
        self.members.first()?.process.lock().await.pid()
    }

    /// Nothing yet, in a new directory.
    pub(crate) fn empty() -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("ocr-reliability-").tempdir()?;
        // Postgres runs as another user.
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755))?;
        for folder in ["logs", "data"] {
            fs::create_dir(directory.path().join(folder))?;
        }
        Ok(Self {
            members: Vec::new(),
            bases: Vec::new(),
            ports: Vec::new(),
            services: None,
            disk: None,
            clocks: None,
            directory,
        })
    }

    /// Starts `program` as `profile` wants it, with `settings` on top of ours.
    pub(crate) async fn start(program: &Path, profile: Profile, settings: &[(&str, String)]) -> Result<Self> {
        Self::empty()?.started(program, profile, settings).await
    }

    /// The same with the data on a small disk, where that is allowed; else says that it is not.
    pub(crate) async fn start_on_small_disk(
        program: &Path,
        profile: Profile,
        settings: &[(&str, String)],
    ) -> Result<Self> {
        let mut stack = Self::empty()?;
        match Disk::mount(&stack.data()) {
            Ok(disk) => stack.disk = Some(disk),
            Err(error) => println!("  the disk is not filled, because it cannot be a small one: {error:#}"),
        }
        stack.started(program, profile, settings).await
    }

    /// The same with clocks that can be set.
    pub(crate) async fn start_with_clocks(
        program: &Path,
        profile: Profile,
        settings: &[(&str, String)],
    ) -> Result<Self> {
        let mut stack = Self::empty()?;
        stack.clocks = Some(Clocks::create(stack.directory.path().join("clocks"))?);
        stack.started(program, profile, settings).await
    }

    async fn started(self, program: &Path, profile: Profile, settings: &[(&str, String)]) -> Result<Self> {
        let mut stack = self;
        match stack.start_profile(program, profile, settings).await {
            Ok(()) => Ok(stack),
            Err(error) => Err(error.context(format!("everything is in {}", stack.keep().display()))),
        }
    }

    async fn start_profile(
        &mut self,
        program: &Path,
        profile: Profile,
        settings: &[(&str, String)],
    ) -> Result<()> {
        let mut environment = vec![("OCR_DATA_DIR", self.data().display().to_string())];
        if profile == Profile::Standard {
            let services = Services::start(self.directory.path(), &self.logs()).await?;
            environment.extend(services.environment());
            self.services = Some(services);
        }
        environment.extend(settings.iter().cloned());
        match profile {
            Profile::Embedded => self.start_server(program, "server", Role::Everything, &environment)?,
            Profile::Standard => self.start_standard(program, &environment).await?,
        }
        self.wait_until_ready().await
    }

    /// Starts one more process.
    pub(crate) fn add(&mut self, role: Role, launch: Launch) -> Result<()> {
        self.members.push(Member {
            role,
            process: Mutex::new(launch.start()?),
        });
        Ok(())
    }

    async fn start_standard(&mut self, program: &Path, environment: &[(&str, String)]) -> Result<()> {
        let logs = self.logs();
        for arguments in [&["storage", "setup"][..], &["migrate"]] {
            let launch = Launch::new(arguments[0], program, &logs).with_arguments(arguments);
            launch.with_environment(environment).run().await?;
        }
        for (name, role) in [
            ("server-1", Role::Server),
            ("server-2", Role::Server),
            ("worker-1", Role::Worker),
            ("worker-2", Role::Worker),
            ("listener", Role::Listener),
        ] {
            self.start_server(program, name, role, environment)?;
        }
        Ok(())
    }

    fn start_server(
        &mut self,
        program: &Path,
        name: &str,
        role: Role,
        environment: &[(&str, String)],
    ) -> Result<()> {
        let (port, health, web) = (free_port()?, free_port()?, free_port()?);
        self.ports.extend([port, health, web]);
        let ports = [("PORT", port), ("HEALTH_PORT", health), ("WEB_PORT", web)];
        let ports = ports.map(|(name, port)| (name, port.to_string()));
        let mut launch = Launch::new(name, program, &self.logs())
            .with_arguments(["serve"])
            .with_environment(environment)
            .with_environment(&ports);
        if let Some(clocks) = &self.clocks {
            launch = launch.with_environment(&clocks.environment(name)?);
        }
        launch = match role {
            Role::Everything => launch,
            Role::Server => launch.with_arguments(["--role", "api"]),
            Role::Worker => launch.with_arguments(["--role", "worker"]),
            Role::Listener => launch.with_arguments(["--role", "listener"]),
        };
        self.add(role, launch)?;
        if matches!(role, Role::Everything | Role::Server) {
            self.bases.push(format!("http://127.0.0.1:{port}"));
        }
        Ok(())
    }

    /// Waits until every API server says that it can work.
    pub(crate) async fn wait_until_ready(&self) -> Result<()> {
        for base in &self.bases {
            let ready = || async {
                let answer = reqwest::get(format!("{base}/readyz")).await;
                answer.is_ok_and(|answer| answer.status().is_success())
            };
            let waited = until(&format!("{base} is ready"), START, ready).await;
            waited.with_context(|| format!("logs are in {}", self.logs().display()))?;
        }
        Ok(())
    }

    /// Ends the faults that may be left, and starts what has ended. Names what ended without being killed.
    pub(crate) async fn heal(&self) -> Result<Vec<String>> {
        if let Some(services) = &self.services {
            services.heal().await;
        }
        if let Some(disk) = &self.disk {
            disk.relieve()?;
        }
        if let Some(clocks) = &self.clocks {
            clocks.heal()?;
        }
        let mut ended = Vec::new();
        for member in &self.members {
            let mut process = member.process.lock().await;
            if process.revive()? {
                ended.push(process.name().to_owned());
            }
        }
        Ok(ended)
    }

    /// Ends all of our processes and has what belongs to no task removed, as an operator would.
    pub(crate) async fn collect_orphans(&self) -> Result<()> {
        let mut launch = None;
        for member in &self.members {
            let mut process = member.process.lock().await;
            process.kill().await?;
            let collect = ["storage", "orphans", "--minutes", "0", "--remove"];
            launch.get_or_insert_with(|| process.beside("orphans", collect));
        }
        launch.context("there is no server")?.run().await
    }

    /// Keys of all blobs that are stored.
    pub(crate) async fn blobs(&self) -> Result<Vec<String>> {
        match &self.services {
            Some(services) => services.blobs().await,
            None => Ok(files_below(&self.data().join("blobs").join("objects"))),
        }
    }

    /// Where the processes write what they log.
    pub(crate) fn logs(&self) -> PathBuf {
        self.directory.path().join("logs")
    }

    /// Leaves the directory with its logs behind.
    pub(crate) fn keep(&mut self) -> PathBuf {
        self.directory.disable_cleanup(true);
        if let Some(disk) = &self.disk
            && let Err(error) = disk.copy(&self.directory.path().join("data-kept"))
        {
            println!("  the data could not be kept: {error:#}");
        }
        self.directory.path().to_owned()
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }
}

/// The program to test.
pub(crate) fn program(path: &str) -> Result<PathBuf> {
    let path = fs::canonicalize(path).with_context(|| format!("there is no program {path}"))?;
    if !path.is_file() {
        bail!("{} is no program", path.display());
    }
    Ok(path)
}

/// Files of a folder and its folders, by their paths below it.
fn files_below(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(below) = path.strip_prefix(root) {
                found.push(below.display().to_string());
            }
        }
    }
    found
}
