//! Requests counted in this process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;

use super::lock;
use crate::{
    Result,
    clock::{Clock, Timestamp, later},
    rate_limiter::{RateDecision, RateLimit, RateLimiter},
};

/// Maximum number of keys whose rates are taken up at the same time; further ones are let through without being counted,
/// because whoever can make so many keys would otherwise decide for everybody.
const MAX_KEYS: usize = 100_000;
/// How often keys whose rates are free again are looked for while there are as many: it takes a look at every key.
const CLEANING: Duration = Duration::from_secs(1);

/// A rate limiter in memory; what it counted ends with it.
#[derive(Debug)]
pub struct MemoryRateLimiter {
    clock: Arc<dyn Clock>,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    until: HashMap<String, Timestamp>,
    cleaned: Option<Timestamp>,
}

impl Taken {
    /// Makes room for another key, unless that was tried a moment ago.
    fn clean(&mut self, now: Timestamp) {
        if self.cleaned.is_none_or(|cleaned| now >= later(cleaned, CLEANING)) {
            self.cleaned = Some(now);
            self.until.retain(|_, until| *until > now);
        }
    }
}

impl MemoryRateLimiter {
    /// A limiter that has counted nothing and reads time from `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            taken: Mutex::default(),
        }
    }
}

#[async_trait]
impl RateLimiter for MemoryRateLimiter {
    fn name(&self) -> &'static str {
        "memory"
    }

    async fn take(&self, key: &str, limit: RateLimit) -> Result<RateDecision> {
        let now = self.clock.now();
        let mut taken = lock(&self.taken);
        let taken_for = taken
            .until
            .get(key)
            .and_then(|until| (*until - now).to_std().ok())
            .unwrap_or(Duration::ZERO);
        let decision = RateDecision::of(limit, taken_for);
        if decision.allowed {
            let known = taken.until.contains_key(key);
            if taken.until.len() >= MAX_KEYS && !known {
                taken.clean(now);
            }
            if taken.until.len() < MAX_KEYS || known {
                taken.until.insert(key.to_owned(), later(now, decision.taken_for));
            }
        }
        Ok(decision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_keys_are_looked_at_once_a_second_at_most() {
        let start = Timestamp::UNIX_EPOCH;
        let mut taken = Taken::default();
        taken.clean(start);
        taken.until.insert("free".into(), start);
        taken.clean(later(start, CLEANING / 2));
        assert_eq!(taken.until.len(), 1);
        taken.clean(later(start, CLEANING));
        assert!(taken.until.is_empty());
    }
}
