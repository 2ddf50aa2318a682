//! Redis 7 or newer.

use std::{
    fmt,
    net::SocketAddr,
    sync::{Arc, Weak},
    time::Duration,
};

use redis::{Client, RedisError, RedisResult};
use testcontainers::ImageExt as _;
use tokio::sync::Mutex;

use crate::requirements::Requirement;

use super::{
    Source,
    container::Container,
    local::{self, LocalServer},
    moved, random_word, shared, until_ready, variable,
};

/// Names the server that tests may use.
pub const URL_VARIABLE: &str = "OCR_TEST_REDIS_URL";

const PORT: u16 = 6379;
/// How long one command of ours may take.
const LIMIT: Duration = Duration::from_secs(10);
/// Numbered databases of a server we start: one for each test that runs at once, and many to spare.
const DATABASES: u32 = 1024;
/// After how many seconds a database is free again whose test was killed.
const CLAIM_SECONDS: u32 = 900;
/// How often to look for a free database, and how long to wait in between.
const CLAIM_ROUNDS: u32 = 600;
const CLAIM_POLL: Duration = Duration::from_millis(100);

/// The server that the tests of this process share.
static SHARED: Mutex<Weak<Server>> = Mutex::const_new(Weak::new());

/// A Redis server.
#[derive(Debug)]
pub struct Server {
    url: String,
    source: Option<Started>,
}

/// A server that is ours, and ends with us.
#[derive(Debug)]
enum Started {
    Local(Mutex<LocalServer>),
    Container { _container: Box<Container> },
}

impl Server {
    /// A server of its own for a test that breaks or flushes it: a throw-away one of this machine.
    ///
    /// # Panics
    /// When it cannot be started.
    pub async fn throw_away() -> Self {
        Requirement::Redis.or_end(start_local().await)
    }

    /// The URL of its first database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Host and port.
    pub fn address(&self) -> String {
        super::address(&self.url, PORT)
    }

    /// Its URL by way of a [`Proxy`](super::proxy::Proxy) at `address`.
    pub fn url_through(&self, address: SocketAddr) -> String {
        moved(&self.url, Some(address), None)
    }

    /// Kills the server and starts it again at the same place, with nothing in it.
    ///
    /// # Panics
    /// When the server is not one of [`Server::throw_away`], or does not come back.
    pub async fn crash_and_restart(&self) {
        let Some(Started::Local(server)) = &self.source else {
            panic!("only a throw-away server can be restarted");
        };
        let mut server = server.lock().await;
        server.restart().unwrap_or_else(|reason| panic!("{reason}"));
        until_ready("Redis", || answers(self.url.clone()))
            .await
            .unwrap_or_else(|reason| panic!("{reason}\n{}", server.log()));
    }
}

/// A numbered database of its own, emptied before and after use.
///
/// Channels do not belong to a database: whoever publishes needs [`Database::prefix`] to be alone.
pub struct Database {
    number: u32,
    prefix: String,
    server: Arc<Server>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl Database {
    /// Its URL, with its number.
    pub fn url(&self) -> String {
        moved(&self.server.url, None, Some(&self.number.to_string()))
    }

    /// Its URL by way of a [`Proxy`](super::proxy::Proxy) at `address`.
    pub fn url_through(&self, address: SocketAddr) -> String {
        moved(&self.url(), Some(address), None)
    }

    /// Host and port of its server.
    pub fn address(&self) -> String {
        self.server.address()
    }

    /// Something to put before the names of channels, as nobody else does: `test-...:`.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let released = release(&self.url(), &self.server.url, self.number);
        if let Err(error) = released {
            eprintln!(
                "the test database {} of Redis was not released: {error}",
                self.number
            );
        }
    }
}

/// A database of its own on the server that this process shares.
///
/// # Panics
/// When there is no server and none can be started.
pub async fn database() -> Database {
    database_on(
        shared(&SHARED, || async {
            super::missing(Requirement::Redis).or_end(start().await)
        })
        .await,
    )
    .await
}

/// A database of its own on `server`.
///
/// # Panics
/// When all are in use for a minute.
pub async fn database_on(server: Arc<Server>) -> Database {
    for _ in 0..CLAIM_ROUNDS {
        let url = server.url.clone();
        let claimed = blocking(move || claim(&url))
            .await
            .unwrap_or_else(|error| panic!("no test database of Redis: {error}"));
        if let Some(number) = claimed {
            return Database {
                number,
                prefix: format!("test-{}:", random_word()),
                server,
            };
        }
        tokio::time::sleep(CLAIM_POLL).await;
    }
    panic!("all databases of the Redis server are used by other tests");
}

/// The server that the environment asks for: given by URL, in a container, or thrown away after use.
///
/// # Errors
/// A sentence that says what to install or set.
pub async fn start() -> Result<Server, String> {
    if let Some(url) = variable(URL_VARIABLE) {
        answers(url.clone())
            .await
            .map_err(|error| format!("the Redis server of {URL_VARIABLE} does not answer: {error}"))?;
        return Ok(Server { url, source: None });
    }
    match Source::chosen()? {
        Source::Containers => start_container().await,
        Source::Local => start_local().await,
    }
}

async fn start_container() -> Result<Server, String> {
    let databases = DATABASES.to_string();
    let container = Container::start("OCR_TEST_REDIS_IMAGE", "redis:7", PORT, |image| {
        let open = ["redis-server", "--bind", "0.0.0.0", "--protected-mode", "no"];
        image.with_cmd(open.into_iter().chain(["--save", "", "--databases", &databases]))
    })
    .await?;
    let url = format!("redis://{}", container.address);
    until_ready("the Redis container", || answers(url.clone())).await?;
    let source = Started::Container {
        _container: Box::new(container),
    };
    Ok(Server {
        url,
        source: Some(source),
    })
}

async fn start_local() -> Result<Server, String> {
    let Some(program) = local::program("redis-server", Vec::new()) else {
        return Err(format!(
            "these tests need Redis. Install it (on Debian: apt-get install redis-server), or set \
             {URL_VARIABLE} to the URL of a server that tests may write to, or set \
             OCR_TEST_SERVICES=containers to run one in a container."
        ));
    };
    let password = random_word();
    let port = local::free_port()?;
    let directory = local::directory(None)?;
    let words = [
        program.display().to_string(),
        "--port".into(),
        port.to_string(),
        "--bind".into(),
        "127.0.0.1".into(),
        "--requirepass".into(),
        password.clone(),
        "--databases".into(),
        DATABASES.to_string(),
        "--save".into(),
        String::new(),
        "--dir".into(),
        directory.path().display().to_string(),
    ];
    let server = LocalServer::start(directory, "KILL", &words)?;
    let url = format!("redis://:{password}@127.0.0.1:{port}");
    until_ready("the throw-away Redis server", || answers(url.clone()))
        .await
        .map_err(|reason| format!("{reason}\n{}", server.log()))?;
    Ok(Server {
        url,
        source: Some(Started::Local(Mutex::new(server))),
    })
}

/// Takes a database that no other test holds, and empties it. The first one keeps the claims.
fn claim(url: &str) -> RedisResult<Option<u32>> {
    let mut first = connect(url)?;
    let (_, databases): (String, u32) = redis::cmd("CONFIG")
        .arg(&["GET", "databases"])
        .query(&mut first)?;
    let turn: u32 = redis::cmd("INCR").arg("ocr-testkit:turn").query(&mut first)?;
    let usable = databases.saturating_sub(1).max(1);
    for step in 0..usable {
        let number = 1 + turn.wrapping_add(step) % usable;
        let taken: Option<String> = redis::cmd("SET")
            .arg(format!("ocr-testkit:claim:{number}"))
            .arg(&["1", "NX", "EX"])
            .arg(CLAIM_SECONDS)
            .query(&mut first)?;
        if taken.is_some() {
            let mut own = connect(&moved(url, None, Some(&number.to_string())))?;
            redis::cmd("FLUSHDB").exec(&mut own)?;
            return Ok(Some(number));
        }
    }
    Ok(None)
}

fn release(url: &str, first: &str, number: u32) -> RedisResult<()> {
    redis::cmd("FLUSHDB").exec(&mut connect(url)?)?;
    redis::cmd("DEL")
        .arg(format!("ocr-testkit:claim:{number}"))
        .exec(&mut connect(first)?)
}

async fn answers(url: String) -> RedisResult<()> {
    blocking(move || redis::cmd("PING").exec(&mut connect(&url)?)).await
}

fn connect(url: &str) -> RedisResult<redis::Connection> {
    let connection = Client::open(url)?.get_connection_with_timeout(LIMIT)?;
    connection.set_read_timeout(Some(LIMIT))?;
    connection.set_write_timeout(Some(LIMIT))?;
    Ok(connection)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> RedisResult<T> + Send + 'static,
) -> RedisResult<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(RedisError::from(std::io::Error::other(error))))
}
