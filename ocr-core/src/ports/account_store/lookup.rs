//! By what a session or a key is found.

use crate::model::TokenHash;

/// Which session or key is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup<I> {
    /// The one with this secret.
    Token(TokenHash),
    /// The one with this identity.
    Id(I),
}
