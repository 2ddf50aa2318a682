//! What the search indexes in databases have in common: what words stand for, and how a query becomes the database's
//! own.

pub(crate) mod expression;
pub(crate) mod filters;
pub(crate) mod vocabulary;

use ocr_core::search::Exactness;

/// How literally a page answers, by the level that a query gave it: 0 for the most literal.
pub(crate) fn exactness(level: usize) -> Exactness {
    Exactness::ALL.get(level).copied().unwrap_or(Exactness::Typing)
}
