//! Queries in the language of FTS5. Tokens are in quotation marks, so nothing in them has a meaning there; they hold
//! none themselves.

use ocr_core::search::query::Phrase;

use crate::search::expression::{Form, Language};

/// The language of FTS5.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fts5 {}

impl Language for Fts5 {
    const AND: &'static str = " AND ";
    const OR: &'static str = " OR ";

    fn word(form: Form, word: &str) -> String {
        format!("{} : \"{word}\"", column(form))
    }

    fn phrase(form: Form, phrase: &Phrase) -> String {
        format!("{} : {}", column(form), quoted(form, phrase))
    }

    fn near(form: Form, one: &Phrase, other: &Phrase, distance: u32) -> String {
        format!(
            "{} : NEAR({} {}, {distance})",
            column(form),
            quoted(form, one),
            quoted(form, other)
        )
    }

    fn nothing(form: Form) -> String {
        // No token is empty.
        Self::word(form, "")
    }
}

/// The column that holds this form of the words.
fn column(form: Form) -> &'static str {
    match form {
        Form::Key => "words",
        Form::Skeleton => "skeletons",
    }
}

fn quoted(form: Form, phrase: &Phrase) -> String {
    let tokens: Vec<&str> = phrase.tokens.iter().map(|token| form.of(token)).collect();
    let star = if phrase.prefix { " *" } else { "" };
    format!("\"{}\"{star}", tokens.join(" "))
}
