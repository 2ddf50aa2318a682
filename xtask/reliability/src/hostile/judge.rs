//! What a server may make of an untrusted file, and what not.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use super::watch::Peaks;
use crate::table;

/// Maximum resident memory of the server, in bytes: documents stay out of it.
const SERVER: u64 = 512 * MIB;
/// Maximum resident memory of a page process: what it may have as an address space unless set.
const CHILD: u64 = 3072 * MIB;
/// Longest time until an upload is answered.
const ANSWER: Duration = Duration::from_secs(10);
/// Part of the names of files of the corpus with which nothing is wrong.
const CONTROL: &str = "control_good";
const MIB: u64 = 1024 * 1024;

/// How a task came out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum End {
    /// There is no task.
    #[default]
    NoTask,
    /// It did not end in time.
    Open,
    /// With this status, and this error code.
    Ended(String, Option<String>),
}

/// What became of a file.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcome {
    /// Its name.
    pub(super) name: String,
    /// The status of the upload; `None` when no answer came.
    pub(super) status: Option<u16>,
    /// The code of a refusal.
    pub(super) code: Option<String>,
    /// What became of its task.
    pub(super) end: End,
    /// How long the upload took.
    pub(super) answered: Duration,
    /// How long everything took.
    pub(super) took: Duration,
}

impl Outcome {
    /// What is wrong with it.
    fn problem(&self) -> Option<String> {
        let read = End::Ended("completed".into(), None);
        let typed = |code: &Option<String>| code.as_deref().is_some_and(|code| code != "internal");
        match (self.status, &self.end) {
            (None, _) => Some("no answer".into()),
            (Some(status), _) if status >= 500 => Some(format!("answered with {status}")),
            (Some(_), _) if self.answered > ANSWER => {
                Some(format!("answered after {:.1} s", self.answered.as_secs_f64()))
            }
            _ if self.name.contains(CONTROL) && self.end != read => Some("a good file is not read".into()),
            (Some(_), End::Open) => Some("the task does not end".into()),
            (Some(_), End::Ended(status, code)) if status == "failed" && !typed(code) => {
                Some(format!("failed without a reason ({code:?})"))
            }
            (Some(status), End::NoTask) if status >= 400 && !typed(&self.code) => {
                Some(format!("{status} without a code"))
            }
            (Some(status), End::NoTask) if status < 400 => Some(format!("{status} without a task")),
            _ => None,
        }
    }

    /// In one word.
    fn kind(&self) -> String {
        match (&self.end, self.status) {
            (End::Ended(status, Some(code)), _) => format!("{status} {code}"),
            (End::Ended(status, None), _) => status.clone(),
            (End::Open, _) => "open".into(),
            (End::NoTask, Some(status)) => format!("{status} {}", self.code.as_deref().unwrap_or("")),
            (End::NoTask, None) => "no answer".into(),
        }
    }
}

/// A group of files, and what the server took for it.
#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    /// Its name.
    pub(super) name: String,
    /// Its files.
    pub(super) outcomes: Vec<Outcome>,
    /// Memory and connections meanwhile.
    pub(super) peaks: Peaks,
    /// How long all of it took.
    pub(super) took: Duration,
    /// Whether a good document was read afterwards.
    pub(super) is_next_read: bool,
}

impl Group {
    /// What is wrong with it, a line each.
    fn complaints(&self) -> Vec<String> {
        let files = self.outcomes.iter().filter_map(|outcome| {
            let name: String = outcome.name.escape_debug().take(60).collect();
            Some(format!("{name}: {}", outcome.problem()?))
        });
        let mut all: Vec<String> = files.collect();
        if !self.is_next_read {
            all.push("the next good document is not read".into());
        }
        for (who, peak, limit) in [
            ("server", self.peaks.server, SERVER),
            ("a page process", self.peaks.child, CHILD),
        ] {
            if peak > limit {
                all.push(format!("{who} took {} MiB", peak / MIB));
            }
        }
        all.extend(
            self.peaks
                .outbound
                .iter()
                .map(|to| format!("a connection to {to} was opened")),
        );
        all
    }

    /// The same for a terminal.
    pub(super) fn problems(&self) -> String {
        self.complaints().iter().fold(String::new(), |mut text, line| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  {}: {line}", self.name);
            text
        })
    }
}

/// All groups.
#[derive(Debug, Default)]
pub(super) struct Sums(Vec<Group>);

impl Sums {
    /// Adds a group.
    pub(super) fn add(&mut self, group: Group) {
        self.0.push(group);
    }

    /// Whether nothing is wrong, and something was sent.
    pub(super) fn is_good(&self) -> bool {
        self.complaints() == 0 && self.0.iter().any(|group| !group.outcomes.is_empty())
    }

    /// The line that everything is about.
    pub(super) fn line(&self) -> String {
        let files: usize = self.0.iter().map(|group| group.outcomes.len()).sum();
        format!("{files} untrusted files, {} complaints", self.complaints())
    }

    /// A row for each group, then how often which outcome came.
    pub(super) fn table(&self) -> String {
        let head = [
            "group",
            "files",
            "refused",
            "read",
            "failed",
            "slowest",
            "all",
            "server MiB",
            "child MiB",
        ];
        let rows = self.0.iter().map(|group| {
            let count = |is: &dyn Fn(&Outcome) -> bool| group.outcomes.iter().filter(|one| is(one)).count();
            let ended =
                |one: &Outcome, wanted: &str| matches!(&one.end, End::Ended(status, _) if status == wanted);
            let slowest = group
                .outcomes
                .iter()
                .map(|one| one.took)
                .max()
                .unwrap_or_default();
            vec![
                group.name.clone(),
                group.outcomes.len().to_string(),
                count(&|one| one.end == End::NoTask).to_string(),
                count(&|one| ended(one, "completed")).to_string(),
                count(&|one| ended(one, "failed")).to_string(),
                format!("{:.1} s", slowest.as_secs_f64()),
                format!("{:.0} s", group.took.as_secs_f64()),
                (group.peaks.server / MIB).to_string(),
                (group.peaks.child / MIB).to_string(),
            ]
        });
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for outcome in self.0.iter().flat_map(|group| &group.outcomes) {
            *kinds.entry(outcome.kind()).or_default() += 1;
        }
        let kinds = kinds
            .into_iter()
            .map(|(kind, count)| vec![kind, count.to_string()]);
        table::text(&head, rows) + "\n" + &table::text(&["outcome", "files"], kinds)
    }

    fn complaints(&self) -> usize {
        self.0.iter().map(|group| group.complaints().len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(status: &str, code: Option<&str>) -> End {
        End::Ended(status.into(), code.map(ToOwned::to_owned))
    }

    fn outcome(status: u16, code: Option<&str>, end: End) -> Outcome {
        Outcome {
            status: Some(status),
            code: code.map(ToOwned::to_owned),
            end,
            ..Outcome::default()
        }
    }

    #[test]
    fn a_typed_end_is_fine_and_anything_else_is_not() {
        let fine = [
            outcome(202, None, ended("completed", None)),
            outcome(202, None, ended("failed", Some("invalid_input"))),
            outcome(415, Some("unsupported"), End::NoTask),
        ];
        assert!(fine.iter().all(|outcome| outcome.problem().is_none()));
        let wrong = [
            Outcome::default(),
            outcome(500, Some("internal"), End::NoTask),
            outcome(503, Some("unavailable"), End::NoTask),
            outcome(422, None, End::NoTask),
            outcome(200, None, End::NoTask),
            outcome(202, None, End::Open),
            outcome(202, None, ended("failed", None)),
            outcome(202, None, ended("failed", Some("internal"))),
        ];
        assert!(wrong.iter().all(|outcome| outcome.problem().is_some()));
    }

    #[test]
    fn memory_connections_and_the_next_document_count() {
        let good = Group {
            is_next_read: true,
            ..Group::default()
        };
        assert!(good.complaints().is_empty());
        let mut bad = good.clone();
        bad.peaks.server = SERVER + 1;
        bad.peaks.outbound.insert("08080808:0050".into());
        bad.is_next_read = false;
        assert_eq!(bad.complaints().len(), 3);
        let mut sums = Sums::default();
        sums.add(good);
        assert!(!sums.is_good(), "nothing was sent");
    }
}
