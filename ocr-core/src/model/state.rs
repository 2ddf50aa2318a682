//! The state machine of a task: a pure function that alone decides which transition is legal.

use std::time::Duration;

use super::{ResultSummary, TaskFailure, TaskStatus};
use crate::{
    Error, ErrorKind, Result,
    builder::builder,
    clock::{Timestamp, later},
};

/// Crashes after which a task is set aside, where nobody says otherwise.
const DEFAULT_MAX_CRASHES: u32 = 3;

/// The part of a task that the state machine owns.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TaskState {
    /// Where the task stands.
    pub status: TaskStatus,
    /// Number of the last claim; it grows with every claim and never goes back. A write that names an
    /// older one is refused. It does not count failures: see [`TaskState::failures`].
    pub attempt: u32,
    /// Attempts that ended in an error since the task was last asked for.
    pub failures: u32,
    /// Failures after which the task is given up, at least 1.
    pub max_attempts: u32,
    /// Attempts that ended because the process that read died, since the task was last asked for. They are no failures:
    /// a document that kills whoever reads it must not be tried as often as one that a service refuses for a while.
    pub crashes: u32,
    /// Crashes after which the task is set aside as poison, at least 1.
    pub max_crashes: u32,
    /// How long the task may take, from when it was asked for to its end; as long as it takes when `None`.
    pub time_limit: Option<Duration>,
    /// When that time is over.
    pub deadline: Option<Timestamp>,
    /// When the current lease ends; `None` unless processing.
    pub lease_expires_at: Option<Timestamp>,
    /// Not before this time, while pending.
    pub run_after: Option<Timestamp>,
    /// Why the last attempt failed.
    pub failure: Option<TaskFailure>,
}

builder!(TaskState {
    with_status(status: TaskStatus) "The same in this status."
    with_attempt(attempt: u32) "The same, claimed this many times."
    with_failures(failures: u32) "The same after this many failures."
    with_crashes(crashes: u32) "The same after this many crashes."
    with_max_crashes(max_crashes: u32) "The same, set aside after this many crashes."
    with_time_limit(time_limit: impl Into<Option<Duration>>) "The same, to end within this time of being asked for."
    with_deadline(deadline: impl Into<Option<Timestamp>>) "The same, given up then unless it has ended."
    with_lease_expires_at(lease_expires_at: impl Into<Option<Timestamp>>) "The same under a lease that ends then."
    with_run_after(run_after: impl Into<Option<Timestamp>>) "The same, not before this time."
    with_failure(failure: impl Into<Option<TaskFailure>>) "The same, last failed for this reason."
});

/// What happens to a task, by whoever may see it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Transition {
    /// A worker takes the task for `lease`. Also takes over a task whose lease has run out.
    Claim {
        /// How long the claim lasts unless renewed.
        lease: Duration,
    },
    /// The lease ran out: the worker died or hangs. Counts as a crash.
    LeaseExpired,
    /// The time that the task may take is over. Also ends it while it waits for its turn or is parked, and under a
    /// worker that has not noticed.
    DeadlinePassed,
    /// Somebody asked for it to stop.
    Cancel,
    /// Somebody asked for it to run again from the start.
    Retry,
    /// Somebody asked for it to go on where it failed, with all its attempts and its whole time again. What was read
    /// and paid for is kept.
    Redrive,
}

/// How an attempt ends. Only the worker that holds the task may say so.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// The attempt succeeded.
    Complete {
        /// What was found.
        result: ResultSummary,
    },
    /// The attempt failed and another may succeed; given up when no failure more is allowed.
    Reschedule {
        /// Why it failed.
        failure: TaskFailure,
        /// Wait before the next attempt.
        delay: Duration,
    },
    /// The process that read the document died over it, and another attempt may succeed; set aside when no crash more
    /// is allowed.
    Crash {
        /// How it died.
        failure: TaskFailure,
        /// Wait before the next attempt.
        delay: Duration,
    },
    /// The attempt failed in a way that no other can mend.
    Fail {
        /// Why it failed.
        failure: TaskFailure,
    },
    /// The worker gives the task back unharmed (shutdown, throttling); no failure is counted.
    Release {
        /// Wait before the next attempt.
        delay: Duration,
    },
    /// The worker sets the task aside unharmed, for a reason that its owner is told; no failure is counted.
    Park {
        /// Why it waits.
        reason: TaskFailure,
        /// Wait before the next attempt.
        delay: Duration,
    },
}

impl TaskState {
    /// The state of a task nobody has claimed yet.
    pub fn pending(max_attempts: u32) -> Self {
        Self {
            status: TaskStatus::Pending,
            attempt: 0,
            failures: 0,
            max_attempts: max_attempts.max(1),
            crashes: 0,
            max_crashes: DEFAULT_MAX_CRASHES,
            time_limit: None,
            deadline: None,
            lease_expires_at: None,
            run_after: None,
            failure: None,
        }
    }

    /// Whether a lease is held at `now`. A processing task without an end of lease (set by hand in
    /// the database) counts as abandoned.
    pub fn is_leased(&self, now: Timestamp) -> bool {
        self.status == TaskStatus::Processing && self.lease_expires_at.is_some_and(|end| end > now)
    }

    /// Whether the time that the task may take is over at `now`, and it has not ended.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        !self.status.is_terminal() && self.deadline.is_some_and(|deadline| deadline <= now)
    }

    /// Until when others must wait for a worker of which nothing was heard for longer than it should be silent, at `now`;
    /// a time that is over when it may be replaced at once. `None` unless it is silent. A worker renews its lease, which
    /// lasts for `lease`, three times within it.
    pub fn silent_until(&self, lease: Duration, now: Timestamp) -> Option<Timestamp> {
        if self.status != TaskStatus::Processing {
            return None;
        }
        let end = self.lease_expires_at.unwrap_or(now);
        (later(now, lease / 2) > end).then_some(end)
    }

    /// The same, asked for at `now`: its time begins.
    pub(super) fn asked_for(self, now: Timestamp) -> Self {
        let deadline = self.time_limit.map(|limit| later(now, limit));
        self.with_deadline(deadline)
    }

    /// The state after `transition` at `now`.
    ///
    /// # Errors
    /// `Conflict` when the task is not in a state that allows it.
    pub fn apply(&self, transition: &Transition, now: Timestamp) -> Result<Self> {
        match transition {
            Transition::Claim { lease } => self.claim(*lease, now),
            Transition::LeaseExpired => self.expire(now),
            Transition::DeadlinePassed => self.give_up(now),
            Transition::Cancel => self.cancel(),
            Transition::Retry => self.retry(now),
            Transition::Redrive => self.redrive(now),
        }
    }

    /// The state after claim number `attempt` ended with `outcome` at `now`.
    ///
    /// # Errors
    /// `LeaseLost` when that attempt is no longer current.
    pub fn finish(&self, attempt: u32, outcome: &Outcome, now: Timestamp) -> Result<Self> {
        self.held_by(attempt)?;
        Ok(match outcome {
            Outcome::Complete { .. } => self.ended(TaskStatus::Completed, None),
            Outcome::Fail { failure } => self
                .ended(TaskStatus::Failed, Some(failure.clone()))
                .with_failures(self.failures + 1),
            Outcome::Crash { failure, delay } => self.after_crash(failure.clone(), *delay, now),
            Outcome::Reschedule { failure, delay } => self.after_failure(failure.clone(), *delay, now),
            Outcome::Release { delay } => self.waiting(self.failures, self.failure.clone(), *delay, now),
            Outcome::Park { reason, delay } => self.waiting(self.failures, Some(reason.clone()), *delay, now),
        })
    }

    /// The state of a task that is restored from the trash: a pending or processing task is pending.
    pub fn restored(&self) -> Self {
        match self.status {
            TaskStatus::Processing => self.waiting(self.failures, None, Duration::ZERO, Timestamp::default()),
            _ => self.clone(),
        }
    }

    /// Refuses anyone but the holder of the current attempt.
    pub fn held_by(&self, attempt: u32) -> Result<()> {
        if self.status == TaskStatus::Processing && self.attempt == attempt {
            Ok(())
        } else {
            Err(Error::new(
                ErrorKind::LeaseLost,
                "the task has passed to another attempt or has ended",
            )
            .with_context("attempt", attempt)
            .with_context("current", self.attempt)
            .with_context("status", self.status))
        }
    }

    fn claim(&self, lease: Duration, now: Timestamp) -> Result<Self> {
        let crashes = match self.status {
            TaskStatus::Pending if self.run_after.is_none_or(|at| at <= now) => self.crashes,
            TaskStatus::Processing if !self.is_leased(now) => self.crashes.saturating_add(1),
            _ => return Err(self.conflict("the task is not ready to be claimed")),
        };
        if self.is_overdue(now) {
            return Err(self.conflict("the deadline of the task has passed"));
        }
        if self.failures >= self.max_attempts || crashes >= self.max_crashes.max(1) {
            return Err(self.conflict("the task has no attempt left"));
        }
        Ok(Self {
            status: TaskStatus::Processing,
            attempt: self.attempt.saturating_add(1),
            crashes,
            lease_expires_at: Some(later(now, lease)),
            run_after: None,
            ..self.clone()
        })
    }

    fn expire(&self, now: Timestamp) -> Result<Self> {
        if self.status != TaskStatus::Processing || self.is_leased(now) {
            return Err(self.conflict("the lease has not run out"));
        }
        Ok(self.after_crash(TaskFailure::worker_lost(), Duration::ZERO, now))
    }

    fn give_up(&self, now: Timestamp) -> Result<Self> {
        if self.is_overdue(now) {
            Ok(self.ended(TaskStatus::Failed, Some(TaskFailure::deadline_passed())))
        } else {
            Err(self.conflict("the deadline of the task has not passed"))
        }
    }

    fn cancel(&self) -> Result<Self> {
        match self.status {
            TaskStatus::Pending | TaskStatus::Processing | TaskStatus::Cancelled => {
                Ok(self.ended(TaskStatus::Cancelled, None))
            }
            TaskStatus::Completed | TaskStatus::Failed => {
                Err(self.conflict("the task has already ended and cannot be cancelled"))
            }
        }
    }

    fn retry(&self, now: Timestamp) -> Result<Self> {
        if self.status.is_terminal() {
            Ok(self.asked_again(now))
        } else {
            Err(self.conflict("the task is still waiting or running; it cannot be retried yet"))
        }
    }

    fn redrive(&self, now: Timestamp) -> Result<Self> {
        if self.status == TaskStatus::Failed {
            Ok(self.asked_again(now))
        } else {
            Err(self.conflict("only a task that failed can be redriven"))
        }
    }

    /// Waiting as a new task does, with all its attempts; only the number of the last claim goes on.
    fn asked_again(&self, now: Timestamp) -> Self {
        Self::pending(self.max_attempts)
            .with_attempt(self.attempt)
            .with_max_crashes(self.max_crashes)
            .with_time_limit(self.time_limit)
            .asked_for(now)
    }

    fn after_crash(&self, failure: TaskFailure, delay: Duration, now: Timestamp) -> Self {
        let crashes = self.crashes.saturating_add(1);
        let next = if crashes >= self.max_crashes.max(1) {
            self.ended(TaskStatus::Failed, Some(TaskFailure::poison(crashes)))
        } else {
            self.waiting(self.failures, Some(failure), delay, now)
        };
        next.with_crashes(crashes)
    }

    fn after_failure(&self, failure: TaskFailure, delay: Duration, now: Timestamp) -> Self {
        let failures = self.failures + 1;
        if failures >= self.max_attempts {
            self.ended(TaskStatus::Failed, Some(failure))
                .with_failures(failures)
        } else {
            self.waiting(failures, Some(failure), delay, now)
        }
    }

    fn waiting(&self, failures: u32, failure: Option<TaskFailure>, delay: Duration, now: Timestamp) -> Self {
        Self {
            status: TaskStatus::Pending,
            failures,
            lease_expires_at: None,
            run_after: (!delay.is_zero()).then(|| later(now, delay)),
            failure,
            ..self.clone()
        }
    }

    fn ended(&self, status: TaskStatus, failure: Option<TaskFailure>) -> Self {
        Self {
            status,
            lease_expires_at: None,
            run_after: None,
            failure,
            ..self.clone()
        }
    }

    fn conflict(&self, message: &str) -> Error {
        Error::new(ErrorKind::Conflict, message).with_context("status", self.status)
    }
}

#[cfg(test)]
mod tests;
