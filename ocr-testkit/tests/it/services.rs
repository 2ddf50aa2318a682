//! Servers for tests start, serve, break and go.

use ocr_testkit::services::{postgres, proxy::Proxy, redis};
use sqlx::{Connection as _, PgConnection};
use std::time::Duration;

async fn answer(url: &str) -> Result<i32, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query_scalar("SELECT 1").fetch_one(&mut connection).await
}

#[tokio::test]
async fn each_test_has_a_postgres_database_of_its_own() {
    let (first, second) = (postgres::database().await, postgres::database().await);
    assert_ne!(first.url(), second.url());
    assert_eq!(answer(first.url()).await.unwrap(), 1);
    let gone = first.url().to_owned();
    drop(first);
    assert!(answer(&gone).await.is_err());
    assert_eq!(answer(second.url()).await.unwrap(), 1);
}

#[tokio::test]
async fn a_postgres_server_comes_back_from_a_crash() {
    let server = postgres::Server::throw_away().await;
    let mut connection = PgConnection::connect(server.url()).await.unwrap();
    sqlx::raw_sql("CREATE TABLE kept (id int)")
        .execute(&mut connection)
        .await
        .unwrap();
    server.crash_and_restart().await;
    assert!(sqlx::query("SELECT 1").execute(&mut connection).await.is_err());
    let mut connection = PgConnection::connect(server.url()).await.unwrap();
    sqlx::query("SELECT * FROM kept")
        .execute(&mut connection)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_proxy_freezes_and_cuts() {
    let database = postgres::database().await;
    let proxy = Proxy::to(database.address()).await;
    let url = database.url_through(proxy.address());
    let mut connection = PgConnection::connect(&url).await.unwrap();
    proxy.freeze();
    {
        let mut answer = std::pin::pin!(sqlx::query("SELECT 1").execute(&mut connection));
        let early = tokio::time::timeout(Duration::from_millis(100), answer.as_mut()).await;
        assert!(early.is_err(), "nothing passes");
        proxy.thaw();
        answer.await.unwrap();
    }
    proxy.cut();
    assert!(sqlx::query("SELECT 1").execute(&mut connection).await.is_err());
    assert_eq!(answer(&url).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_test_has_a_redis_database_of_its_own() {
    let (first, second) = (redis::database().await, redis::database().await);
    assert_ne!(first.url(), second.url());
    assert_ne!(first.prefix(), second.prefix());
    let urls = [first.url(), second.url()];
    let found = tokio::task::spawn_blocking(move || {
        let [mut first, mut second] =
            urls.map(|url| ::redis::Client::open(url).unwrap().get_connection().unwrap());
        ::redis::cmd("SET")
            .arg(&["key", "value"])
            .exec(&mut first)
            .unwrap();
        let found: Option<String> = ::redis::cmd("GET").arg("key").query(&mut second).unwrap();
        found
    });
    assert_eq!(found.await.unwrap(), None);
}

#[tokio::test]
async fn a_redis_server_comes_back_empty() {
    let server = redis::Server::throw_away().await;
    server.crash_and_restart().await;
    let url = server.url().to_owned();
    let pong = tokio::task::spawn_blocking(move || {
        let mut connection = ::redis::Client::open(url).unwrap().get_connection().unwrap();
        ::redis::cmd("PING").query::<String>(&mut connection).unwrap()
    });
    assert_eq!(pong.await.unwrap(), "PONG");
}
