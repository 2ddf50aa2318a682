//! Queue, Notifier and RateLimiter in Redis 7 or newer: fast, but data may be lost. The Store is authoritative: losing
//! everything here delays work by one round of the reconciler.
//!
//! | key or channel | what it is |
//! |---|---|
//! | `ocr:task:queue` | LIST of the items that are ready, `{"taskId","userId","fileId"}`; anybody may LPUSH one |
//! | `ocr:task:queue:<n>` | the same for priorities other than 0 |
//! | `ocr:task:queue:malformed` | what was pushed and is no item, the last thousand |
//! | `ocr:task:items`, `:leased`, `:delayed`, `:dead`, `:reasons`, `:priorities`, `:fence` | the notes of the queue; `lua/state.lua` says what each holds |
//! | `ocr:task:updates` | channel on which tasks move on |
//! | `ocr:db:changes` | channel on which rows change |
//! | `ocr:rate:<key>` | until when requests take up the rate of a key, in microseconds; expires with it |
//!
//! Scripts name keys they were not given (the lists of priorities), so a cluster is not supported.
//! The server must not evict keys: `maxmemory-policy noeviction`.

mod config;
mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod link;
mod notify;
mod queue;
mod rate_limiter;
mod version;

pub use config::RedisConfig;
pub use notify::RedisNotifier;
pub use queue::RedisQueue;
pub use rate_limiter::RedisRateLimiter;

use std::{fmt, sync::Arc};

use ocr_core::Result;

use link::Link;

/// A server, shared by queue and notifier. Cheap to clone.
#[derive(Clone)]
pub struct RedisServer {
    link: Arc<Link>,
    prefix: Arc<str>,
}

impl fmt::Debug for RedisServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisServer")
            .field("server", &self.link.name())
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

impl RedisServer {
    /// Connects to the server, and warns when it is set up to lose keys.
    ///
    /// # Errors
    /// `Config` when it is older than Redis 7 or refuses the password, `Unavailable` or `Timeout` when
    /// it cannot be reached.
    pub async fn open(config: RedisConfig) -> Result<Self> {
        let server = Self {
            link: Arc::new(Link::new(&config)?),
            prefix: config.key_prefix.into(),
        };
        version::check(&server.link).await?;
        Ok(server)
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    async fn ping(&self) -> Result<()> {
        self.link
            .run("check", async |mut connection| {
                redis::cmd("PING").exec_async(&mut connection).await
            })
            .await
    }
}
