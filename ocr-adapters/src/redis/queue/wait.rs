//! Waiting for work without taking it.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use ocr_core::Result;
use redis::{Value, aio::MultiplexedConnection};
use tokio::time::Instant;

use super::RedisQueue;
use crate::redis::error::redis_error;

/// Maximum time one command blocks. A server that hangs is noticed after that and the response timeout.
const SLICE: Duration = Duration::from_secs(5);
/// Minimum time one command blocks; no time at all would mean for ever.
const LEAST: Duration = Duration::from_millis(10);

/// Connections on which nobody waits now. A command that blocks needs one of its own.
#[derive(Default)]
pub(super) struct Waiters(Mutex<Vec<MultiplexedConnection>>);

impl fmt::Debug for Waiters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Waiters")
    }
}

impl Waiters {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<MultiplexedConnection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RedisQueue {
    pub(super) async fn wait_for_work(&self, timeout: Duration) -> Result<()> {
        let deadline = Instant::now().checked_add(timeout);
        loop {
            let planned: i64 = self.run("wait", &self.scripts.ready, &[]).await?;
            let until_planned = u64::try_from(planned).map_or(SLICE, Duration::from_millis);
            let left = deadline.map_or(SLICE, |deadline| {
                deadline.saturating_duration_since(Instant::now())
            });
            if until_planned.is_zero() || left.is_zero() {
                return Ok(());
            }
            if self.block(left.min(until_planned).min(SLICE).max(LEAST)).await? {
                return Ok(());
            }
        }
    }

    /// Waits until the list holds something, for `limit` at most, and says whether it does.
    ///
    /// Moving the last item of a list to its end changes nothing, but waits for an item, whoever
    /// pushes it. Items of other priorities are found by the next look.
    async fn block(&self, limit: Duration) -> Result<bool> {
        let idle = self.waiters.idle().pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => self.server.link.own("wait").await?,
        };
        connection.set_response_timeout(limit + self.server.link.response_timeout());
        let list = self.scripts.list();
        let moved = redis::cmd("BLMOVE")
            .arg(list)
            .arg(list)
            .arg("RIGHT")
            .arg("RIGHT")
            .arg(limit.as_secs_f64())
            .query_async::<Value>(&mut connection)
            .await;
        match moved {
            Ok(moved) => {
                self.waiters.idle().push(connection);
                Ok(moved != Value::Nil)
            }
            Err(error) => {
                // The others have met the same end.
                self.waiters.idle().clear();
                Err(redis_error("wait", error))
            }
        }
    }
}
