//! A process under test: started, killed, frozen and started again.

use std::{
    env,
    fs::File,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

/// Variables that a process gets from ours.
const KEPT: [&str; 5] = ["PATH", "HOME", "TMPDIR", "LANG", "PYTHONPATH"];

/// How to start a process.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    /// Names it and its log.
    pub(crate) name: String,
    program: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    log: PathBuf,
}

impl Launch {
    /// `program` without arguments; what it prints goes to a file of `logs`.
    pub(crate) fn new(name: &str, program: impl Into<PathBuf>, logs: &Path) -> Self {
        Self {
            name: name.to_owned(),
            program: program.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            log: logs.join(format!("{name}.log")),
        }
    }

    /// The same with more arguments.
    pub(crate) fn with_arguments<T: ToString>(mut self, arguments: impl IntoIterator<Item = T>) -> Self {
        self.arguments
            .extend(arguments.into_iter().map(|argument| argument.to_string()));
        self
    }

    /// The same with more variables.
    pub(crate) fn with_environment(mut self, variables: &[(&str, String)]) -> Self {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        self.environment.extend(variables);
        self
    }

    /// Starts it.
    pub(crate) fn start(self) -> Result<Process> {
        let child = self.spawn()?;
        Ok(Process { launch: self, child })
    }

    /// Runs it to its end, which must be a good one.
    pub(crate) async fn run(self) -> Result<()> {
        let status = self.spawn()?.wait().await?;
        if !status.success() {
            bail!(
                "{} failed: {status}; its log is {}",
                self.name,
                self.log.display()
            );
        }
        Ok(())
    }

    fn spawn(&self) -> Result<Child> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        // Settings of whoever runs us are not those of what is tested.
        let kept = KEPT.iter().filter_map(|name| Some((name, env::var_os(name)?)));
        Command::new(&self.program)
            .args(&self.arguments)
            .env_clear()
            .envs(kept)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} could not be started", self.program.display()))
    }
}

/// A process that was started. It is killed when dropped.
#[derive(Debug)]
pub(crate) struct Process {
    launch: Launch,
    child: Child,
}

impl Process {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.launch.name
    }

    /// Its id, unless it has ended.
    pub(crate) fn pid(&mut self) -> Option<u32> {
        match self.child.try_wait() {
            Ok(None) => self.child.id(),
            _ => None,
        }
    }

    /// `kill -9`; waits until it has ended.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        self.child.kill().await.context("a process could not be killed")
    }

    /// Another program of the same kind, with the same environment and other arguments.
    pub(crate) fn beside<T: ToString>(&self, name: &str, arguments: impl IntoIterator<Item = T>) -> Launch {
        let mut launch = self.launch.clone();
        name.clone_into(&mut launch.name);
        launch.arguments.clear();
        launch.log.set_file_name(format!("{name}.log"));
        launch.with_arguments(arguments)
    }

    /// Starts it again with what it was started with.
    pub(crate) fn start_again(&mut self) -> Result<()> {
        self.child = self.launch.spawn()?;
        Ok(())
    }

    /// The same with more variables, this time only.
    pub(crate) fn start_again_with(&mut self, variables: &[(&str, String)]) -> Result<()> {
        self.child = self.launch.clone().with_environment(variables).spawn()?;
        Ok(())
    }

    /// Starts it again if it has ended; whether it had.
    pub(crate) fn revive(&mut self) -> Result<bool> {
        let ended = self.pid().is_none();
        if ended {
            self.start_again()?;
        }
        Ok(ended)
    }
}

/// Sends a signal; a process that has ended meanwhile is no error.
pub(crate) fn signal(pid: u32, signal: Signal) -> Result<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| anyhow!("no id of a process"))?;
    match kill_process(pid, signal) {
        Err(rustix::io::Errno::SRCH) | Ok(()) => Ok(()),
        Err(error) => Err(error).context("a signal could not be sent"),
    }
}

/// A TCP port of this machine that nobody uses now.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

/// Asks `question` until it is answered with yes, `limit` at the maximum.
pub(crate) async fn until<F: Future<Output = bool>>(
    what: &str,
    limit: Duration,
    question: impl Fn() -> F,
) -> Result<()> {
    let asked = async {
        while !question().await {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let answered = tokio::time::timeout(limit, asked).await;
    answered.map_err(|_| anyhow!("{what}: not within {} s", limit.as_secs()))
}
