//! What the kernel tells of processes: `/proc`.

use std::{fs, path::PathBuf, time::Duration};

/// Position of the parent's id in `/proc/PID/stat`, counted from the state.
const PARENT: usize = 1;
/// Position of the first of four sums of processor time.
const PROCESSOR: usize = 11;
/// Ticks a second of these sums, on every Linux there is.
const TICKS: u64 = 100;
/// Position of the time of the start.
const STARTED: usize = 19;

/// A process that cannot be taken for a later one of the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Its id.
    pub(crate) pid: u32,
    /// When it started, in ticks since the boot.
    started: u64,
}

impl Identity {
    /// Whether it has not ended yet.
    pub(crate) fn is_alive(self) -> bool {
        identity(self.pid) == Some(self)
    }
}

/// The process `pid`, unless it has ended.
pub(crate) fn identity(pid: u32) -> Option<Identity> {
    let fields = stat(pid)?;
    // A zombie has ended; its parent has not looked yet.
    if fields.first()? == "Z" {
        return None;
    }
    let started = fields.get(STARTED)?.parse().ok()?;
    Some(Identity { pid, started })
}

/// All processes that `pid` started, and that those started.
pub(crate) fn descendants(pid: u32) -> Vec<Identity> {
    let all: Vec<(u32, u32)> = ids()
        .filter_map(|pid| Some((pid, stat(pid)?.get(PARENT)?.parse().ok()?)))
        .collect();
    let mut found = vec![pid];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        found.extend(all.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        next += 1;
    }
    found.into_iter().skip(1).filter_map(identity).collect()
}

/// Resident memory of a process in bytes: what is its own, and what it shares with others.
pub(crate) fn resident(pid: u32) -> u64 {
    let status = fs::read_to_string(file(pid, "status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}

/// Processor time of a process, with that of its children that have ended.
pub(crate) fn processor_time(pid: u32) -> Duration {
    let fields = stat(pid).unwrap_or_default();
    let ticks = fields.iter().skip(PROCESSOR).take(4);
    let ticks: u64 = ticks.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1000 / TICKS)
}

/// Open file descriptors of a process.
pub(crate) fn descriptors(pid: u32) -> usize {
    fs::read_dir(file(pid, "fd")).map_or(0, |entries| entries.flatten().count())
}

/// Inodes of the sockets that a process holds.
pub(crate) fn sockets(pid: u32) -> Vec<u64> {
    let entries = fs::read_dir(file(pid, "fd")).into_iter().flatten().flatten();
    let targets = entries.filter_map(|entry| fs::read_link(entry.path()).ok());
    targets
        .filter_map(|target| {
            let name = target.to_str()?.strip_prefix("socket:[")?;
            name.strip_suffix(']')?.parse().ok()
        })
        .collect()
}

/// The processor that this runs on, as far as the kernel tells.
pub(crate) fn machine() -> String {
    let information = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown processor", |value| value.trim_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?");
    format!("{model}, {cores} cores, load {load}")
}

fn ids() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// The fields of the process's state after its name, which may hold spaces.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(file(pid, "stat")).ok()?;
    let (_, fields) = text.rsplit_once(") ")?;
    Some(fields.split_whitespace().map(ToOwned::to_owned).collect())
}

fn file(pid: u32, name: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_seen_with_its_child() {
        let own = std::process::id();
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let seen = identity(child.id()).unwrap();
        assert!(seen.is_alive() && descendants(own).contains(&seen));
        assert!(resident(own) > 0 && descriptors(own) > 2);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!seen.is_alive());
    }
}
