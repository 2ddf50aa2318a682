//! Links with which others can read a document: for their owners, and for whoever opens them.

pub(crate) mod own;
pub(crate) mod shared;
