//! The rate limiter by its calls.

use async_trait::async_trait;

use super::Layered;
use crate::{
    Result,
    rate_limiter::{RateDecision, RateLimit, RateLimiter},
};

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: RateLimiter + ?Sized> RateLimiter for Layered<P> {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    async fn take(&self, key: &str, limit: RateLimit) -> Result<RateDecision> {
        // Once: made twice, it would count twice.
        self.calls.once("take", self.inner.take(key, limit)).await
    }
}
