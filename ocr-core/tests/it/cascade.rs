//! A cheap engine reads, a dear one helps.

use std::sync::Arc;

use futures::StreamExt;
use ocr_core::{
    ErrorKind,
    engine::{OcrContext, OcrEngine},
    layers::Cascade,
    model::Feature,
};
use ocr_testkit::FakeEngine;

use crate::reading::{expected, outcomes, pages, request};

fn cheap() -> FakeEngine {
    FakeEngine::new(["one", "tw0", "three", ""]).named("cheap")
}

fn dear() -> FakeEngine {
    FakeEngine::new(["eins", "zwei", "drei", "vier"])
        .named("dear")
        .charging(1_500)
        .with_features([Feature::Tables])
}

fn of(first: &FakeEngine, second: &FakeEngine) -> Cascade {
    Cascade::new("cascade", Arc::new(first.clone()), Arc::new(second.clone()), 0.8)
}

#[tokio::test]
async fn only_doubtful_pages_cost_money() {
    let (cheap, dear) = (cheap().with_confidence(2, 0.5), dear());
    let context = OcrContext::default();
    let stream = of(&cheap, &dear)
        .recognize(request().await, context.clone())
        .await
        .unwrap();
    assert_eq!((stream.total, stream.engine.name.as_str()), (4, "cascade"));
    let read: Vec<_> = stream.pages.collect().await;
    assert_eq!(read.len(), 4);
    assert_eq!(dear.pages_read(), [2]);
    let usage = context.checkpoint.usage().await;
    assert_eq!(usage["dear"].cost_micros, 1_500);
    let read = pages(&of(&cheap, &dear), request().await).await;
    let wanted = [
        (1, "one", "cheap"),
        (2, "zwei", "dear"),
        (3, "three", "cheap"),
        (4, "", "cheap"),
    ];
    assert_eq!(read, expected(&wanted));
}

#[tokio::test]
async fn nothing_goes_to_the_second_engine_when_the_first_is_sure() {
    let dear = dear();
    assert_eq!(pages(&of(&cheap(), &dear), request().await).await.len(), 4);
    assert_eq!(dear.calls(), []);
}

#[tokio::test]
async fn the_more_confident_reading_is_kept() {
    let cheap = cheap().with_confidence(1, 0.7).with_confidence(3, 0.3);
    let dear = dear().with_confidence(1, 0.6).with_confidence(3, 0.4);
    let read = pages(&of(&cheap, &dear), request().await).await;
    assert_eq!(read[0].1, "one");
    assert_eq!(read[2].1, "drei");
}

#[tokio::test]
async fn a_page_that_could_not_be_read_goes_to_the_second_engine() {
    let read = pages(&of(&cheap().with_unreadable_page(3), &dear()), request().await).await;
    assert_eq!(read[2], (3, "drei".into(), "dear".into()));
    let broken = cheap().failing_at_page(2, ErrorKind::InvalidInput, "broken");
    let mut chosen = request().await;
    chosen.pages = Some("1-3,9".parse().unwrap());
    chosen.skip = vec![3];
    let read = pages(&of(&broken, &dear()), chosen).await;
    assert_eq!(read, expected(&[(1, "one", "cheap"), (2, "zwei", "dear")]));
}

#[tokio::test]
async fn a_document_the_second_engine_refuses_is_left_as_it_was_read() {
    let cheap = cheap().with_confidence(2, 0.5);
    let dear = dear().failing_at_page(2, ErrorKind::Unsupported, "not this one");
    let read = outcomes(&of(&cheap, &dear), request().await).await;
    let page = read.iter().flatten().find(|page| page.number == 2).unwrap();
    assert_eq!(page.plain_text(), "tw0");
    assert!(
        page.warnings
            .iter()
            .any(|warning| warning.contains("not this one"))
    );
    assert_eq!(read.len(), 4);
}

#[tokio::test]
async fn a_second_engine_that_is_away_is_waited_for() {
    let cheap = cheap().with_confidence(2, 0.5);
    for kind in [ErrorKind::Unavailable, ErrorKind::RateLimited] {
        let dear = dear().failing_attempts(1, kind, "not now");
        let read = outcomes(&of(&cheap, &dear), request().await).await;
        assert_eq!(read.last().unwrap().as_ref().unwrap_err().kind(), kind);
        assert_eq!(read.len(), 4, "the sure pages are told before");
    }
}

#[tokio::test]
async fn what_the_first_engine_cannot_find_is_asked_of_the_second() {
    let (cheap, dear) = (cheap(), dear());
    let cascade = of(&cheap, &dear);
    assert_eq!(cascade.capabilities().features, [Feature::Tables]);
    let mut tables = request().await;
    tables.features = vec![Feature::Tables];
    let read = pages(&cascade, tables.clone()).await;
    assert!(read.iter().all(|(_, _, reader)| reader == "dear"));
    assert_eq!(cheap.calls(), []);
    let broken = dear.failing_at_page(2, ErrorKind::InvalidInput, "broken");
    let read = outcomes(&of(&cheap, &broken), tables).await;
    assert_eq!(read.last().unwrap().as_ref().unwrap_err().message(), "broken");
}
