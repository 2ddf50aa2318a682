//! Jobs that end with a partial success: pages they left out are asked for again, each by itself.

use std::time::Duration;

use ocr_adapters::textract::{TextractConfig, TextractEngine};
use ocr_core::{
    ErrorKind,
    engine::{OcrContext, OcrRequest},
    model::{DocumentText, EngineInfo, Feature, Usage},
};
use serde_json::{Value, json};

use super::{
    answers::{at_once, block, page_blocks, part},
    config, engine,
    jobs::{Attempts, three_pages},
    read,
    service::{FakeService, failure, hanging},
    texts,
};

const READ: &str = "DetectDocumentText";
const GET: &str = "GetDocumentTextDetection";
const START: &str = "StartDocumentTextDetection";

/// The end of a job of three pages that has left out the second.
fn without_the_second() -> Value {
    let blocks = [page_blocks(1, &["one"]), page_blocks(3, &["three"])].concat();
    let mut partial = part("PARTIAL_SUCCESS", 3, &blocks, None);
    partial["Warnings"] = json!([{"ErrorCode": "PAGE_TIMEOUT", "Pages": [2]}]);
    partial
}

/// An answer that holds nothing of the page it is about.
fn nothing() -> Value {
    at_once(&[])
}

async fn usage(context: &OcrContext) -> Usage {
    context.checkpoint.usage().await.into_values().sum()
}

async fn repeating(service: &FakeService, times: u32) -> TextractEngine {
    let config: TextractConfig = config(service).with_page_repeats(times);
    engine(config).await
}

#[tokio::test]
async fn a_page_that_a_job_left_out_is_asked_for_again_until_it_is_read() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    service
        .will_say(GET, &without_the_second())
        .will_say(READ, &nothing())
        .will_say(READ, &at_once(&page_blocks(1, &["two"])));
    let context = OcrContext::default();
    let pages = read(&engine, three_pages().await, context.clone()).await.unwrap();
    assert_eq!(texts(&pages), ["one", "two", "three"]);
    assert!(
        pages
            .iter()
            .all(|page| page.error.is_none() && page.warnings.is_empty())
    );
    assert!(pages[1].width > 0 && pages[1].engine.is_some());
    assert_eq!(service.operations(), [START, GET, READ, READ]);
    assert!(
        service.calls(READ)[0].body["Document"]["Bytes"].is_string(),
        "the page alone"
    );
    assert_eq!(
        usage(&context).await,
        Usage::new(5, 5 * 1_500),
        "each asking is paid for"
    );
}

#[tokio::test]
async fn a_page_that_is_never_read_is_given_up_and_the_others_are_kept() {
    for repeats in 0..3_u32 {
        let service = FakeService::start().await;
        let engine = repeating(&service, repeats).await;
        service.will_say(GET, &without_the_second());
        for _ in 0..10 {
            service.will_say(READ, &nothing());
        }
        let context = OcrContext::default();
        let pages = read(&engine, three_pages().await, context.clone()).await.unwrap();
        assert_eq!(texts(&pages), ["one", "", "three"]);
        assert_eq!(pages[1].error, Some(ErrorKind::InvalidInput));
        assert!(
            pages[1].warnings[0].contains("PAGE_TIMEOUT"),
            "{:?}",
            pages[1].warnings
        );
        assert_eq!(service.calls(READ).len(), repeats as usize);
        assert_eq!(usage(&context).await.billed_pages, 3 + repeats);
        assert_eq!(
            DocumentText::new(EngineInfo::default(), pages).failed_pages(),
            [2]
        );
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_read_at_all_is_not_asked_for_twice() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    service
        .will_say(GET, &without_the_second())
        .will(READ, failure("UnsupportedDocumentException"));
    let context = OcrContext::default();
    let pages = read(&engine, three_pages().await, context.clone()).await.unwrap();
    assert_eq!(pages[1].error, Some(ErrorKind::InvalidInput));
    assert_eq!(service.calls(READ).len(), 1);
    assert_eq!(usage(&context).await.billed_pages, 3, "a refusal is not billed");
}

#[tokio::test]
async fn an_empty_page_that_a_warning_names_was_not_read_and_another_one_is_empty() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    let blocks: Vec<Value> = (1..=3).flat_map(|number| page_blocks(number, &[])).collect();
    let mut partial = part("PARTIAL_SUCCESS", 3, &blocks, None);
    partial["Warnings"] = json!([{"ErrorCode": "PAGE_TIMEOUT", "Pages": [2]}]);
    service.will_say(GET, &partial);
    let pages = read(&engine, three_pages().await, OcrContext::default())
        .await
        .unwrap();
    assert_eq!(texts(&pages), ["", "hello world\nof paper", ""]);
    assert_eq!(service.calls(READ).len(), 1);
}

#[tokio::test]
async fn a_document_of_which_nothing_was_read_fails() {
    let service = FakeService::start().await;
    let engine = repeating(&service, 1).await;
    let mut partial = part("PARTIAL_SUCCESS", 3, &[], None);
    partial["Warnings"] = json!([{"ErrorCode": "PAGE_TIMEOUT", "Pages": [1, 2, 3]}]);
    service.will_say(GET, &partial);
    for _ in 0..3 {
        service.will_say(READ, &nothing());
    }
    let error = read(&engine, three_pages().await, OcrContext::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.message().contains("page 1"), "{error}");
}

/// What the next attempt asks for, once the first and the third page are stored.
async fn the_second_page() -> OcrRequest {
    let mut request = three_pages().await;
    request.skip = vec![1, 3];
    request
}

/// Reads until the service is asked for the second page, then drops everything.
async fn die_asking(engine: &TextractEngine, service: &FakeService, context: OcrContext) {
    service.will_say(GET, &without_the_second()).will(READ, hanging());
    let asked = async {
        while service.calls(READ).is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        read = read(engine, three_pages().await, context) => panic!("it hangs: {read:?}"),
        () = asked => {}
    }
}

#[tokio::test]
async fn an_asking_that_was_cut_off_counts_and_the_job_is_not_paid_for_again() {
    for (repeats, text, billed) in [(2, "hello world\nof paper", 4), (1, "", 3)] {
        let service = FakeService::start().await;
        let engine = repeating(&service, repeats).await;
        let attempts = Attempts::new().await;
        die_asking(&engine, &service, attempts.next().await).await;
        service.will_say(GET, &without_the_second());
        let context = attempts.next().await;
        let pages = read(&engine, the_second_page().await, context.clone())
            .await
            .unwrap();
        assert_eq!(texts(&pages), [text]);
        assert_eq!(pages[0].error.is_some(), text.is_empty());
        assert_eq!(service.calls(START).len(), 1);
        assert_eq!(
            service.calls(READ).len(),
            repeats as usize,
            "never more often than it may"
        );
        assert_eq!(usage(&context).await.billed_pages, billed);
    }
}

#[tokio::test]
async fn being_asked_too_often_counts_as_no_asking() {
    let service = FakeService::start().await;
    let engine = repeating(&service, 1).await;
    let attempts = Attempts::new().await;
    service
        .will_say(GET, &without_the_second())
        .will_fail(READ, "ThrottlingException", 3);
    let error = read(&engine, three_pages().await, attempts.next().await)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    service.will_say(GET, &without_the_second());
    let pages = read(&engine, the_second_page().await, attempts.next().await)
        .await
        .unwrap();
    assert_eq!(texts(&pages), ["hello world\nof paper"]);
}

#[tokio::test]
async fn a_failure_of_the_service_counts_and_the_next_attempt_goes_on() {
    let service = FakeService::start().await;
    let engine = repeating(&service, 1).await;
    let attempts = Attempts::new().await;
    service
        .will_say(GET, &without_the_second())
        .will(READ, failure("InternalServerError"));
    let error = read(&engine, three_pages().await, attempts.next().await)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    service.will_say(GET, &without_the_second());
    let pages = read(&engine, the_second_page().await, attempts.next().await)
        .await
        .unwrap();
    assert_eq!(
        pages[0].error,
        Some(ErrorKind::InvalidInput),
        "whatever fails, it ends"
    );
    assert_eq!(service.calls(READ).len(), 1);
}

#[tokio::test]
async fn more_questions_than_are_answered_at_once_are_asked_in_parts() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    service.will_say("GetDocumentAnalysis", &without_the_second());
    let mut request = three_pages().await;
    request.features = vec![Feature::Tables, Feature::Queries];
    request.queries = (1..=20).map(|number| format!("Question {number}?")).collect();
    let answered = |text: &str| {
        let mut question = block("QUERY", text, [0.0; 4]);
        question["Query"] = json!({"Text": text});
        at_once(&[page_blocks(1, &["two"]), vec![question]].concat())
    };
    service
        .will_say("AnalyzeDocument", &answered("Question 1?"))
        .will_say("AnalyzeDocument", &answered("Question 16?"));
    let context = OcrContext::default();
    let pages = read(&engine, request, context.clone()).await.unwrap();
    assert_eq!(texts(&pages), ["one", "two", "three"]);
    let asked: Vec<&str> = pages[1]
        .answers
        .iter()
        .map(|answer| answer.query.as_str())
        .collect();
    assert_eq!(asked, ["Question 1?", "Question 16?"]);
    let calls = service.calls("AnalyzeDocument");
    let numbers: Vec<Option<usize>> = calls
        .iter()
        .map(|call| call.body["QueriesConfig"]["Queries"].as_array().map(Vec::len))
        .collect();
    assert_eq!(numbers, [Some(15), Some(5)]);
    assert_eq!(
        calls[1].body["FeatureTypes"],
        json!(["QUERIES"]),
        "tables are paid for once"
    );
    let expected = Usage::new(5, 4 * 30_000 + 15_000);
    assert_eq!(usage(&context).await, expected);
}
