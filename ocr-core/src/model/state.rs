//! The state machine of a task: pure, total, and the only judge of what may follow what.

use std::time::Duration;

use super::{ResultSummary, TaskFailure, TaskStatus};
use crate::{
    Error, ErrorKind, Result,
    clock::{Timestamp, later},
};

/// The part of a task that the state machine owns.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskState {
    /// Where the task stands.
    pub status: TaskStatus,
    /// Fence: grows with every claim and never goes back. A write that names an older attempt is refused.
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

/// What happens to a task.
#[derive(Debug, Clone, PartialEq)]
pub enum Transition {
    /// A worker takes the task for `lease`. Also takes over a task whose lease has run out.
    Claim {
        /// How long the claim lasts unless renewed.
        lease: Duration,
    },
    /// The attempt succeeded.
    Complete {
        /// Fence.
        attempt: u32,
        /// What was found.
        result: ResultSummary,
    },
    /// The attempt failed and another may succeed; given up when no attempt is left.
    RetryLater {
        /// Fence.
        attempt: u32,
        /// Why it failed.
        failure: TaskFailure,
        /// Wait before the next attempt.
        delay: Duration,
    },
    /// The attempt failed in a way that no retry can mend.
    Fail {
        /// Fence.
        attempt: u32,
        /// Why it failed.
        failure: TaskFailure,
    },
    /// The worker gives the task back unharmed (shutdown, throttling); no attempt is counted.
    Release {
        /// Fence.
        attempt: u32,
        /// Wait before the next attempt.
        delay: Duration,
    },
    /// The lease ran out: the worker died or hangs. Counts as a failure.
    LeaseExpired,
    /// Somebody asked for it to stop.
    Cancel,
    /// Somebody asked for it to run again from the start.
    Retry,
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
    /// `LeaseLost` when the transition names an attempt that is no longer current, `Conflict` when
    /// the task is not in a state that allows it.
    pub fn apply(&self, transition: &Transition, now: Timestamp) -> Result<Self> {
        match transition {
            Transition::Claim { lease } => self.claim(*lease, now),
            Transition::Complete { attempt, .. } => {
                self.held_by(*attempt)?;
                Ok(self.ended(TaskStatus::Completed, None))
            }
            Transition::Fail { attempt, failure } => {
                self.held_by(*attempt)?;
                Ok(self
                    .ended(TaskStatus::Failed, Some(failure.clone()))
                    .with_failures(self.failures + 1))
            }
            Transition::RetryLater {
                attempt,
                failure,
                delay,
            } => {
                self.held_by(*attempt)?;
                Ok(self.after_failure(failure.clone(), *delay, now))
            }
            Transition::Release { attempt, delay } => {
                self.held_by(*attempt)?;
                Ok(self.waiting(self.failures, self.failure.clone(), *delay, now))
            }
            Transition::LeaseExpired => self.expire(now),
            Transition::Cancel => self.cancel(),
            Transition::Retry => self.retry(),
        }
    }

    /// The state of a task that comes back from the trash: what was waiting or running waits again.
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

    fn with_failures(self, failures: u32) -> Self {
        Self { failures, ..self }
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
        }
    }

    fn claimed(clock: &ManualClock) -> TaskState {
        TaskState::pending(3)
            .apply(&Transition::Claim { lease: LEASE }, clock.now())
            .unwrap()
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one table reads better whole")]
    fn the_table_of_transitions() {
        use TaskStatus::{Cancelled, Completed, Failed, Pending, Processing};
        let clock = ManualClock::default();
        let now = clock.now();
        let claim = Transition::Claim { lease: LEASE };
        let complete = Transition::Complete {
            attempt: 1,
            result: result(),
        };
        let fail = Transition::Fail {
            attempt: 1,
            failure: failure(),
        };
        let later = Transition::RetryLater {
            attempt: 1,
            failure: failure(),
            delay: LEASE,
        };
        let release = Transition::Release {
            attempt: 1,
            delay: Duration::ZERO,
        };
        let state = |status| TaskState {
            status,
            attempt: 1,
            lease_expires_at: (status == Processing).then(|| super::later(now, LEASE)),
            ..TaskState::pending(3)
        };
        let table: [(&Transition, [Result<TaskStatus, ErrorKind>; 5]); 8] = {
            use ErrorKind::{Conflict, LeaseLost};
            [
                (
                    &claim,
                    [
                        Ok(Processing),
                        Err(Conflict),
                        Err(Conflict),
                        Err(Conflict),
                        Err(Conflict),
                    ],
                ),
                (
                    &complete,
                    [
                        Err(LeaseLost),
                        Ok(Completed),
                        Err(LeaseLost),
                        Err(LeaseLost),
                        Err(LeaseLost),
                    ],
                ),
                (
                    &fail,
                    [
                        Err(LeaseLost),
                        Ok(Failed),
                        Err(LeaseLost),
                        Err(LeaseLost),
                        Err(LeaseLost),
                    ],
                ),
                (
                    &later,
                    [
                        Err(LeaseLost),
                        Ok(Pending),
                        Err(LeaseLost),
                        Err(LeaseLost),
                        Err(LeaseLost),
                    ],
                ),
                (
                    &release,
                    [
                        Err(LeaseLost),
                        Ok(Pending),
                        Err(LeaseLost),
                        Err(LeaseLost),
                        Err(LeaseLost),
                    ],
                ),
                (&Transition::LeaseExpired, [const { Err(Conflict) }; 5]),
                (
                    &Transition::Cancel,
                    [
                        Ok(Cancelled),
                        Ok(Cancelled),
                        Err(Conflict),
                        Err(Conflict),
                        Ok(Cancelled),
                    ],
                ),
                (
                    &Transition::Retry,
                    [
                        Err(Conflict),
                        Err(Conflict),
                        Ok(Pending),
                        Ok(Pending),
                        Ok(Pending),
                    ],
                ),
            ]
        };
        for (transition, expected) in table {
            for (from, expected) in TaskStatus::ALL.into_iter().zip(expected) {
                let got = state(from)
                    .apply(transition, now)
                    .map(|s| s.status)
                    .map_err(|e| e.kind());
                assert_eq!(got, expected, "{transition:?} from {from}");
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
        let stale = Transition::Complete {
            attempt: first.attempt,
            result: result(),
        };
        assert_eq!(
            second.apply(&stale, clock.now()).unwrap_err().kind(),
            ErrorKind::LeaseLost
        );
    }

    #[test]
    fn crashes_use_up_attempts_and_releases_do_not() {
        let clock = ManualClock::default();
        let mut state = TaskState::pending(2);
        for _ in 0..10 {
            state = state
                .apply(&Transition::Claim { lease: LEASE }, clock.now())
                .unwrap();
            let release = Transition::Release {
                attempt: state.attempt,
                delay: Duration::ZERO,
            };
            state = state.apply(&release, clock.now()).unwrap();
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
    fn a_delayed_task_waits() {
        let clock = ManualClock::default();
        let retry = Transition::RetryLater {
            attempt: 1,
            failure: failure(),
            delay: LEASE,
        };
        let waiting = claimed(&clock).apply(&retry, clock.now()).unwrap();
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
                let transition = match what {
                    0 => Transition::Claim { lease: LEASE },
                    1 => Transition::Complete { attempt, result: result() },
                    2 => Transition::RetryLater { attempt, failure: failure(), delay: LEASE },
                    3 => Transition::Fail { attempt, failure: failure() },
                    4 => Transition::Release { attempt, delay: Duration::ZERO },
                    5 => Transition::LeaseExpired,
                    6 => Transition::Cancel,
                    _ => Transition::Retry,
                };
                if let Ok(next) = state.apply(&transition, clock.now()) {
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
