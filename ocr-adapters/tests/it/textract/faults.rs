//! What the service does to us, and what we make of it.

use std::time::Duration;

use ocr_core::{
    ErrorKind,
    engine::{OcrContext, OcrEngine},
    model::MediaType,
};
use ocr_testkit::documents::{Typeset, png};

use super::{
    config, elsewhere, engine, in_s3, read, scan,
    service::{FakeService, hanging},
    texts,
};

async fn picture() -> ocr_core::engine::OcrRequest {
    elsewhere(MediaType::Png, &png(&Typeset::card().page("a page"))).await
}

#[tokio::test]
async fn a_throttled_call_is_repeated_and_then_the_document_waits_without_blame() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    service.will_fail("DetectDocumentText", "ProvisionedThroughputExceededException", 2);
    let pages = read(&engine, picture().await, OcrContext::default())
        .await
        .unwrap();
    assert_eq!(texts(&pages), ["hello world\nof paper"]);
    service.will_fail("DetectDocumentText", "ThrottlingException", 100);
    let error = read(&engine, picture().await, OcrContext::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert!(
        error
            .retry_after()
            .is_some_and(|wait| wait >= Duration::from_secs(1))
    );
    assert_eq!(service.calls("DetectDocumentText").len(), 6);
}

#[tokio::test]
async fn too_many_jobs_make_a_document_wait() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    service.will_fail("StartDocumentTextDetection", "LimitExceededException", 1);
    let request = in_s3(MediaType::Pdf, &scan(3)).await;
    let error = read(&engine, request, OcrContext::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(service.operations(), ["StartDocumentTextDetection"]);
}

#[tokio::test]
async fn a_failure_of_the_service_is_repeated_once_and_then_costs_an_attempt() {
    let service = FakeService::start().await;
    let mut twice = config(&service);
    twice.timeouts.attempts = 2;
    twice.timeouts.pause = Duration::from_millis(1);
    let engine = engine(twice).await;
    service.will_fail("DetectDocumentText", "InternalServerError", 1);
    assert!(
        read(&engine, picture().await, OcrContext::default())
            .await
            .is_ok()
    );
    service.will_fail("DetectDocumentText", "InternalServerError", 2);
    let error = read(&engine, picture().await, OcrContext::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.is_transient());
    assert_eq!(service.calls("DetectDocumentText").len(), 4);
}

#[tokio::test]
async fn an_answer_that_does_not_come_ends_in_time() {
    let service = FakeService::start().await;
    let mut hasty = config(&service);
    hasty.timeouts.attempt = Duration::from_millis(100);
    let engine = engine(hasty).await;
    service.will("DetectDocumentText", hanging());
    let error = read(&engine, picture().await, OcrContext::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn a_service_that_is_not_there_is_unavailable() {
    let service = FakeService::start().await;
    let nowhere = config(&service).with_endpoint("http://127.0.0.1:9".to_owned());
    let engine = engine(nowhere).await;
    let error = read(&engine, picture().await, OcrContext::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(engine.check().await.unwrap_err().kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn what_the_document_or_the_settings_get_wrong_is_final() {
    for (code, kind) in [
        ("InvalidParameterException", ErrorKind::InvalidInput),
        ("IdempotentParameterMismatchException", ErrorKind::InvalidInput),
        ("InvalidS3ObjectException", ErrorKind::Config),
        ("AccessDeniedException", ErrorKind::Config),
    ] {
        let service = FakeService::start().await;
        let engine = engine(config(&service)).await;
        service.will_fail("StartDocumentTextDetection", code, 1);
        let request = in_s3(MediaType::Pdf, &scan(3)).await;
        let error = read(&engine, request, OcrContext::default()).await.unwrap_err();
        assert_eq!((error.kind(), error.is_transient()), (kind, false), "{code}");
        assert_eq!(service.operations().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_taken_is_read_as_pictures_of_its_pages() {
    let codes = [
        "BadDocumentException",
        "UnsupportedDocumentException",
        "DocumentTooLargeException",
    ];
    for code in codes {
        for (pages, operation) in [(1, "DetectDocumentText"), (3, "StartDocumentTextDetection")] {
            let service = FakeService::start().await;
            let engine = engine(config(&service)).await;
            service.will_fail(operation, code, 1);
            let request = in_s3(MediaType::Pdf, &scan(pages)).await;
            let context = OcrContext::default();
            let read = read(&engine, request, context.clone()).await.unwrap();
            assert_eq!(texts(&read), vec!["hello world\nof paper"; pages], "{code}");
            let billed: u32 = context
                .checkpoint
                .usage()
                .await
                .values()
                .map(|usage| usage.billed_pages)
                .sum();
            assert_eq!(billed as usize, pages, "a refusal is not billed");
        }
    }
}

#[tokio::test]
async fn secrets_are_not_shown() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    let shown = format!("{engine:?}");
    assert!(!shown.contains("\"example\""), "{shown}");
}
