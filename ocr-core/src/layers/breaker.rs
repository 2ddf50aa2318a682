//! A circuit breaker: after repeated failures an engine is skipped for a while, then tried with one document.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    builder::builder,
    clock::{Timestamp, later},
};

/// When an engine is skipped, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakerPolicy {
    /// Failures in a row after which the engine is skipped, at least 1: 5 unless set.
    pub failures: u32,
    /// How long it is skipped before a document tries it: 10 s unless set.
    pub rest: Duration,
    /// How long a trial has before the next document may be another: 1 s unless set.
    pub probe_interval: Duration,
}

builder!(BreakerPolicy {
    with_failures(failures: u32) "The same, open after this many failures in a row, at least 1."
    with_rest(rest: Duration) "The same with this rest."
    with_probe_interval(probe_interval: Duration) "The same with this time for a trial."
});

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self {
            failures: 5,
            rest: Duration::from_secs(10),
            probe_interval: Duration::from_secs(1),
        }
    }
}

/// The state of one engine. Time is given by the caller.
#[derive(Debug)]
pub(super) struct Breaker {
    policy: BreakerPolicy,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Works; so many failures in a row.
    Closed { failures: u32 },
    /// Open until this time; the first call after it is a trial.
    Open { until: Timestamp },
}

impl Breaker {
    pub(super) fn new(policy: BreakerPolicy) -> Self {
        Self {
            policy,
            state: Mutex::new(State::Closed { failures: 0 }),
        }
    }

    /// Whether a call may be made at `now`; `Err` says from when on. A permitted call to an engine that
    /// was skipped is a trial: until its outcome is known, at most one more an interval is permitted.
    pub(super) fn permit(&self, now: Timestamp) -> Result<(), Timestamp> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match *state {
            State::Closed { .. } => Ok(()),
            State::Open { until } if until > now => Err(until),
            State::Open { .. } => {
                let until = later(now, self.policy.probe_interval);
                *state = State::Open { until };
                Ok(())
            }
        }
    }

    /// The engine did its work, or rightly refused a document.
    pub(super) fn succeeded(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = State::Closed { failures: 0 };
    }

    /// The engine failed at `now`.
    pub(super) fn failed(&self, now: Timestamp) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = match *state {
            State::Closed { failures } => failures.saturating_add(1),
            State::Open { .. } => self.policy.failures,
        };
        *state = if failures >= self.policy.failures.max(1) {
            State::Open {
                until: later(now, self.policy.rest),
            }
        } else {
            State::Closed { failures }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, ManualClock};

    fn policy() -> BreakerPolicy {
        BreakerPolicy {
            failures: 2,
            ..BreakerPolicy::default()
        }
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_lets_one_trial_an_interval_through() {
        let (breaker, clock) = (Breaker::new(policy()), ManualClock::default());
        breaker.failed(clock.now());
        breaker.succeeded();
        breaker.failed(clock.now());
        assert!(breaker.permit(clock.now()).is_ok(), "not two in a row");
        breaker.failed(clock.now());
        assert_eq!(
            breaker.permit(clock.now()),
            Err(later(clock.now(), policy().rest))
        );
        clock.advance(policy().rest);
        assert!(breaker.permit(clock.now()).is_ok(), "the trial");
        assert!(breaker.permit(clock.now()).is_err(), "nobody beside it");
        clock.advance(policy().probe_interval);
        assert!(breaker.permit(clock.now()).is_ok(), "the trial got lost");
    }

    #[test]
    fn a_trial_that_fails_opens_it_again_and_one_that_works_closes_it() {
        let (breaker, clock) = (Breaker::new(policy()), ManualClock::default());
        breaker.failed(clock.now());
        breaker.failed(clock.now());
        clock.advance(policy().rest);
        breaker.permit(clock.now()).unwrap();
        breaker.failed(clock.now());
        clock.advance(policy().rest / 2);
        assert!(breaker.permit(clock.now()).is_err());
        clock.advance(policy().rest);
        breaker.permit(clock.now()).unwrap();
        breaker.succeeded();
        breaker.failed(clock.now());
        assert!(breaker.permit(clock.now()).is_ok(), "it counts from the start");
    }
}
