//! The notifier: the suite, and other programs on the same channels.

use std::sync::Arc;

use futures::StreamExt;
use ocr_core::{
    id::UserId,
    model::TaskStatus,
    notify::{Event, EventBody, EventStream, Notifier, Received},
    store::{ChangeOperation, Scope},
};
use ocr_testkit::{
    harness::soon,
    notify::NotifierFixture,
    samples,
    services::{
        proxy::Proxy,
        redis::{Database, database},
    },
};

use super::{Cli, config, hurried, notifier, open};

const USER: &str = "11111111-1111-1111-1111-111111111111";

/// A notifier that nobody else hears.
async fn alone(database: &Database) -> ocr_adapters::redis::RedisNotifier {
    let mut config = config(&database.url());
    config.key_prefix = database.prefix().into();
    notifier(open(config).await)
}

async fn fresh() -> NotifierFixture {
    let database = database().await;
    NotifierFixture::new(Arc::new(alone(&database).await)).with_guard(database)
}

mod conformance {
    use super::fresh;

    ocr_testkit::notifier_conformance!(fresh);
}

async fn next(stream: &mut EventStream) -> Event {
    match soon("an event", stream.next()).await {
        Some(Received::Event(event)) => event,
        other => panic!("an event was expected: {other:?}"),
    }
}

#[tokio::test]
async fn other_programs_are_understood() {
    let database = database().await;
    let notifier = alone(&database).await;
    let owner: UserId = USER.parse().unwrap();
    let mut stream = notifier.subscribe(Scope::owner(owner)).await.unwrap();
    let mut cli = Cli::connect(&database.url()).await;
    let channel = |name: &str| format!("{}{name}", database.prefix());
    let update = format!(
        "{{\"taskId\":\"{USER}\",\"userId\":\"{USER}\",\"status\":\"processing\",\
         \"message\":\"Processing document...\",\"progress\":50}}"
    );
    let change = format!(
        "{{\"type\":\"db_change\",\"data\":{{\"table\":\"tasks\",\"operation\":\"UPDATE\",\
         \"record_id\":\"{USER}\",\"user_id\":\"{USER}\",\"status\":\"completed\"}}}}"
    );
    for (name, message) in [
        ("ocr:task:updates", "not for us"),
        ("ocr:task:updates", &update),
        ("ocr:db:changes", &change),
    ] {
        let heard: u64 = cli.run(&["PUBLISH", &channel(name), message]).await;
        assert_eq!(heard, 1, "one connection listens");
    }
    match next(&mut stream).await.body {
        EventBody::TaskUpdate(update) => assert_eq!(update.progress, 50),
        other => panic!("{other:?}"),
    }
    match next(&mut stream).await.body {
        EventBody::DbChange(change) => {
            assert_eq!(change.operation, ChangeOperation::Update);
            assert_eq!(change.status, Some(TaskStatus::Completed));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn one_connection_serves_all_subscribers() {
    let database = database().await;
    let notifier = alone(&database).await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(notifier.subscribe(Scope::system()).await.unwrap());
    }
    let mut cli = Cli::connect(&database.url()).await;
    let channel = format!("{}ocr:task:updates", database.prefix());
    let heard: u64 = cli.run(&["PUBLISH", &channel, "x"]).await;
    assert_eq!(heard, 1);
    let told = samples::task_event(samples::user(), samples::task_id(), "hello");
    notifier.publish(vec![told.clone()]).await.unwrap();
    for stream in &mut streams {
        assert_eq!(next(stream).await, told);
    }
}

#[tokio::test]
async fn another_process_hears_it() {
    let database = database().await;
    let (here, there) = (alone(&database).await, alone(&database).await);
    let owner = samples::user();
    let mut stream = there.subscribe(Scope::owner(owner)).await.unwrap();
    let told = samples::task_event(owner, samples::task_id(), "hello");
    here.publish(vec![told.clone()]).await.unwrap();
    assert_eq!(next(&mut stream).await, told);
}

#[tokio::test]
async fn after_a_lost_connection_subscribers_know_that_they_missed_something() {
    let database = database().await;
    let proxy = Proxy::to(database.address()).await;
    let mut through = hurried(&database.url_through(proxy.address()));
    through.key_prefix = database.prefix().into();
    let behind = notifier(open(through).await);
    let direct = alone(&database).await;
    let owner = samples::user();
    let mut stream = behind.subscribe(Scope::owner(owner)).await.unwrap();
    for _ in 0..2 {
        proxy.cut();
        let received = soon("word of the loss", stream.next()).await;
        assert!(
            matches!(received, Some(Received::Lagged { missed: 1.. })),
            "{received:?}"
        );
        let told = samples::task_event(owner, samples::task_id(), "afterwards");
        direct.publish(vec![told.clone()]).await.unwrap();
        assert_eq!(next(&mut stream).await, told);
    }
}
