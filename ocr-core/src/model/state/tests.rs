//! What may follow what, and what is counted on the way.
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

fn outcomes() -> [Outcome; 5] {
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
        Outcome::Crash {
            failure: failure(),
            delay: LEASE,
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
        (Transition::DeadlinePassed, [no; 5]),
        (Transition::Redrive, [no, no, no, Ok(Pending), no]),
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
    for (outcome, expected) in outcomes()
        .into_iter()
        .zip([Completed, Failed, Pending, Pending, Pending])
    {
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
    assert_eq!((second.attempt, second.failures, second.crashes), (2, 0, 1));
    let stale = Outcome::Complete { result: result() };
    let refused = second.finish(first.attempt, &stale, clock.now());
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::LeaseLost);
}

#[test]
fn crashes_are_counted_apart_and_releases_not_at_all() {
    let clock = ManualClock::default();
    let mut state = TaskState::pending(2).with_max_crashes(2);
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
    assert_eq!((state.failures, state.crashes), (0, 2));
    let failure = state.failure.unwrap();
    assert_eq!(failure.code, "poison");
    assert!(failure.message.contains("2 times"), "{}", failure.message);
}

#[test]
fn failures_do_not_bring_a_document_nearer_to_being_poison() {
    let clock = ManualClock::default();
    let mut state = claimed(&clock);
    let crash = Outcome::Crash {
        failure: failure(),
        delay: Duration::ZERO,
    };
    let reschedule = Outcome::Reschedule {
        failure: failure(),
        delay: Duration::ZERO,
    };
    for (outcome, counted) in [(&crash, (0, 1)), (&reschedule, (1, 1)), (&crash, (1, 2))] {
        state = state.finish(state.attempt, outcome, clock.now()).unwrap();
        assert_eq!(state.status, TaskStatus::Pending);
        assert_eq!((state.failures, state.crashes), counted);
        state = state
            .apply(&Transition::Claim { lease: LEASE }, clock.now())
            .unwrap();
    }
}

/// A task that may take twice as long as a lease, claimed.
fn limited(clock: &ManualClock) -> TaskState {
    TaskState::pending(3)
        .with_time_limit(LEASE * 2)
        .asked_for(clock.now())
        .apply(&Transition::Claim { lease: LEASE }, clock.now())
        .unwrap()
}

#[test]
fn a_deadline_ends_a_task_wherever_it_stands() {
    let clock = ManualClock::default();
    let running = limited(&clock);
    let parked = Outcome::Release { delay: LEASE * 100 };
    let parked = running.finish(1, &parked, clock.now()).unwrap();
    let early = parked.apply(&Transition::DeadlinePassed, clock.now());
    assert_eq!(early.unwrap_err().kind(), ErrorKind::Conflict);
    clock.advance(LEASE * 2);
    let leased = running.with_lease_expires_at(super::later(clock.now(), LEASE));
    for state in [leased, parked] {
        let ended = state.apply(&Transition::DeadlinePassed, clock.now()).unwrap();
        assert_eq!(ended.status, TaskStatus::Failed);
        assert_eq!(ended.failure.as_ref().unwrap().code, "deadline_passed");
        let again = ended.apply(&Transition::DeadlinePassed, clock.now());
        assert_eq!(again.unwrap_err().kind(), ErrorKind::Conflict);
    }
}

#[test]
fn nobody_begins_what_is_too_late() {
    let clock = ManualClock::default();
    let release = Outcome::Release {
        delay: Duration::ZERO,
    };
    let waiting = limited(&clock).finish(1, &release, clock.now()).unwrap();
    clock.advance(LEASE * 2);
    let claim = waiting.apply(&Transition::Claim { lease: LEASE }, clock.now());
    assert_eq!(claim.unwrap_err().kind(), ErrorKind::Conflict);
}

#[test]
fn a_task_that_is_redriven_has_all_its_attempts_and_its_time_again() {
    let clock = ManualClock::default();
    let failed = limited(&clock)
        .with_crashes(2)
        .finish(1, &Outcome::Fail { failure: failure() }, clock.now())
        .unwrap();
    clock.advance(LEASE * 5);
    let again = failed.apply(&Transition::Redrive, clock.now()).unwrap();
    assert_eq!((again.status, again.attempt), (TaskStatus::Pending, 1));
    assert_eq!(
        (again.failures, again.crashes, again.failure.as_ref()),
        (0, 0, None)
    );
    assert_eq!(again.deadline, Some(super::later(clock.now(), LEASE * 2)));
    let twice = again.apply(&Transition::Redrive, clock.now());
    assert_eq!(twice.unwrap_err().kind(), ErrorKind::Conflict);
}

#[test]
fn a_worker_that_misses_a_heartbeat_is_silent() {
    let clock = ManualClock::default();
    let state = claimed(&clock);
    let end = state.lease_expires_at;
    // It renews its lease every 5 s; a little late is not silent.
    for (second, silent) in [(0, false), (6, false), (8, true), (15, true), (100, true)] {
        let now = super::later(clock.now(), Duration::from_secs(second));
        let expected = end.filter(|_| silent);
        assert_eq!(state.silent_until(LEASE, now), expected, "after {second} s");
    }
    assert_eq!(TaskState::pending(3).silent_until(LEASE, clock.now()), None);
}

#[test]
fn a_parked_task_says_why_it_waits_and_counts_nothing() {
    let clock = ManualClock::default();
    let park = Outcome::Park {
        reason: failure(),
        delay: LEASE,
    };
    let parked = claimed(&clock).finish(1, &park, clock.now()).unwrap();
    assert_eq!(
        (parked.status, parked.failures, parked.crashes),
        (TaskStatus::Pending, 0, 0)
    );
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
    fn whatever_happens_the_invariants_hold(steps in proptest::collection::vec((0..11_u8, 0..3_u32, 0..20_u64), 0..60)) {
        let clock = ManualClock::default();
        let mut state = TaskState::pending(3);
        for (what, behind, wait) in steps {
            clock.advance(Duration::from_secs(wait));
            let attempt = state.attempt.saturating_sub(behind);
            let next = match what {
                0..5 => state.finish(attempt, &outcomes()[usize::from(what)], clock.now()),
                5 => state.apply(&Transition::Claim { lease: LEASE }, clock.now()),
                6 => state.apply(&Transition::LeaseExpired, clock.now()),
                7 => state.apply(&Transition::Cancel, clock.now()),
                8 => state.apply(&Transition::Redrive, clock.now()),
                9 => state.apply(&Transition::DeadlinePassed, clock.now()),
                _ => state.apply(&Transition::Retry, clock.now()),
            };
            if let Ok(next) = next {
                prop_assert!(next.attempt >= state.attempt);
                prop_assert!(next.failures <= next.max_attempts);
                prop_assert!(next.crashes <= next.max_crashes);
                prop_assert_eq!(next.lease_expires_at.is_some(), next.status == TaskStatus::Processing);
                prop_assert!(next.run_after.is_none() || next.status == TaskStatus::Pending);
                state = next;
            }
        }
    }
}
