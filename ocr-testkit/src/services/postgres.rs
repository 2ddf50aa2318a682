//! Postgres 13 or newer.

use std::{
    fmt,
    net::SocketAddr,
    path::Path,
    process::Command,
    sync::{Arc, Weak},
    time::Duration,
};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
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
pub const URL_VARIABLE: &str = "OCR_TEST_POSTGRES_URL";

/// The user that a server started as root runs as; Debian's package makes it.
const SYSTEM_USER: &str = "postgres";
/// The database that every server has.
const MAINTENANCE: &str = "postgres";
const PORT: u16 = 5432;
/// How long one statement of ours may take.
const LIMIT: Duration = Duration::from_secs(30);

/// The server that the tests of this process share.
static SHARED: Mutex<Weak<Server>> = Mutex::const_new(Weak::new());

/// A Postgres server.
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
    /// A server of its own for a test that breaks it: a throw-away one of this machine.
    ///
    /// # Panics
    /// When it cannot be started.
    pub async fn throw_away() -> Self {
        Self::throw_away_with(&[]).await
    }

    /// The same with `settings` as in `postgresql.conf`, `name=value`, which go before ours: a server
    /// of tests does not wait for the disk (`fsync=off`) unless told to.
    ///
    /// # Panics
    /// When it cannot be started.
    pub async fn throw_away_with(settings: &[&str]) -> Self {
        Requirement::Postgres.or_end(start_local(settings).await)
    }

    /// The URL of its maintenance database, as a user who may create others.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Breaks off everything that runs, as a crash does, and starts the server again at the same place
    /// with what was committed.
    ///
    /// # Panics
    /// When the server is not one of [`Server::throw_away`], or does not come back.
    pub async fn crash_and_restart(&self) {
        let Some(Started::Local(server)) = &self.source else {
            panic!("only a throw-away server can be restarted");
        };
        let mut server = server.lock().await;
        server.restart().unwrap_or_else(|reason| panic!("{reason}"));
        until_ready("Postgres", || answers(&self.url))
            .await
            .unwrap_or_else(|reason| panic!("{reason}\n{}", server.log()));
    }
}

/// A database of its own, removed when dropped.
pub struct Database {
    name: String,
    url: String,
    server: Arc<Server>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Database {
    /// Its URL, as a user who owns it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its URL by way of a [`Proxy`](super::proxy::Proxy) at `address`.
    pub fn url_through(&self, address: SocketAddr) -> String {
        moved(&self.url, Some(address), None)
    }

    /// Host and port of its server.
    pub fn address(&self) -> String {
        super::address(&self.url, PORT)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let ends_with_us = self.server.source.is_some() && Arc::strong_count(&self.server) == 1;
        if ends_with_us {
            return;
        }
        let url = self.server.url.clone();
        let sql = format!("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", self.name);
        // A runtime of its own: the one that drops us may be ending.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(execute(&url, sql))
        });
        if let Ok(Err(error)) = dropped.join() {
            eprintln!("the test database {} was left behind: {error}", self.name);
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
            super::missing(Requirement::Postgres).or_end(start().await)
        })
        .await,
    )
    .await
}

/// A database of its own on `server`.
///
/// # Panics
/// When it cannot be created.
pub async fn database_on(server: Arc<Server>) -> Database {
    let name = format!("ocr_test_{}", random_word());
    // The other template may have connections, and then it cannot be copied.
    execute(
        &server.url,
        format!("CREATE DATABASE \"{name}\" TEMPLATE template0"),
    )
    .await
    .unwrap_or_else(|error| panic!("no test database could be created: {error}"));
    Database {
        url: moved(&server.url, None, Some(&name)),
        name,
        server,
    }
}

/// The server that the environment asks for: given by URL, in a container, or thrown away after use.
///
/// # Errors
/// A sentence that says what to install or set.
pub async fn start() -> Result<Server, String> {
    if let Some(url) = variable(URL_VARIABLE) {
        answers(&url)
            .await
            .map_err(|error| format!("the Postgres server of {URL_VARIABLE} does not answer: {error}"))?;
        return Ok(Server { url, source: None });
    }
    match Source::chosen()? {
        Source::Containers => start_container().await,
        Source::Local => start_local(&[]).await,
    }
}

async fn start_container() -> Result<Server, String> {
    let password = random_word();
    let container = Container::start("OCR_TEST_POSTGRES_IMAGE", "postgres:15", PORT, |image| {
        image
            .with_env_var("POSTGRES_USER", SYSTEM_USER)
            .with_env_var("POSTGRES_PASSWORD", &password)
            .with_cmd(["postgres", "-c", "max_connections=400", "-c", "fsync=off"])
    })
    .await?;
    let url = format!(
        "postgres://{SYSTEM_USER}:{password}@{}/{MAINTENANCE}",
        container.address
    );
    until_ready("the Postgres container", || answers(&url)).await?;
    let source = Started::Container {
        _container: Box::new(container),
    };
    Ok(Server {
        url,
        source: Some(source),
    })
}

async fn start_local(settings: &[&str]) -> Result<Server, String> {
    let password = random_word();
    let port = local::free_port()?;
    let secret = password.clone();
    let settings: Vec<String> = settings.iter().map(|setting| (*setting).to_owned()).collect();
    let server = tokio::task::spawn_blocking(move || initialize(&secret, port, settings))
        .await
        .map_err(|error| error.to_string())??;
    let url = format!("postgres://{SYSTEM_USER}:{password}@127.0.0.1:{port}/{MAINTENANCE}");
    until_ready("the throw-away Postgres server", || answers(&url))
        .await
        .map_err(|reason| format!("{reason}\n{}", server.log()))?;
    Ok(Server {
        url,
        source: Some(Started::Local(Mutex::new(server))),
    })
}

/// Makes a new cluster and starts a server on it.
fn initialize(password: &str, port: u16, settings: Vec<String>) -> Result<LocalServer, String> {
    let folders = || local::versioned_folders(Path::new("/usr/lib/postgresql"));
    let programs = (
        local::program("initdb", folders()),
        local::program("postgres", folders()),
    );
    let (Some(initdb), Some(postgres)) = programs else {
        return Err(format!(
            "these tests need Postgres. Install it (on Debian: apt-get install postgresql), or set \
             {URL_VARIABLE} to the URL of a server that tests may write to, or set \
             OCR_TEST_SERVICES=containers to run one in a container."
        ));
    };
    // Postgres refuses to run as root.
    let user = local::is_root().then_some(SYSTEM_USER);
    let directory = local::directory(user)?;
    make_cluster(directory.path(), user, &initdb, password)?;
    let path = directory.path().display();
    let ours = [
        format!("port={port}"),
        "listen_addresses=127.0.0.1".into(),
        format!("unix_socket_directories={path}"),
        "max_connections=400".into(),
        // A crash of the machine may lose a test's data, a crash of the server may not.
        "fsync=off".into(),
        "full_page_writes=off".into(),
    ];
    let mut words = as_user(user);
    words.push(postgres.display().to_string());
    words.extend(["-D".into(), format!("{path}/data")]);
    // Of two that contradict each other the server takes the last.
    for setting in ours.into_iter().chain(settings) {
        words.extend(["-c".into(), setting]);
    }
    LocalServer::start(directory, "QUIT", &words)
}

/// Makes a cluster in the folder `data` of `directory`, whose superuser has `password`.
fn make_cluster(directory: &Path, user: Option<&str>, initdb: &Path, password: &str) -> Result<(), String> {
    let secret = directory.join("password");
    std::fs::write(&secret, password).map_err(|error| error.to_string())?;
    if let Some(user) = user {
        local::printed(Command::new("chown").arg(user).arg(&secret))?;
    }
    let mut words = as_user(user);
    words.push(initdb.display().to_string());
    let options = [
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    ];
    words.extend(options.map(Into::into));
    words.push(format!("--username={SYSTEM_USER}"));
    words.push(format!("--pwfile={}", secret.display()));
    words.push(format!("--pgdata={}", directory.join("data").display()));
    local::printed(Command::new(&words[0]).args(&words[1..]).current_dir(directory)).map(drop)
}

/// What to put before a program so that it runs as `user`.
fn as_user(user: Option<&str>) -> Vec<String> {
    match user {
        Some(user) => vec![
            "setpriv".into(),
            format!("--reuid={user}"),
            format!("--regid={user}"),
            "--init-groups".into(),
            "--".into(),
        ],
        None => Vec::new(),
    }
}

async fn answers(url: &str) -> Result<(), sqlx::Error> {
    execute(url, "SELECT 1".into()).await
}

async fn execute(url: &str, sql: String) -> Result<(), sqlx::Error> {
    let work = async {
        let mut connection = PgConnection::connect(url).await?;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
        connection.close().await
    };
    tokio::time::timeout(LIMIT, work)
        .await
        .unwrap_or(Err(sqlx::Error::PoolTimedOut))
}
