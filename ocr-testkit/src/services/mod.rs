//! Databases for tests, and with the feature `aws` stand-ins for AWS.
//!
//! Where one comes from, the first that applies:
//!
//! 1. the URL in `OCR_TEST_POSTGRES_URL` or `OCR_TEST_REDIS_URL`: a server that tests may write to;
//! 2. with `OCR_TEST_SERVICES=containers`, a container of the image that `OCR_TEST_POSTGRES_IMAGE`
//!    (default `postgres:15`) or `OCR_TEST_REDIS_IMAGE` (default `redis:7`) names;
//! 3. a throw-away server of this machine, of the programs `initdb` and `postgres` or `redis-server`.
//!
//! When none of these works the test fails and says what to install or set, unless it may go without
//! ([`requirements`](crate::requirements)). One
//! server serves all tests of a process, and each test has a database of its own. A server that was
//! started here ends with its last user, or with the process, however that ends.

mod container;
mod local;
#[cfg(feature = "aws")]
pub mod moto;
pub mod postgres;
pub mod proxy;
pub mod redis;
#[cfg(feature = "aws")]
pub mod s3;

use std::{
    env,
    future::Future,
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::sync::Mutex;

use crate::requirements::Requirement;

/// How long a server may take until it answers.
const START_LIMIT: Duration = Duration::from_mins(1);
/// How long to wait before asking again whether it answers.
const START_POLL: Duration = Duration::from_millis(25);

/// Where servers come from when no URL is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Containers,
    Local,
}

impl Source {
    /// What `OCR_TEST_SERVICES` says.
    fn chosen() -> Result<Self, String> {
        match env::var("OCR_TEST_SERVICES").as_deref() {
            Ok("containers") => Ok(Self::Containers),
            Ok("local" | "") | Err(_) => Ok(Self::Local),
            Ok(other) => Err(format!(
                "OCR_TEST_SERVICES must be \"containers\" or \"local\", not {other:?}"
            )),
        }
    }
}

/// What is missing when a server that comes from `wanted` or a container cannot be had.
fn missing(wanted: Requirement) -> Requirement {
    match Source::chosen() {
        Ok(Source::Containers) => Requirement::Docker,
        _ => wanted,
    }
}

/// The server that all tests of this process share, started by the first that wants it.
async fn shared<S, F>(known: &Mutex<Weak<S>>, start: impl FnOnce() -> F) -> Arc<S>
where
    F: Future<Output = S>,
{
    let mut known = known.lock().await;
    if let Some(server) = known.upgrade() {
        return server;
    }
    let server = Arc::new(start().await);
    *known = Arc::downgrade(&server);
    server
}

/// A variable that is set to something.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Asks `answers` until it succeeds.
async fn until_ready<E, F>(what: &str, mut answers: impl FnMut() -> F) -> Result<(), String>
where
    E: std::fmt::Display,
    F: Future<Output = Result<(), E>>,
{
    let deadline = tokio::time::Instant::now() + START_LIMIT;
    loop {
        let error = match answers().await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if tokio::time::Instant::now() > deadline {
            return Err(format!("{what} does not answer: {error}"));
        }
        tokio::time::sleep(START_POLL).await;
    }
}

/// A password or name nobody guesses.
fn random_word() -> String {
    use ocr_core::id::{IdGenerator, RandomIds};
    RandomIds.next().simple().to_string()
}

/// `url` with another host and port, and another path where one is given.
fn moved(url: &str, address: Option<std::net::SocketAddr>, path: Option<&str>) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (rest, query) = rest
        .split_once('?')
        .map_or((rest, String::new()), |(rest, query)| (rest, format!("?{query}")));
    let (authority, old_path) = rest.split_once('/').unwrap_or((rest, ""));
    let authority = match (address, authority.rsplit_once('@')) {
        (None, _) => authority.to_owned(),
        (Some(address), Some((user, _))) => format!("{user}@{address}"),
        (Some(address), None) => address.to_string(),
    };
    format!("{scheme}://{authority}/{}{query}", path.unwrap_or(old_path))
}

/// Host and port of `url`.
fn address(url: &str, default_port: u16) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if host.contains(':') {
        host.to_owned()
    } else {
        format!("{host}:{default_port}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_url_is_moved_to_another_place() {
        let url = "postgres://me:secret@db.example:5433/main?sslmode=disable";
        let address = "127.0.0.1:99".parse().ok();
        assert_eq!(
            moved(url, address, Some("other")),
            "postgres://me:secret@127.0.0.1:99/other?sslmode=disable"
        );
        assert_eq!(moved("redis://host:1", None, Some("7")), "redis://host:1/7");
        assert_eq!(moved("redis://host:1/3", address, None), "redis://127.0.0.1:99/3");
    }

    #[test]
    fn an_url_names_a_host_and_a_port() {
        assert_eq!(address("postgres://me:p@w@host:7/db", 5432), "host:7");
        assert_eq!(address("redis://host?x=1", 6379), "host:6379");
    }
}
