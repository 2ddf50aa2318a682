//! The queue keeps the contract of the port, clause by clause.

use std::sync::Arc;

use custom_queue::FileQueue;
use ocr_core::clock::ManualClock;
use ocr_testkit::{harness::TestTime, queue::QueueFixture};

/// A queue of its own for each clause, on a clock that the suite moves.
async fn fresh() -> QueueFixture {
    let (directory, clock) = (tempfile::tempdir().unwrap(), Arc::new(ManualClock::default()));
    QueueFixture::new(
        Arc::new(FileQueue::new(directory.path(), clock.clone())),
        TestTime::manual(clock),
    )
    .with_guard(directory)
}

ocr_testkit::queue_conformance!(fresh);
