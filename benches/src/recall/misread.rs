//! Words that the reader got wrong.

use std::collections::{BTreeMap, HashSet};

use ocr_core::search::{SearchQuery, Token, forgives_typing, within_one_edit};

use crate::{alignment::align, corpus::Document};

/// Minimum number of characters of a word that is searched for.
const MINIMUM_LENGTH: usize = 2;

/// What became of a true word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Reading {
    /// With characters that recognition confuses.
    Confused,
    /// With one character wrong, missing or too many.
    OneError,
    /// As something else.
    Otherwise,
    /// Not at all.
    Missing,
}

impl Reading {
    pub(crate) const ALL: [Self; 4] = [Self::Confused, Self::OneError, Self::Otherwise, Self::Missing];

    /// The name shown.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Confused => "confusable characters",
            Self::OneError => "one error in a word of letters",
            Self::Otherwise => "otherwise",
            Self::Missing => "not read",
        }
    }

    /// How `truth` was read.
    fn of(truth: &Token, read: Option<&Token>) -> Self {
        match read {
            None => Self::Missing,
            Some(read) if read.skeleton == truth.skeleton => Self::Confused,
            Some(read) if forgives_typing(&truth.key) && within_one_edit(&truth.skeleton, &read.skeleton) => {
                Self::OneError
            }
            Some(_) => Self::Otherwise,
        }
    }
}

/// A true word that was not read, anywhere in its document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Misread {
    /// The place of its document.
    pub(crate) document: usize,
    /// The word, as it is searched for.
    pub(crate) query: SearchQuery,
    /// What was read for it.
    pub(crate) reading: Reading,
}

/// The words of all documents that were misread, each once for its document.
pub(crate) fn misread(documents: &[Document]) -> Vec<Misread> {
    (0..)
        .zip(documents)
        .flat_map(|(index, document)| of_document(index, document))
        .collect()
}

fn of_document(index: usize, document: &Document) -> Vec<Misread> {
    let read = document.read();
    let known: HashSet<&str> = read.iter().flatten().map(|token| token.key.as_str()).collect();
    let true_words: Vec<&Token> = words_of(&document.truth).collect();
    let read_words: Vec<&Token> = read.iter().flat_map(|page| words_of(page)).collect();
    let places = align(&keys(&true_words), &keys(&read_words));
    let mut found: BTreeMap<&str, Misread> = BTreeMap::new();
    for (token, place) in true_words.iter().zip(places) {
        let is_searched = token.key.chars().count() >= MINIMUM_LENGTH && !known.contains(token.key.as_str());
        let Some(query) = is_searched.then(|| SearchQuery::parse(&token.key).ok()).flatten() else {
            continue;
        };
        let reading = Reading::of(token, place.map(|place| read_words[place]));
        let misread = Misread {
            document: index,
            query,
            reading,
        };
        // A word that was misread in several ways counts by the way that is nearest to it.
        let kept = found.entry(&token.key).or_insert_with(|| misread.clone());
        if misread.reading < kept.reading {
            *kept = misread;
        }
    }
    found.into_values().collect()
}

/// The words of a page. Behind them stands what can be found besides, which is no word of its own.
fn words_of(page: &[Token]) -> impl Iterator<Item = &Token> {
    page.iter().take_while(|token| !token.is_gap())
}

fn keys<'a>(tokens: &[&'a Token]) -> Vec<&'a str> {
    tokens.iter().map(|token| token.key.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(truth: &str, reading: &str) -> Vec<(String, Reading)> {
        let found = misread(&[Document::new(truth, reading)]);
        found
            .into_iter()
            .map(|misread| (misread.query.text, misread.reading))
            .collect()
    }

    #[test]
    fn words_are_told_by_how_they_were_read() {
        let truth = "The modern invoice of 2024 says payment due, cafe.";
        let reading = "The modem invoxce of 2O24 says due, qqqq cafe";
        let expected = [
            ("2024", Reading::Confused),
            ("invoice", Reading::OneError),
            ("modern", Reading::Confused),
            ("payment", Reading::Missing),
        ];
        let expected: Vec<(String, Reading)> = expected.map(|(word, how)| (word.to_owned(), how)).into();
        assert_eq!(words(truth, reading), expected);
    }

    #[test]
    fn what_was_read_elsewhere_in_the_document_is_no_error() {
        assert!(words("total total", "total tota1").is_empty());
        assert!(words("total x", "nothing\u{c}total").is_empty());
    }

    #[test]
    fn numbers_with_another_digit_were_read_otherwise() {
        assert_eq!(
            words("paid 4711 euro", "paid 4712 euro"),
            [("4711".to_owned(), Reading::Otherwise)]
        );
    }
}
