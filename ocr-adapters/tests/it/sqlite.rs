//! Store and Queue in SQLite.

use std::{sync::Arc, time::Duration};

use ocr_adapters::{
    DiskRoom,
    sqlite::{SqliteAccountStore, SqliteDatabase, SqliteQueue, SqliteSearchIndex, SqliteStore},
};
use ocr_core::{
    ErrorKind,
    account_store::{Accounts, AuditAction, AuditEntry, AuditOrigin},
    clock::{ManualClock, Timestamp},
    id::{AuditId, IdGenerator, RandomIds, TaskId, UserId},
    model::{Outcome, PageText, Quota, Quotas, TaskStatus, Transition},
    pagination::PageRequest,
    store::{
        ChangeCursor, ChangeLog, ChangeOperation, PageStore, Scope, TaskFilter, TaskStore, Trash, Write,
    },
    usage_store::UsageStore,
};
use ocr_testkit::{
    accounts::AccountFixture, corrections::CorrectionFixture, filings::FilingFixture, harness::TestTime,
    queue::QueueFixture, same_pages::SamePageFixture, saved_searches::SavedSearchFixture,
    search::SearchFixture, store::StoreFixture, usage::UsageFixture,
};
use tempfile::TempDir;

async fn database() -> (SqliteDatabase, Arc<ManualClock>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let database = SqliteDatabase::open(&folder.path().join("ocr.sqlite"))
        .await
        .unwrap();
    (database, Arc::new(ManualClock::default()), folder)
}

mod queue {
    use super::*;

    async fn fresh() -> QueueFixture {
        let (database, clock, folder) = database().await;
        QueueFixture::new(
            Arc::new(SqliteQueue::new(database, clock.clone())),
            TestTime::manual(clock),
        )
        .with_guard(folder)
    }

    ocr_testkit::queue_conformance!(fresh);
}

mod store {
    use super::*;

    async fn fresh() -> StoreFixture {
        let (database, clock, folder) = database().await;
        StoreFixture::new(
            Arc::new(SqliteStore::new(database, clock.clone(), Arc::new(RandomIds))),
            TestTime::manual(clock),
        )
        .with_guard(folder)
    }

    ocr_testkit::store_conformance!(fresh);
}

mod corrections {
    use super::*;

    async fn fresh() -> CorrectionFixture {
        let (database, clock, folder) = database().await;
        CorrectionFixture::new(
            Arc::new(SqliteStore::new(database, clock.clone(), Arc::new(RandomIds))),
            TestTime::manual(clock),
        )
        .with_guard(folder)
    }

    ocr_testkit::correction_conformance!(fresh);
}

mod filings {
    use super::*;

    async fn fresh() -> FilingFixture {
        let (database, clock, folder) = database().await;
        FilingFixture::new(
            Arc::new(SqliteStore::new(database, clock.clone(), Arc::new(RandomIds))),
            TestTime::manual(clock),
        )
        .with_guard(folder)
    }

    ocr_testkit::filing_conformance!(fresh);
}

mod saved_searches {
    use super::*;

    async fn fresh() -> SavedSearchFixture {
        let (database, clock, folder) = database().await;
        let store = SqliteStore::new(database, clock, Arc::new(RandomIds));
        SavedSearchFixture::new(Arc::new(store)).with_guard(folder)
    }

    ocr_testkit::saved_search_conformance!(fresh);
}

mod shares {
    use super::*;
    use ocr_testkit::shares::ShareFixture;

    async fn fresh() -> ShareFixture {
        let (database, clock, folder) = database().await;
        let store = SqliteStore::new(database, clock, Arc::new(RandomIds));
        ShareFixture::new(Arc::new(store)).with_guard(folder)
    }

    ocr_testkit::share_conformance!(fresh);
}

mod same_pages {
    use super::*;

    async fn fresh() -> SamePageFixture {
        let (database, clock, folder) = database().await;
        SamePageFixture::new(
            Arc::new(SqliteStore::new(database, clock.clone(), Arc::new(RandomIds))),
            TestTime::manual(clock),
        )
        .with_guard(folder)
    }

    ocr_testkit::same_page_conformance!(fresh);
}

mod usage {
    use super::*;

    async fn fresh() -> UsageFixture {
        let (database, clock, folder) = database().await;
        UsageFixture::new(
            Arc::new(SqliteStore::new(database, clock.clone(), Arc::new(RandomIds))),
            TestTime::manual(clock),
        )
        .with_guard(folder)
    }

    ocr_testkit::usage_conformance!(fresh);
}

mod search {
    use super::*;

    async fn fresh() -> SearchFixture {
        let (database, _, folder) = database().await;
        SearchFixture::new(Arc::new(SqliteSearchIndex::new(database))).with_guard(folder)
    }

    ocr_testkit::search_conformance!(fresh);
}

mod accounts {
    use super::*;

    async fn fresh() -> AccountFixture {
        let (database, clock, folder) = database().await;
        let documents = Arc::new(SqliteStore::new(database.clone(), clock, Arc::new(RandomIds)));
        AccountFixture::new(Arc::new(SqliteAccountStore::new(database)))
            .with_documents(documents.clone())
            .with_searches(documents)
            .with_guard(folder)
    }

    ocr_testkit::account_conformance!(fresh);
}

#[tokio::test]
async fn the_audit_log_is_neither_changed_nor_emptied() {
    let (_database, _, folder) = database().await;
    let url = format!("sqlite://{}", folder.path().join("ocr.sqlite").display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    let insert =
        "INSERT INTO audit_log (id, at, action, object, address) VALUES ('1', '', 'signed_in', '', '')";
    sqlx::raw_sql(insert).execute(&pool).await.unwrap();
    for statement in ["UPDATE audit_log SET object = 'x'", "DELETE FROM audit_log"] {
        let error = sqlx::raw_sql(statement).execute(&pool).await.unwrap_err();
        assert!(error.to_string().contains("audit log"), "{error}");
    }
    pool.close().await;
}

#[tokio::test]
async fn of_who_is_forgotten_no_limit_is_left() {
    let (database, clock, _folder) = database().await;
    let store = SqliteStore::new(database.clone(), clock, Arc::new(RandomIds));
    let accounts = SqliteAccountStore::new(database);
    let user: UserId = OWNER.parse().unwrap();
    let limits = Quotas::default().with(Quota::OpenTasks, 7_u64);
    store.set_quotas(user, limits).await.unwrap();
    let id = AuditId(RandomIds.next());
    let origin = AuditOrigin::default();
    let entry = AuditEntry::new(id, Timestamp::UNIX_EPOCH, origin, AuditAction::UserErased);
    assert_eq!(accounts.erase_user(user, entry).await.unwrap(), 0);
    assert!(store.quotas(user).await.unwrap().is_empty());
}

/// Rows written by hand, as with the sqlite3 shell.
async fn by_hand(folder: &TempDir, sql: &'static str) {
    let url = format!("sqlite://{}", folder.path().join("ocr.sqlite").display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    sqlx::raw_sql(sql).execute(&pool).await.unwrap();
    pool.close().await;
}

const OWNER: &str = "11111111-1111-1111-1111-111111111111";
const TASK: &str = "22222222-2222-2222-2222-222222222222";

const INSERTS: &str = "
    INSERT INTO users (id) VALUES ('11111111-1111-1111-1111-111111111111');
    INSERT INTO files (id, user_id, filename, stored_filename, mime_type, file_size, s3_bucket, s3_key)
    VALUES ('33333333-3333-3333-3333-333333333333', '11111111-1111-1111-1111-111111111111',
            'a.pdf', 'b_a.pdf', 'application/pdf', 10, 'local', 'uploads/x/b_a.pdf');
    INSERT INTO tasks (id, user_id, file_id)
    VALUES ('22222222-2222-2222-2222-222222222222', '11111111-1111-1111-1111-111111111111',
            '33333333-3333-3333-3333-333333333333');";

#[tokio::test]
async fn a_change_by_hand_is_seen_counted_and_logged() {
    let (database, clock, folder) = database().await;
    let store = SqliteStore::new(database, clock, Arc::new(RandomIds));
    let owner = Scope::owner(OWNER.parse::<UserId>().unwrap());
    by_hand(&folder, INSERTS).await;
    let task = store
        .task(owner, TASK.parse::<TaskId>().unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(task.status(), TaskStatus::Pending);
    assert_eq!(
        store.due_tasks(10).await.unwrap().len(),
        1,
        "the reconciler finds it"
    );

    by_hand(
        &folder,
        "UPDATE tasks SET status = 'completed', error_message = hex(zeroblob(2500000))",
    )
    .await;
    assert_eq!(store.stats(owner).await.unwrap().completed, 1);
    by_hand(&folder, "DELETE FROM tasks").await;
    assert_eq!(store.stats(owner).await.unwrap().total, 0);

    let changes = store.changes(owner, ChangeCursor::default(), 100).await.unwrap();
    let of_task: Vec<_> = changes
        .iter()
        .filter(|change| change.table == "tasks")
        .map(|change| change.operation)
        .collect();
    assert_eq!(
        of_task,
        [
            ChangeOperation::Insert,
            ChangeOperation::Update,
            ChangeOperation::Delete
        ]
    );
}

#[tokio::test]
async fn a_status_set_to_processing_by_hand_is_recovered() {
    let (database, clock, folder) = database().await;
    let store = SqliteStore::new(database, clock, Arc::new(RandomIds));
    by_hand(&folder, INSERTS).await;
    by_hand(&folder, "UPDATE tasks SET status = 'processing'").await;
    let due = store.due_tasks(10).await.unwrap();
    assert!(due.len() == 1 && due[0].lease_expired);
}

#[tokio::test]
async fn many_processes_may_open_a_new_database_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ocr.sqlite");
    let opened = futures::future::join_all((0..8).map(|_| SqliteDatabase::open(&path))).await;
    for database in opened {
        database.unwrap().close().await;
    }
}

#[tokio::test]
async fn a_task_set_to_pending_by_hand_is_tried_again_from_the_start() {
    let (database, clock, folder) = database().await;
    let store = SqliteStore::new(database, clock, Arc::new(RandomIds));
    by_hand(&folder, INSERTS).await;
    by_hand(
        &folder,
        "UPDATE tasks SET status = 'failed', failures = 3, attempt = 3, version = version + 1",
    )
    .await;
    by_hand(&folder, "UPDATE tasks SET status = 'pending'").await;
    let claim = Transition::Claim {
        lease: ocr_testkit::harness::LONG,
    };
    let claimed = store
        .transition(Scope::system(), TASK.parse().unwrap(), claim, Write::default())
        .await
        .unwrap();
    assert_eq!((claimed.state.attempt, claimed.state.failures), (4, 0));
}

#[tokio::test]
async fn a_row_that_cannot_be_read_does_not_hide_the_others() {
    let (database, clock, folder) = database().await;
    let store = SqliteStore::new(database, clock, Arc::new(RandomIds));
    let owner = Scope::owner(OWNER.parse::<UserId>().unwrap());
    by_hand(&folder, INSERTS).await;
    by_hand(
        &folder,
        "INSERT INTO files (id, user_id, filename, stored_filename, mime_type, file_size, s3_bucket, s3_key)
         VALUES ('44444444-4444-4444-4444-444444444444', '11111111-1111-1111-1111-111111111111',
                 'c.pdf', 'c_c.pdf', 'application/pdf', 10, 'local', 'uploads/x/c_c.pdf');
         INSERT INTO tasks (id, user_id, file_id) VALUES
            ('no id', '11111111-1111-1111-1111-111111111111', '44444444-4444-4444-4444-444444444444')",
    )
    .await;
    let listed = store
        .list_tasks(owner, TaskFilter::default(), PageRequest::first(10).unwrap())
        .await
        .unwrap();
    assert_eq!(listed.items.len(), 1);
    assert_eq!(store.due_tasks(10).await.unwrap().len(), 1);
    let changes = store.changes(owner, ChangeCursor::default(), 100).await.unwrap();
    assert!(!changes.is_empty());
}

#[tokio::test]
async fn without_room_a_task_waits_and_can_be_cancelled_and_deleted() {
    let (database, clock, folder) = database().await;
    by_hand(&folder, INSERTS).await;
    let full = database.clone().with_room(DiskRoom::new(folder.path(), u64::MAX));
    let store = SqliteStore::new(full, clock.clone(), Arc::new(RandomIds));
    let id: TaskId = TASK.parse().unwrap();
    let claim = Transition::Claim {
        lease: ocr_testkit::harness::LONG,
    };
    let apply = |transition| store.transition(Scope::system(), id, transition, Write::default());
    assert_eq!(
        apply(claim.clone()).await.unwrap_err().kind(),
        ErrorKind::StorageFull
    );
    let task = store.task(Scope::system(), id).await.unwrap().unwrap();
    assert_eq!((task.status(), task.state.failures), (TaskStatus::Pending, 0));

    // Claimed while there was room: what is read finds none, and the task is given back unharmed.
    let roomy = SqliteStore::new(database, clock, Arc::new(RandomIds));
    let claimed = roomy
        .transition(Scope::system(), id, claim, Write::default())
        .await
        .unwrap();
    let put = store
        .put_pages(claimed.fence(), vec![PageText::empty(1, 10, 10)])
        .await;
    assert_eq!(put.unwrap_err().kind(), ErrorKind::StorageFull);
    let release = Outcome::Release {
        delay: Duration::from_secs(30),
    };
    let given_back = store.finish(claimed.fence(), release, Write::default()).await;
    assert_eq!(given_back.unwrap().state.failures, 0);

    assert_eq!(
        apply(Transition::Cancel).await.unwrap().status(),
        TaskStatus::Cancelled
    );
    store
        .trash_task(Scope::system(), id, Timestamp::default(), Write::default())
        .await
        .unwrap();
}
