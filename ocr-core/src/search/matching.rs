//! Where a page answers a query. This is the meaning of a query; indexes find the same pages faster.

use std::collections::BTreeSet;

use super::{
    query::{Pattern, Phrase, QueryToken, SearchQuery},
    tokens::Token,
    typing::{forgives_typing, within_one_edit},
};

/// How literally a page answers a query. What is more literal stands before everything that is less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Exactness {
    /// It has the words as they were typed, but for case, accents and form.
    Exact,
    /// With characters that recognition confuses.
    Confusable,
    /// With an error of typing in a word.
    Typing,
}

impl Exactness {
    /// From the most literal to the least.
    pub const ALL: [Self; 3] = [Self::Exact, Self::Confusable, Self::Typing];

    /// The name that is sent: `exact`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Confusable => "confusable",
            Self::Typing => "typing",
        }
    }
}

/// How a page answers a query.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PageMatch {
    /// How literally.
    pub exactness: Exactness,
    /// The words that do, ascending, from 0 in reading order; none for a query without words.
    pub words: Vec<u32>,
}

/// How a page with these tokens answers the words of `query`, as literally as possible; `None` where it does not. What
/// the filters ask is not looked at.
pub fn find(query: &SearchQuery, tokens: &[Token]) -> Option<PageMatch> {
    let negated = query.clauses.iter().filter(|clause| clause.negated);
    let mut unwanted = negated.flat_map(|clause| &clause.alternatives);
    if unwanted.any(|pattern| !places(pattern, tokens, Exactness::Exact).is_empty()) {
        return None;
    }
    Exactness::ALL.into_iter().find_map(|exactness| {
        let mut words = BTreeSet::new();
        for clause in query.clauses.iter().filter(|clause| !clause.negated) {
            let found = clause
                .alternatives
                .iter()
                .map(|pattern| places(pattern, tokens, exactness));
            let found: Vec<Place> = found.flatten().collect();
            if found.is_empty() {
                return None;
            }
            for (start, end) in found {
                for token in tokens[start..end].iter().filter(|token| !token.is_gap()) {
                    words.extend(token.words.0..=token.words.1);
                }
            }
        }
        let words = words.into_iter().collect();
        Some(PageMatch { exactness, words })
    })
}

/// Where `pattern` stands: first token, and the one behind the last.
fn places(pattern: &Pattern, tokens: &[Token], exactness: Exactness) -> Vec<Place> {
    let forms: &[Form] = match exactness {
        Exactness::Exact => &[Form::Key],
        Exactness::Confusable | Exactness::Typing => &[Form::Key, Form::Skeleton],
    };
    let mut found = Vec::new();
    for form in forms {
        match pattern {
            Pattern::Phrase(phrase) => {
                found.extend(sequences(phrase, tokens, *form));
                for besides in &phrase.besides {
                    found.extend(single(tokens, |token| form.of(token) == form.asked(besides)));
                }
            }
            // An error of typing is forgiven in words that stand alone only.
            Pattern::Near(one, other, distance) => {
                let (one, other) = (sequences(one, tokens, *form), sequences(other, tokens, *form));
                found.extend(near(&one, &other, *distance as usize));
            }
        }
    }
    if let (Exactness::Typing, Pattern::Phrase(phrase)) = (exactness, pattern)
        && phrase.forgiving
        && let Some(wanted) = phrase.tokens.first()
    {
        found.extend(single(tokens, |token| is_like(wanted, token)));
    }
    found
}

/// First token, and the one behind the last.
type Place = (usize, usize);

/// What of tokens is compared.
#[derive(Debug, Clone, Copy)]
enum Form {
    Key,
    Skeleton,
}

impl Form {
    fn of(self, token: &Token) -> &str {
        match self {
            Self::Key => &token.key,
            Self::Skeleton => &token.skeleton,
        }
    }

    fn asked(self, token: &QueryToken) -> &str {
        match self {
            Self::Key => &token.key,
            Self::Skeleton => &token.skeleton,
        }
    }
}

fn single(tokens: &[Token], wanted: impl Fn(&Token) -> bool) -> impl Iterator<Item = Place> {
    let found = tokens.iter().enumerate().filter(move |(_, token)| wanted(token));
    found.map(|(at, _)| (at, at + 1))
}

/// Where one of `one` and one of `other` have at most `distance` tokens between them.
fn near(one: &[Place], other: &[Place], distance: usize) -> Vec<Place> {
    let close = |a: Place, b: Place| a.1 <= b.0 && b.0 - a.1 <= distance;
    let is_near = |a: &Place, b: &Place| close(*a, *b) || close(*b, *a);
    // Both lists ascend: what can be near begins within a window.
    let partners = |a: &Place, all: &[Place]| {
        let reach = distance + (a.1 - a.0);
        let from = all.partition_point(|b| b.1 + reach < a.0);
        all[from..]
            .iter()
            .take_while(|b| b.0 <= a.1 + reach)
            .any(|b| is_near(a, b))
    };
    let mut found: Vec<_> = one.iter().filter(|&a| partners(a, other)).copied().collect();
    found.extend(other.iter().filter(|&b| partners(b, one)));
    found
}

/// Where the tokens of `phrase` follow each other.
fn sequences(phrase: &Phrase, tokens: &[Token], form: Form) -> Vec<Place> {
    let length = phrase.tokens.len();
    let begins = |window: &[Token]| {
        let mut pairs = window.iter().zip(&phrase.tokens).enumerate();
        pairs.all(|(index, (token, wanted))| {
            if phrase.prefix && index + 1 == length {
                form.of(token).starts_with(form.asked(wanted))
            } else {
                form.of(token) == form.asked(wanted)
            }
        })
    };
    let windows = tokens.windows(length.max(1)).enumerate();
    windows
        .filter(|(_, window)| begins(window))
        .map(|(at, _)| (at, at + length))
        .collect()
}

/// Whether an error of typing parts the two, whatever recognition confused.
fn is_like(wanted: &QueryToken, token: &Token) -> bool {
    forgives_typing(&token.skeleton) && within_one_edit(&wanted.skeleton, &token.skeleton)
}
