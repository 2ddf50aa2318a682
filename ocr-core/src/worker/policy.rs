//! The decision after a failed attempt: fail, reschedule, release or drop. Pure.

use std::time::Duration;

use crate::{
    Error, ErrorKind,
    model::{Outcome, TaskFailure},
    platform::Policies,
};

/// The decision after a failed attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// Nothing to write: the attempt has lost the task.
    Drop,
    /// Write this.
    Apply(Outcome),
}

/// Decides what follows when an attempt at a task, which failed `failures` times before, ends with
/// `error`. `jitter` in 0..=1 spreads retries out.
pub fn decide(error: &Error, failures: u32, jitter: f64, policies: &Policies) -> Decision {
    let delay = error
        .retry_after()
        .unwrap_or_else(|| backoff(failures, jitter, policies));
    Decision::Apply(match error.kind() {
        ErrorKind::LeaseLost => return Decision::Drop,
        _ if error.is_crash() => Outcome::Crash {
            failure: failure(error),
            delay,
        },
        ErrorKind::Cancelled => Outcome::Release {
            delay: Duration::ZERO,
        },
        ErrorKind::RateLimited => Outcome::Release { delay },
        // Nothing was tried, and waiting costs the task nothing: somebody may be fetching the models.
        ErrorKind::NoEngine => Outcome::Release {
            delay: policies.no_engine_delay,
        },
        // Not the document's fault, and it lasts for as long as it lasts: it must not use the attempts up.
        ErrorKind::StorageFull => Outcome::Release {
            delay: error.retry_after().unwrap_or(policies.storage_full_delay),
        },
        // Until there is money again, or until somebody may have given more.
        ErrorKind::QuotaExceeded => Outcome::Park {
            reason: failure(error),
            delay: parked(error, jitter, policies),
        },
        // A defect may not show again: worth another try, and bounded by the attempts.
        ErrorKind::Internal => Outcome::Reschedule {
            failure: failure(error),
            delay,
        },
        _ if error.is_transient() => Outcome::Reschedule {
            failure: failure(error),
            delay,
        },
        _ => Outcome::Fail {
            failure: failure(error),
        },
    })
}

fn failure(error: &Error) -> TaskFailure {
    TaskFailure {
        code: error.kind().as_str().into(),
        message: error.message().into(),
    }
}

/// Until the quota begins anew, and no longer than until it is looked again, spread out over a quarter of that.
fn parked(error: &Error, jitter: f64, policies: &Policies) -> Duration {
    let recheck = policies
        .budget_recheck
        .mul_f64(0.75 + 0.25 * jitter.clamp(0.0, 1.0));
    error.retry_after().map_or(recheck, |reset| reset.min(recheck))
}

/// Exponential back-off with jitter over the upper half of the delay.
fn backoff(failures: u32, jitter: f64, policies: &Policies) -> Duration {
    let full = policies
        .retry_base_delay
        .saturating_mul(2_u32.saturating_pow(failures.min(16)))
        .min(policies.retry_max_delay);
    full.mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(error: &Error, failures: u32) -> Decision {
        decide(error, failures, 1.0, &Policies::default())
    }

    #[test]
    fn a_lost_lease_writes_nothing() {
        assert_eq!(
            decision(&Error::new(ErrorKind::LeaseLost, "gone"), 0),
            Decision::Drop
        );
    }

    #[test]
    fn what_a_document_gets_wrong_is_final() {
        for kind in [
            ErrorKind::InvalidInput,
            ErrorKind::Unsupported,
            ErrorKind::TooLarge,
            ErrorKind::Corrupt,
        ] {
            let decision = decision(&Error::new(kind, "no"), 0);
            assert!(
                matches!(decision, Decision::Apply(Outcome::Fail { .. })),
                "{kind:?}"
            );
        }
    }

    #[test]
    fn what_kills_a_process_is_counted_apart() {
        let crashed = Error::new(ErrorKind::Internal, "the process stopped").crashed();
        assert!(crashed.is_crash());
        let decision = decision(&crashed, 0);
        let Decision::Apply(Outcome::Crash { failure, .. }) = decision else {
            panic!("{decision:?}");
        };
        assert_eq!(failure.message, "the process stopped");
    }

    #[test]
    fn throttling_and_shutdown_cost_no_attempt() {
        let throttled = Error::new(ErrorKind::RateLimited, "slow").with_retry_after(Duration::from_secs(9));
        let expected = Outcome::Release {
            delay: Duration::from_secs(9),
        };
        assert_eq!(decision(&throttled, 0), Decision::Apply(expected));
        let stopped = Error::new(ErrorKind::Cancelled, "stop");
        assert!(matches!(
            decision(&stopped, 0),
            Decision::Apply(Outcome::Release { .. })
        ));
    }

    #[test]
    fn having_no_engine_costs_no_attempt() {
        let missing = Error::new(ErrorKind::NoEngine, "there is no engine");
        let delay = Policies::default().no_engine_delay;
        assert_eq!(decision(&missing, 0), Decision::Apply(Outcome::Release { delay }));
    }

    #[test]
    fn without_money_a_task_is_parked_until_there_is_some_again() {
        let spent = |seconds| {
            Error::new(ErrorKind::QuotaExceeded, "spent").with_retry_after(Duration::from_secs(seconds))
        };
        let parked = |seconds| match decision(&spent(seconds), 2) {
            Decision::Apply(Outcome::Park { reason, delay }) => {
                assert_eq!(
                    (reason.code.as_str(), reason.message.as_str()),
                    ("quota_exceeded", "spent")
                );
                delay
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(parked(20), Duration::from_secs(20), "the quota begins anew");
        assert_eq!(
            parked(86_400),
            Policies::default().budget_recheck,
            "somebody may give more"
        );
    }

    #[test]
    fn a_full_disk_costs_no_attempt() {
        let full = Error::new(ErrorKind::StorageFull, "the disk is full");
        assert!(full.is_transient());
        let delay = Policies::default().storage_full_delay;
        assert_eq!(decision(&full, 2), Decision::Apply(Outcome::Release { delay }));
    }

    #[test]
    fn retries_wait_longer_each_time_up_to_the_limit() {
        let error = Error::new(ErrorKind::Unavailable, "down");
        let delay = |failures| match decision(&error, failures) {
            Decision::Apply(Outcome::Reschedule { delay, .. }) => delay.as_secs(),
            other => panic!("{other:?}"),
        };
        assert_eq!([delay(0), delay(1), delay(2), delay(30)], [2, 4, 8, 60]);
    }
}
