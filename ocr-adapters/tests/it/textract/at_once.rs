//! Documents that are read at once: pages as pictures, or a single page where it is stored.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ocr_adapters::textract::TextractLimits;
use ocr_core::{
    ErrorKind,
    engine::{OcrContext, OcrEngine},
    model::{Feature, MediaType, TextOrigin, Usage},
};
use ocr_testkit::documents::{Typeset, jpeg, png, text_pdf, tiff, webp};

use super::{
    answers::{at_once, page_blocks},
    config, elsewhere, engine, in_s3, read, scan,
    service::{FakeService, failure},
    texts,
};

#[tokio::test]
async fn pages_of_documents_elsewhere_are_sent_as_pictures_and_billed_one_by_one() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    let context = OcrContext::default();
    let request = elsewhere(MediaType::Pdf, &scan(3)).await;
    let pages = read(&engine, request, context.clone()).await.unwrap();
    assert_eq!(texts(&pages), ["hello world\nof paper"; 3]);
    let calls = service.calls("DetectDocumentText");
    assert_eq!(calls.len(), 3);
    let bytes = calls[0].body["Document"]["Bytes"].as_str().expect("bytes");
    let picture = image::load_from_memory(&STANDARD.decode(bytes).unwrap()).unwrap();
    assert_eq!(
        (pages[0].width, pages[0].height),
        (picture.width(), picture.height())
    );
    let usage = context.checkpoint.usage().await;
    let expected = Usage::new(3, 4_500);
    assert_eq!(usage.values().copied().sum::<Usage>(), expected);
    let reader = pages[0].engine.as_ref().expect("a reader");
    assert_eq!(
        (reader.name.as_str(), reader.version.as_str()),
        ("textract", "1.0")
    );
}

#[tokio::test]
async fn pages_that_carry_their_text_cost_nothing() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    let context = OcrContext::default();
    let born_digital = text_pdf(&["first page of text", "second page of text"]);
    for request in [
        elsewhere(MediaType::Pdf, &born_digital).await,
        in_s3(MediaType::Pdf, &born_digital).await,
    ] {
        let pages = read(&engine, request, context.clone()).await.unwrap();
        assert_eq!(texts(&pages), ["first page of text", "second page of text"]);
        assert!(pages.iter().all(|page| page.source == TextOrigin::TextLayer));
    }
    assert_eq!(service.operations(), Vec::<String>::new());
    assert!(context.checkpoint.usage().await.is_empty());
    let mut tables = elsewhere(MediaType::Pdf, &born_digital).await;
    tables.features = vec![Feature::Tables];
    read(&engine, tables, context.clone()).await.unwrap();
    let calls = service.calls("AnalyzeDocument");
    assert_eq!(calls.len(), 2, "its own text has no tables");
    assert_eq!(calls[0].body["FeatureTypes"], serde_json::json!(["TABLES"]));
    assert_eq!(context.checkpoint.usage().await[""].cost_micros, 30_000);
}

#[tokio::test]
async fn questions_are_sent_with_each_page() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    let mut request = elsewhere(MediaType::Png, &png(&Typeset::card().page("a page"))).await;
    request.features = vec![Feature::Layout, Feature::Queries];
    request.queries = vec!["Who signed?".into()];
    read(&engine, request.clone(), OcrContext::default())
        .await
        .unwrap();
    let body = &service.calls("AnalyzeDocument")[0].body;
    assert_eq!(body["FeatureTypes"], serde_json::json!(["LAYOUT", "QUERIES"]));
    assert_eq!(
        body["QueriesConfig"]["Queries"],
        serde_json::json!([{"Text": "Who signed?"}])
    );
    request.queries = vec!["Who signed?".into(); 16];
    let error = read(&engine, request, OcrContext::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.message().contains("15"), "{error}");
}

#[tokio::test]
async fn pictures_the_service_does_not_take_are_made_into_ones_it_does() {
    let service = FakeService::start().await;
    let small = config(&service).with_limits(TextractLimits::default().with_picture_side(300));
    let engine = engine(small).await;
    let page = Typeset::card().page("a page");
    for (media_type, bytes) in [
        (MediaType::Webp, webp(&page)),
        (MediaType::Jpeg, jpeg(&page, 90)),
        (MediaType::Tiff, tiff(std::slice::from_ref(&page))),
    ] {
        let request = elsewhere(media_type, &bytes).await;
        let pages = read(&engine, request, OcrContext::default()).await.unwrap();
        assert!(
            pages[0].warnings[0].contains("reduced"),
            "{:?}",
            pages[0].warnings
        );
        assert!(pages[0].width.max(pages[0].height) <= 300);
    }
    for call in service.calls("DetectDocumentText") {
        let bytes = call.body["Document"]["Bytes"].as_str().expect("bytes");
        assert_eq!(STANDARD.decode(bytes).unwrap()[..3], [0xff, 0xd8, 0xff], "a JPEG");
    }
}

#[tokio::test]
async fn a_single_page_in_s3_is_read_where_it_is() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    let request = in_s3(MediaType::Pdf, &scan(1)).await;
    let pages = read(&engine, request, OcrContext::default()).await.unwrap();
    assert_eq!(texts(&pages), ["hello world\nof paper"]);
    assert!(pages[0].width > 0 && pages[0].height > 0);
    let body = &service.calls("DetectDocumentText")[0].body;
    let object = serde_json::json!({"Bucket": "documents", "Name": "uploads/u/document"});
    assert_eq!(body["Document"]["S3Object"], object);
}

#[tokio::test]
async fn a_single_page_that_is_too_large_to_be_read_at_once_becomes_a_job() {
    let service = FakeService::start().await;
    let unsure = config(&service).with_limits(TextractLimits::default().with_sync_bytes(10));
    let engine = engine(unsure).await;
    service.will("DetectDocumentText", failure("DocumentTooLargeException"));
    let pages = read(
        &engine,
        in_s3(MediaType::Pdf, &scan(1)).await,
        OcrContext::default(),
    )
    .await
    .unwrap();
    assert_eq!(texts(&pages), ["page\nnumber 1"]);
    assert_eq!(service.calls("StartDocumentTextDetection").len(), 1);
}

#[tokio::test]
async fn a_page_that_cannot_be_read_does_not_cost_the_others() {
    let service = FakeService::start().await;
    let mut one_by_one = config(&service);
    one_by_one.parallel_pages = 1;
    let engine = engine(one_by_one).await;
    service.will("DetectDocumentText", failure("UnsupportedDocumentException"));
    let request = elsewhere(MediaType::Pdf, &scan(3)).await;
    let pages = read(&engine, request, OcrContext::default()).await.unwrap();
    assert_eq!(
        texts(&pages),
        ["", "hello world\nof paper", "hello world\nof paper"]
    );
    assert!(pages[0].warnings[0].contains("could not be read"));
    service.will("DetectDocumentText", failure("UnsupportedDocumentException"));
    let request = elsewhere(MediaType::Pdf, &scan(1)).await;
    let error = read(&engine, request, OcrContext::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_document_of_both_kinds_is_billed_for_its_scans_only() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    let mut request = in_s3(MediaType::Pdf, &scan(3)).await;
    request.skip = vec![2];
    service.will_say("DetectDocumentText", &at_once(&page_blocks(1, &["one"])));
    let context = OcrContext::default();
    let pages = read(&engine, request, context.clone()).await.unwrap();
    assert_eq!(pages.len(), 2);
    assert_eq!(
        service.operations(),
        ["DetectDocumentText"; 2],
        "a job would bill the page that is stored"
    );
    assert_eq!(context.checkpoint.usage().await[""].billed_pages, 2);
}

#[tokio::test]
async fn the_check_asks_for_a_job_that_does_not_exist() {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    engine.check().await.unwrap();
    service.will_fail("GetDocumentTextDetection", "AccessDeniedException", 1);
    assert_eq!(engine.check().await.unwrap_err().kind(), ErrorKind::Config);
    assert_eq!(service.operations(), ["GetDocumentTextDetection"; 2]);
}
