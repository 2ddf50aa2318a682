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

/// A rate limiter in memory; what it counted ends with it.
#[derive(Debug)]
pub struct MemoryRateLimiter {
    clock: Arc<dyn Clock>,
    taken_until: Mutex<HashMap<String, Timestamp>>,
}

impl MemoryRateLimiter {
    /// A limiter that has counted nothing and reads time from `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            taken_until: Mutex::default(),
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
        let mut taken_until = lock(&self.taken_until);
        let taken_for = taken_until
            .get(key)
            .and_then(|until| (*until - now).to_std().ok())
            .unwrap_or(Duration::ZERO);
        let decision = RateDecision::of(limit, taken_for);
        if decision.allowed {
            if taken_until.len() >= MAX_KEYS && !taken_until.contains_key(key) {
                taken_until.retain(|_, until| *until > now);
            }
            if taken_until.len() < MAX_KEYS || taken_until.contains_key(key) {
                taken_until.insert(key.to_owned(), later(now, decision.taken_for));
            }
        }
        Ok(decision)
    }
}
