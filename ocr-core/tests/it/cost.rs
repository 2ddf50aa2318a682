//! What reading costs, and what engines remember between attempts.

use std::sync::Arc;

use ocr_core::{
    ErrorKind,
    engine::Checkpoint,
    model::{Feature, TaskOptions, TaskStatus, Usage},
    service::SubmitRequest,
    store::{Fence, Store},
};
use ocr_testkit::FakeEngine;

use crate::drive::Drive;

const PAGE: Usage = Usage::new(1, 1_500);

fn asking(features: Vec<Feature>, queries: &[&str]) -> SubmitRequest {
    SubmitRequest::new("scan.pdf").with_options(
        TaskOptions::default()
            .with_features(features)
            .with_queries(queries.iter().map(ToString::to_string).collect()),
    )
}

#[tokio::test(start_paused = true)]
async fn what_all_attempts_cost_is_in_the_result() {
    let engine = FakeEngine::new(["one", "two", "three"]).charging(1_500);
    let failing = engine
        .clone()
        .failing_at_page(3, ErrorKind::Unavailable, "not now");
    let drive = Drive::new(failing);
    let id = drive.submit().await;
    drive.drain().await;
    assert_eq!(drive.status(id).await, TaskStatus::Pending);
    drive.parts.platform.engines.add(Arc::new(engine));
    drive.pass_delays();
    drive.drain().await;
    let summary = drive.task(id).await.result.expect("a result");
    assert_eq!((summary.billed_pages, summary.cost_micros), (3, 4_500));
    let result = drive.service.result(drive.scope(), id).await.unwrap();
    assert_eq!(result.document.total_usage(), PAGE + PAGE + PAGE);
    assert_eq!(result.document.usage.keys().collect::<Vec<_>>(), ["fake"]);
}

#[tokio::test(start_paused = true)]
async fn an_engine_without_a_price_costs_nothing() {
    let drive = Drive::new(FakeEngine::new(["one"]));
    let id = drive.submit().await;
    drive.drain().await;
    let summary = drive.task(id).await.result.expect("a result");
    assert_eq!((summary.billed_pages, summary.cost_micros), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn asking_again_starts_with_an_empty_ledger_under_another_identity() {
    let drive = Drive::new(FakeEngine::new(["one"]).charging(1_500));
    let id = drive.submit().await;
    drive.drain().await;
    let store = || Arc::clone(&drive.parts.store) as Arc<dyn Store>;
    let first = Checkpoint::of_task(store(), Fence::new(id, 7)).await.unwrap();
    assert_eq!(first.usage().await.len(), 1, "kept after the end");
    drive.service.retry(drive.scope(), id).await.unwrap();
    drive.drain().await;
    let second = Checkpoint::of_task(store(), Fence::new(id, 8)).await.unwrap();
    assert_ne!(first.identity(), second.identity());
    let summary = drive.task(id).await.result.expect("a result");
    assert_eq!((summary.billed_pages, summary.cost_micros), (1, 1_500));
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_lost_its_task_saves_nothing() {
    let drive = Drive::new(FakeEngine::new(["one"]));
    let id = drive.submit().await;
    drive.drain().await;
    let store = Arc::clone(&drive.parts.store) as Arc<dyn Store>;
    let late = Checkpoint::of_task(store, Fence::new(id, 1)).await.unwrap();
    let error = late.charge(PAGE, &"job").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LeaseLost);
    assert!(late.usage().await.is_empty(), "what was not saved is not counted");
}

#[tokio::test]
async fn features_are_asked_of_the_engine_and_checked_before_the_upload() {
    let engine = FakeEngine::new(["one"]).with_features([Feature::Tables, Feature::Queries]);
    let drive = Drive::new(engine);
    let plain = FakeEngine::new(["one"]).named("plain");
    drive.parts.platform.engines.add(Arc::new(plain));
    let refused = async |request| {
        let error = drive.try_submit(request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        error.message().to_owned()
    };
    let message = refused(asking(vec![Feature::Forms], &[])).await;
    assert!(message.contains("no engine"), "{message}");
    let mut other = asking(vec![Feature::Tables], &[]);
    other.options.engine = Some("plain".into());
    let message = refused(other).await;
    assert!(message.contains("choose one of: fake"), "{message}");
    refused(asking(vec![Feature::Queries], &[])).await;
    refused(asking(vec![], &["What is it?"])).await;
    refused(asking(vec![Feature::Queries], &[""])).await;
    refused(asking(vec![Feature::Queries], &["x"; 31])).await;
    let request = asking(vec![Feature::Tables, Feature::Queries], &["What is it?"]);
    drive.try_submit(request).await.unwrap();
    drive.drain().await;
    let features = &drive.engine.calls()[0].features;
    assert_eq!(*features, [Feature::Tables, Feature::Queries]);
}
