//! Searching in what was read, without any index: how text is compared, what a query says, and where a page answers
//! it. Adapters of [`SearchIndex`](crate::search_index::SearchIndex) find pages quickly; what a page and a query mean is
//! decided here, once for all of them.

pub mod fold;
mod matching;
pub mod query;
mod snippet;
mod tokens;
mod typing;

pub use matching::{Exactness, PageMatch, find};
pub use query::{QueryError, SearchQuery};
pub use snippet::Snippet;
pub use tokens::{GAP, MAX_TOKENS, NUMBER_MARK, Token, page_tokens};
pub use typing::{Neighbours, forgives_typing, neighbours, within_one_edit};
