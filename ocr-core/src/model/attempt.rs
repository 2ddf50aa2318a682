//! What became of each attempt at a task: when, by whom, and for how much.

use serde::{Deserialize, Serialize};

use super::{TaskFailure, TaskState, TaskStatus, Usage};
use crate::{builder::builder, clock::Timestamp};

/// Maximum number of attempts of a task that are remembered: the last ones.
pub const MAX_ATTEMPTS_KEPT: usize = 20;
/// Maximum length of the message of a remembered failure in characters. The task itself has the last one whole.
const MAX_MESSAGE: usize = 300;

/// What a worker says of its attempt when it begins or ends it. It is kept in the history of the task.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct AttemptNote {
    /// Name of the worker.
    pub worker: Option<String>,
    /// Name of the engine that reads.
    pub engine: Option<String>,
    /// What engines have charged since the task was last asked for.
    pub charged: Option<Usage>,
}

builder!(AttemptNote {
    with_worker(worker: impl Into<Option<String>>) "The same of the worker of this name."
    with_engine(engine: impl Into<Option<String>>) "The same of the engine of this name."
    with_charged(charged: impl Into<Option<Usage>>) "The same after engines have charged this since the task was last asked for."
});

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttemptEnd {
    /// It read the document.
    Completed,
    /// It ended in an error.
    Failed,
    /// The process that read died.
    Crashed,
    /// It gave the task back unharmed.
    Released,
    /// Somebody stopped it.
    Cancelled,
}

impl AttemptEnd {
    /// Its name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Crashed => "crashed",
            Self::Released => "released",
            Self::Cancelled => "cancelled",
        }
    }
}

/// One attempt at a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Attempt {
    /// Number of the claim.
    pub number: u32,
    /// When a worker took the task.
    pub started_at: Timestamp,
    /// When it ended, or when somebody noticed that it had; `None` while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Name of the worker, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
    /// Name of the engine, where it is known: not always of a worker that died.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// How it ended; `None` while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<AttemptEnd>,
    /// Why it failed; the message has 300 characters at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<TaskFailure>,
    /// What engines charged in it. What they charged in an attempt that crashed is part of the next one.
    #[serde(default)]
    pub usage: Usage,
}

/// The last attempts at a task, and what all of them cost. Has a stable JSON form.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct TaskHistory {
    /// The last [`MAX_ATTEMPTS_KEPT`] attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// What engines have charged since the task was last asked for.
    pub charged: Usage,
    /// What engines had charged before that.
    pub charged_before: Usage,
    /// Pages that were counted as used since the task was last asked for, although it has no result yet.
    pub pages_counted: u32,
}

impl TaskHistory {
    /// What engines charged for the task in all, whatever came of it.
    pub fn charged_in_all(&self) -> Usage {
        self.charged_before + self.charged
    }

    /// Notes that the task is read from the start, by engines that know nothing of what was charged before.
    pub(super) fn begin_anew(&mut self) {
        self.charged_before = self.charged_in_all();
        self.charged = Usage::default();
        self.pages_counted = 0;
    }

    /// Notes that `read` pages were read since the task was last asked for; how many of them were not counted yet.
    pub(super) fn count_pages(&mut self, read: u32) -> u32 {
        let more = read.saturating_sub(self.pages_counted);
        self.pages_counted += more;
        more
    }

    /// Notes that the task goes from `before` to `after` at `now`.
    pub(super) fn record(
        &mut self,
        before: &TaskState,
        after: &TaskState,
        note: &AttemptNote,
        now: Timestamp,
    ) {
        let begins = after.status == TaskStatus::Processing && after.attempt != before.attempt;
        if before.status == TaskStatus::Processing && (begins || after.status != TaskStatus::Processing) {
            self.note(note);
            self.close(end_of(before, after), now);
        }
        if begins {
            // One that was restored from the trash has no end of its own.
            self.close((AttemptEnd::Released, None), now);
            self.attempts.push(Attempt {
                number: after.attempt,
                started_at: now,
                ended_at: None,
                worker: note.worker.clone(),
                engine: None,
                end: None,
                failure: None,
                usage: Usage::default(),
            });
            let surplus = self.attempts.len().saturating_sub(MAX_ATTEMPTS_KEPT);
            self.attempts.drain(..surplus);
        }
    }

    /// Writes what is said of the attempt that ends.
    fn note(&mut self, note: &AttemptNote) {
        let spent = note.charged.map(|charged| charged.since(self.charged));
        self.charged = self.charged + spent.unwrap_or_default();
        let Some(last) = self.attempts.last_mut() else {
            return;
        };
        last.usage = last.usage + spent.unwrap_or_default();
        if note.engine.is_some() {
            last.engine.clone_from(&note.engine);
        }
    }

    fn close(&mut self, (end, failure): (AttemptEnd, Option<TaskFailure>), now: Timestamp) {
        let Some(last) = self.attempts.last_mut().filter(|last| last.ended_at.is_none()) else {
            return;
        };
        last.ended_at = Some(now);
        last.end = Some(end);
        last.failure = failure.map(shortened);
    }
}

/// How the attempt of `before` ended, that led to `after`.
fn end_of(before: &TaskState, after: &TaskState) -> (AttemptEnd, Option<TaskFailure>) {
    if after.crashes > before.crashes {
        // A takeover says nothing of why: the attempt that begins has no failure yet.
        let failure = match after.status {
            TaskStatus::Processing => Some(TaskFailure::worker_lost()),
            _ => after.failure.clone(),
        };
        return (AttemptEnd::Crashed, failure);
    }
    match after.status {
        TaskStatus::Completed => (AttemptEnd::Completed, None),
        TaskStatus::Cancelled => (AttemptEnd::Cancelled, None),
        TaskStatus::Failed => (AttemptEnd::Failed, after.failure.clone()),
        TaskStatus::Pending if after.failures > before.failures => {
            (AttemptEnd::Failed, after.failure.clone())
        }
        TaskStatus::Pending | TaskStatus::Processing => (AttemptEnd::Released, None),
    }
}

fn shortened(failure: TaskFailure) -> TaskFailure {
    TaskFailure {
        message: failure.message.chars().take(MAX_MESSAGE).collect(),
        ..failure
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        clock::{Clock as _, ManualClock},
        model::{Outcome, Transition},
    };

    const LEASE: Duration = Duration::from_secs(15);

    /// A task and its history, moved along together.
    struct Course {
        clock: ManualClock,
        state: TaskState,
        history: TaskHistory,
    }

    impl Course {
        fn new() -> Self {
            Self {
                clock: ManualClock::default(),
                state: TaskState::pending(100).with_max_crashes(100_u32),
                history: TaskHistory::default(),
            }
        }

        fn go(&mut self, next: TaskState, note: &AttemptNote) {
            self.history.record(&self.state, &next, note, self.clock.now());
            self.state = next;
        }

        fn claim(&mut self, worker: &str) {
            let claim = Transition::Claim { lease: LEASE };
            let next = self.state.apply(&claim, self.clock.now()).unwrap();
            self.go(next, &AttemptNote::default().with_worker(worker.to_owned()));
        }

        fn fail(&mut self, message: &str, cost: u64) {
            let outcome = Outcome::Reschedule {
                failure: TaskFailure::new("unavailable", message),
                delay: Duration::ZERO,
            };
            let attempt = self.state.attempt;
            let next = self.state.finish(attempt, &outcome, self.clock.now()).unwrap();
            let note = AttemptNote::default()
                .with_engine("fake".to_owned())
                .with_charged(Usage::new(1, cost));
            self.go(next, &note);
        }
    }

    #[test]
    fn each_attempt_says_who_when_and_why() {
        let mut course = Course::new();
        course.claim("one");
        course.clock.advance(LEASE);
        course.claim("two");
        course.clock.advance(Duration::from_secs(1));
        course.fail("down", 7);
        let [lost, failed] = &course.history.attempts[..] else {
            panic!("{:?}", course.history);
        };
        assert_eq!((lost.number, lost.worker.as_deref()), (1, Some("one")));
        assert_eq!(lost.end, Some(AttemptEnd::Crashed));
        assert_eq!(lost.failure.as_ref().unwrap().code, "worker_lost");
        assert_eq!(lost.ended_at, Some(failed.started_at));
        assert_eq!((failed.number, failed.end), (2, Some(AttemptEnd::Failed)));
        assert_eq!(failed.engine.as_deref(), Some("fake"));
        assert_eq!(failed.failure.as_ref().unwrap().message, "down");
        assert_eq!(failed.ended_at, Some(course.clock.now()));
    }

    #[test]
    fn what_was_charged_counts_once_and_stays_when_a_task_is_read_anew() {
        let mut course = Course::new();
        for total in [5, 5, 8] {
            course.claim("one");
            course.fail("down", total);
        }
        let costs: Vec<u64> = course
            .history
            .attempts
            .iter()
            .map(|attempt| attempt.usage.cost_micros)
            .collect();
        assert_eq!(costs, [5, 0, 3]);
        course.history.begin_anew();
        course.claim("one");
        course.fail("down", 2);
        assert_eq!(course.history.charged_in_all().cost_micros, 10);
        assert_eq!(course.history.charged.cost_micros, 2);
    }

    #[test]
    fn a_page_counts_once_until_the_task_is_read_anew() {
        let mut history = TaskHistory::default();
        let counted: Vec<u32> = [2, 2, 1, 5]
            .into_iter()
            .map(|read| history.count_pages(read))
            .collect();
        assert_eq!((counted, history.pages_counted), (vec![2, 0, 0, 3], 5));
        history.begin_anew();
        assert_eq!(history.count_pages(2), 2);
    }

    #[test]
    fn a_history_does_not_grow_for_ever() {
        let mut course = Course::new();
        for _ in 0..MAX_ATTEMPTS_KEPT + 5 {
            course.claim("one");
            course.fail(&"x".repeat(10_000), 0);
        }
        assert_eq!(course.history.attempts.len(), MAX_ATTEMPTS_KEPT);
        assert_eq!(course.history.attempts[0].number, 6);
        let json = serde_json::to_string(&course.history).unwrap();
        assert!(json.len() < 20_000, "{}", json.len());
        assert_eq!(
            serde_json::from_str::<TaskHistory>(&json).unwrap(),
            course.history
        );
        assert_eq!(
            serde_json::from_str::<TaskHistory>("{}").unwrap(),
            TaskHistory::default()
        );
    }
}
