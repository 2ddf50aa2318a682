//! What goes in and out, and for whom.

use ocr_core::{
    ErrorKind,
    model::ChangeCursor,
    search::SearchQuery,
    search_index::{IndexBatch, IndexEntry, IndexRequest},
    store::Scope,
};

use super::{SearchFixture, document, moment};
use crate::{harness::refused, samples};

/// An owner finds their own pages and no others, the platform all.
pub async fn owners_find_their_own(fixture: &SearchFixture) {
    let (one, other) = (samples::user(), samples::user());
    let own = fixture.document(one, &["the secret"]).await;
    fixture.document(other, &["the secret secret"]).await;
    for query in ["secret", "secert OR secret", "sec*", "type:pdf", "-nothing"] {
        let found = fixture.ask(Scope::owner(one), query).await;
        assert_eq!(
            found.iter().map(|page| page.task).collect::<Vec<_>>(),
            [own],
            "{query}"
        );
        assert_eq!(fixture.pages(query).await.len(), 2, "{query}");
        assert_eq!(fixture.ask(Scope::owner(samples::user()), query).await, []);
    }
}

/// A request may name the one document that it is about; the scope holds all the same.
pub async fn one_document_can_be_searched(fixture: &SearchFixture) {
    let owner = samples::user();
    let wanted = fixture.document(owner, &["elephant", "elephant"]).await;
    fixture.document(owner, &["elephant"]).await;
    for query in ["elephant", "type:pdf"] {
        let request = IndexRequest::new(SearchQuery::parse(query).unwrap(), 0, 10).with_task(wanted);
        let found = fixture
            .index
            .search(Scope::owner(owner), request.clone())
            .await
            .unwrap();
        assert!(
            !found.is_empty() && found.iter().all(|page| page.task == wanted),
            "{query}: {found:?}"
        );
        let other = Scope::owner(samples::user());
        assert_eq!(fixture.index.search(other, request).await.unwrap(), [], "{query}");
    }
}

/// A document that is taken out is not found, and found again when it is taken in again.
pub async fn what_is_taken_out_is_not_found(fixture: &SearchFixture) {
    let owner = samples::user();
    let gone = document(owner, &["elephant one", "elephant two"]);
    let stays = fixture.document(owner, &["elephant three"]).await;
    fixture.put(vec![gone.clone()]).await;
    assert_eq!(fixture.pages("elephant").await.len(), 3);
    let out = IndexBatch::at(None).with_remove(vec![gone.task, samples::task_id()]);
    fixture.index.apply(out.clone()).await.unwrap();
    fixture.index.apply(out).await.unwrap();
    assert_eq!(fixture.pages("elephant").await, [(stays, 1)]);
    assert_eq!(fixture.pages("elephamt OR elephant").await, [(stays, 1)]);
    assert_eq!(fixture.pages("type:pdf").await, [(stays, 1)]);
    fixture.put(vec![gone]).await;
    assert_eq!(fixture.pages("elephant").await.len(), 3);
}

/// A document that is taken in again has the new pages and properties only.
pub async fn what_is_read_anew_replaces_what_was(fixture: &SearchFixture) {
    let first = document(samples::user(), &["elephant", "zebra"]).with_filename("old.pdf");
    fixture.put(vec![first.clone()]).await;
    let mut second = document(first.owner, &["giraffe"]).with_filename("new.pdf");
    second.task = first.task;
    fixture.put(vec![second]).await;
    assert_eq!(fixture.pages("giraffe").await, [(first.task, 1)]);
    for query in ["elephant", "zebra", "elephamt", "name:old"] {
        assert_eq!(fixture.pages(query).await, [], "{query}");
    }
    assert_eq!(fixture.pages("name:new").await, [(first.task, 1)]);
}

/// Where a cursor stands in the middle of a log.
fn cursor(seq: i64) -> ChangeCursor {
    // Beyond what fits into signed numbers, as transaction numbers may be.
    ChangeCursor {
        xid: u64::MAX - 7,
        seq,
    }
}

/// A batch for an index that is elsewhere is refused as a whole.
pub async fn whoever_is_overtaken_changes_nothing(fixture: &SearchFixture) {
    let document = document(samples::user(), &["elephant"]);
    let late = IndexBatch::at(Some(cursor(1)))
        .with_put(vec![document.clone()])
        .with_position(cursor(2));
    refused(fixture.index.apply(late.clone()).await, ErrorKind::Conflict);
    assert_eq!(fixture.pages("elephant").await, []);
    assert_eq!(fixture.index.position().await.unwrap(), None);
    fixture
        .index
        .apply(IndexBatch::at(None).with_position(cursor(1)))
        .await
        .unwrap();
    let early = IndexBatch::at(None).with_put(vec![document]);
    refused(fixture.index.apply(early).await, ErrorKind::Conflict);
    fixture.index.apply(late).await.unwrap();
    assert_eq!(fixture.pages("elephant").await.len(), 1);
}

/// The position is what the last batch said.
pub async fn the_position_is_kept(fixture: &SearchFixture) {
    assert_eq!(fixture.index.position().await.unwrap(), None);
    let mut since = None;
    for seq in [1, i64::MAX, 5] {
        fixture
            .index
            .apply(IndexBatch::at(since).with_position(cursor(seq)))
            .await
            .unwrap();
        since = Some(cursor(seq));
        assert_eq!(fixture.index.position().await.unwrap(), since);
    }
    fixture.index.check().await.unwrap();
    assert!(!fixture.index.name().is_empty());
}

/// A cleared index has no documents and no position.
pub async fn a_cleared_index_is_new(fixture: &SearchFixture) {
    fixture.document(samples::user(), &["elephant"]).await;
    fixture
        .index
        .apply(IndexBatch::at(None).with_position(cursor(1)))
        .await
        .unwrap();
    fixture.index.clear().await.unwrap();
    assert_eq!(fixture.index.position().await.unwrap(), None);
    assert_eq!(fixture.pages("elephant OR elephamt").await, []);
    assert_eq!(fixture.index.entries(None, 10).await.unwrap(), []);
    fixture.document(samples::user(), &["elephant"]).await;
    assert_eq!(fixture.pages("elephant").await.len(), 1);
}

/// Every document is listed once with its pages and when it had changed, ascending by task.
pub async fn entries_are_listed(fixture: &SearchFixture) {
    let mut wanted = Vec::new();
    for pages in 0..5 {
        let texts = vec!["text"; pages];
        let document = document(samples::user(), &texts).with_updated_at(moment(pages as u32));
        wanted.push(IndexEntry::new(document.task, document.updated_at, pages as u32));
        fixture.put(vec![document]).await;
    }
    wanted.sort_by_key(|entry| entry.task);
    assert_eq!(fixture.index.entries(None, 100).await.unwrap(), wanted);
    let mut listed: Vec<IndexEntry> = Vec::new();
    loop {
        let after = listed.last().map(|entry| entry.task);
        let more = fixture.index.entries(after, 2).await.unwrap();
        if more.is_empty() {
            break;
        }
        listed.extend(more);
    }
    assert_eq!(listed, wanted);
}

/// A page with more words than an index keeps, and a document of many pages.
pub async fn a_long_document_is_taken_in(fixture: &SearchFixture) {
    let long: String = (0..20_000)
        .flat_map(|number| ["word".to_owned(), number.to_string(), " ".to_owned()])
        .collect();
    let mut pages = vec!["many pages"; 300];
    pages[7] = &long;
    let task = fixture.document(samples::user(), &pages).await;
    assert_eq!(fixture.pages("word15000").await, [(task, 8)]);
    assert_eq!(fixture.pages("word19999").await, []);
    assert_eq!(fixture.pages("\"many pages\"").await.len(), 299);
}
