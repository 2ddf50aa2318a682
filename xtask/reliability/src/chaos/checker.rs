//! The judge: what clients sent and were told, against what is there at the end. Pure; whoever uses a queue
//! can be judged, ours and the naive one.

use std::collections::{BTreeMap, BTreeSet};

/// Statuses that are final.
const TERMINAL: [&str; 3] = ["completed", "failed", "cancelled"];
/// Examples of each complaint that are shown.
const EXAMPLES: usize = 5;

/// A document that was sent, as often as it took.
#[derive(Debug, Clone, Default)]
pub(crate) struct Submitted {
    /// Its name, which no other has.
    pub(crate) name: String,
    /// Its text.
    pub(crate) text: String,
    /// The SHA-256 of its file.
    pub(crate) sha256: Vec<u8>,
    /// The tasks that answers with 2xx named: none when it was never accepted.
    pub(crate) accepted: BTreeSet<String>,
}

/// A task that is there at the end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    /// Its id.
    pub(crate) task: String,
    /// The name of its document.
    pub(crate) name: String,
    /// Its status, and the code of the error.
    pub(crate) status: String,
    /// Why it failed.
    pub(crate) error: Option<String>,
    /// What was read, a space between words.
    pub(crate) text: String,
    /// The SHA-256 of the file that was stored.
    pub(crate) sha256: Vec<u8>,
    /// How often it became completed, as the change log has it.
    pub(crate) completions: usize,
    /// How many results were written.
    pub(crate) results: usize,
}

/// What a client that followed the changes believes at the end: the status of each task.
#[derive(Debug, Clone, Default)]
pub(crate) struct View {
    /// How it followed.
    pub(crate) follower: String,
    /// Status by task.
    pub(crate) tasks: BTreeMap<String, String>,
}

/// Everything there is to judge.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    /// What was sent.
    pub(crate) submitted: Vec<Submitted>,
    /// What is there.
    pub(crate) found: Vec<Found>,
    /// What followers believe.
    pub(crate) views: Vec<View>,
}

/// What is wrong with a run, if anything is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Verdict {
    /// Documents that were accepted.
    pub(crate) accepted: usize,
    /// Documents that were sent and never accepted.
    pub(crate) refused: usize,
    /// Accepted documents that came to no right end: missing, stuck, failed or with a wrong text.
    pub(crate) lost: usize,
    /// Documents with two tasks, or tasks that were completed or written twice.
    pub(crate) doubled: usize,
    /// Tasks of which a follower believes something else at the end.
    pub(crate) stale: usize,
    /// Tasks that nobody asked for.
    pub(crate) unasked: usize,
    /// What exactly, by kind of complaint.
    pub(crate) complaints: BTreeMap<&'static str, Vec<String>>,
}

impl Verdict {
    /// Whether nothing is wrong.
    pub(crate) fn is_clean(&self) -> bool {
        self.complaints.is_empty()
    }

    /// Lines that say what is wrong, with examples.
    pub(crate) fn lines(&self) -> Vec<String> {
        let shown = self.complaints.iter().flat_map(|(kind, all)| {
            let head = format!("{kind}: {}", all.len());
            let examples = all.iter().take(EXAMPLES).map(|one| format!("    {one}"));
            std::iter::once(head).chain(examples)
        });
        shown.collect()
    }

    fn complain(&mut self, kind: &'static str, what: impl Into<String>) {
        self.complaints.entry(kind).or_default().push(what.into());
    }
}

/// Judges a run.
pub(crate) fn judge(history: &History) -> Verdict {
    let mut verdict = Verdict::default();
    let mut by_name: BTreeMap<&str, Vec<&Found>> = BTreeMap::new();
    for found in &history.found {
        by_name.entry(&found.name).or_default().push(found);
    }
    for submitted in &history.submitted {
        let found = by_name.remove(submitted.name.as_str()).unwrap_or_default();
        judge_document(&mut verdict, submitted, &found);
    }
    for (name, found) in by_name {
        verdict.unasked += found.len();
        verdict.complain("tasks nobody asked for", name);
    }
    for view in &history.views {
        judge_view(&mut verdict, view, &history.found);
    }
    verdict
}

fn judge_document(verdict: &mut Verdict, submitted: &Submitted, found: &[&Found]) {
    let name = &submitted.name;
    let is_accepted = !submitted.accepted.is_empty();
    verdict.accepted += usize::from(is_accepted);
    verdict.refused += usize::from(!is_accepted);
    if submitted.accepted.len() > 1 || found.len() > 1 {
        verdict.doubled += 1;
        let tasks: Vec<&str> = found.iter().map(|found| found.task.as_str()).collect();
        verdict.complain("documents with several tasks", format!("{name}: {tasks:?}"));
    }
    for found in found {
        if found.completions > 1 || found.results > 1 {
            verdict.doubled += 1;
            let (completions, results) = (found.completions, found.results);
            verdict.complain(
                "tasks completed twice",
                format!(
                    "{name}, task {}: {completions} completions, {results} results",
                    found.task
                ),
            );
        }
        // One whose upload was never acknowledged may exist or not, but it must come to an end.
        if !is_accepted && !TERMINAL.contains(&found.status.as_str()) {
            verdict.complain("stuck, not acknowledged", format!("{name}: {}", found.status));
        }
    }
    for task in &submitted.accepted {
        let found = found.iter().find(|found| found.task == *task);
        if let Some((kind, what)) = loss(submitted, found.copied()) {
            verdict.lost += 1;
            verdict.complain(kind, format!("{name}, task {task}{what}"));
        }
    }
}

/// What is lost of an accepted document.
fn loss(submitted: &Submitted, found: Option<&Found>) -> Option<(&'static str, String)> {
    let Some(found) = found else {
        return Some(("lost: no such task", String::new()));
    };
    let status = found.status.as_str();
    if !TERMINAL.contains(&status) {
        return Some(("lost: stuck", format!(": {status}")));
    }
    if status != "completed" {
        let code = found.error.as_deref().unwrap_or("no code");
        return Some(("lost: not read", format!(": {status}, {code}")));
    }
    if found.text != submitted.text {
        let (read, sent) = (found.text.len(), submitted.text.len());
        return Some(("lost: wrong text", format!(": {read} bytes read, {sent} sent")));
    }
    (found.sha256 != submitted.sha256).then(|| ("lost: the stored file is another", String::new()))
}

fn judge_view(verdict: &mut Verdict, view: &View, found: &[Found]) {
    let truth: BTreeMap<&str, &str> = found
        .iter()
        .map(|found| (found.task.as_str(), found.status.as_str()))
        .collect();
    let believed = view
        .tasks
        .iter()
        .map(|(task, status)| (task.as_str(), status.as_str()));
    let believed: BTreeMap<&str, &str> = believed.collect();
    let tasks: BTreeSet<&str> = truth.keys().chain(believed.keys()).copied().collect();
    for task in tasks {
        let (is, seen) = (truth.get(task), believed.get(task));
        if is != seen {
            verdict.stale += 1;
            let follower = &view.follower;
            verdict.complain(
                "views that are not what is there",
                format!("{follower}, task {task}: {seen:?} in place of {is:?}"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn submitted(name: &str, tasks: &[&str]) -> Submitted {
        Submitted {
            name: name.into(),
            text: format!("text of {name}"),
            sha256: vec![7],
            accepted: tasks.iter().map(ToString::to_string).collect(),
        }
    }

    fn found(name: &str, task: &str, status: &str) -> Found {
        Found {
            task: task.into(),
            name: name.into(),
            status: status.into(),
            text: format!("text of {name}"),
            sha256: vec![7],
            completions: usize::from(status == "completed"),
            results: usize::from(status == "completed"),
            error: None,
        }
    }

    fn good() -> History {
        History {
            submitted: vec![
                submitted("a", &["1"]),
                submitted("b", &["2"]),
                submitted("c", &[]),
            ],
            found: vec![found("a", "1", "completed"), found("b", "2", "completed")],
            views: vec![View {
                follower: "socket".into(),
                tasks: [("1", "completed"), ("2", "completed")]
                    .map(|(task, status)| (task.to_owned(), status.to_owned()))
                    .into(),
            }],
        }
    }

    fn judged(spoil: impl FnOnce(&mut History)) -> Verdict {
        let mut history = good();
        spoil(&mut history);
        judge(&history)
    }

    #[test]
    fn a_good_run_is_clean() {
        let verdict = judged(|_| {});
        assert!(verdict.is_clean(), "{verdict:?}");
        assert_eq!((verdict.accepted, verdict.refused), (2, 1));
    }

    #[test]
    fn what_was_accepted_and_did_not_come_to_a_right_end_is_lost() {
        let losses: [fn(&mut History); 5] = [
            |history| drop(history.found.remove(0)),
            |history| history.found[0].status = "processing".into(),
            |history| history.found[0].status = "failed".into(),
            |history| history.found[0].text = "text of b".into(),
            |history| history.found[0].sha256.clear(),
        ];
        for spoil in losses {
            let verdict = judged(|history| {
                history.views.clear();
                spoil(history);
            });
            assert_eq!((verdict.lost, verdict.doubled), (1, 0), "{verdict:?}");
            assert!(!verdict.is_clean());
        }
    }

    #[test]
    fn what_happened_twice_is_doubled() {
        let doubles: [fn(&mut History); 4] = [
            |history| history.found[1].completions = 2,
            |history| history.found[1].results = 2,
            |history| history.found.push(found("b", "3", "completed")),
            |history| history.submitted[1].accepted.extend(["2b".to_owned()]),
        ];
        for spoil in doubles {
            let verdict = judged(|history| {
                history.views.clear();
                spoil(history);
            });
            assert_eq!(verdict.doubled, 1, "{verdict:?}");
        }
    }

    #[test]
    fn a_task_without_acknowledgement_may_exist_but_not_be_stuck() {
        let exists = |status: &'static str| {
            judged(|history| {
                history.views.clear();
                history.found.push(found("c", "9", status));
            })
        };
        assert!(exists("completed").is_clean());
        assert!(!exists("pending").is_clean());
    }

    #[test]
    fn tasks_of_nobody_and_stale_views_are_told() {
        let unasked = judged(|history| history.found.push(found("z", "9", "completed")));
        assert_eq!(unasked.unasked, 1);
        let stale = judged(|history| {
            history.views[0].tasks.insert("1".into(), "processing".into());
            history.views[0].tasks.remove("2");
        });
        assert_eq!((stale.stale, stale.lost), (2, 0));
        assert!(!stale.is_clean());
    }
}
