//! Requests counted in a Redis that all servers share.

use std::time::Duration;

use async_trait::async_trait;
use ocr_core::{
    Error, ErrorKind, Result,
    rate_limiter::{RateDecision, RateLimit, RateLimiter},
};
use redis::Script;

use super::RedisServer;

/// A rate limiter in a [`RedisServer`]. Each request is one script; time is the server's.
#[derive(Debug)]
pub struct RedisRateLimiter {
    server: RedisServer,
    take: Script,
}

impl RedisRateLimiter {
    /// The limiter of `server`.
    pub fn new(server: RedisServer) -> Self {
        Self {
            server,
            take: Script::new(include_str!("lua/take.lua")),
        }
    }
}

#[async_trait]
impl RateLimiter for RedisRateLimiter {
    fn name(&self) -> &'static str {
        "redis"
    }

    async fn take(&self, key: &str, limit: RateLimit) -> Result<RateDecision> {
        let interval = limit.interval();
        let most = interval * limit.requests;
        let key = self.server.key(&format!("ocr:rate:{key}"));
        let taken: String = self
            .server
            .link
            .run("take", async |mut connection| {
                let mut invocation = self.take.prepare_invoke();
                invocation.key(&key);
                invocation.arg(interval.as_micros().to_string());
                invocation.arg(most.as_micros().to_string());
                invocation.invoke_async(&mut connection).await
            })
            .await?;
        let micros = taken.parse::<u64>().map_err(|error| {
            Error::new(ErrorKind::Corrupt, "Redis holds something that cannot be read")
                .with_source(error)
                .at("redis", "take")
        })?;
        Ok(RateDecision::of(limit, Duration::from_micros(micros)))
    }
}
