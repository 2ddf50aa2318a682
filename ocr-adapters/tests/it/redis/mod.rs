//! Queue and Notifier in a real Redis.

mod faults;
mod foreign;
mod notifier;
mod queue;
mod rate_limiter;
mod start;

use std::{sync::Arc, time::Duration};

use ocr_adapters::redis::{RedisConfig, RedisNotifier, RedisQueue, RedisServer};
use ocr_core::{clock::SystemClock, id::RandomIds};
use ocr_testkit::services::redis::{Database, Server, database};
use redis::{Client, FromRedisValue, aio::MultiplexedConnection};

/// The spec's LIST.
const LIST: &str = "ocr:task:queue";

fn config(url: &str) -> RedisConfig {
    RedisConfig::from_url(&url.into()).unwrap()
}

async fn open(config: RedisConfig) -> RedisServer {
    RedisServer::open(config).await.unwrap()
}

/// A database of its own, and the queue in it.
async fn queue() -> (Database, RedisQueue) {
    let database = database().await;
    let queue = RedisQueue::new(open(config(&database.url())).await);
    (database, queue)
}

fn notifier(server: RedisServer) -> RedisNotifier {
    RedisNotifier::new(server, Arc::new(SystemClock), Arc::new(RandomIds))
}

/// Somebody with `redis-cli`.
struct Cli(MultiplexedConnection);

impl Cli {
    async fn connect(url: &str) -> Self {
        let client = Client::open(url).unwrap();
        Self(client.get_multiplexed_async_connection().await.unwrap())
    }

    async fn run<T: FromRedisValue>(&mut self, words: &[&str]) -> T {
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]).query_async(&mut self.0).await.unwrap()
    }

    /// How many items wait.
    async fn waiting(&mut self) -> u64 {
        self.run(&["LLEN", LIST]).await
    }
}

/// Timeouts short enough to be waited for.
fn hurried(url: &str) -> RedisConfig {
    config(url)
        .with_connect_timeout(Duration::from_millis(500))
        .with_response_timeout(Duration::from_millis(500))
}

/// A server that this test may break.
async fn breakable() -> Server {
    Server::throw_away().await
}
