//! A connection that is replaced when it fails.

use std::time::Duration;

use ocr_core::{Error, ErrorKind, Result};
use redis::{
    AsyncConnectionConfig, Client, RedisResult,
    aio::{AsyncPushSender, MultiplexedConnection},
};
use tokio::sync::Mutex;

use super::{RedisConfig, error::redis_error};

/// The connection that commands share, made when it is needed and again after it failed.
///
/// The manager of the client library keeps an error of the handshake for good, such as that of a
/// server that is still loading; and it keeps a connection whose other end hangs.
pub(super) struct Link {
    client: Client,
    name: String,
    connect_timeout: Duration,
    response_timeout: Duration,
    current: Mutex<Current>,
}

#[derive(Default)]
struct Current {
    connection: Option<MultiplexedConnection>,
    /// Tells the connection that failed from one that has replaced it meanwhile.
    number: u64,
}

impl Link {
    pub(super) fn new(config: &RedisConfig) -> Result<Self> {
        Ok(Self {
            client: config.client()?,
            name: config.to_string(),
            connect_timeout: config.connect_timeout,
            response_timeout: config.response_timeout,
            current: Mutex::default(),
        })
    }

    /// The server, for logs.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn response_timeout(&self) -> Duration {
        self.response_timeout
    }

    /// Runs commands on the shared connection, each within the response timeout. Commands are not
    /// repeated: the next call finds a new connection.
    pub(super) async fn run<T>(
        &self,
        operation: &'static str,
        call: impl AsyncFnOnce(MultiplexedConnection) -> RedisResult<T>,
    ) -> Result<T> {
        // Callers wait for each other while one connects; none for more than its own time.
        let limit = self.connect_timeout + self.response_timeout;
        let (connection, number) = tokio::time::timeout(limit, self.shared(operation))
            .await
            .unwrap_or_else(|_| {
                let message = "Redis did not answer in time";
                Err(Error::new(ErrorKind::Timeout, message).at("redis", operation))
            })?;
        let outcome = call(connection).await;
        if outcome.as_ref().is_err_and(is_of_the_connection) {
            let mut current = self.current.lock().await;
            if current.number == number {
                current.connection = None;
            }
        }
        outcome.map_err(|error| redis_error(operation, error))
    }

    async fn shared(&self, operation: &'static str) -> Result<(MultiplexedConnection, u64)> {
        let mut current = self.current.lock().await;
        if let Some(connection) = &current.connection {
            return Ok((connection.clone(), current.number));
        }
        let connection = self.connect(operation, self.config()).await?;
        current.connection = Some(connection.clone());
        current.number += 1;
        Ok((connection, current.number))
    }

    /// A connection of one's own, for commands that block.
    pub(super) async fn own(&self, operation: &'static str) -> Result<MultiplexedConnection> {
        self.connect(operation, self.config()).await
    }

    /// A connection of one's own whose messages go to `sender`.
    pub(super) async fn listening(&self, sender: impl AsyncPushSender) -> Result<MultiplexedConnection> {
        self.connect("subscribe", self.config().set_push_sender(sender))
            .await
    }

    fn config(&self) -> AsyncConnectionConfig {
        AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.connect_timeout))
            .set_response_timeout(Some(self.response_timeout))
    }

    async fn connect(
        &self,
        operation: &'static str,
        config: AsyncConnectionConfig,
    ) -> Result<MultiplexedConnection> {
        self.client
            .get_multiplexed_async_connection_with_config(&config)
            .await
            .map_err(|error| redis_error(operation, error))
    }
}

/// Whether another connection may fare better: it broke, or it leads to a server that is no longer the one
/// to ask, as after a failover.
fn is_of_the_connection(error: &redis::RedisError) -> bool {
    error.is_io_error()
        || matches!(
            error.code(),
            Some("READONLY" | "MASTERDOWN" | "LOADING" | "NOAUTH" | "WRONGPASS")
        )
}
