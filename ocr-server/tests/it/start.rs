//! Starting before the databases do, and with settings that cannot work.

use ocr_testkit::services::{postgres, proxy::Proxy, redis};
use reqwest::StatusCode;
use sqlx::{Connection as _, PgConnection};

use crate::{
    documents,
    server::{Server, json, problem, program},
};

#[tokio::test]
async fn a_server_waits_for_a_database_that_cannot_be_reached_and_says_so() {
    let (postgres, redis) = tokio::join!(postgres::database(), redis::database());
    let proxy = Proxy::to(redis.address()).await;
    proxy.freeze();
    let redis_url = redis.url_through(proxy.address());
    let server = Server::start(&[
        ("OCR_STORE", "postgres"),
        ("OCR_QUEUE", "redis"),
        ("OCR_NOTIFIER", "redis"),
        ("OCR_ROLES", "api,health"),
        ("DATABASE_URL", postgres.url()),
        ("REDIS_URL", &redis_url),
    ])
    .await;
    let reason = loop {
        let body = json(server.get("/health").await, StatusCode::SERVICE_UNAVAILABLE).await;
        assert_eq!(body["success"], false);
        let start = &body["components"]["start"];
        assert_eq!(start["healthy"], false, "{body}");
        let message = start["message"].as_str().unwrap();
        if message.contains("Redis") {
            break message.to_owned();
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    let ready = server.get("/readyz").await;
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.text().await.unwrap(), reason);
    let refused = server.send_file("a.pdf", &documents::small()).await;
    assert!(refused.headers().contains_key("retry-after"));
    problem(refused, StatusCode::SERVICE_UNAVAILABLE).await;
    let status = server
        .http
        .get(server.health_url("/health"))
        .send()
        .await
        .unwrap();
    let body = json(status, StatusCode::SERVICE_UNAVAILABLE).await;
    assert_eq!(body["redis"], "disconnected", "{body}");
    assert!(server.log().contains("Redis cannot be used"), "{}", server.log());

    proxy.thaw();
    while server.get("/readyz").await.status() != StatusCode::OK {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    server.submit("a.pdf", &documents::small()).await;
}

/// What the server says when it gives up with these settings.
async fn gives_up(settings: &[(&str, &str)]) -> String {
    let settings: Vec<(String, String)> = settings
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect();
    let data = tempfile::tempdir().unwrap();
    let mut command = program(&settings);
    command
        .args(["serve", "--role", "worker"])
        .env("OCR_DATA_DIR", data.path())
        .env("OCR_STORE", "postgres");
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn the_doctor_changes_no_schema() {
    let postgres = postgres::database().await;
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("data");
    let run = async |argument: &'static str| {
        let mut command = program(&[]);
        command
            .arg(argument)
            .env("OCR_DATA_DIR", &folder)
            .env("OCR_QUEUE", "postgres")
            .env("DATABASE_URL", postgres.url());
        let output = tokio::task::spawn_blocking(move || command.output());
        String::from_utf8(output.await.unwrap().unwrap().stdout).unwrap()
    };
    let said = run("doctor").await;
    for database in ["sqlite", "postgres"] {
        let expected = format!("note  {database}: there is no schema yet");
        assert!(said.contains(&expected), "{said}");
    }
    assert!(!folder.exists(), "{said}");

    run("migrate").await;
    let mut database = PgConnection::connect(postgres.url()).await.unwrap();
    let newest = "DELETE FROM _sqlx_migrations WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)";
    sqlx::query(newest).execute(&mut database).await.unwrap();
    for _ in 0..2 {
        let said = run("doctor").await;
        assert!(said.contains("FAIL  postgres: the schema is"), "{said}");
        assert!(said.contains("run: ocr-server migrate"), "{said}");
        assert!(!said.contains("sqlite: there is no schema"), "{said}");
    }
}

#[tokio::test]
async fn a_server_gives_up_on_what_waiting_cannot_mend() {
    let (postgres, redis) = tokio::join!(postgres::database(), redis::database());
    let (start, _) = postgres.url().rsplit_once('/').unwrap();
    let nowhere = format!("{start}/there_is_no_such_database");
    let said = gives_up(&[("DATABASE_URL", &nowhere)]).await;
    assert!(said.contains("the database does not exist; create it"), "{said}");

    let stranger = format!("postgres://nobody:wrong@{}/postgres", postgres.address());
    let said = gives_up(&[("DATABASE_URL", &stranger)]).await;
    assert!(said.contains("refuses the user or password"), "{said}");

    let wrong = format!("redis://:wrong@{}", redis.address());
    let queue = [
        ("OCR_QUEUE", "redis"),
        ("REDIS_URL", &wrong),
        ("DATABASE_URL", postgres.url()),
    ];
    let said = gives_up(&queue).await;
    assert!(said.contains("Redis refuses this user or password"), "{said}");

    // The schema is there since the attempt before.
    let mut database = PgConnection::connect(postgres.url()).await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (9999, 'from the future', true, '', 0)";
    sqlx::query(newer).execute(&mut database).await.unwrap();
    let said = gives_up(&[("DATABASE_URL", postgres.url())]).await;
    assert!(said.contains("newer than this program"), "{said}");
}

#[tokio::test]
async fn the_log_names_the_address_of_the_page() {
    // Nothing else of the tests serves the page on a port of its own.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port().to_string();
    drop(free);
    let server = Server::start(&[("OCR_ROLES", "api,web,health"), ("WEB_PORT", &port)]).await;
    let page = format!("page at http://127.0.0.1:{port}");
    loop {
        let log = server.log();
        if log.contains(&page) {
            break;
        }
        assert!(!log.contains("adapters"), "{log}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
