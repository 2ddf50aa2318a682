//! The state machine of a task: a pure function that alone decides which transition is legal.

use std::time::Duration;

use super::{ResultSummary, TaskFailure, TaskStatus};
use crate::{
    Error, ErrorKind, Result,
    builder::builder,
    clock::{Timestamp, later},
};

/// The part of a task that the state machine owns.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TaskState {
    /// Where the task stands.
    pub status: TaskStatus,
    /// Number of the last claim; it grows with every claim and never goes back. A write that names an
    /// older one is refused. It does not count failures: see [`TaskState::failures`].
    pub attempt: u32,
    /// Attempts that ended in an error or a crash since the task was last asked for.
    pub failures: u32,
    /// Failures after which the task is given up, at least 1.
    pub max_attempts: u32,
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
    /// The lease ran out: the worker died or hangs. Counts as a failure.
    LeaseExpired,
    /// Somebody asked for it to stop.
    Cancel,
    /// Somebody asked for it to run again from the start.
    Retry,
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

    /// The state after `transition` at `now`.
    ///
    /// # Errors
    /// `Conflict` when the task is not in a state that allows it.
    pub fn apply(&self, transition: &Transition, now: Timestamp) -> Result<Self> {
        match transition {
            Transition::Claim { lease } => self.claim(*lease, now),
            Transition::LeaseExpired => self.expire(now),
            Transition::Cancel => self.cancel(),
            Transition::Retry => self.retry(),
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
        let failures = match self.status {
            TaskStatus::Pending if self.run_after.is_none_or(|at| at <= now) => self.failures,
            TaskStatus::Processing if !self.is_leased(now) => self.failures + 1,
            _ => return Err(self.conflict("the task is not ready to be claimed")),
        };
        if failures >= self.max_attempts {
            return Err(self.conflict("the task has no attempt left"));
        }
        Ok(Self {
            status: TaskStatus::Processing,
            attempt: self.attempt.saturating_add(1),
            failures,
            lease_expires_at: Some(later(now, lease)),
            run_after: None,
            ..self.clone()
        })
    }

    fn expire(&self, now: Timestamp) -> Result<Self> {
        if self.status != TaskStatus::Processing || self.is_leased(now) {
            return Err(self.conflict("the lease has not run out"));
        }
        let failure = TaskFailure {
            code: "worker_lost".into(),
            message: "the worker stopped while reading this document".into(),
        };
        Ok(self.after_failure(failure, Duration::ZERO, now))
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

    fn retry(&self) -> Result<Self> {
        if self.status.is_terminal() {
            Ok(Self {
                attempt: self.attempt,
                ..Self::pending(self.max_attempts)
            })
        } else {
            Err(self.conflict("the task is still waiting or running; it cannot be retried yet"))
        }
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
mod tests {
    use super::*;
    use crate::clock::{Clock, ManualClock};
    use proptest::prelude::*;

    const LEASE: Duration = Duration::from_secs(15);

    fn failure() -> TaskFailure {
        TaskFailure {
            code: "invalid_input".into(),
            message: "broken".into(),
        }
    }

    fn result() -> ResultSummary {
        ResultSummary {
            key: "results/u/f_result.json".into(),
            confidence: Some(0.9),
            page_count: 1,
            word_count: 2,
            processing_time_ms: 3,
            engine: "fake".into(),
            billed_pages: 0,
            cost_micros: 0,
            same_as: None,
        }
    }

    fn claimed(clock: &ManualClock) -> TaskState {
        TaskState::pending(3)
            .apply(&Transition::Claim { lease: LEASE }, clock.now())
            .unwrap()
    }

    fn outcomes() -> [Outcome; 4] {
        [
            Outcome::Complete { result: result() },
            Outcome::Fail { failure: failure() },
            Outcome::Reschedule {
                failure: failure(),
                delay: LEASE,
            },
            Outcome::Release {
                delay: Duration::ZERO,
            },
        ]
    }

    /// A task in `status` at its first attempt.
    fn at_first_attempt(status: TaskStatus, now: Timestamp) -> TaskState {
        TaskState {
            status,
            attempt: 1,
            lease_expires_at: (status == TaskStatus::Processing).then(|| super::later(now, LEASE)),
            ..TaskState::pending(3)
        }
    }

    #[test]
    fn the_table_of_transitions() {
        use ErrorKind::Conflict;
        use TaskStatus::{Cancelled, Pending, Processing};
        let now = ManualClock::default().now();
        let no = Err(Conflict);
        let table = [
            (
                Transition::Claim { lease: LEASE },
                [Ok(Processing), no, no, no, no],
            ),
            (Transition::LeaseExpired, [no; 5]),
            (
                Transition::Cancel,
                [Ok(Cancelled), Ok(Cancelled), no, no, Ok(Cancelled)],
            ),
            (Transition::Retry, [no, no, Ok(Pending), Ok(Pending), Ok(Pending)]),
        ];
        for (transition, expected) in table {
            for (from, expected) in TaskStatus::ALL.into_iter().zip(expected) {
                let next = at_first_attempt(from, now).apply(&transition, now);
                let got = next.map(|next| next.status).map_err(|error| error.kind());
                assert_eq!(got, expected, "{transition:?} from {from}");
            }
        }
    }

    #[test]
    fn only_the_current_attempt_of_a_running_task_can_end() {
        use TaskStatus::{Completed, Failed, Pending, Processing};
        let now = ManualClock::default().now();
        for (outcome, expected) in outcomes().into_iter().zip([Completed, Failed, Pending, Pending]) {
            for from in TaskStatus::ALL {
                for attempt in 0..3 {
                    let next = at_first_attempt(from, now).finish(attempt, &outcome, now);
                    let got = next.map(|next| next.status).map_err(|error| error.kind());
                    let holds = from == Processing && attempt == 1;
                    let expected = if holds {
                        Ok(expected)
                    } else {
                        Err(ErrorKind::LeaseLost)
                    };
                    assert_eq!(got, expected, "{outcome:?} of {attempt} from {from}");
                }
            }
        }
    }

    #[test]
    fn an_expired_lease_can_be_taken_over_and_fences_the_first_worker() {
        let clock = ManualClock::default();
        let first = claimed(&clock);
        clock.advance(LEASE);
        let second = first
            .apply(&Transition::Claim { lease: LEASE }, clock.now())
            .unwrap();
        assert_eq!((second.attempt, second.failures), (2, 1));
        let stale = Outcome::Complete { result: result() };
        let refused = second.finish(first.attempt, &stale, clock.now());
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::LeaseLost);
    }

    #[test]
    fn crashes_use_up_attempts_and_releases_do_not() {
        let clock = ManualClock::default();
        let mut state = TaskState::pending(2);
        for _ in 0..10 {
            state = state
                .apply(&Transition::Claim { lease: LEASE }, clock.now())
                .unwrap();
            let release = Outcome::Release {
                delay: Duration::ZERO,
            };
            state = state.finish(state.attempt, &release, clock.now()).unwrap();
        }
        assert_eq!(
            (state.status, state.failures, state.attempt),
            (TaskStatus::Pending, 0, 10)
        );
        for expected in [TaskStatus::Pending, TaskStatus::Failed] {
            state = state
                .apply(&Transition::Claim { lease: LEASE }, clock.now())
                .unwrap();
            clock.advance(LEASE);
            state = state.apply(&Transition::LeaseExpired, clock.now()).unwrap();
            assert_eq!(state.status, expected);
        }
        assert_eq!(state.failure.unwrap().code, "worker_lost");
    }

    #[test]
    fn a_parked_task_says_why_it_waits_and_counts_no_failure() {
        let clock = ManualClock::default();
        let park = Outcome::Park {
            reason: failure(),
            delay: LEASE,
        };
        let parked = claimed(&clock).finish(1, &park, clock.now()).unwrap();
        assert_eq!((parked.status, parked.failures), (TaskStatus::Pending, 0));
        assert_eq!(parked.failure, Some(failure()));
        assert_eq!(parked.run_after, Some(super::later(clock.now(), LEASE)));
    }

    #[test]
    fn a_delayed_task_waits() {
        let clock = ManualClock::default();
        let reschedule = Outcome::Reschedule {
            failure: failure(),
            delay: LEASE,
        };
        let waiting = claimed(&clock).finish(1, &reschedule, clock.now()).unwrap();
        let claim = Transition::Claim { lease: LEASE };
        assert_eq!(
            waiting.apply(&claim, clock.now()).unwrap_err().kind(),
            ErrorKind::Conflict
        );
        clock.advance(LEASE);
        assert_eq!(
            waiting.apply(&claim, clock.now()).unwrap().status,
            TaskStatus::Processing
        );
    }

    proptest! {
        #[test]
        fn whatever_happens_the_invariants_hold(steps in proptest::collection::vec((0..8_u8, 0..3_u32, 0..20_u64), 0..60)) {
            let clock = ManualClock::default();
            let mut state = TaskState::pending(3);
            for (what, behind, wait) in steps {
                clock.advance(Duration::from_secs(wait));
                let attempt = state.attempt.saturating_sub(behind);
                let next = match what {
                    0..4 => state.finish(attempt, &outcomes()[usize::from(what)], clock.now()),
                    4 => state.apply(&Transition::Claim { lease: LEASE }, clock.now()),
                    5 => state.apply(&Transition::LeaseExpired, clock.now()),
                    6 => state.apply(&Transition::Cancel, clock.now()),
                    _ => state.apply(&Transition::Retry, clock.now()),
                };
                if let Ok(next) = next {
                    prop_assert!(next.attempt >= state.attempt);
                    prop_assert!(next.failures <= next.max_attempts);
                    prop_assert_eq!(next.lease_expires_at.is_some(), next.status == TaskStatus::Processing);
                    prop_assert!(next.run_after.is_none() || next.status == TaskStatus::Pending);
                    state = next;
                }
            }
        }
    }
}
