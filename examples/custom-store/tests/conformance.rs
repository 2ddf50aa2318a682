//! The store keeps the contract of the port, clause by clause.

use std::sync::Arc;

use custom_store::FileStore;
use ocr_core::clock::ManualClock;
use ocr_testkit::{harness::TestTime, store::StoreFixture};

/// A store of its own for each clause, on a clock that the suite moves.
async fn fresh() -> StoreFixture {
    let (directory, clock) = (tempfile::tempdir().unwrap(), Arc::new(ManualClock::default()));
    StoreFixture::new(
        Arc::new(FileStore::open(directory.path(), clock.clone()).unwrap()),
        TestTime::manual(clock),
    )
    .with_guard(directory)
}

ocr_testkit::store_conformance!(fresh);
