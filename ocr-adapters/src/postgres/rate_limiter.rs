//! Requests counted in a database that all servers share.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use ocr_core::{
    Result,
    rate_limiter::{RateDecision, RateLimit, RateLimiter},
};
use sqlx::PgConnection;

use super::{
    PgDatabase,
    error::pg_error,
    rows::{column, micros},
};

/// How often one process removes keys whose rates are free again.
const CLEANING: Duration = Duration::from_mins(1);

/// Takes up the rate if that is allowed; the row is then in the answer, with the time for which it is taken up.
const TAKE: &str = "\
    WITH present AS (SELECT clock_timestamp() AS moment) \
    INSERT INTO rate_limits AS known (key, spoken_for_to) \
    SELECT $1, moment + $2 * interval '1 microsecond' FROM present \
    ON CONFLICT (key) DO UPDATE SET spoken_for_to = $2 * interval '1 microsecond' \
    + GREATEST(known.spoken_for_to, (SELECT moment FROM present)) \
    WHERE GREATEST(known.spoken_for_to, (SELECT moment FROM present)) \
    <= (SELECT moment FROM present) + ($3 - $2) * interval '1 microsecond' \
    RETURNING (EXTRACT(EPOCH FROM spoken_for_to - (SELECT moment FROM present)) * 1000000)::bigint AS taken";

/// For how long the rate of a key is taken up.
const TAKEN: &str = "\
    SELECT (EXTRACT(EPOCH FROM spoken_for_to - clock_timestamp()) * 1000000)::bigint AS taken \
    FROM rate_limits WHERE key = $1";

/// Removes keys whose rates are free; what other processes hold is left to them.
const CLEAN: &str = "\
    DELETE FROM rate_limits WHERE key IN (SELECT key FROM rate_limits \
    WHERE spoken_for_to < clock_timestamp() LIMIT 10000 FOR UPDATE SKIP LOCKED)";
/// As many keys as that removes at once.
const BATCH: u64 = 10_000;
/// How often that is repeated, so that the request that does it does not wait for long.
const ROUNDS: usize = 10;

/// A rate limiter in a [`PgDatabase`]. Time is the database's.
#[derive(Debug)]
pub struct PgRateLimiter {
    database: PgDatabase,
    cleaned: Mutex<Option<Instant>>,
}

impl PgRateLimiter {
    /// The limiter of `database`, whose schema is up to date.
    pub fn new(database: PgDatabase) -> Self {
        Self {
            database,
            cleaned: Mutex::default(),
        }
    }

    fn is_cleaning_due(&self) -> bool {
        let mut last = self.cleaned.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| last.elapsed() >= CLEANING);
        if due {
            *last = Some(Instant::now());
        }
        due
    }
}

#[async_trait]
impl RateLimiter for PgRateLimiter {
    fn name(&self) -> &'static str {
        "postgres"
    }

    async fn take(&self, key: &str, limit: RateLimit) -> Result<RateDecision> {
        let interval = limit.interval();
        let most = interval * limit.requests;
        let cleaning_due = self.is_cleaning_due();
        let before = self
            .database
            .call("take", async |connection| {
                if cleaning_due {
                    clean(connection).await?;
                }
                let taken = sqlx::query(TAKE)
                    .bind(key)
                    .bind(micros(interval))
                    .bind(micros(most))
                    .fetch_optional(&mut *connection)
                    .await
                    .map_err(|error| pg_error("take", error))?;
                if let Some(row) = taken {
                    return Ok(duration(column(&row, "taken")?).saturating_sub(interval));
                }
                let refused = sqlx::query(TAKEN)
                    .bind(key)
                    .fetch_optional(connection)
                    .await
                    .map_err(|error| pg_error("take", error))?;
                // It was refused: whatever time has passed since, less than that would have let it through.
                let least = (most + Duration::from_micros(1)).saturating_sub(interval);
                let taken = refused.map(|row| column(&row, "taken")).transpose()?;
                Ok(taken.map_or(Duration::ZERO, duration).max(least))
            })
            .await?;
        Ok(RateDecision::of(limit, before))
    }
}

/// Removes keys until hardly any is left whose rate is free.
async fn clean(connection: &mut PgConnection) -> Result<()> {
    for _ in 0..ROUNDS {
        let removed = sqlx::query(CLEAN)
            .execute(&mut *connection)
            .await
            .map_err(|error| pg_error("take", error))?;
        if removed.rows_affected() < BATCH {
            break;
        }
    }
    Ok(())
}

/// Microseconds; none where there are fewer.
fn duration(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}
