//! What a program and all that it starts take.

use std::{
    collections::HashMap,
    fs,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::process::stat;

/// How often memory is looked at.
const SAMPLE: Duration = Duration::from_millis(50);

/// Clock ticks in a second, as Linux shows times to programs on every processor.
const TICKS: f64 = 100.0;

/// What a run took.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cost {
    /// Seconds.
    pub(super) wall: f64,
    /// Seconds of the processor, all processes together.
    pub(super) processor: f64,
    /// The most resident memory of all processes together, in bytes.
    pub(super) memory: u64,
}

/// Runs `command` to its end. A corpus may hold documents that an engine cannot read, so failing counts as reading;
/// not starting, and being killed, does not.
pub(super) fn measured(command: &mut Command) -> Result<Cost> {
    let name = command.get_program().to_owned();
    let before = of_ended_children()?;
    let started = Instant::now();
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("{} could not be started", name.display()))?;
    let mut memory = 0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        memory = memory.max(resident(child.id()));
        thread::sleep(SAMPLE);
    };
    if status.code().is_none() {
        bail!("{} was killed: {status}", name.display());
    }
    Ok(Cost {
        wall: started.elapsed().as_secs_f64(),
        processor: of_ended_children()? - before,
        memory,
    })
}

/// Processor seconds of the children that ended, and of theirs (`cutime` and `cstime` of proc_pid_stat(5)).
fn of_ended_children() -> Result<f64> {
    let fields = stat(std::process::id()).context("this measurement needs /proc")?;
    let ticks = |field: usize| -> Option<f64> { fields.get(field - 3)?.parse().ok() };
    let (user, system) = ticks(16)
        .zip(ticks(17))
        .context("/proc/self/stat has another form")?;
    Ok((user + system) / TICKS)
}

/// Resident bytes of a process and its descendants.
fn resident(root: u32) -> u64 {
    let Ok(processes) = fs::read_dir("/proc") else {
        return 0;
    };
    let mut parents = HashMap::new();
    let mut sizes = HashMap::new();
    for entry in processes.flatten() {
        let id = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<u32>().ok());
        // A process may end while it is looked at.
        let status = fs::read_to_string(entry.path().join("status"));
        let (Some(id), Ok(status)) = (id, status) else {
            continue;
        };
        parents.insert(id, number(&status, "PPid:") as u32);
        sizes.insert(id, number(&status, "VmRSS:") * 1024);
    }
    let belongs = |&id: &u32| {
        let ancestors = std::iter::successors(Some(id), |id| parents.get(id).copied());
        ancestors.take(64).any(|id| id == root)
    };
    sizes
        .iter()
        .filter(|(id, _)| belongs(id))
        .map(|(_, size)| size)
        .sum()
}

fn number(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let word = line.and_then(|line| line.split_whitespace().next());
    word.and_then(|word| word.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn what_children_take_is_counted() {
        let mut busy = Command::new("sh");
        busy.args(["-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; exit 3"]);
        let cost = measured(&mut busy).unwrap();
        assert!(cost.processor > 0.0 && cost.memory > 100_000, "{cost:?}");
    }

    #[test]
    fn what_does_not_start_is_told() {
        assert!(measured(&mut Command::new("no-such-program-anywhere")).is_err());
    }
}
