//! The schema, on databases in every state one may find them in.

use ocr_adapters::postgres::PgDatabase;
use ocr_core::{
    id::{TaskId, UserId},
    model::{MediaType, TaskStatus, Transition},
    pagination::PageRequest,
    store::{ChangeCursor, ChangeLog, Scope, StoreBase, TaskFilter, TaskStore, Write},
};
use ocr_testkit::{harness::LONG, services::postgres};

use crate::postgres::{by_hand, config, database, psql, store};

/// The tables as the first version of such a platform has them: nothing but what the contract names,
/// columns that may be null, keys that do not cascade, and a trigger that tells too much.
const FIRST_FORM: &str = r"
    CREATE TYPE task_state_of_old AS ENUM ('pending', 'processing', 'completed', 'failed');
    CREATE TABLE users (id UUID PRIMARY KEY, email VARCHAR(255) UNIQUE,
        created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, last_login TIMESTAMP);
    CREATE TABLE files (id UUID PRIMARY KEY, user_id UUID REFERENCES users (id), filename VARCHAR(255),
        stored_filename VARCHAR(255) UNIQUE, mime_type VARCHAR(100), file_size BIGINT,
        s3_bucket VARCHAR(255), s3_key VARCHAR(512), s3_version_id VARCHAR(255),
        created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
    CREATE TABLE tasks (id UUID PRIMARY KEY, user_id UUID REFERENCES users (id) ON DELETE CASCADE,
        file_id UUID REFERENCES files (id), status task_state_of_old DEFAULT 'pending',
        error_message TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
        updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
    CREATE TABLE results (id UUID PRIMARY KEY, task_id UUID UNIQUE REFERENCES tasks (id),
        s3_result_key VARCHAR(512), confidence_score DECIMAL(5,4), page_count INTEGER,
        word_count INTEGER, processing_time_ms INTEGER, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
    CREATE FUNCTION notify_table_change() RETURNS TRIGGER AS $$
        BEGIN PERFORM pg_notify('db_changes', row_to_json(NEW)::text); RETURN NEW; END;
    $$ LANGUAGE plpgsql;
    CREATE TRIGGER tasks_change_trigger AFTER INSERT OR UPDATE OR DELETE ON tasks
        FOR EACH ROW EXECUTE FUNCTION notify_table_change();
    CREATE TRIGGER files_change_trigger AFTER INSERT OR UPDATE OR DELETE ON files
        FOR EACH ROW EXECUTE FUNCTION notify_table_change();
    CREATE TRIGGER results_change_trigger AFTER INSERT OR UPDATE OR DELETE ON results
        FOR EACH ROW EXECUTE FUNCTION notify_table_change();
    INSERT INTO users (id) VALUES ('11111111-1111-1111-1111-111111111111');
    INSERT INTO files (id, user_id, filename, stored_filename, mime_type, file_size, s3_bucket, s3_key)
    VALUES ('33333333-3333-3333-3333-333333333331', '11111111-1111-1111-1111-111111111111',
            'done.pdf', 'x_done.pdf', 'application/pdf', 10, 'bucket', 'uploads/u/x_done.pdf'),
           ('33333333-3333-3333-3333-333333333332', '11111111-1111-1111-1111-111111111111',
            'new.jpg', 'x_new.jpg', 'image/jpg', 20, 'bucket', 'uploads/u/x_new.jpg'),
           ('33333333-3333-3333-3333-333333333333', '11111111-1111-1111-1111-111111111111',
            'odd.psd', 'x_odd.psd', 'image/x-psd', 30, 'bucket', 'uploads/u/x_odd.psd');
    INSERT INTO tasks (id, user_id, file_id, status, created_at)
    VALUES ('22222222-2222-2222-2222-222222222221', '11111111-1111-1111-1111-111111111111',
            '33333333-3333-3333-3333-333333333331', 'completed', '2025-01-02 03:04:05'),
           ('22222222-2222-2222-2222-222222222222', '11111111-1111-1111-1111-111111111111',
            '33333333-3333-3333-3333-333333333332', 'processing', NULL),
           ('22222222-2222-2222-2222-222222222223', '11111111-1111-1111-1111-111111111111',
            '33333333-3333-3333-3333-333333333333', NULL, '2025-01-02 03:04:05');
    INSERT INTO results (id, task_id, s3_result_key, confidence_score, page_count)
    VALUES ('44444444-4444-4444-4444-444444444444', '22222222-2222-2222-2222-222222222221',
            'results/u/x_result.json', 0.9876, 3);";

fn id<T: std::str::FromStr<Err = ocr_core::Error>>(text: &str) -> T {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_database_in_its_first_form_is_taken_over() {
    let test = postgres::database().await;
    by_hand(&test, FIRST_FORM).await;
    let database = PgDatabase::new(config(test.url())).unwrap();
    database.migrate().await.unwrap();
    let store = store(&database);
    let owner = Scope::owner(id::<UserId>("11111111-1111-1111-1111-111111111111"));

    let done = store
        .task(owner, id::<TaskId>("22222222-2222-2222-2222-222222222221"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(done.created_at.to_rfc3339(), "2025-01-02T03:04:05+00:00");
    let result = done.result.unwrap();
    assert_eq!(
        (result.confidence, result.page_count, result.word_count),
        (Some(0.9876), 3, 0)
    );

    // What nobody reads any more is recovered, and can be brought to an end.
    let due = store.due_tasks(10).await.unwrap();
    assert_eq!(due.len(), 2);
    let abandoned: TaskId = id("22222222-2222-2222-2222-222222222222");
    let file = store.task(owner, abandoned).await.unwrap().unwrap().file;
    assert_eq!((file.media_type, file.size), (MediaType::Jpeg, 20));
    for transition in [
        Transition::LeaseExpired,
        Transition::Claim { lease: LONG },
        Transition::Cancel,
    ] {
        store
            .transition(owner, abandoned, transition, Write::default())
            .await
            .unwrap();
    }
    let stats = store.stats(owner).await.unwrap();
    assert_eq!(
        (stats.total, stats.completed, stats.cancelled, stats.pending),
        (3, 1, 1, 1)
    );

    // A row that we cannot read does not hide the others.
    let page = PageRequest::first(10).unwrap();
    let listed = store
        .list_tasks(owner, TaskFilter::default(), page)
        .await
        .unwrap();
    assert_eq!(listed.items.len(), 2);

    // Now keys cascade, and what goes is told.
    by_hand(&test, "DELETE FROM files WHERE filename = 'done.pdf'").await;
    assert_eq!(store.stats(owner).await.unwrap().completed, 0);
    let changes = store.changes(owner, ChangeCursor::default(), 100).await.unwrap();
    assert_eq!(changes.last().unwrap().status, Some(TaskStatus::Completed));
}

#[tokio::test]
async fn many_processes_may_migrate_at_once() {
    for prepared in ["", FIRST_FORM] {
        let test = postgres::database().await;
        by_hand(&test, prepared).await;
        let migrations = (0..8).map(|_| {
            let database = PgDatabase::new(config(test.url())).unwrap();
            tokio::spawn(async move { database.migrate().await })
        });
        for migration in futures::future::join_all(migrations).await {
            migration.unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn a_schema_that_is_up_to_date_stays_as_it_is() {
    let (database, test) = database().await;
    by_hand(&test, "INSERT INTO users (email) VALUES ('a@b.c')").await;
    database.migrate().await.unwrap();
    let users: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM users")
        .fetch_one(&mut psql(&test).await)
        .await
        .unwrap();
    assert_eq!(users, 1);
}

#[tokio::test]
async fn a_database_without_the_schema_says_what_to_do() {
    let test = postgres::database().await;
    let database = PgDatabase::new(config(test.url())).unwrap();
    let error = store(&database).check().await.unwrap_err();
    assert!(error.to_string().contains("run migrate"), "{error}");
}

/// Transactions count anew in another cluster, so a restored log may hold some from the future.
#[tokio::test]
async fn a_database_restored_elsewhere_tells_of_new_changes() {
    let (database, test) = database().await;
    by_hand(
        &test,
        "INSERT INTO change_log (xid, table_name, operation, record_id, user_id)
         VALUES ('1000000000000', 'tasks', 'INSERT', gen_random_uuid(), gen_random_uuid())",
    )
    .await;
    database.migrate().await.unwrap();
    let store = store(&database);
    let head = store.change_head().await.unwrap();
    by_hand(
        &test,
        "INSERT INTO users (id) VALUES ('11111111-1111-1111-1111-111111111111');
        INSERT INTO files (user_id, filename, stored_filename, mime_type, file_size, s3_bucket, s3_key)
        VALUES ('11111111-1111-1111-1111-111111111111', 'a.pdf', 'b_a.pdf', 'application/pdf', 1, 'b', 'k')",
    )
    .await;
    assert_eq!(store.changes(Scope::system(), head, 10).await.unwrap().len(), 1);
}

/// The names and types that the contract gives.
#[tokio::test]
async fn tables_have_the_columns_of_the_contract() {
    let (_database, test) = database().await;
    let found: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod) \
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
         WHERE c.relname IN ('users', 'files', 'tasks', 'results') AND c.relkind = 'r' AND a.attnum > 0",
    )
    .fetch_all(&mut psql(&test).await)
    .await
    .unwrap();
    let (time, text) = ("timestamp without time zone", "character varying(255)");
    for (table, column, kind) in [
        ("tasks", "id", "uuid"),
        ("tasks", "user_id", "uuid"),
        ("tasks", "file_id", "uuid"),
        ("tasks", "status", "task_status"),
        ("tasks", "error_message", "text"),
        ("tasks", "created_at", time),
        ("tasks", "updated_at", time),
        ("files", "id", "uuid"),
        ("files", "user_id", "uuid"),
        ("files", "filename", text),
        ("files", "stored_filename", text),
        ("files", "mime_type", "character varying(100)"),
        ("files", "file_size", "bigint"),
        ("files", "s3_bucket", text),
        ("files", "s3_key", "character varying(512)"),
        ("files", "s3_version_id", text),
        ("files", "created_at", time),
        ("results", "id", "uuid"),
        ("results", "task_id", "uuid"),
        ("results", "s3_result_key", "character varying(512)"),
        ("results", "confidence_score", "numeric(5,4)"),
        ("results", "page_count", "integer"),
        ("results", "word_count", "integer"),
        ("results", "processing_time_ms", "integer"),
        ("results", "created_at", time),
        ("users", "id", "uuid"),
        ("users", "email", text),
        ("users", "created_at", time),
        ("users", "last_login", time),
    ] {
        let wanted = (table.to_owned(), column.to_owned(), kind.to_owned());
        assert!(found.contains(&wanted), "{wanted:?}");
    }
}
