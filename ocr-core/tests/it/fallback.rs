//! The next engine reads when one fails.

use std::{sync::Arc, time::Duration};

use ocr_core::{
    ErrorKind,
    clock::ManualClock,
    engine::OcrEngine,
    layers::{BreakerPolicy, Fallback},
    model::{Feature, MediaType},
};
use ocr_testkit::FakeEngine;

use crate::reading::{expected, outcomes, pages, request};

const TEXTS: [&str; 3] = ["one", "two", "three"];

fn main_engine() -> FakeEngine {
    FakeEngine::new(TEXTS).named("main")
}

fn spare() -> FakeEngine {
    FakeEngine::new(["eins", "zwei", "drei"]).named("spare")
}

fn of(engines: &[&FakeEngine]) -> (Fallback, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    let engines = engines
        .iter()
        .map(|engine| Arc::new((*engine).clone()) as Arc<dyn OcrEngine>)
        .collect();
    let policy = BreakerPolicy::default().with_failures(2);
    (Fallback::new("auto", engines, policy, clock.clone()), clock)
}

#[tokio::test]
async fn the_first_engine_reads_while_it_works() {
    let (main, spare) = (main_engine(), spare());
    let (fallback, _) = of(&[&main, &spare]);
    let read = pages(&fallback, request().await).await;
    assert_eq!(
        read,
        expected(&[(1, "one", "main"), (2, "two", "main"), (3, "three", "main")])
    );
    assert_eq!(spare.calls(), []);
}

#[tokio::test]
async fn the_next_engine_reads_the_pages_that_are_missing() {
    let main = main_engine().failing_at_page(2, ErrorKind::Unavailable, "gone");
    let (fallback, _) = of(&[&main, &spare()]);
    let read = pages(&fallback, request().await).await;
    assert_eq!(
        read,
        expected(&[(1, "one", "main"), (2, "zwei", "spare"), (3, "drei", "spare")])
    );
}

#[tokio::test]
async fn what_the_document_gets_wrong_is_final() {
    for kind in [
        ErrorKind::InvalidInput,
        ErrorKind::Unsupported,
        ErrorKind::TooLarge,
        ErrorKind::Corrupt,
    ] {
        let (main, spare) = (main_engine().failing_at_page(1, kind, "no"), spare());
        let (fallback, _) = of(&[&main, &spare]);
        let error = outcomes(&fallback, request().await)
            .await
            .pop()
            .unwrap()
            .unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(spare.calls(), []);
    }
}

#[tokio::test]
async fn throttling_is_waited_for_and_opens_nothing() {
    let (main, spare) = (
        main_engine().failing_attempts(5, ErrorKind::RateLimited, "slow"),
        spare(),
    );
    let (fallback, _) = of(&[&main, &spare]);
    for _ in 0..5 {
        let error = outcomes(&fallback, request().await)
            .await
            .pop()
            .unwrap()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited);
    }
    assert_eq!(pages(&fallback, request().await).await[0].2, "main");
    assert_eq!(spare.calls(), []);
}

#[tokio::test]
async fn an_engine_that_keeps_failing_is_left_alone_and_tried_again_later() {
    let main = main_engine().failing_attempts(2, ErrorKind::Timeout, "no answer");
    let (fallback, clock) = of(&[&main, &spare()]);
    for _ in 0..5 {
        assert_eq!(pages(&fallback, request().await).await[0].2, "spare");
    }
    assert_eq!(main.calls().len(), 2, "left alone after two failures");
    clock.advance(BreakerPolicy::default().rest);
    assert_eq!(pages(&fallback, request().await).await[0].2, "main");
}

#[tokio::test]
async fn when_every_engine_rests_the_document_waits_without_blame() {
    let main = main_engine().failing_attempts(9, ErrorKind::Unavailable, "the first reason");
    let spare = spare().failing_attempts(9, ErrorKind::Timeout, "the second reason");
    let (fallback, _) = of(&[&main, &spare]);
    for _ in 0..2 {
        let error = outcomes(&fallback, request().await)
            .await
            .pop()
            .unwrap()
            .unwrap_err();
        assert_eq!(error.message(), "the first reason");
    }
    let error = outcomes(&fallback, request().await)
        .await
        .pop()
        .unwrap()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.retry_after(), Some(BreakerPolicy::default().rest));
    assert!(
        error
            .retry_after()
            .is_some_and(|wait| wait <= Duration::from_secs(10))
    );
}

#[tokio::test]
async fn only_engines_that_can_do_it_are_asked() {
    let main = main_engine().with_media_types([MediaType::Png]);
    let spare = spare().with_features([Feature::Tables]);
    let (fallback, _) = of(&[&main, &spare]);
    assert_eq!(pages(&fallback, request().await).await[0].2, "spare");
    assert_eq!(main.calls(), []);
    assert_eq!(fallback.capabilities().features, [Feature::Tables]);
    let mut forms = request().await;
    forms.features = vec![Feature::Forms];
    let error = outcomes(&fallback, forms).await.pop().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}
