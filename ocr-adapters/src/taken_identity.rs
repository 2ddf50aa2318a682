//! What is told of an identity that somebody else has already.

use ocr_core::{Error, account_store::identity_taken};

/// Says what is taken; an error of another kind is what `otherwise` makes of it.
pub(crate) fn taken(error: sqlx::Error, otherwise: impl FnOnce(sqlx::Error) -> Error) -> Error {
    let unique = error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation);
    if unique {
        return identity_taken().with_source(error);
    }
    otherwise(error)
}
