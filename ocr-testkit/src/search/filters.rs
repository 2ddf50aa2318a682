//! Properties of documents and pages.

use ocr_core::{
    model::{EngineInfo, Filing, FilingName, MediaType, TaskStatus},
    search_index::IndexedDocument,
};

use super::{SearchFixture, document, moment, page, task};
use crate::samples;

/// The numbers of the documents whose first page answers `query`.
async fn found(fixture: &SearchFixture, documents: &[IndexedDocument], query: &str) -> Vec<usize> {
    let pages = fixture.pages(query).await;
    let number = |task| documents.iter().position(|document| document.task == task);
    let mut numbers: Vec<usize> = pages.iter().filter_map(|(task, _)| number(*task)).collect();
    numbers.sort_unstable();
    numbers
}

/// A part of the file's name is enough, without regard to case and accents; what has a meaning elsewhere is text.
pub async fn names_are_found(fixture: &SearchFixture) {
    let names = ["Jahresabschluß 2025.pdf", "100%_sure.png", "invoice (1).pdf"];
    let documents: Vec<IndexedDocument> = names
        .iter()
        .map(|name| document(samples::user(), &["text"]).with_filename(*name))
        .collect();
    fixture.put(documents.clone()).await;
    for (query, wanted) in [
        ("name:JAHRESABSCHLUSS", vec![0]),
        ("name:\"schluss 2025\"", vec![0]),
        ("name:%_", vec![1]),
        ("name:(1)", vec![2]),
        ("name:.pdf text", vec![0, 2]),
        ("-name:.pdf", vec![1]),
        ("name:nothing", vec![]),
    ] {
        assert_eq!(found(fixture, &documents, query).await, wanted, "{query}");
    }
}

/// Days, months, years and periods of when the task was accepted, in UTC.
pub async fn dates_are_found(fixture: &SearchFixture) {
    // 21, 22 and 23 September 2026.
    let documents: Vec<IndexedDocument> = (0..3)
        .map(|day| document(samples::user(), &["text"]).with_created_at(moment(day)))
        .collect();
    fixture.put(documents.clone()).await;
    for (query, wanted) in [
        ("date:2026-09-22", vec![1]),
        ("date:>=2026-09-22", vec![1, 2]),
        ("date:>2026-09-22", vec![2]),
        ("date:<2026-09-22", vec![0]),
        ("date:2026-09-21..2026-09-22", vec![0, 1]),
        ("date:2026-09", vec![0, 1, 2]),
        ("-date:2026-09-22", vec![0, 2]),
        ("date:2025", vec![]),
    ] {
        assert_eq!(found(fixture, &documents, query).await, wanted, "{query}");
    }
}

/// Where the task stands, and the type of the file; one of several is enough.
pub async fn status_and_type_are_found(fixture: &SearchFixture) {
    let of = |status, media_type| {
        document(samples::user(), &["text"])
            .with_status(status)
            .with_media_type(media_type)
    };
    let documents = [
        of(TaskStatus::Completed, MediaType::Pdf),
        of(TaskStatus::Failed, MediaType::Png),
        of(TaskStatus::Cancelled, MediaType::Pdf),
    ];
    fixture.put(documents.to_vec()).await;
    for (query, wanted) in [
        ("status:completed", vec![0]),
        ("status:failed,cancelled", vec![1, 2]),
        ("-status:failed", vec![0, 2]),
        ("type:pdf", vec![0, 2]),
        ("type:png,tiff text", vec![1]),
        ("type:pdf -status:completed text", vec![2]),
    ] {
        assert_eq!(found(fixture, &documents, query).await, wanted, "{query}");
    }
}

/// What is said of a page is asked of each page: its confidence, the engine that read it, its language.
pub async fn confidence_engine_and_language_are_found(fixture: &SearchFixture) {
    let one = |confidence: Option<f32>, engine: Option<&str>, language: &str| {
        let page = page(1, "text")
            .with_confidence(confidence)
            .with_engine(engine.map(|name| EngineInfo::new(name, "1")))
            .with_language(Some(language.to_owned()));
        IndexedDocument::new(&task(samples::user()), &[page])
    };
    let documents = [
        one(Some(0.5), None, "de-CH"),
        one(Some(0.9), Some("Textract"), "en"),
        one(None, None, "den"),
    ];
    fixture.put(documents.to_vec()).await;
    for (query, wanted) in [
        ("confidence:<0.8", vec![0]),
        ("confidence:>=90%", vec![1]),
        ("confidence:0.5..0.9", vec![0, 1]),
        ("-confidence:<0.8", vec![1, 2]),
        ("engine:textract", vec![1]),
        ("engine:ppocr text", vec![0, 2]),
        ("language:de", vec![0]),
        ("language:DE-ch,en", vec![0, 1]),
        ("-language:de", vec![1, 2]),
    ] {
        assert_eq!(found(fixture, &documents, query).await, wanted, "{query}");
    }
}

/// How a document is filed: whole names of labels and collections, and parts of notes, without regard to case and accents.
pub async fn filings_are_found(fixture: &SearchFixture) {
    let name = |text: &str| FilingName::new(text).unwrap();
    let filed = |labels: &[&str], collection: Option<&str>, note: &str| {
        let filing = Filing::default()
            .with_labels(labels.iter().map(|label| name(label)))
            .with_collection(collection.map(name))
            .with_note(note);
        document(samples::user(), &["text"]).with_filing(filing)
    };
    let documents = [
        filed(&["Tax", "Büro, 100%"], Some("2024 old"), ""),
        filed(&["tax return"], Some("2024"), "Call the BÜRO\nat nine"),
        filed(&[], None, ""),
    ];
    fixture.put(documents.to_vec()).await;
    for (query, wanted) in [
        ("label:TAX", vec![0]),
        ("label:\"tax  return\" text", vec![1]),
        ("label:nothing,tax", vec![0]),
        ("label:\"buro, 100%\"", vec![0]),
        ("label:bur", vec![]),
        ("-label:tax", vec![1, 2]),
        ("collection:2024", vec![1]),
        ("collection:\"2024 OLD\"", vec![0]),
        ("-collection:2024", vec![0, 2]),
        ("note:buro", vec![1]),
        ("note:\"büro\nat\"", vec![1]),
        ("-note:nine", vec![0, 2]),
    ] {
        assert_eq!(found(fixture, &documents, query).await, wanted, "{query}");
    }
    // What is filed anew is found as it is filed now.
    fixture
        .put(vec![documents[0].clone().with_filing(Filing::default())])
        .await;
    assert_eq!(found(fixture, &documents, "label:tax").await, Vec::<usize>::new());
}

/// Filters alone, and unwanted words alone, find each document once: by the first page that is left.
pub async fn a_query_without_words_finds_first_pages(fixture: &SearchFixture) {
    let task = fixture
        .document(samples::user(), &["draft one", "two", "three"])
        .await;
    assert_eq!(fixture.pages("type:pdf").await, [(task, 1)]);
    assert_eq!(fixture.pages("type:pdf -draft").await, [(task, 2)]);
    assert_eq!(fixture.pages("-draft -two -three").await, []);
}
