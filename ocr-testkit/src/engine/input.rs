//! Documents that cannot be read.

use bytes::Bytes;
use ocr_core::{
    ErrorKind,
    engine::OcrContext,
    model::{Feature, MediaType},
};

use super::{EngineFixture, SampleDocument, is_input_error, request, whole};
use crate::harness::{not_offered, refused};

/// Asserts that the engine reads it or says what is wrong with it.
async fn survives(fixture: &EngineFixture, media_type: MediaType, bytes: Bytes, what: &str) {
    match fixture.attempt(request(media_type, &bytes).await).await {
        Ok(pages) => assert!(pages.len() <= 1_000, "{what}: {} pages", pages.len()),
        Err(error) => {
            // A changed byte can make a sound file of a kind that nobody reads.
            let refused = is_input_error(error.kind()) || error.kind() == ErrorKind::Unsupported;
            assert!(refused, "{what}: {error:?}");
        }
    }
}

/// A media type that is not among the capabilities is `Unsupported` before any page.
pub async fn a_foreign_type_is_unsupported(fixture: &EngineFixture) {
    let reads = fixture.engine.capabilities().media_types;
    let foreign: Vec<MediaType> = MediaType::ALL
        .into_iter()
        .filter(|media_type| !reads.contains(media_type))
        .collect();
    if foreign.is_empty() {
        return not_offered("any limit on types");
    }
    for media_type in foreign {
        let bytes = Bytes::from_static(b"whatever it is");
        let request = request(media_type, &bytes).await;
        let outcome = fixture.start(request, OcrContext::default()).await;
        refused(outcome, ErrorKind::Unsupported);
    }
}

/// A feature that is not among the capabilities is `Unsupported` before any page.
pub async fn a_foreign_feature_is_unsupported(fixture: &EngineFixture) {
    let finds = fixture.engine.capabilities().features;
    let foreign: Vec<Feature> = Feature::ALL
        .into_iter()
        .filter(|feature| !finds.contains(feature))
        .collect();
    if foreign.is_empty() {
        return not_offered("any limit on features");
    }
    for feature in foreign {
        let mut request = whole(fixture.longest()).await;
        request.features = vec![feature];
        if feature == Feature::Queries {
            request.queries = vec!["What is it?".into()];
        }
        let outcome = fixture.start(request, OcrContext::default()).await;
        refused(outcome, ErrorKind::Unsupported);
    }
}

/// Bytes that are no document of their type are `InvalidInput`, with a sentence for the owner.
pub async fn garbage_is_invalid_input(fixture: &EngineFixture) {
    for media_type in fixture.engine.capabilities().media_types {
        for garbage in [&b"\0"[..], b"hello, world", &[0xff; 5_000], &[0; 5_000]] {
            let request = request(media_type, &Bytes::from_static(garbage)).await;
            let error = fixture
                .attempt(request)
                .await
                .expect_err("garbage is no document");
            assert!(is_input_error(error.kind()), "{media_type}: {error:?}");
            assert!(!error.message().is_empty());
            assert!(!error.is_transient(), "a retry reads the same bytes: {error:?}");
        }
    }
}

/// A document without bytes is `InvalidInput`.
pub async fn an_empty_document_is_invalid_input(fixture: &EngineFixture) {
    for media_type in fixture.engine.capabilities().media_types {
        let request = request(media_type, &Bytes::new()).await;
        refused(fixture.attempt(request).await, ErrorKind::InvalidInput);
    }
}

/// A document that ends too soon is read as far as it goes, or is `InvalidInput`; never a panic.
pub async fn a_truncated_document_is_survived(fixture: &EngineFixture) {
    for SampleDocument {
        media_type, bytes, ..
    } in &fixture.documents
    {
        for share in [1, 10, 50, 90] {
            let cut = bytes.slice(..bytes.len() * share / 100);
            survives(fixture, *media_type, cut, &format!("{share} % of a {media_type}")).await;
        }
        let cut = bytes.slice(..bytes.len() - 1);
        survives(
            fixture,
            *media_type,
            cut,
            &format!("{media_type} without its last byte"),
        )
        .await;
    }
}

/// A document with changed bytes is read, or is `InvalidInput`, or `Unsupported` as what the change made of it; never a
/// panic.
pub async fn a_damaged_document_is_survived(fixture: &EngineFixture) {
    for SampleDocument {
        media_type, bytes, ..
    } in &fixture.documents
    {
        for (start, step) in [(0, 7), (16, 61), (200, 997)] {
            let mut damaged = bytes.to_vec();
            for byte in damaged.iter_mut().skip(start).step_by(step) {
                *byte = byte.wrapping_mul(31).wrapping_add(97);
            }
            let what = format!("{media_type} with every {step}th byte changed");
            survives(fixture, *media_type, damaged.into(), &what).await;
        }
    }
}

/// The error of the blob store comes back when the document is gone.
pub async fn a_missing_document_is_not_found(fixture: &EngineFixture) {
    let request = whole(fixture.longest()).await;
    let key = request.document.key().clone();
    request.document.store().delete(vec![key]).await.unwrap();
    refused(fixture.attempt(request).await, ErrorKind::NotFound);
}

/// Name, version and types are given, the check succeeds, and results name the engine.
pub async fn the_engine_says_what_it_is(fixture: &EngineFixture) {
    let (engine, document) = (&fixture.engine, fixture.longest());
    let name = engine.name();
    assert!(
        !name.is_empty() && name == name.to_lowercase() && name.len() <= 20,
        "{name:?}"
    );
    assert!(!engine.capabilities().media_types.is_empty());
    assert!(!engine.capabilities().version.is_empty());
    assert_eq!(engine.capabilities(), engine.capabilities());
    engine.check().await.unwrap();
    let stream = fixture
        .start(whole(document).await, OcrContext::default())
        .await
        .unwrap();
    assert_eq!(stream.engine.name, name);
    assert!(!stream.engine.version.is_empty());
}
