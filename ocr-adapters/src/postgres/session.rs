//! Calls with a limit, on connections that are thrown away when a call is given up.

use ocr_core::Result;
use sqlx::{Connection as _, PgConnection, Postgres, pool::PoolConnection};

use super::{
    GRACE, PgDatabase,
    error::{pg_error, timed_out},
};

/// A connection that goes back to the pool only when its call has come to an end.
///
/// When it is dropped earlier, by a time limit or by the caller, it is closed: otherwise the answer to the
/// abandoned call would be read as the answer to the next one, and a server that hangs would keep the
/// connection for ever.
struct Session(Option<PoolConnection<Postgres>>);

impl Session {
    fn settle(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(connection.detach());
        }
    }
}

impl PgDatabase {
    /// Does `work` on a connection, within the limits of the configuration.
    pub(super) async fn call<T>(
        &self,
        operation: &'static str,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T>,
    ) -> Result<T> {
        let config = &self.inner.config;
        let limit = config.acquire_timeout + GRACE;
        let connection = tokio::time::timeout(limit, self.inner.pool.acquire())
            .await
            .map_err(|_| timed_out(operation, limit))?
            .map_err(|error| pg_error(operation, error))?;
        let mut session = Session(Some(connection));
        let limit = config.call_timeout + GRACE;
        let outcome = match session.0.as_deref_mut() {
            Some(connection) => tokio::time::timeout(limit, work(connection)).await,
            None => return Err(timed_out(operation, limit)),
        };
        match outcome {
            Ok(outcome) => {
                session.settle();
                outcome
            }
            Err(_) => Err(timed_out(operation, limit)),
        }
    }

    /// Does `work` in one transaction, which is committed when it succeeds and undone when it fails.
    pub(super) async fn transaction<T>(
        &self,
        operation: &'static str,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T>,
    ) -> Result<T> {
        self.call(operation, async |connection| {
            let mut tx = connection
                .begin()
                .await
                .map_err(|error| pg_error(operation, error))?;
            match work(&mut tx).await {
                Ok(value) => {
                    tx.commit().await.map_err(|error| pg_error(operation, error))?;
                    Ok(value)
                }
                Err(refusal) => {
                    // Where this fails the connection is broken, and the server undoes it by itself.
                    let _ = tx.rollback().await;
                    Err(refusal)
                }
            }
        })
        .await
    }
}
