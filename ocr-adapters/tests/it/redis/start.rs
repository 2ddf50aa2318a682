//! Connecting: wrong addresses, wrong passwords, wrong servers.

use ocr_adapters::redis::{RedisConfig, RedisServer};
use ocr_core::ErrorKind;
use ocr_testkit::{harness::refused, services::redis::database};
use tokio::net::TcpListener;

use super::{breakable, config, hurried};

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = RedisServer::open(RedisConfig::new("127.0.0.1", port))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.is_transient()),
        (ErrorKind::Unavailable, true),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("redis://127.0.0.1:{port}");
    refused(RedisServer::open(hurried(&url)).await, ErrorKind::Timeout);
    let tls = format!("rediss://127.0.0.1:{port}");
    refused(RedisServer::open(hurried(&tls)).await, ErrorKind::Timeout);
}

#[tokio::test]
async fn a_wrong_password_is_a_matter_of_configuration() {
    let server = breakable().await;
    let right = config(server.url());
    RedisServer::open(right.clone()).await.unwrap();
    for password in [None, Some("wrong".into())] {
        let wrong = right.clone().with_password(password);
        refused(RedisServer::open(wrong).await, ErrorKind::Config);
    }
}

#[tokio::test]
async fn no_password_is_printed() {
    let database = database().await;
    let server = RedisServer::open(config(&database.url()).with_username(None));
    let printed = format!("{:?} {:?}", server.await, config("redis://:secret@host/0"));
    assert!(!printed.contains("secret"), "{printed}");
}
