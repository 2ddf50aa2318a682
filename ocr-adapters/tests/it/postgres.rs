//! Store, Queue and Notifier in Postgres.

use std::{sync::Arc, time::Duration};

use ocr_adapters::postgres::{
    PgAccountStore, PgConfig, PgDatabase, PgNotifier, PgQueue, PgSearchIndex, PgStore,
};
use ocr_core::id::RandomIds;
use ocr_testkit::{
    accounts::AccountFixture,
    corrections::CorrectionFixture,
    filings::FilingFixture,
    harness::TestTime,
    notify::NotifierFixture,
    queue::QueueFixture,
    same_pages::SamePageFixture,
    saved_searches::SavedSearchFixture,
    search::SearchFixture,
    services::postgres::{self, Database},
    store::StoreFixture,
    usage::UsageFixture,
};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// Settings for a machine that is busy with other tests. Those share a server, where transactions of
/// one database hold back the change logs of all.
pub(crate) fn config(url: &str) -> PgConfig {
    PgConfig::from_url(url)
        .with_pool_size(8)
        .with_call_timeout(Duration::from_secs(30))
        .with_acquire_timeout(Duration::from_secs(30))
        .with_overlap_wait(Duration::from_secs(30))
}

/// A database with our schema.
pub(crate) async fn database() -> (PgDatabase, Database) {
    let test = postgres::database().await;
    let database = PgDatabase::new(config(test.url())).unwrap();
    database.migrate().await.unwrap();
    (database, test)
}

pub(crate) fn store(database: &PgDatabase) -> PgStore {
    PgStore::new(database.clone(), Arc::new(RandomIds))
}

/// A connection as of a person with psql.
pub(crate) async fn psql(test: &Database) -> PgConnection {
    PgConnection::connect(test.url()).await.unwrap()
}

/// Statements written by hand.
pub(crate) async fn by_hand(test: &Database, sql: impl Into<String>) {
    let mut connection = psql(test).await;
    sqlx::raw_sql(AssertSqlSafe(sql.into()))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

mod queue {
    use super::*;

    async fn fresh() -> QueueFixture {
        let (database, test) = database().await;
        QueueFixture::new(Arc::new(PgQueue::new(database)), TestTime::real()).with_guard(test)
    }

    ocr_testkit::queue_conformance!(fresh);
}

mod store {
    use super::*;

    async fn fresh() -> StoreFixture {
        let (database, test) = database().await;
        StoreFixture::new(Arc::new(super::store(&database)), TestTime::real()).with_guard(test)
    }

    ocr_testkit::store_conformance!(fresh);
}

mod corrections {
    use super::*;

    async fn fresh() -> CorrectionFixture {
        let (database, test) = database().await;
        CorrectionFixture::new(Arc::new(super::store(&database)), TestTime::real()).with_guard(test)
    }

    ocr_testkit::correction_conformance!(fresh);
}

mod filings {
    use super::*;

    async fn fresh() -> FilingFixture {
        let (database, test) = database().await;
        FilingFixture::new(Arc::new(super::store(&database)), TestTime::real()).with_guard(test)
    }

    ocr_testkit::filing_conformance!(fresh);
}

mod saved_searches {
    use super::*;

    async fn fresh() -> SavedSearchFixture {
        let (database, test) = database().await;
        SavedSearchFixture::new(Arc::new(super::store(&database))).with_guard(test)
    }

    ocr_testkit::saved_search_conformance!(fresh);
}

mod shares {
    use super::*;
    use ocr_testkit::shares::ShareFixture;

    async fn fresh() -> ShareFixture {
        let (database, test) = database().await;
        ShareFixture::new(Arc::new(super::store(&database))).with_guard(test)
    }

    ocr_testkit::share_conformance!(fresh);
}

mod same_pages {
    use super::*;

    async fn fresh() -> SamePageFixture {
        let (database, test) = database().await;
        SamePageFixture::new(Arc::new(super::store(&database)), TestTime::real()).with_guard(test)
    }

    ocr_testkit::same_page_conformance!(fresh);
}

mod rate_limiter {
    use super::*;
    use ocr_adapters::postgres::PgRateLimiter;
    use ocr_testkit::rate_limiter::RateLimiterFixture;

    async fn fresh() -> RateLimiterFixture {
        let (database, test) = database().await;
        let limiter = PgRateLimiter::new(database);
        RateLimiterFixture::new(Arc::new(limiter), TestTime::real()).with_guard(test)
    }

    ocr_testkit::rate_limiter_conformance!(fresh);
}

mod usage {
    use super::*;

    async fn fresh() -> UsageFixture {
        let (database, test) = database().await;
        UsageFixture::new(Arc::new(super::store(&database)), TestTime::real()).with_guard(test)
    }

    ocr_testkit::usage_conformance!(fresh);
}

mod search {
    use super::*;

    async fn fresh() -> SearchFixture {
        let (database, test) = database().await;
        SearchFixture::new(Arc::new(PgSearchIndex::new(database))).with_guard(test)
    }

    ocr_testkit::search_conformance!(fresh);
}

mod accounts {
    use super::*;

    async fn fresh() -> AccountFixture {
        let (database, test) = database().await;
        let documents = Arc::new(super::store(&database));
        AccountFixture::new(Arc::new(PgAccountStore::new(database)))
            .with_documents(documents.clone())
            .with_searches(documents)
            .with_guard(test)
    }

    ocr_testkit::account_conformance!(fresh);
}

#[tokio::test]
async fn the_audit_log_is_neither_changed_nor_emptied() {
    let (_database, test) = database().await;
    let mut connection = psql(&test).await;
    let insert = "INSERT INTO audit_log (id, at, action, object, address) \
                  VALUES (gen_random_uuid(), now(), 'signed_in', '', '')";
    sqlx::raw_sql(insert).execute(&mut connection).await.unwrap();
    for statement in [
        "UPDATE audit_log SET object = 'x'",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
    ] {
        let error = sqlx::raw_sql(statement)
            .execute(&mut connection)
            .await
            .unwrap_err();
        assert!(error.to_string().contains("audit log"), "{error}");
    }
}

mod notifier {
    use super::*;

    async fn fresh() -> NotifierFixture {
        let (database, test) = database().await;
        NotifierFixture::new(Arc::new(PgNotifier::new(database))).with_guard(test)
    }

    ocr_testkit::notifier_conformance!(fresh);
}

/// Without LISTEN, as behind a pooler that shares connections.
mod polling_notifier {
    use super::*;

    async fn fresh() -> NotifierFixture {
        let test = postgres::database().await;
        let quiet = config(test.url())
            .with_listen(false)
            .with_poll_interval(Duration::from_millis(20));
        let database = PgDatabase::new(quiet).unwrap();
        database.migrate().await.unwrap();
        NotifierFixture::new(Arc::new(PgNotifier::new(database))).with_guard(test)
    }

    ocr_testkit::notifier_conformance!(fresh);
}
