//! Tests of the application without a server, a file or a model: they take milliseconds.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use ocr_core::{
    Error, ErrorKind, blob::MockBlobStore, id::TaskId, platform::Policies, service::OcrService,
    worker::Worker,
};
use ocr_testkit::{FakeEngine, MemoryPlatform, Unreliable, documents::text_pdf, samples};
use swap_adapters_in_tests::{Invoice, InvoiceDesk};

fn desk(parts: &MemoryPlatform) -> InvoiceDesk {
    InvoiceDesk::new(OcrService::new(parts.platform.clone()), samples::user())
}

/// Reads everything that waits.
async fn work(parts: &MemoryPlatform) {
    let worker = Worker::new(parts.platform.clone(), NonZeroUsize::MIN);
    worker.drain().await.unwrap();
}

async fn take_in(desk: &InvoiceDesk) -> TaskId {
    desk.take_in("7", text_pdf(&["whatever"]).into()).await.unwrap()
}

/// Memory adapters, and an engine that reads what the test tells it to.
#[tokio::test]
async fn a_total_is_found() {
    let parts = MemoryPlatform::new().with_engine(FakeEngine::new(["INVOICE 7\nTotal: 93.50"]));
    let desk = desk(&parts);
    let id = take_in(&desk).await;
    assert_eq!(desk.look_up(id).await.unwrap(), Some(Invoice::Waiting));
    work(&parts).await;
    let total = Invoice::Total("93.50".into());
    assert_eq!(desk.look_up(id).await.unwrap(), Some(total));
    assert_eq!(take_in(&desk).await, id, "the same number is the same invoice");
    assert_eq!(desk.look_up(samples::task_id()).await.unwrap(), None);
}

/// A script for the engine makes what is rare happen: here, it fails for good.
#[tokio::test]
async fn an_unreadable_invoice_says_why() {
    let engine = FakeEngine::new(["never seen"]).failing_at_page(1, ErrorKind::Corrupt, "the page is torn");
    let parts = MemoryPlatform::new().with_engine(engine);
    let desk = desk(&parts);
    let id = take_in(&desk).await;
    work(&parts).await;
    let reason = Invoice::Unreadable("the page is torn".into());
    assert_eq!(desk.look_up(id).await.unwrap(), Some(reason));
}

/// The clock moves when the test says so: nobody waits for the pause before the second attempt.
#[tokio::test]
async fn an_engine_that_is_down_is_tried_again() {
    let engine =
        FakeEngine::new(["Total: 1"]).failing_attempts(1, ErrorKind::Unavailable, "the engine restarts");
    let parts = MemoryPlatform::new()
        .with_engine(engine.clone())
        .with_policies(Policies::default().with_retry_base_delay(Duration::from_hours(1)));
    let desk = desk(&parts);
    let id = take_in(&desk).await;
    work(&parts).await;
    assert_eq!(desk.look_up(id).await.unwrap(), Some(Invoice::Waiting));
    parts.clock.advance(Duration::from_hours(1));
    work(&parts).await;
    assert_eq!(desk.look_up(id).await.unwrap(), Some(Invoice::Total("1".into())));
    assert_eq!(engine.calls().len(), 2);
}

/// A port that fails now and then, half of the time after the work was done.
#[tokio::test]
async fn a_shaky_store_costs_no_invoice() {
    let mut parts = MemoryPlatform::new().with_engine(FakeEngine::new(["Total: 1"]));
    let shaky = Arc::new(Unreliable::new(parts.store.clone(), 3));
    parts.platform.store = shaky.clone();
    let desk = desk(&parts);
    let mut ids = Vec::new();
    while ids.len() < 5 {
        let number = ids.len().to_string();
        match desk.take_in(&number, text_pdf(&["whatever"]).into()).await {
            Ok(id) => ids.push(id),
            Err(error) => assert!(error.is_transient(), "{error:?}"),
        }
    }
    assert!(shaky.failures() > 0);
    shaky.set_healthy(true);
    work(&parts).await;
    for id in ids {
        assert_eq!(desk.look_up(id).await.unwrap(), Some(Invoice::Total("1".into())));
    }
}

/// A mock, for the one call that matters. Where more than one does, a fake is shorter and says more.
#[tokio::test]
async fn a_full_disk_is_told_and_nothing_is_taken_in() {
    let mut parts = MemoryPlatform::new();
    let mut blobs = MockBlobStore::new();
    blobs
        .expect_put()
        .once()
        .returning(|_, _, _| Err(Error::new(ErrorKind::Unavailable, "the disk is full")));
    parts.platform.blobs = Arc::new(blobs);
    let refused = desk(&parts).take_in("7", text_pdf(&["whatever"]).into()).await;
    assert_eq!(refused.unwrap_err().message(), "the disk is full");
}
