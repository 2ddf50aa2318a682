//! What every [`RateLimiter`] must do, clause by clause.

use std::{sync::Arc, time::Duration};

use ocr_core::rate_limiter::{RateDecision, RateLimit, RateLimiter};

use crate::harness::{Guard, TestTime, no_guard, with_guard};

/// A limiter of its own that has counted nothing.
#[non_exhaustive]
pub struct RateLimiterFixture {
    /// The limiter.
    pub limiter: Arc<dyn RateLimiter>,
    /// How time passes for it.
    pub time: TestTime,
    /// Keeps what it needs alive.
    pub guard: Guard,
}

impl std::fmt::Debug for RateLimiterFixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RateLimiterFixture")
            .field("limiter", &self.limiter)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

impl RateLimiterFixture {
    /// A `limiter` of its own, and how time passes for it; nothing needs to be kept alive.
    pub fn new(limiter: Arc<dyn RateLimiter>, time: TestTime) -> Self {
        Self {
            limiter,
            time,
            guard: no_guard(),
        }
    }

    with_guard!();

    async fn take(&self, key: &str, limit: RateLimit) -> RateDecision {
        self.limiter.take(key, limit).await.unwrap()
    }
}

/// So many requests that the rate lets none through while a clause runs.
fn slow(requests: u32) -> RateLimit {
    RateLimit::new(requests, Duration::from_hours(24))
}

/// As many are let through at once as the limit says, and no more.
pub async fn a_burst_is_let_through_and_no_more(fixture: &RateLimiterFixture) {
    let limit = slow(3);
    for left in [2, 1, 0] {
        let decision = fixture.take("key", limit).await;
        assert!(decision.allowed, "{decision:?}");
        assert_eq!(decision.remaining, left);
    }
    for _ in 0..3 {
        let refused = fixture.take("key", limit).await;
        assert!(!refused.allowed, "{refused:?}");
        assert_eq!(refused.remaining, 0);
        // A refusal counts nothing, so that the wait does not grow.
        assert!(refused.retry_after <= limit.interval() && !refused.retry_after.is_zero());
        assert!(refused.resets_after <= limit.period);
    }
}

/// After the wait that it names, a request is let through.
pub async fn who_waits_is_let_through(fixture: &RateLimiterFixture) {
    let limit = RateLimit::new(1, fixture.time.short());
    assert!(fixture.take("key", limit).await.allowed);
    let refused = fixture.take("key", limit).await;
    // A machine that is slow may be past the short period already, where nobody can hold the clock.
    assert!(!refused.allowed || !fixture.time.is_manual());
    fixture.time.pass(limit.period).await;
    assert!(fixture.take("key", limit).await.allowed);
}

/// Keys do not disturb each other, whatever is in them.
pub async fn keys_are_told_apart(fixture: &RateLimiterFixture) {
    let limit = slow(1);
    for key in [
        "user:1",
        "user:2",
        "user:1 ",
        "USER:1",
        "address:2001:db8::1",
        "{a}b",
        "%",
        "ä",
    ] {
        assert!(fixture.take(key, limit).await.allowed, "{key}");
    }
    assert!(!fixture.take("user:1", limit).await.allowed);
}

/// Of many at the same moment only as many are let through as the limit says.
pub async fn of_many_at_once_no_more_are_let_through(fixture: &RateLimiterFixture) {
    let limit = slow(10);
    let all = (0..50).map(|_| fixture.take("key", limit));
    let decisions = futures::future::join_all(all).await;
    let allowed = decisions.iter().filter(|decision| decision.allowed).count();
    assert_eq!(allowed, 10);
}

/// Requests count against each limit that is asked with; a limit holds nothing against anybody for longer than its period.
pub async fn a_key_may_have_another_limit(fixture: &RateLimiterFixture) {
    for _ in 0..5 {
        assert!(fixture.take("key", slow(5)).await.allowed);
    }
    let less = RateLimit::new(2, Duration::from_hours(1));
    let refused = fixture.take("key", less).await;
    assert!(!refused.allowed, "{refused:?}");
    assert!(refused.resets_after <= less.period);
}

/// Expands to one test for each clause of the [`RateLimiter`] contract.
///
/// Takes a path to an `async fn() -> RateLimiterFixture` that makes a limiter of its own.
#[macro_export]
macro_rules! rate_limiter_conformance {
    ($fresh:expr) => {
        $crate::clauses! { $fresh, rate_limiter:
            a_burst_is_let_through_and_no_more
            who_waits_is_let_through
            keys_are_told_apart
            of_many_at_once_no_more_are_let_through
            a_key_may_have_another_limit
        }
    };
}
