//! Queries in the language of FTS5. Tokens are in quotation marks, so nothing in them has a meaning there; they hold
//! none themselves.

use ocr_core::search::query::{Clause, Pattern, Phrase, QueryToken};

use crate::vocabulary::Expansions;

/// What pages must hold, by keys alone.
pub(super) fn exact(clauses: &[Clause]) -> String {
    all(clauses, |pattern| one(pattern, Column::Words))
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
            .map(|word| format!("skeletons : \"{word}\""));
        std::iter::once(tolerant(pattern))
            .chain(like)
            .collect::<Vec<_>>()
            .join(" OR ")
    })
}

/// What a page must not hold.
pub(super) fn unwanted(clause: &Clause) -> String {
    any(clause, &|pattern| one(pattern, Column::Words))
}

#[derive(Debug, Clone, Copy)]
enum Column {
    Words,
    Skeletons,
}

impl Column {
    fn name(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Skeletons => "skeletons",
        }
    }

    fn of(self, token: &QueryToken) -> &str {
        match self {
            Self::Words => &token.key,
            Self::Skeletons => &token.skeleton,
        }
    }
}

fn all(clauses: &[Clause], write: impl Fn(&Pattern) -> String) -> String {
    let wanted = clauses.iter().filter(|clause| !clause.negated);
    let wanted: Vec<String> = wanted
        .map(|clause| format!("({})", any(clause, &write)))
        .collect();
    wanted.join(" AND ")
}

fn any(clause: &Clause, write: &impl Fn(&Pattern) -> String) -> String {
    let alternatives: Vec<String> = clause.alternatives.iter().map(write).collect();
    alternatives.join(" OR ")
}

fn tolerant(pattern: &Pattern) -> String {
    format!(
        "{} OR {}",
        one(pattern, Column::Words),
        one(pattern, Column::Skeletons)
    )
}

/// A pattern in one column.
fn one(pattern: &Pattern, column: Column) -> String {
    let name = column.name();
    match pattern {
        Pattern::Phrase(found) => {
            let besides = found
                .besides
                .iter()
                .map(|token| format!("{name} : \"{}\"", column.of(token)));
            let itself = format!("{name} : {}", phrase(found, column));
            std::iter::once(itself)
                .chain(besides)
                .collect::<Vec<_>>()
                .join(" OR ")
        }
        Pattern::Near(one, other, distance) => {
            format!(
                "{name} : NEAR({} {}, {distance})",
                phrase(one, column),
                phrase(other, column)
            )
        }
        // A pattern of a newer core finds nothing: no token is empty.
        _ => format!("{name} : \"\""),
    }
}

fn phrase(phrase: &Phrase, column: Column) -> String {
    let tokens: Vec<&str> = phrase.tokens.iter().map(|token| column.of(token)).collect();
    let star = if phrase.prefix { " *" } else { "" };
    format!("\"{}\"{star}", tokens.join(" "))
}
