//! Pages as `tsvector`, queries as `tsquery`. Tokens are quoted; they hold neither quotation marks nor backslashes.

use std::{collections::BTreeMap, fmt::Write as _};

use ocr_core::search::{
    Token,
    query::{Clause, Pattern, Phrase, QueryToken},
};

use crate::vocabulary::Expansions;

/// Stands before skeletons, which share a `tsvector` with the keys.
pub(super) const SKELETON: char = '\u{e002}';
/// Bytes of a `tsvector` that are used: it can hold a mebibyte of words and positions.
const MAX_BYTES: usize = 900 * 1024;
/// Bytes of a position, and of what else a word costs.
const POSITION_BYTES: usize = 4;

/// The text of the `tsvector` of a page. What has no room any more is left out.
pub(super) fn vector(tokens: &[Token]) -> String {
    let mut positions: BTreeMap<(bool, &str), Vec<usize>> = BTreeMap::new();
    let mut bytes = 0;
    for (position, token) in (1..).zip(tokens.iter()) {
        for word in [(false, token.key.as_str()), (true, token.skeleton.as_str())] {
            let known = positions.entry(word).or_default();
            let word_bytes = if known.is_empty() {
                word.1.len() + POSITION_BYTES
            } else {
                0
            };
            bytes += word_bytes + POSITION_BYTES;
            known.push(position);
        }
        if bytes > MAX_BYTES {
            break;
        }
    }
    let mut text = String::with_capacity(bytes);
    for ((is_skeleton, word), at) in positions {
        text.push('\'');
        if is_skeleton {
            text.push(SKELETON);
        }
        text.push_str(word);
        text.push_str("':");
        for (index, position) in at.into_iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            // Writing to a text cannot fail.
            let _ = write!(text, "{comma}{position}");
        }
        text.push(' ');
    }
    text
}

/// What pages must hold, by keys alone.
pub(super) fn exact(clauses: &[Clause]) -> String {
    all(clauses, |pattern| one(pattern, Form::Key))
}

/// The same by keys or skeletons.
pub(super) fn confusable(clauses: &[Clause]) -> String {
    all(clauses, tolerant)
}

/// The same with errors of typing.
pub(super) fn typing(clauses: &[Clause], expansions: &Expansions) -> String {
    all(clauses, |pattern| {
        let like = expansions
            .of(pattern)
            .iter()
            .map(|word| format!("'{SKELETON}{word}'"));
        std::iter::once(tolerant(pattern))
            .chain(like)
            .collect::<Vec<_>>()
            .join(" | ")
    })
}

/// What a page must not hold.
pub(super) fn unwanted(clause: &Clause) -> String {
    any(clause, &|pattern| one(pattern, Form::Key))
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Key,
    Skeleton,
}

impl Form {
    fn lexeme(self, token: &QueryToken) -> String {
        match self {
            Self::Key => format!("'{}'", token.key),
            Self::Skeleton => format!("'{SKELETON}{}'", token.skeleton),
        }
    }
}

fn all(clauses: &[Clause], write: impl Fn(&Pattern) -> String) -> String {
    let wanted = clauses.iter().filter(|clause| !clause.negated);
    let wanted: Vec<String> = wanted
        .map(|clause| format!("({})", any(clause, &write)))
        .collect();
    wanted.join(" & ")
}

fn any(clause: &Clause, write: &impl Fn(&Pattern) -> String) -> String {
    let alternatives: Vec<String> = clause.alternatives.iter().map(write).collect();
    alternatives.join(" | ")
}

fn tolerant(pattern: &Pattern) -> String {
    format!("{} | {}", one(pattern, Form::Key), one(pattern, Form::Skeleton))
}

fn one(pattern: &Pattern, form: Form) -> String {
    match pattern {
        Pattern::Phrase(found) => {
            let besides = found.besides.iter().map(|token| form.lexeme(token));
            std::iter::once(phrase(found, form))
                .chain(besides)
                .collect::<Vec<_>>()
                .join(" | ")
        }
        // A distance is exact in this language, so each that is near enough is said.
        Pattern::Near(one, other, distance) => {
            let (one, other) = (phrase(one, form), phrase(other, form));
            let either = |step: u32| format!("{one} <{step}> {other} | {other} <{step}> {one}");
            let all: Vec<String> = (1..=distance + 1).map(either).collect();
            format!("({})", all.join(" | "))
        }
        // A pattern of a newer core finds nothing: no token has a space in it.
        _ => "' '".into(),
    }
}

fn phrase(phrase: &Phrase, form: Form) -> String {
    let tokens: Vec<String> = phrase.tokens.iter().map(|token| form.lexeme(token)).collect();
    let star = if phrase.prefix { ":*" } else { "" };
    format!("({}{star})", tokens.join(" <-> "))
}
