//! Pages as `tsvector`, queries as `tsquery`. Tokens are quoted; they hold neither quotation marks nor backslashes.

use std::{collections::BTreeMap, fmt::Write as _};

use ocr_core::search::{Token, query::Phrase};

use crate::search::expression::{Form, Language};

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

/// The language of `tsquery`.
#[derive(Debug, Clone, Copy)]
pub(super) enum TsQuery {}

impl Language for TsQuery {
    const AND: &'static str = " & ";
    const OR: &'static str = " | ";

    fn word(form: Form, word: &str) -> String {
        match form {
            Form::Key => format!("'{word}'"),
            Form::Skeleton => format!("'{SKELETON}{word}'"),
        }
    }

    fn phrase(form: Form, phrase: &Phrase) -> String {
        let tokens = phrase.tokens.iter();
        let tokens: Vec<String> = tokens.map(|token| Self::word(form, form.of(token))).collect();
        let star = if phrase.prefix { ":*" } else { "" };
        format!("({}{star})", tokens.join(" <-> "))
    }

    /// A distance is exact in this language, so each that is near enough is said.
    fn near(form: Form, one: &Phrase, other: &Phrase, distance: u32) -> String {
        let (one, other) = (Self::phrase(form, one), Self::phrase(form, other));
        let either = |step: u32| format!("{one} <{step}> {other} | {other} <{step}> {one}");
        let all: Vec<String> = (1..=distance + 1).map(either).collect();
        format!("({})", all.join(Self::OR))
    }

    fn nothing(_: Form) -> String {
        // No token has a space in it.
        "' '".into()
    }
}
