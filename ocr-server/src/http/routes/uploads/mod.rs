//! `/api/uploads`: straight into the blob store in three steps, or in parts.

pub(crate) mod begin;
pub(crate) mod complete;
pub(crate) mod parts;
