//! Which pages come, and what is on them.

use ocr_core::model::{PageText, Polygon, TextOrigin};

use super::{EngineFixture, whole};

fn numbers(pages: &[PageText]) -> Vec<u32> {
    pages.iter().map(|page| page.number).collect()
}

/// Pages without what differs between two runs.
fn timeless(mut pages: Vec<PageText>) -> Vec<PageText> {
    for page in &mut pages {
        page.elapsed_ms = 0;
    }
    pages
}

/// Every page of every sample comes exactly once, and the total is known beforehand.
pub async fn every_page_comes_once(fixture: &EngineFixture) {
    for document in &fixture.documents {
        let (total, pages) = fixture.read(whole(document).await).await;
        assert_eq!(total, document.pages, "{}", document.media_type);
        let expected: Vec<u32> = (1..=document.pages).collect();
        assert_eq!(numbers(&pages), expected, "{}", document.media_type);
    }
}

/// Of a choice of pages only those come.
pub async fn only_wanted_pages_come(fixture: &EngineFixture) {
    let document = fixture.longest();
    for (choice, expected) in [("2", vec![2]), ("1,3", vec![1, 3]), ("2-3", vec![2, 3])] {
        let mut request = whole(document).await;
        request.pages = Some(choice.parse().unwrap());
        let (total, pages) = fixture.read(request).await;
        assert_eq!(numbers(&pages), expected, "{choice}");
        assert_eq!(total as usize, expected.len(), "{choice}");
    }
}

/// Pages that are stored are not read again, but counted.
pub async fn stored_pages_are_skipped(fixture: &EngineFixture) {
    let document = fixture.longest();
    let mut request = whole(document).await;
    request.skip = vec![1, 3];
    let (total, pages) = fixture.read(request.clone()).await;
    assert_eq!(total, document.pages);
    let expected: Vec<u32> = (1..=document.pages).filter(|n| ![1, 3].contains(n)).collect();
    assert_eq!(numbers(&pages), expected);
    request.pages = Some("1-2".parse().unwrap());
    let (total, pages) = fixture.read(request).await;
    assert_eq!((total, numbers(&pages)), (2, vec![2]));
}

/// When all pages are stored the stream ends at once, without an error.
pub async fn nothing_is_left_when_all_is_stored(fixture: &EngineFixture) {
    let document = fixture.longest();
    let mut request = whole(document).await;
    request.skip = (1..=document.pages).collect();
    let (total, pages) = fixture.read(request).await;
    assert_eq!((total, pages), (document.pages, vec![]));
}

/// Asserts that all boxes lie on the page and all confidences are shares.
pub(crate) fn is_normalised(page: &PageText) {
    let share = |value: f32| (0.0..=1.0).contains(&value);
    let inside = |polygon: &Polygon| polygon.0.iter().all(|point| share(point.x) && share(point.y));
    assert!(page.confidence.is_none_or(share), "{:?}", page.confidence);
    assert!([0, 90, 180, 270].contains(&page.rotation), "{}", page.rotation);
    assert!(page.skew.is_finite());
    for block in &page.blocks {
        assert!(inside(&block.polygon), "{:?}", block.polygon);
    }
    for line in page.lines() {
        assert!(inside(&line.polygon) && share(line.confidence), "{line:?}");
    }
    for word in page.words() {
        assert!(inside(&word.polygon) && share(word.confidence), "{word:?}");
    }
}

/// Asserts that words are words, and that the source says whether there are any.
pub(crate) fn is_consistent(page: &PageText) {
    let words = page.words().count();
    assert_eq!(page.source == TextOrigin::Empty, words == 0, "{:?}", page.source);
    assert_eq!(page.confidence.is_some(), words > 0);
    for line in page.lines() {
        assert!(!line.words.is_empty(), "a line has words: {line:?}");
        for word in &line.words {
            assert!(!word.text.is_empty() && word.text.trim() == word.text, "{word:?}");
            assert!(
                line.text.contains(&word.text),
                "{:?} in {:?}",
                word.text,
                line.text
            );
        }
    }
}

/// Boxes lie within the page; confidences are numbers in 0..=1.
pub async fn boxes_and_confidences_are_shares(fixture: &EngineFixture) {
    for document in &fixture.documents {
        for page in fixture.read(whole(document).await).await.1 {
            is_normalised(&page);
            assert!(
                page.width > 0 && page.height > 0,
                "{}x{}",
                page.width,
                page.height
            );
        }
    }
}

/// Words have no white space around them and are part of their line; a page without words says so.
pub async fn words_and_sources_agree(fixture: &EngineFixture) {
    let mut words = 0;
    for document in &fixture.documents {
        for page in fixture.read(whole(document).await).await.1 {
            is_consistent(&page);
            words += page.words().count();
        }
    }
    assert!(words > 0, "the samples have words");
}

/// The same document gives the same answer.
pub async fn the_answer_is_the_same_each_time(fixture: &EngineFixture) {
    let document = fixture.longest();
    let (_, first) = fixture.read(whole(document).await).await;
    let (_, second) = fixture.read(whole(document).await).await;
    assert_eq!(timeless(first), timeless(second));
}

/// Two documents at the same time are not mixed up.
pub async fn documents_are_read_side_by_side(fixture: &EngineFixture) {
    let long = fixture.longest();
    let other = fixture.documents.first().expect("the fixture has documents");
    let (_, alone) = fixture.read(whole(long).await).await;
    let ((_, beside), (_, other_pages)) =
        tokio::join!(async { fixture.read(whole(long).await).await }, async {
            fixture.read(whole(other).await).await
        },);
    assert_eq!(timeless(beside), timeless(alone));
    assert_eq!(other_pages.len(), other.pages as usize);
}
