//! Servers that hang and crash, connections that break, transactions that overlap.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::StreamExt as _;
use ocr_adapters::postgres::{ChangeWake, PgConfig, PgDatabase, PgNotifier, PgQueue};
use ocr_core::{
    ErrorKind, Result,
    notify::{Event, EventStream, Notifier, Received},
    pagination::PageRequest,
    queue::Queue,
    store::{ChangeCursor, ChangeLog, Scope, StoreBase, TaskFilter, TaskStore, Write},
};
use ocr_testkit::{
    harness::{LONG, soon},
    samples,
    services::{
        postgres::{self, Database, Server},
        proxy::Proxy,
    },
};
use sqlx::Connection as _;

use crate::postgres::{by_hand, config, database, psql, store};

/// Ends every connection of the platform, the one that listens included.
const TERMINATE: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
     WHERE datname = current_database() AND application_name = 'ocr-platform'";

/// Another process that uses the same database.
fn another(test: &Database) -> PgDatabase {
    PgDatabase::new(config(test.url())).unwrap()
}

/// Repeats a call while the database cannot be used, as workers do.
async fn eventually<T, F: Future<Output = Result<T>>>(mut call: impl FnMut() -> F) -> T {
    loop {
        match call().await {
            Ok(value) => return value,
            Err(error) => assert!(error.is_transient(), "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn gone(error: &ocr_core::Error) -> bool {
    matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Unavailable)
}

#[tokio::test]
async fn a_server_that_hangs_hangs_nobody() {
    let (_database, test) = database().await;
    let proxy = Proxy::to(test.address()).await;
    let impatient = PgConfig::from_url(test.url_through(proxy.address()))
        .with_pool_size(2)
        .with_call_timeout(Duration::from_millis(300))
        .with_acquire_timeout(Duration::from_millis(300));
    let database = PgDatabase::new(impatient).unwrap();
    let (store, queue, notifier) = (
        store(&database),
        PgQueue::new(database.clone()),
        PgNotifier::new(database.clone()),
    );
    let user = samples::user();
    eventually(|| store.ensure_user(user)).await;
    let stream = eventually(|| notifier.subscribe(Scope::system())).await;
    proxy.freeze();
    for _ in 0..3 {
        let new = samples::new_task(user);
        let page = PageRequest::first(10).unwrap();
        let calls = soon("the end of calls to a frozen server", async {
            tokio::join!(
                async { store.create_task(new, Write::default()).await.err() },
                async {
                    store
                        .list_tasks(Scope::system(), TaskFilter::default(), page)
                        .await
                        .err()
                },
                async { queue.enqueue(samples::items(user, 3)).await.err() },
                async { queue.lease(3, LONG).await.err() },
                async { queue.wait(LONG).await.err() },
                async {
                    notifier
                        .publish(vec![samples::task_event(user, samples::task_id(), "x")])
                        .await
                        .err()
                },
                async { notifier.subscribe(Scope::system()).await.err() },
                async { store.check().await.err() },
            )
        })
        .await;
        for error in [
            calls.0, calls.1, calls.2, calls.3, calls.4, calls.5, calls.6, calls.7,
        ] {
            let error = error.expect("nothing comes back");
            assert!(gone(&error), "{error:?}");
        }
    }
    proxy.thaw();
    drop(stream);
    soon("the pool serves again", async {
        eventually(|| queue.enqueue(samples::items(user, 1))).await;
        eventually(|| store.check()).await;
        let new = samples::new_task(user);
        eventually(|| store.create_task(new.clone(), Write::default())).await;
        let mut stream = eventually(|| notifier.subscribe(Scope::owner(user))).await;
        let told = samples::task_event(user, samples::task_id(), "back");
        eventually(|| notifier.publish(vec![told.clone()])).await;
        assert_eq!(stream.next().await, Some(Received::Event(told)));
    })
    .await;
}

/// A lock that somebody holds for long is an error, not an endless wait, and harms no other call.
#[tokio::test]
async fn a_row_that_is_locked_by_hand_ends_in_a_timeout() {
    let (database, test) = database().await;
    let patient = store(&database);
    let user = samples::user();
    patient.ensure_user(user).await.unwrap();
    let new = samples::new_task(user);
    patient.create_task(new.clone(), Write::default()).await.unwrap();
    let mut person = psql(&test).await;
    let mut tx = person.begin().await.unwrap();
    sqlx::raw_sql("SELECT 1 FROM tasks FOR UPDATE")
        .execute(&mut *tx)
        .await
        .unwrap();

    let impatient = config(test.url()).with_call_timeout(Duration::from_millis(200));
    let store = store(&PgDatabase::new(impatient).unwrap());
    let claim = || {
        let claim = ocr_core::model::Transition::Claim { lease: LONG };
        store.transition(Scope::system(), new.id, claim, Write::default())
    };
    let error = soon("the end of a wait for a lock", claim()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    tx.rollback().await.unwrap();
    assert_eq!(soon("a claim", eventually(claim)).await.state.attempt, 1);
}

#[tokio::test]
async fn what_was_accepted_survives_a_crash_of_the_server() {
    let server = Arc::new(Server::throw_away().await);
    let test = postgres::database_on(Arc::clone(&server)).await;
    let database = another(&test);
    database.migrate().await.unwrap();
    let (store, queue) = (store(&database), PgQueue::new(database.clone()));
    let user = samples::user();
    store.ensure_user(user).await.unwrap();
    let mut accepted = Vec::new();
    for _ in 0..2 {
        for _ in 0..5 {
            let new = samples::new_task(user);
            let item = samples::queue_item(&new);
            eventually(|| store.create_task(new.clone(), Write::default())).await;
            eventually(|| queue.enqueue(vec![item])).await;
            accepted.push(new.id);
        }
        server.crash_and_restart().await;
        for id in &accepted {
            let task = eventually(|| store.task(Scope::system(), *id)).await;
            assert!(task.is_some(), "{id}");
        }
        let depth = eventually(|| queue.depth()).await;
        assert_eq!(depth.ready, accepted.len() as u64);
    }
}

/// Asserts that the stream tells `told` in order and nothing else. An event whose publication was
/// interrupted may have been stored, and come once more by its repetition.
async fn heard(stream: &mut EventStream, told: &[Event]) {
    let mut last = None;
    for event in told {
        loop {
            match soon("an event", stream.next()).await {
                Some(Received::Event(again)) if last == Some(again.id) => {}
                Some(Received::Event(received)) => {
                    assert_eq!(&received, event);
                    break;
                }
                other => panic!("an event was expected: {other:?}"),
            }
        }
        last = Some(event.id);
    }
}

#[tokio::test]
async fn a_subscriber_catches_up_after_every_lost_connection() {
    let (database, test) = database().await;
    let (here, there) = (PgNotifier::new(database), PgNotifier::new(another(&test)));
    let user = samples::user();
    let mut stream = here.subscribe(Scope::owner(user)).await.unwrap();
    let mut person = psql(&test).await;
    for round in 0..5 {
        let told: Vec<Event> = (0..20)
            .map(|number| samples::task_event(user, samples::task_id(), &format!("{round} {number}")))
            .collect();
        for (number, event) in told.iter().enumerate() {
            if number % 7 == 3 {
                sqlx::query(TERMINATE).execute(&mut person).await.unwrap();
            }
            eventually(|| there.publish(vec![event.clone()])).await;
        }
        heard(&mut stream, &told).await;
    }
}

#[tokio::test]
async fn a_change_by_hand_wakes_followers_of_the_log_whatever_became_of_their_connection() {
    let (database, test) = database().await;
    let wakes = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&wakes);
    let told = Arc::new(tokio::sync::Notify::new());
    let bell = Arc::clone(&told);
    let wake = ChangeWake::start(&database, move || {
        counter.fetch_add(1, Ordering::Relaxed);
        bell.notify_one();
    });
    soon("the first look", told.notified()).await;
    for _ in 0..3 {
        by_hand(
            &test,
            "INSERT INTO users DEFAULT VALUES;
             INSERT INTO files (user_id, filename, stored_filename, mime_type, file_size, s3_bucket, s3_key)
             SELECT id, 'a.pdf', gen_random_uuid(), 'application/pdf', 1, 'b', 'k' FROM users LIMIT 1",
        )
        .await;
        soon("a wake-up by a change", told.notified()).await;
        by_hand(&test, TERMINATE).await;
        soon("a wake-up after a lost connection", told.notified()).await;
    }
    drop(wake);
}

/// A row with an older transaction that commits after a newer one is found by whoever has read the
/// newer one.
#[tokio::test]
async fn overlapping_transactions_lose_no_change() {
    let (_database, test) = database().await;
    let hasty = config(test.url()).with_overlap_wait(Duration::ZERO);
    let store = store(&PgDatabase::new(hasty).unwrap());
    by_hand(
        &test,
        "INSERT INTO users (id) VALUES ('11111111-1111-1111-1111-111111111111')",
    )
    .await;
    let insert = |name: &str| {
        format!(
            "INSERT INTO files (user_id, filename, stored_filename, mime_type, file_size, s3_bucket, s3_key)
             VALUES ('11111111-1111-1111-1111-111111111111', 'a.pdf', '{name}', 'application/pdf', 1, 'b', 'k')"
        )
    };
    let mut slow = psql(&test).await;
    let mut seen = Vec::new();
    let mut cursor = ChangeCursor::default();
    for round in 0..5 {
        let mut tx = slow.begin().await.unwrap();
        // Takes its number now and its place in the log later.
        sqlx::raw_sql("SELECT pg_current_xact_id()")
            .execute(&mut *tx)
            .await
            .unwrap();
        by_hand(&test, insert(&format!("fast {round}"))).await;
        if round % 2 == 0 {
            let early = store.changes(Scope::system(), cursor, 100).await.unwrap();
            assert_eq!(early, vec![], "an older transaction still runs");
        }
        sqlx::raw_sql(sqlx::AssertSqlSafe(insert(&format!("slow {round}"))))
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        // Other databases of the server may have transactions of their own.
        while seen.len() < 2 * (round + 1) {
            let changes = store.changes(Scope::system(), cursor, 1).await.unwrap();
            cursor = changes.last().map_or(cursor, |last| last.cursor);
            seen.extend(changes.iter().map(|change| change.record_id));
        }
    }
    let logged: Vec<uuid::Uuid> = sqlx::query_scalar("SELECT record_id FROM change_log ORDER BY xid, seq")
        .fetch_all(&mut slow)
        .await
        .unwrap();
    assert_eq!(seen, logged);
}

/// Calls whose caller lost interest leave no half answer behind for the next one.
#[tokio::test]
async fn an_abandoned_call_does_not_answer_the_next() {
    let (_database, test) = database().await;
    let single = config(test.url()).with_pool_size(1);
    let database = PgDatabase::new(single).unwrap();
    let (queue, store) = (PgQueue::new(database.clone()), store(&database));
    let user = samples::user();
    for step in 0..30 {
        let abandoned = queue.enqueue(samples::items(user, 1));
        let _ = tokio::time::timeout(Duration::from_micros(step * 50), abandoned).await;
        assert_eq!(store.stats(Scope::system()).await.unwrap().total, 0);
        assert!(queue.depth().await.unwrap().ready <= step + 1);
    }
}
