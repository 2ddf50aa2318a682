//! What is searched for.
//!
//! ```text
//! invoice paid             both words on one page, in any order
//! "total amount"           these words in this order
//! invoice OR receipt       one of them
//! -draft                   pages without it
//! inv*                     words that begin so
//! total near 1299          both with at most 10 words between them; near/3: at most 3
//! name:scan type:pdf       properties of the document or page, all of them
//! label:tax,bank           how the document is filed: one of these labels; also collection: and note:
//! ```
//!
//! What matches is decided page by page. Words are compared as [`fold`](super::fold) makes them alike.

mod conditions;
mod parse;
mod scan;

use std::fmt;

use crate::{Error, ErrorKind};

pub use conditions::{Condition, Filter};

/// Maximum number of characters of a query.
pub const MAX_QUERY_CHARS: usize = 1_000;
/// Maximum number of words, phrases and filters of a query.
pub const MAX_QUERY_PARTS: usize = 64;
/// Words that may stand between two that are near, unless the query says how many.
pub const NEAR: u32 = 10;
/// Maximum that a query may say.
pub const MAX_NEAR: u32 = 50;
/// Maximum number of tokens that stand beside `near` in a query. Postgres is asked for each distance by itself, which takes
/// seconds with several hundred of them.
pub const MAX_NEAR_TOKENS: usize = 64;

/// A query that was understood.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SearchQuery {
    /// As it was typed.
    pub text: String,
    /// What a page must hold, or must not: all of them.
    pub clauses: Vec<Clause>,
    /// What the document and the page must be: all of them.
    pub filters: Vec<Filter>,
}

impl SearchQuery {
    /// Understands `text`.
    ///
    /// # Errors
    /// When it is no query, with the character at which that shows.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        parse::parse(text)
    }

    /// Whether a page must hold something. A query of which this is not true finds documents, each by its first page.
    pub fn finds_words(&self) -> bool {
        self.clauses.iter().any(|clause| !clause.negated)
    }
}

/// One of several patterns, or none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Clause {
    /// Pages that hold it are not found. Compared exactly, so that no page is lost by tolerance.
    pub negated: bool,
    /// One is enough.
    pub alternatives: Vec<Pattern>,
}

/// What a page may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pattern {
    /// A word, code or phrase.
    Phrase(Phrase),
    /// Two of them with at most so many tokens between the end of one and the beginning of the other, in any order.
    Near(Phrase, Phrase, u32),
}

impl Pattern {
    /// How many tokens must stand at a distance from each other.
    fn near_tokens(&self) -> usize {
        match self {
            Self::Phrase(_) => 0,
            Self::Near(one, other, _) => one.tokens.len() + other.tokens.len(),
        }
    }
}

/// Tokens that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Phrase {
    /// The tokens, at least one.
    pub tokens: Vec<QueryToken>,
    /// Other single tokens that stand for the whole: a code or number without its separators, or with them.
    pub besides: Vec<QueryToken>,
    /// Whether the last token is only the beginning of one.
    pub prefix: bool,
    /// Whether an error of typing in it is forgiven: a single word that no quotation marks are around.
    pub forgiving: bool,
}

/// A token that is searched for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct QueryToken {
    /// The folded word.
    pub key: String,
    /// The same for all that recognition confuses.
    pub skeleton: String,
}

/// Text that is no query, and where that shows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueryError {
    /// Characters before the one at which it shows.
    pub position: usize,
    /// What is wrong and what to do, one sentence.
    pub message: String,
}

impl QueryError {
    /// An error that shows at the character `position`.
    pub fn new(position: usize, message: impl Into<String>) -> Self {
        Self {
            position,
            message: message.into(),
        }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at character {})", self.message, self.position + 1)
    }
}

impl std::error::Error for QueryError {}

impl From<QueryError> for Error {
    fn from(error: QueryError) -> Self {
        Self::new(ErrorKind::InvalidInput, error.to_string())
    }
}
