//! Processes that outlive us, remembered by their ids.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::Command,
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use super::home;
use crate::process::{command, stat, succeeds};

/// The state of a process that is well.
pub(super) const RUNNING: &str = "running";
/// Time between two looks at something that is awaited.
const LOOK: Duration = Duration::from_millis(250);
/// Looks until something counts as failed: half a minute.
const LOOKS: u32 = 120;
/// Longest time a server may take to answer.
const ANSWER: Duration = Duration::from_secs(4);

/// A process that outlives us.
#[derive(Debug)]
pub(super) struct Daemon {
    /// Names its log and the file that holds its id.
    pub(super) name: &'static str,
    /// The port it serves, if it serves one.
    pub(super) port: Option<u16>,
    /// What to ask there.
    pub(super) question: Question,
}

/// What shows that a server is well.
#[derive(Debug, Clone, Copy)]
pub(super) enum Question {
    /// `GET` of this path is answered with 200.
    Http(&'static str),
    /// Redis answers to a ping.
    Redis,
}

impl Daemon {
    /// Starts `program`, unless it runs.
    pub(super) fn start(&self, program: &mut Command) -> Result<()> {
        if self.pid().is_some() {
            return Ok(());
        }
        if let Some(port) = self.port {
            ensure_free(self.name, port)?;
        }
        let path = self.log();
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(&path)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        // A group of its own: what ends us by a key does not end it.
        program.stdout(log.try_clone()?).stderr(log).process_group(0);
        let child = program
            .spawn()
            .with_context(|| format!("{} could not be started", self.name))?;
        let pid = child.id();
        let since = started_at(pid).with_context(|| format!("{} ended at once", self.name))?;
        fs::write(self.pid_file(), format!("{pid} {since}"))?;
        println!("started {}", self.name);
        Ok(())
    }

    /// Waits until it answers, or has run for a moment where it serves nobody.
    pub(super) fn wait_until_ready(&self) -> Result<()> {
        for _ in 0..LOOKS {
            thread::sleep(LOOK);
            if self.pid().is_none() {
                bail!("{} ended: {}", self.name, self.last_words());
            }
            if self.answers() {
                return Ok(());
            }
        }
        bail!(
            "{} does not answer; its log is {}",
            self.name,
            self.log().display()
        )
    }

    /// `running`, `stopped` or what is wrong with it.
    pub(super) fn state(&self) -> String {
        match self.pid() {
            None => "stopped".into(),
            Some(pid) if self.answers() => match self.port {
                Some(port) => format!("{RUNNING} (pid {pid}, port {port})"),
                None => format!("{RUNNING} (pid {pid})"),
            },
            Some(pid) => format!("started (pid {pid}), but not well: see {}", self.log().display()),
        }
    }

    /// Asks it to end; its id, if it ran.
    pub(super) fn ask_to_end(&self) -> Option<u32> {
        let pid = self.pid()?;
        // It may have ended by itself meanwhile.
        let _ = succeeds(command("kill").args(["-TERM", &pid.to_string()]));
        Some(pid)
    }

    /// Waits until the process `pid` has ended, and ends it by force if it does not.
    pub(super) fn wait_until_ended(&self, pid: u32) {
        for _ in 0..LOOKS {
            if self.pid().is_none() {
                break;
            }
            thread::sleep(LOOK);
        }
        // What it started itself is in its group.
        let group = format!("-{pid}");
        let _ = succeeds(command("kill").args(["-KILL", "--", &group]));
        println!("stopped {}", self.name);
    }

    /// Its id, if it runs.
    fn pid(&self) -> Option<u32> {
        let text = fs::read_to_string(self.pid_file()).ok()?;
        let (pid, since) = text.split_once(' ')?;
        let pid = pid.parse().ok()?;
        // Ids are used again: the time of its start tells it from others.
        (started_at(pid)? == since).then_some(pid)
    }

    fn answers(&self) -> bool {
        // The system accepts connections for a process that is stopped.
        let awake = self.pid().is_some_and(|pid| !is_stopped(pid));
        let well = |port| {
            let answer = match self.question {
                Question::Http(path) => ask(port, &format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n")),
                Question::Redis => ask(port, "PING\r\n"),
            };
            answer.is_some_and(|line| line.contains(" 200 ") || line.contains("PONG"))
        };
        awake && self.port.is_none_or(well)
    }

    fn log(&self) -> PathBuf {
        home().join("logs").join(format!("{}.log", self.name))
    }

    fn pid_file(&self) -> PathBuf {
        home().join("pids").join(format!("{}.pid", self.name))
    }

    /// The end of its log.
    fn last_words(&self) -> String {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        log.lines().next_back().unwrap_or("it left no word").to_owned()
    }
}

/// Whether any process of these names runs.
pub(super) fn anything_runs(names: &[&'static str]) -> bool {
    let mut daemons = names.iter().map(|name| Daemon {
        name,
        port: None,
        question: Question::Redis,
    });
    daemons.any(|daemon| daemon.pid().is_some())
}

/// Fails when somebody else has the port, saying what to do.
pub(super) fn ensure_free(name: &str, port: u16) -> Result<()> {
    if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err() {
        bail!(
            "port {port}, which {name} needs, is taken by another program: stop it (ss -ltnp says which it is, \
             and a service of the system is stopped by: systemctl stop NAME), then run this again"
        );
    }
    Ok(())
}

/// What of the process's state tells it from others: when it started, in ticks since the boot.
fn started_at(pid: u32) -> Option<String> {
    let fields = stat(pid)?;
    // A zombie has ended.
    if fields.first()? == "Z" {
        return None;
    }
    fields.get(19).cloned()
}

fn is_stopped(pid: u32) -> bool {
    stat(pid).is_none_or(|fields| fields.first().is_some_and(|state| state == "T"))
}

/// The first line of the answer to `question`.
fn ask(port: u16, question: &str) -> Option<String> {
    let mut stream =
        TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), ANSWER).ok()?;
    stream.set_read_timeout(Some(ANSWER)).ok()?;
    stream.write_all(question.as_bytes()).ok()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).ok()?;
    Some(line)
}
