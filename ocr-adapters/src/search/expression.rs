//! The words of a query in the language in which a database searches text.

use ocr_core::search::query::{Clause, Pattern, Phrase, QueryToken};

use super::vocabulary::Expansions;

/// Which form of the words of a page is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As they were typed, but for case, accents and form.
    Key,
    /// With characters that recognition confuses made one.
    Skeleton,
}

impl Form {
    /// This form of a word of a query.
    pub(crate) fn of(self, token: &QueryToken) -> &str {
        match self {
            Self::Key => &token.key,
            Self::Skeleton => &token.skeleton,
        }
    }
}

/// The language of a database.
pub(crate) trait Language {
    /// Stands between two of which both are wanted.
    const AND: &'static str;
    /// Stands between two of which either will do.
    const OR: &'static str;

    /// A single word.
    fn word(form: Form, word: &str) -> String;

    /// Words that follow one another.
    fn phrase(form: Form, phrase: &Phrase) -> String;

    /// Two phrases with at most `distance` words between them, in either order.
    fn near(form: Form, one: &Phrase, other: &Phrase, distance: u32) -> String;

    /// What no page has.
    fn nothing(form: Form) -> String;
}

/// What pages must hold, by keys alone.
pub(crate) fn exact<L: Language>(clauses: &[Clause]) -> String {
    all::<L>(clauses, |pattern| one::<L>(pattern, Form::Key))
}

/// The same by keys or skeletons.
pub(crate) fn confusable<L: Language>(clauses: &[Clause]) -> String {
    all::<L>(clauses, tolerant::<L>)
}

/// The same with errors of typing.
pub(crate) fn typing<L: Language>(clauses: &[Clause], expansions: &Expansions) -> String {
    all::<L>(clauses, |pattern| {
        let like = expansions.of(pattern).iter();
        let like = like.map(|word| L::word(Form::Skeleton, word));
        either::<L>(tolerant::<L>(pattern), like)
    })
}

/// What a page must not hold.
pub(crate) fn unwanted<L: Language>(clause: &Clause) -> String {
    any::<L>(clause, &|pattern| one::<L>(pattern, Form::Key))
}

fn all<L: Language>(clauses: &[Clause], write: impl Fn(&Pattern) -> String) -> String {
    let wanted = clauses.iter().filter(|clause| !clause.negated);
    let wanted: Vec<String> = wanted
        .map(|clause| format!("({})", any::<L>(clause, &write)))
        .collect();
    wanted.join(L::AND)
}

fn any<L: Language>(clause: &Clause, write: &impl Fn(&Pattern) -> String) -> String {
    let alternatives: Vec<String> = clause.alternatives.iter().map(write).collect();
    alternatives.join(L::OR)
}

fn either<L: Language>(first: String, others: impl Iterator<Item = String>) -> String {
    std::iter::once(first)
        .chain(others)
        .collect::<Vec<_>>()
        .join(L::OR)
}

fn tolerant<L: Language>(pattern: &Pattern) -> String {
    either::<L>(
        one::<L>(pattern, Form::Key),
        std::iter::once(one::<L>(pattern, Form::Skeleton)),
    )
}

/// A pattern in one form.
fn one<L: Language>(pattern: &Pattern, form: Form) -> String {
    match pattern {
        Pattern::Phrase(phrase) => {
            let besides = phrase.besides.iter();
            let besides = besides.map(|token| L::word(form, form.of(token)));
            either::<L>(L::phrase(form, phrase), besides)
        }
        Pattern::Near(one, other, distance) => L::near(form, one, other, *distance),
        // A pattern of a newer core finds nothing.
        _ => L::nothing(form),
    }
}
