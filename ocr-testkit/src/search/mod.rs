//! What every [`SearchIndex`] must do, clause by clause.

mod filters;
mod ranking;
mod upkeep;
mod words;

use std::sync::Arc;

use chrono::DateTime;
use ocr_core::{
    clock::Timestamp,
    id::{TaskId, UserId},
    model::{PageText, ResultSummary, Task, TaskState, TaskStatus},
    search::{Exactness, SearchQuery},
    search_index::{FoundPage, IndexBatch, IndexRequest, IndexedDocument, SearchIndex},
    store::Scope,
};

use crate::{
    harness::{Guard, no_guard, with_guard},
    samples,
};

pub use filters::*;
pub use ranking::*;
pub use upkeep::*;
pub use words::*;

/// An empty index of its own.
#[non_exhaustive]
pub struct SearchFixture {
    /// The index.
    pub index: Arc<dyn SearchIndex>,
    /// Keeps what it needs alive.
    pub guard: Guard,
}

impl std::fmt::Debug for SearchFixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SearchFixture")
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

impl SearchFixture {
    /// An empty `index` of its own; nothing needs to be kept alive.
    pub fn new(index: Arc<dyn SearchIndex>) -> Self {
        Self {
            index,
            guard: no_guard(),
        }
    }

    with_guard!();

    /// Takes documents in, where the index is.
    async fn put(&self, documents: Vec<IndexedDocument>) {
        let position = self.index.position().await.unwrap();
        self.index
            .apply(IndexBatch::at(position).with_put(documents))
            .await
            .unwrap();
    }

    /// A document of `owner` that holds each of `pages`, lines by line breaks.
    async fn document(&self, owner: UserId, pages: &[&str]) -> TaskId {
        let document = document(owner, pages);
        let task = document.task;
        self.put(vec![document]).await;
        task
    }

    async fn ask(&self, scope: Scope, query: &str) -> Vec<FoundPage> {
        let query = SearchQuery::parse(query).unwrap();
        self.index
            .search(scope, IndexRequest::new(query, 0, 1_000))
            .await
            .unwrap()
    }

    /// The pages that answer a query, in order.
    async fn pages(&self, query: &str) -> Vec<(TaskId, u32)> {
        let found = self.ask(Scope::system(), query).await;
        found.iter().map(|found| (found.task, found.page)).collect()
    }

    /// Whether each query is answered by exactly one page, as literally as it says.
    async fn finds_each(&self, queries: &[(&str, Option<Exactness>)]) {
        for (query, wanted) in queries {
            let found = self.ask(Scope::system(), query).await;
            let found: Vec<Exactness> = found.iter().map(|found| found.exactness).collect();
            assert_eq!(found, Vec::from_iter(*wanted), "{query}");
        }
    }
}

/// A completed task of `owner`.
fn task(owner: UserId) -> Task {
    let new = samples::new_task(owner);
    let state = TaskState::pending(3).with_status(TaskStatus::Completed);
    Task::new(new.id, owner, new.file, new.options, state, moment(0))
        .with_result(Some(ResultSummary::new("results/x", "ppocr")))
}

/// A moment, `days` after a fixed one.
fn moment(days: u32) -> Timestamp {
    DateTime::from_timestamp(1_790_000_000 + i64::from(days) * 86_400, 0).unwrap_or_default()
}

/// A document of a task of its own, with a page of lines for each text.
fn document(owner: UserId, pages: &[&str]) -> IndexedDocument {
    let pages: Vec<PageText> = (1..)
        .zip(pages)
        .map(|(number, text)| page(number, text))
        .collect();
    IndexedDocument::new(&task(owner), &pages)
}

/// Page `number` with these lines.
fn page(number: u32, text: &str) -> PageText {
    samples::page_of_lines(number, &text.lines().collect::<Vec<_>>())
}

/// Expands to one test for each clause of the [`SearchIndex`] contract.
///
/// Takes a path to an `async fn() -> SearchFixture` that makes an empty index of its own.
#[macro_export]
macro_rules! search_conformance {
    ($fresh:expr) => {
        $crate::clauses! { $fresh, search:
            words_are_found_on_the_page_that_has_all_of_them
            a_phrase_is_found_in_its_order
            what_is_unwanted_is_left_out
            one_of_several_is_enough
            the_beginning_of_a_word_is_enough_where_it_says_so
            words_that_are_near_are_found
            case_accents_and_forms_make_no_difference
            codes_and_numbers_are_found
            words_cut_at_the_end_of_a_line_are_found
            scripts_without_spaces_are_found
            any_text_can_be_kept_and_asked_for
            what_recognition_confuses_is_found
            errors_of_typing_are_found
            literal_answers_come_first
            what_is_said_more_often_comes_first
            answers_come_in_pages
            of_very_many_answers_the_newest_are_ranked
            the_index_agrees_with_the_meaning_of_queries
            names_are_found
            dates_are_found
            status_and_type_are_found
            confidence_engine_and_language_are_found
            filings_are_found
            a_query_without_words_finds_first_pages
            owners_find_their_own
            one_document_can_be_searched
            what_is_taken_out_is_not_found
            what_is_read_anew_replaces_what_was
            whoever_is_overtaken_changes_nothing
            the_position_is_kept
            a_cleared_index_is_new
            entries_are_listed
            a_long_document_is_taken_in
        }
    };
}
