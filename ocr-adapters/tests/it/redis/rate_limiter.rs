//! The rate limiter: the suite, and what stays in Redis.

use std::{sync::Arc, time::Duration};

use ocr_adapters::redis::RedisRateLimiter;
use ocr_core::rate_limiter::{RateLimit, RateLimiter};
use ocr_testkit::{harness::TestTime, services::redis::database};

use super::{Cli, config, open};

mod conformance {
    use super::*;
    use ocr_testkit::rate_limiter::RateLimiterFixture;

    async fn fresh() -> RateLimiterFixture {
        let database = database().await;
        let limiter = RedisRateLimiter::new(open(config(&database.url())).await);
        RateLimiterFixture::new(Arc::new(limiter), TestTime::real()).with_guard(database)
    }

    ocr_testkit::rate_limiter_conformance!(fresh);
}

#[tokio::test]
async fn a_key_expires_when_its_rate_is_free_again() {
    let database = database().await;
    let limiter = RedisRateLimiter::new(open(config(&database.url())).await);
    let limit = RateLimit::new(2, Duration::from_hours(1));
    limiter.take("user:1", limit).await.unwrap();
    let mut cli = Cli::connect(&database.url()).await;
    let left: i64 = cli.run(&["PTTL", "ocr:rate:user:1"]).await;
    assert!((1..=1_800_000).contains(&left), "{left}");
}
