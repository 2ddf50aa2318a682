//! The RateLimiter port: how many requests may come in a time, counted together by all servers that share it. Optional:
//! whoever takes requests asks it, the platform does not.

use std::{fmt, time::Duration};

use async_trait::async_trait;

use crate::Result;

/// Counts requests by key.
///
/// It lets through what comes evenly at the rate of a limit, and as many requests at once as that lets through in a
/// period, by the generic cell rate algorithm (GCRA). All it keeps of a key is one moment: until when the requests that
/// were let through take up the rate.
///
/// A method may be dropped at any await point: the request then counts, or not.
#[async_trait]
pub trait RateLimiter: fmt::Debug + Send + Sync + 'static {
    /// Short name of the adapter for logs: `redis`.
    fn name(&self) -> &'static str;

    /// Counts one request under `key` if `limit` lets it through.
    ///
    /// # Behavior
    /// - What it answers is what [`RateDecision::of`] makes of the time for which the rate was taken up before.
    /// - A request that is not let through counts nothing.
    /// - Of several at the same moment, from whatever process, no more are let through than the limit says.
    /// - Keys do not disturb each other. A key that is not asked for is forgotten when its rate is free again, and not
    ///   before.
    /// - One key may be asked for with several limits: the same requests then count against each.
    async fn take(&self, key: &str, limit: RateLimit) -> Result<RateDecision>;
}

/// How many requests may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// Maximum number of requests in a period, at least 1; also the number that may come at once.
    pub requests: u32,
    /// The period: 1 ms at least, a day at most.
    pub period: Duration,
}

impl RateLimit {
    /// Up to `requests` in a `period`; both are brought into range.
    pub fn new(requests: u32, period: Duration) -> Self {
        Self {
            requests: requests.max(1),
            period: period.clamp(Duration::from_millis(1), Duration::from_hours(24)),
        }
    }

    /// The time that one request takes up, in whole microseconds, so that all adapters reckon alike.
    pub fn interval(self) -> Duration {
        let micros = self.period.as_micros() / u128::from(self.requests.max(1));
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX).max(1))
    }

    /// For how long requests may take up the rate in advance.
    fn most(self) -> Duration {
        self.interval() * self.requests
    }
}

/// Whether a request is let through, and what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateDecision {
    /// Whether it is let through.
    pub allowed: bool,
    /// Requests that would be let through right after it.
    pub remaining: u32,
    /// How long to wait before one is let through; zero when one would be now.
    pub retry_after: Duration,
    /// How long until as many are let through as the limit says.
    pub resets_after: Duration,
    /// For how long the rate is taken up now.
    pub taken_for: Duration,
}

impl RateDecision {
    /// What becomes of a request under `limit` when those before it take up the rate for `taken_for` from now on.
    pub fn of(limit: RateLimit, taken_for: Duration) -> Self {
        // What another limit let through under this key is not held against this one for longer than a period.
        let taken_for = taken_for.min(limit.most());
        let wanted = taken_for + limit.interval();
        let allowed = wanted <= limit.most();
        let taken_for = if allowed { wanted } else { taken_for };
        let free = limit.most().saturating_sub(taken_for);
        let remaining = free.as_micros() / limit.interval().as_micros().max(1);
        Self {
            allowed,
            remaining: u32::try_from(remaining).unwrap_or(u32::MAX),
            retry_after: (taken_for + limit.interval()).saturating_sub(limit.most()),
            resets_after: taken_for,
            taken_for,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_burst_is_let_through_and_then_one_each_interval() {
        let limit = RateLimit::new(3, Duration::from_secs(30));
        let mut taken = Duration::ZERO;
        for left in [2, 1, 0] {
            let decision = RateDecision::of(limit, taken);
            assert_eq!((decision.allowed, decision.remaining), (true, left));
            taken = decision.taken_for;
        }
        let refused = RateDecision::of(limit, taken);
        assert_eq!((refused.allowed, refused.taken_for), (false, taken));
        assert_eq!(refused.retry_after, Duration::from_secs(10));
        assert_eq!(refused.resets_after, Duration::from_secs(30));
        let later = RateDecision::of(limit, taken.saturating_sub(Duration::from_secs(10)));
        assert!(later.allowed && later.remaining == 0);
    }

    #[test]
    fn limits_are_brought_into_range() {
        let limit = RateLimit::new(0, Duration::ZERO);
        assert_eq!((limit.requests, limit.period), (1, Duration::from_millis(1)));
        assert_eq!(limit.interval(), Duration::from_millis(1));
        assert_eq!(RateLimit::new(1, Duration::MAX).period, Duration::from_hours(24));
        assert!(RateDecision::of(RateLimit::new(u32::MAX, Duration::ZERO), Duration::ZERO).allowed);
    }

    proptest! {
        #[test]
        fn no_more_are_let_through_than_the_limit_says(
            requests in 1..50_u32,
            period in 1..100_u64,
            waits in proptest::collection::vec(0..3_000_u64, 1..300)
        ) {
            let limit = RateLimit::new(requests, Duration::from_secs(period));
            let (mut taken, mut elapsed, mut passed) = (Duration::ZERO, Duration::ZERO, 0_u128);
            for wait in waits {
                let wait = Duration::from_millis(wait);
                elapsed += wait;
                taken = taken.saturating_sub(wait);
                let decision = RateDecision::of(limit, taken);
                prop_assert!(decision.taken_for <= limit.period);
                taken = decision.taken_for;
                passed += u128::from(decision.allowed);
            }
            let most = u128::from(requests) + elapsed.as_micros() / limit.interval().as_micros();
            prop_assert!(passed <= most);
        }
    }
}
