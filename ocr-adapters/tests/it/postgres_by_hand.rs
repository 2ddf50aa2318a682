//! A person with psql is a client like any other.

use ocr_core::{
    id::{TaskId, UserId},
    model::{Outcome, TaskStatus, Transition},
    store::{ChangeCursor, ChangeLog, ChangeOperation, Fence, Scope, TaskStore, Write},
};
use ocr_testkit::{harness::soon, samples, services::postgres::Database};
use sqlx::postgres::PgListener;

use crate::postgres::{by_hand, database, psql, store};

const OWNER: &str = "11111111-1111-1111-1111-111111111111";
const TASK: &str = "22222222-2222-2222-2222-222222222222";

/// Only the columns of the contract.
const INSERTS: &str = "
    INSERT INTO users (id) VALUES ('11111111-1111-1111-1111-111111111111');
    INSERT INTO files (id, user_id, filename, stored_filename, mime_type, file_size, s3_bucket, s3_key)
    VALUES ('33333333-3333-3333-3333-333333333333', '11111111-1111-1111-1111-111111111111',
            'a.pdf', 'b_a.pdf', 'application/pdf', 10, 'local', 'uploads/x/b_a.pdf');
    INSERT INTO tasks (id, user_id, file_id)
    VALUES ('22222222-2222-2222-2222-222222222222', '11111111-1111-1111-1111-111111111111',
            '33333333-3333-3333-3333-333333333333');";

fn owner() -> Scope {
    Scope::owner(OWNER.parse::<UserId>().unwrap())
}

fn task() -> TaskId {
    TASK.parse().unwrap()
}

#[tokio::test]
async fn a_change_by_hand_is_seen_counted_and_logged() {
    use ChangeOperation::{Delete, Insert, Update};
    let (database, test) = database().await;
    let store = store(&database);
    by_hand(&test, INSERTS).await;
    let read = store.task(owner(), task()).await.unwrap().unwrap();
    assert_eq!(read.status(), TaskStatus::Pending);
    assert_eq!(
        store.due_tasks(10).await.unwrap().len(),
        1,
        "the reconciler finds it"
    );

    by_hand(
        &test,
        "UPDATE tasks SET status = 'completed', error_message = repeat('x', 5000000)",
    )
    .await;
    let completed = store.task(owner(), task()).await.unwrap().unwrap();
    assert!(completed.updated_at > read.updated_at);
    assert_eq!(store.stats(owner()).await.unwrap().completed, 1);
    by_hand(
        &test,
        "INSERT INTO results (id, task_id, s3_result_key) SELECT gen_random_uuid(), id, 'k' FROM tasks;
         UPDATE results SET word_count = 7; UPDATE files SET filename = 'renamed.pdf';
         DELETE FROM results; DELETE FROM tasks; DELETE FROM files",
    )
    .await;
    assert_eq!(store.stats(owner()).await.unwrap().total, 0);

    let changes = store
        .changes(owner(), ChangeCursor::default(), 100)
        .await
        .unwrap();
    let told: Vec<_> = changes
        .iter()
        .map(|change| (change.table.as_str(), change.operation))
        .collect();
    assert_eq!(
        told,
        [
            ("files", Insert),
            ("tasks", Insert),
            ("tasks", Update),
            ("results", Insert),
            ("results", Update),
            ("files", Update),
            ("results", Delete),
            ("tasks", Delete),
            ("files", Delete)
        ]
    );
}

#[tokio::test]
async fn a_notification_has_ids_only_and_says_what_the_contract_says() {
    let (_database, test) = database().await;
    by_hand(&test, INSERTS).await;
    let mut listener = PgListener::connect(test.url()).await.unwrap();
    listener.listen("db_changes").await.unwrap();
    by_hand(
        &test,
        "UPDATE tasks SET status = 'processing', error_message = repeat('\"x\\', 2000000)",
    )
    .await;
    let told = soon("a notification", listener.recv()).await.unwrap();
    assert!(told.payload().len() < 200, "{}", told.payload());
    let told: serde_json::Value = serde_json::from_str(told.payload()).unwrap();
    assert_eq!(told["table"], "tasks");
    assert_eq!(told["operation"], "UPDATE");
    assert_eq!(told["record_id"], TASK);
    assert_eq!(told["user_id"], OWNER);
    assert_eq!(told["status"], "processing");
    assert!(told["timestamp"].as_str().unwrap().ends_with('Z'), "{told}");
}

#[tokio::test]
async fn notifications_can_be_switched_off() {
    let (database, test) = database().await;
    let mut listener = PgListener::connect(test.url()).await.unwrap();
    listener.listen_all(["db_changes", "last"]).await.unwrap();
    by_hand(&test, format!("SET ocr.notify = off; {INSERTS} NOTIFY last")).await;
    let told = soon("a notification", listener.recv()).await.unwrap();
    assert_eq!(told.channel(), "last");
    let changes = store(&database)
        .changes(owner(), ChangeCursor::default(), 9)
        .await;
    assert_eq!(changes.unwrap().len(), 2, "the log has them all the same");
}

#[tokio::test]
async fn a_status_set_to_processing_by_hand_is_recovered() {
    let (database, test) = database().await;
    by_hand(&test, INSERTS).await;
    by_hand(&test, "UPDATE tasks SET status = 'processing'").await;
    let due = store(&database).due_tasks(10).await.unwrap();
    assert!(due.len() == 1 && due[0].lease_expired);
}

#[tokio::test]
async fn a_task_set_to_pending_by_hand_is_tried_again_from_the_start() {
    let (database, test) = database().await;
    let store = store(&database);
    by_hand(&test, INSERTS).await;
    let claim = Transition::Claim {
        lease: ocr_testkit::harness::LONG,
    };
    for attempt in 1..=3 {
        store
            .transition(owner(), task(), claim.clone(), Write::default())
            .await
            .unwrap();
        let failure = samples::failure("broken");
        let delay = std::time::Duration::ZERO;
        let later = Outcome::Reschedule { failure, delay };
        store
            .finish(Fence::new(task(), attempt), later, Write::default())
            .await
            .unwrap();
    }
    assert_eq!(store.stats(owner()).await.unwrap().failed, 1);
    by_hand(&test, "UPDATE tasks SET status = 'pending'").await;
    let again = store
        .transition(owner(), task(), claim, Write::default())
        .await
        .unwrap();
    assert_eq!((again.state.attempt, again.state.failures), (4, 0));
}

#[tokio::test]
async fn a_change_by_hand_fences_the_worker() {
    let (database, test) = database().await;
    let store = store(&database);
    by_hand(&test, INSERTS).await;
    let lease = ocr_testkit::harness::LONG;
    let claimed = store
        .transition(owner(), task(), Transition::Claim { lease }, Write::default())
        .await
        .unwrap();
    by_hand(&test, "UPDATE tasks SET status = 'completed'").await;
    let complete = Outcome::Complete {
        result: samples::summary(&claimed),
    };
    let outcome = store.finish(claimed.fence(), complete, Write::default()).await;
    ocr_testkit::harness::refused(outcome, ocr_core::ErrorKind::LeaseLost);
}

/// Whoever may change tasks need not know of our other tables, nor have our schema on the path.
#[tokio::test]
async fn a_user_with_few_rights_may_change_what_he_may() {
    let (database, test) = database().await;
    by_hand(&test, INSERTS).await;
    let mut connection = psql(&test).await;
    let role = format!("ocr_test_{}", samples::task_id().0.simple());
    let statements = format!(
        "CREATE ROLE {role}; GRANT SELECT, UPDATE ON tasks TO {role}; SET ROLE {role};
         SET search_path = pg_catalog; UPDATE public.tasks SET status = 'failed'; RESET ROLE;
         REVOKE ALL ON public.tasks FROM {role}; DROP ROLE {role}"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements))
        .execute(&mut connection)
        .await
        .unwrap();
    assert_eq!(store(&database).stats(owner()).await.unwrap().failed, 1);
}

#[tokio::test]
async fn the_statements_of_the_handbook_work() {
    let (_database, test) = database().await;
    by_hand(&test, INSERTS).await;
    by_hand(&test, "UPDATE files SET filename = 'renamed.pdf'").await;
    let mut connection = psql(&test).await;
    let tasks: Vec<(uuid::Uuid, String)> = sqlx::query_as(
        "SELECT id, filename, status, created_at FROM tasks ORDER BY created_at DESC LIMIT 10",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert_eq!(tasks, [(task().0, "renamed.pdf".to_owned())]);
    let mut triggers: Vec<String> = sqlx::query_scalar(
        "SELECT tgname::text FROM (SELECT tgname, tgenabled FROM pg_trigger WHERE tgname LIKE '%change%') t",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    triggers.sort_unstable();
    let expected = [
        "files_change_trigger",
        "results_change_trigger",
        "tasks_change_trigger",
    ];
    assert_eq!(triggers, expected);
}

async fn many_tasks(test: &Database) {
    by_hand(
        test,
        "INSERT INTO users (id) SELECT gen_random_uuid() FROM generate_series(1, 20);
         INSERT INTO files (user_id, filename, stored_filename, mime_type, file_size, s3_bucket, s3_key)
         SELECT id, 'a.pdf', gen_random_uuid(), 'application/pdf', 1, 'b', 'k' FROM users, generate_series(1, 20);
         INSERT INTO tasks (user_id, file_id) SELECT user_id, id FROM files",
    )
    .await;
}

/// Two people who change everything at once, each in his own order, do not stand in each other's way
/// on account of our counters.
#[tokio::test]
async fn changes_of_many_owners_at_once_are_all_counted() {
    let (database, test) = database().await;
    many_tasks(&test).await;
    let halves = [
        "UPDATE tasks SET status = 'completed' WHERE id IN (SELECT id FROM tasks WHERE id < '80000000-0000-0000-0000-000000000000' ORDER BY user_id)",
        "UPDATE tasks SET status = 'failed' WHERE id IN (SELECT id FROM tasks WHERE id >= '80000000-0000-0000-0000-000000000000' ORDER BY user_id DESC)",
    ];
    futures::future::join_all(halves.map(|half| by_hand(&test, half))).await;
    let store = store(&database);
    let before = store.stats(Scope::system()).await.unwrap();
    assert_eq!((before.total, before.completed + before.failed), (400, 400));
    // The first visit of the reconciler folds the counters.
    store.due_tasks(1).await.unwrap();
    assert_eq!(store.stats(Scope::system()).await.unwrap(), before);
    let rows: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM task_counts")
        .fetch_one(&mut psql(&test).await)
        .await
        .unwrap();
    assert!(rows <= 40, "one row for an owner and status: {rows}");
}
