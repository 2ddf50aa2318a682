//! Stopping: by cancellation, and by going away.

use futures::StreamExt;
use ocr_core::{
    ErrorKind, Result,
    engine::{Cancellation, OcrContext},
    model::PageText,
};

use super::{EngineFixture, drain, whole};
use crate::harness::not_offered;

/// Asserts that the rest of a cancelled stream ends with `Cancelled`, unless all pages came.
fn ended(outcomes: &[Result<PageText>], wanted: usize) {
    let (pages, errors): (Vec<_>, Vec<_>) = outcomes.iter().partition(|outcome| outcome.is_ok());
    match (errors.first(), outcomes.last()) {
        (None, _) => assert_eq!(
            pages.len(),
            wanted,
            "all pages, or the word that it was cancelled"
        ),
        (Some(Err(error)), Some(Err(_))) => {
            assert_eq!(errors.len(), 1, "the stream ends with its error");
            assert_eq!(error.kind(), ErrorKind::Cancelled, "{error:?}");
        }
        _ => panic!("pages follow an error: {outcomes:?}"),
    }
}

fn detaches(fixture: &EngineFixture) -> bool {
    let detaches = fixture.engine.capabilities().cancellation == Cancellation::Detach;
    if detaches {
        not_offered("cancellation");
    }
    detaches
}

/// Cancelling in the middle ends the stream with `Cancelled`, at the latest after the pages begun.
pub async fn cancelling_ends_the_stream(fixture: &EngineFixture) {
    if detaches(fixture) {
        return;
    }
    let (document, context) = (fixture.longest(), OcrContext::default());
    let mut stream = fixture
        .start(whole(document).await, context.clone())
        .await
        .unwrap();
    let mut outcomes: Vec<Result<PageText>> = stream.pages.next().await.into_iter().collect();
    context.cancel.cancel();
    outcomes.extend(drain(stream).await);
    ended(&outcomes, document.pages as usize);
}

/// A request that is cancelled before it begins is `Cancelled`.
pub async fn a_cancelled_request_reads_nothing_more(fixture: &EngineFixture) {
    if detaches(fixture) {
        return;
    }
    let (document, context) = (fixture.longest(), OcrContext::default());
    context.cancel.cancel();
    match fixture.start(whole(document).await, context).await {
        Ok(stream) => {
            let outcomes = drain(stream).await;
            assert!(
                outcomes.last().is_some_and(Result::is_err),
                "a cancelled request does not succeed"
            );
            ended(&outcomes, document.pages as usize);
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::Cancelled, "{error:?}"),
    }
}

/// Dropping streams before, in and after their pages does no harm to those that follow.
pub async fn a_dropped_stream_stops(fixture: &EngineFixture) {
    let document = fixture.longest();
    for pages in 0..2 {
        let request = whole(document).await;
        let mut stream = fixture.start(request, OcrContext::default()).await.unwrap();
        for _ in 0..pages {
            stream.pages.next().await.expect("a page").unwrap();
        }
        drop(stream);
    }
    let (_, pages) = fixture.read(whole(document).await).await;
    assert_eq!(pages.len(), document.pages as usize);
}
