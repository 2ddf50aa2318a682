//! Which worker holds which task, read from what workers log: each of their calls to a port, with the task it is for.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{ErrorKind, Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::Result;
use serde::Deserialize;

use crate::stack::{Role, Stack};

/// The log filter that has workers say what they do.
pub(crate) const FILTER: &str = "info,ocr_server::telemetry=trace";
/// What a line that is of interest has in it; looking for that is cheaper than parsing all.
const MARK: &str = "\"operation\":";

/// What a worker did for a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// It has the lease.
    Claim,
    /// It has the document and gives it to a page process.
    Open,
    /// It has renewed the lease.
    Progress,
    /// It has stored a page.
    Page,
    /// It has ended the attempt.
    Finish,
    /// It has given the delivery back.
    Release,
}

/// A line of a log that is of interest.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    /// When, as text that is ordered as time is.
    at: String,
    task: String,
    step: Step,
    failed: bool,
}

#[derive(Deserialize)]
struct Line {
    timestamp: String,
    fields: Fields,
    span: Option<Span>,
}

#[derive(Deserialize)]
struct Fields {
    port: String,
    operation: String,
    failure: Option<String>,
}

#[derive(Deserialize)]
struct Span {
    task: String,
}

/// What a line says; `None` for one of something else.
fn entry(line: &str) -> Option<Entry> {
    if !line.contains(MARK) {
        return None;
    }
    let line: Line = serde_json::from_str(line).ok()?;
    let step = match (line.fields.port.as_str(), line.fields.operation.as_str()) {
        ("store", "transition") => Step::Claim,
        ("blobs", "get") => Step::Open,
        ("store", "record_progress") => Step::Progress,
        ("store", "put_pages") => Step::Page,
        ("store", "finish") => Step::Finish,
        ("queue", "ack" | "nack") => Step::Release,
        _ => return None,
    };
    Some(Entry {
        at: line.timestamp,
        task: line.span?.task,
        step,
        failed: line.fields.failure.is_some(),
    })
}

/// A task that a worker holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hold {
    /// Which claim of the task it is, of all workers.
    claim: u32,
    opened: bool,
    begun: bool,
}

/// A worker that can be broken.
#[derive(Debug)]
struct Worker {
    /// Its place among the processes of the stack.
    member: usize,
    log: PathBuf,
    /// Bytes of the log that were read.
    read: u64,
    /// The beginning of a line that is not whole yet.
    rest: String,
    holds: BTreeMap<String, Hold>,
}

/// What all workers of a stack hold.
#[derive(Debug, Default)]
pub(crate) struct Leases {
    workers: Vec<Worker>,
    claims: BTreeMap<String, u32>,
    /// Tasks whose worker was killed, and when, until they are claimed again.
    orphaned: BTreeMap<String, Instant>,
    /// How long it took until they were.
    pub(crate) pick_ups: Vec<Duration>,
    /// Ends of attempts that were accepted after another worker had claimed the task.
    pub(crate) stale: usize,
    /// Writes of such attempts that were refused.
    pub(crate) refused: usize,
}

impl Leases {
    /// Of the workers of `stack`.
    pub(crate) async fn of(stack: &Stack) -> Self {
        let mut leases = Self::default();
        for (member, process) in stack.members.iter().enumerate() {
            if matches!(process.role, Role::Worker | Role::Everything) {
                let name = process.process.lock().await.name().to_owned();
                leases.add(member, stack.logs().join(format!("{name}.log")));
            }
        }
        leases
    }

    fn add(&mut self, member: usize, log: PathBuf) {
        self.workers.push(Worker {
            member,
            log,
            read: 0,
            rest: String::new(),
            holds: BTreeMap::new(),
        });
    }

    /// How many workers there are.
    pub(crate) fn workers(&self) -> usize {
        self.workers.len()
    }

    /// The place of a worker among the processes of the stack.
    pub(crate) fn member(&self, worker: usize) -> usize {
        self.workers[worker].member
    }

    /// Reads what was logged since the last look. What it tells of times is as exact as looks are frequent.
    pub(crate) fn look(&mut self) -> Result<()> {
        let now = Instant::now();
        let mut seen = Vec::new();
        for (number, worker) in self.workers.iter_mut().enumerate() {
            let entries = worker.lines()?;
            let entries = entries.iter().filter_map(|line| entry(line));
            seen.extend(entries.map(|entry| (number, entry)));
        }
        // Who has a task depends on who had it before, and each log tells of one worker.
        seen.sort_by(|(_, one), (_, other)| one.at.cmp(&other.at));
        for (worker, entry) in seen {
            self.see(worker, &entry, now);
        }
        Ok(())
    }

    /// Tasks that `worker` has begun to read, with the claim of each.
    pub(crate) fn begun(&self, worker: usize) -> Vec<(String, u32)> {
        let holds = self.workers[worker].holds.iter();
        let begun = holds.filter(|(_, hold)| hold.begun);
        begun.map(|(task, hold)| (task.clone(), hold.claim)).collect()
    }

    /// Whether one of `tasks` was claimed again after these claims.
    pub(crate) fn overtaken(&self, tasks: &[(String, u32)]) -> bool {
        let latest = |task: &str| self.claims.get(task).copied().unwrap_or(0);
        tasks.iter().any(|(task, claim)| latest(task) > *claim)
    }

    /// `worker` was killed at that time: what it held waits for another claim.
    pub(crate) fn killed(&mut self, worker: usize, at: Instant) {
        for task in std::mem::take(&mut self.workers[worker].holds).into_keys() {
            self.orphaned.insert(task, at);
        }
        self.workers[worker].rest.clear();
    }

    /// How many tasks of workers that were killed nobody has claimed since.
    pub(crate) fn unclaimed(&self) -> usize {
        self.orphaned.len()
    }

    fn see(&mut self, worker: usize, entry: &Entry, now: Instant) {
        let holds = &mut self.workers[worker].holds;
        let latest = self.claims.entry(entry.task.clone()).or_default();
        match (entry.step, entry.failed) {
            (Step::Claim, false) => {
                *latest += 1;
                let hold = Hold {
                    claim: *latest,
                    opened: false,
                    begun: false,
                };
                holds.insert(entry.task.clone(), hold);
                if let Some(killed) = self.orphaned.remove(&entry.task) {
                    self.pick_ups.push(now.saturating_duration_since(killed));
                }
            }
            (Step::Claim, true) => {}
            (step, failed) => {
                let Some(hold) = holds.get_mut(&entry.task) else {
                    return;
                };
                // Within one process two attempts log alike; there a second result is what the checker finds.
                let is_overtaken = hold.claim < *latest;
                match (step, failed) {
                    (Step::Open, false) => hold.opened = true,
                    (Step::Progress | Step::Page, false) => hold.begun |= hold.opened,
                    (Step::Page | Step::Finish, true) if is_overtaken => self.refused += 1,
                    (Step::Finish, false) => {
                        self.stale += usize::from(is_overtaken);
                        holds.remove(&entry.task);
                    }
                    (Step::Release, _) => {
                        holds.remove(&entry.task);
                    }
                    _ => {}
                }
            }
        }
    }
}

impl Worker {
    /// Whole lines that were written since the last call.
    fn lines(&mut self) -> Result<Vec<String>> {
        let added = added(&self.log, self.read)?;
        self.read += added.len() as u64;
        self.rest.push_str(&String::from_utf8_lossy(&added));
        let Some(end) = self.rest.rfind('\n') else {
            return Ok(Vec::new());
        };
        let rest = self.rest.split_off(end + 1);
        let whole = std::mem::replace(&mut self.rest, rest);
        Ok(whole.lines().map(ToOwned::to_owned).collect())
    }
}

/// What `path` has after its first `from` bytes; nothing while there is no such file.
fn added(path: &Path, from: u64) -> Result<Vec<u8>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    file.seek(SeekFrom::Start(from))?;
    let mut added = Vec::new();
    file.read_to_end(&mut added)?;
    Ok(added)
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write as _};

    use super::*;

    fn line(task: &str, port: &str, operation: &str, failure: &str) -> String {
        let failure = match failure {
            "" => String::new(),
            kind => format!(",\"failure\":\"{kind}\""),
        };
        format!(
            "{{\"timestamp\":\"2026-11-28T06:56:27Z\",\"level\":\"TRACE\",\"fields\":{{\"message\":\"a call ended\",\
             \"port\":\"{port}\",\"adapter\":\"sqlite\",\"operation\":\"{operation}\",\"elapsed_ms\":\"0\",\
             \"repeats\":0{failure}}},\"target\":\"ocr_server::telemetry\",\
             \"span\":{{\"task\":\"{task}\",\"trace\":\"01\",\"name\":\"task\"}}}}"
        )
    }

    /// Leases of two workers that have logged these lines, one after the other.
    fn after(logged: &[(usize, &str, &str, &str)]) -> Leases {
        let mut leases = Leases::default();
        leases.add(3, PathBuf::new());
        leases.add(4, PathBuf::new());
        for (worker, port, operation, failure) in logged {
            let entry = entry(&line("a", port, operation, failure)).unwrap();
            leases.see(*worker, &entry, Instant::now());
        }
        leases
    }

    const BEGUN: [(usize, &str, &str, &str); 3] = [
        (0, "store", "transition", ""),
        (0, "blobs", "get", ""),
        (0, "store", "record_progress", ""),
    ];

    #[test]
    fn a_worker_has_begun_once_it_has_the_document_and_until_it_is_done() {
        assert!(after(&BEGUN[..2]).begun(0).is_empty());
        assert_eq!(after(&BEGUN).begun(0), [("a".to_owned(), 1)]);
        assert!(after(&BEGUN).begun(1).is_empty());
        let done = [&BEGUN[..], &[(0, "store", "finish", "")]].concat();
        assert!(after(&done).begun(0).is_empty());
        let given_back = [&BEGUN[..], &[(0, "queue", "nack", "")]].concat();
        assert!(after(&given_back).begun(0).is_empty());
        let refused = after(&[(0, "store", "transition", "conflict")]);
        assert!(refused.claims["a"] == 0 && refused.workers[0].holds.is_empty());
    }

    #[test]
    fn lines_of_something_else_say_nothing() {
        assert_eq!(entry("{\"fields\":{\"message\":\"this process\"}}"), None);
        assert_eq!(entry(&line("a", "store", "page_numbers", "")), None);
        assert_eq!(entry(&line("a", "store", "finish", "")[20..]), None);
        let outside = line("a", "store", "transition", "").replace("\"task\":", "\"id\":");
        assert_eq!(entry(&outside), None);
    }

    #[test]
    fn what_a_killed_worker_held_is_picked_up_by_the_next_claim() {
        let mut leases = after(&BEGUN);
        let killed = Instant::now();
        leases.killed(0, killed);
        assert_eq!((leases.unclaimed(), leases.begun(0).len()), (1, 0));
        let claim = entry(&line("a", "store", "transition", "")).unwrap();
        leases.see(1, &claim, killed + Duration::from_secs(2));
        assert_eq!(leases.unclaimed(), 0);
        assert_eq!(leases.pick_ups, [Duration::from_secs(2)]);
    }

    #[test]
    fn what_is_written_after_another_claim_is_stale_unless_it_is_refused() {
        let overtaken = [&BEGUN[..], &[(1, "store", "transition", "")]].concat();
        let leases = after(&overtaken);
        assert!(leases.overtaken(&[("a".to_owned(), 1)]));
        assert!(!leases.overtaken(&[("a".to_owned(), 2)]));
        let refused = after(&[&overtaken[..], &[(0, "store", "put_pages", "lease_lost")]].concat());
        assert_eq!((refused.refused, refused.stale), (1, 0));
        let stale = after(&[&overtaken[..], &[(0, "store", "finish", "")]].concat());
        assert_eq!((stale.refused, stale.stale), (0, 1));
        let right = after(&[&overtaken[..], &[(1, "store", "finish", "")]].concat());
        assert_eq!((right.refused, right.stale), (0, 0));
    }

    #[test]
    fn logs_of_several_workers_are_read_in_the_order_of_time() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["first", "second"].map(|name| folder.path().join(name));
        let mut leases = Leases::default();
        leases.add(0, paths[0].clone());
        leases.add(1, paths[1].clone());
        let claim = line("a", "store", "transition", "");
        fs::write(&paths[1], format!("{claim}\n")).unwrap();
        leases.look().unwrap();
        // The second one gives it up, and the first one takes it a second later.
        let ended = line("a", "store", "finish", "");
        fs::write(&paths[1], format!("{claim}\n{ended}\n")).unwrap();
        let later = claim.replace("06:56:27Z", "06:56:28Z");
        fs::write(&paths[0], format!("{later}\n")).unwrap();
        leases.look().unwrap();
        assert_eq!((leases.claims["a"], leases.stale), (2, 0));
    }

    #[test]
    fn a_line_that_is_written_in_two_pieces_is_read_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("worker.log");
        let mut leases = Leases::default();
        leases.add(0, path.clone());
        leases.look().unwrap();
        let whole = line("a", "store", "transition", "");
        let (first, second) = whole.split_at(40);
        fs::write(&path, first).unwrap();
        leases.look().unwrap();
        assert!(leases.claims.is_empty());
        let mut file = File::options().append(true).open(&path).unwrap();
        writeln!(file, "{second}").unwrap();
        leases.look().unwrap();
        leases.look().unwrap();
        assert_eq!(leases.claims["a"], 1);
    }
}
