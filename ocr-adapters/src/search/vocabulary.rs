//! Words of the index that an error of typing makes of a word of a query, and how often each word stands there. Both
//! databases keep them in a table of the same form.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ocr_core::{
    search::{
        forgives_typing, neighbours,
        query::{Pattern, QueryToken, SearchQuery},
        within_one_edit,
    },
    search_index::IndexedPage,
};

/// Maximum number of words looked at for one of a query: of those that share its beginning or end.
pub(crate) const MAX_CANDIDATES: i64 = 50_000;
/// Maximum number of words that one of a query stands for.
const MAX_EXPANSIONS: usize = 64;

/// What words of a query stand for besides themselves.
#[derive(Debug, Default)]
pub(crate) struct Expansions(HashMap<String, Vec<String>>);

impl Expansions {
    /// What `pattern` stands for.
    pub(crate) fn of(&self, pattern: &Pattern) -> &[String] {
        forgiving(pattern)
            .and_then(|token| self.0.get(&token.skeleton))
            .map_or(&[], Vec::as_slice)
    }

    /// Keeps those of `candidates` that an error of typing makes of `word`.
    pub(crate) fn keep(&mut self, word: String, candidates: Vec<String>) {
        let like = candidates
            .into_iter()
            .filter(|other| *other != word && within_one_edit(&word, other));
        let like: BTreeSet<String> = like.collect();
        self.0
            .insert(word, like.into_iter().take(MAX_EXPANSIONS).collect());
    }
}

/// The skeletons of the words of `query` in which an error of typing is forgiven.
pub(crate) fn forgiven(query: &SearchQuery) -> BTreeSet<String> {
    let wanted = query.clauses.iter().filter(|clause| !clause.negated);
    let patterns = wanted.flat_map(|clause| &clause.alternatives);
    patterns
        .filter_map(forgiving)
        .map(|token| token.skeleton.clone())
        .collect()
}

fn forgiving(pattern: &Pattern) -> Option<&QueryToken> {
    match pattern {
        Pattern::Phrase(phrase) if phrase.forgiving => phrase.tokens.first(),
        _ => None,
    }
}

/// Where to look for what an error of typing makes of a word: from each first text up to the second, in order of
/// bytes.
#[derive(Debug)]
pub(crate) struct Ranges {
    /// Of the words.
    pub(crate) words: (String, String),
    /// Of the words reversed.
    pub(crate) reversed: (String, String),
    /// Minimum and maximum number of characters.
    pub(crate) length: (i64, i64),
}

impl Ranges {
    pub(crate) fn new(word: &str) -> Self {
        let neighbours = neighbours(word);
        let length = word.chars().count() as i64;
        Self {
            words: beginning_with(neighbours.beginning),
            reversed: beginning_with(reversed(&neighbours.end)),
            length: (length - 1, length + 1),
        }
    }
}

/// The range of texts that begin with `text`.
fn beginning_with(text: String) -> (String, String) {
    let end = format!("{text}{}", char::MAX);
    (text, end)
}

pub(crate) fn reversed(word: &str) -> String {
    word.chars().rev().collect()
}

/// On how many of `pages` each skeleton stands in which an error of typing is forgiven.
pub(crate) fn page_counts<'a>(pages: impl Iterator<Item = BTreeSet<&'a str>>) -> BTreeMap<&'a str, i64> {
    let mut counts = BTreeMap::new();
    for word in pages.flatten().filter(|word| forgives_typing(word)) {
        *counts.entry(word).or_default() += 1;
    }
    counts
}

/// The different skeletons of a page.
pub(crate) fn skeletons(page: &IndexedPage) -> BTreeSet<&str> {
    page.tokens.iter().map(|token| token.skeleton.as_str()).collect()
}
