//! `/api/uploads`: straight into the blob store in three steps.

pub(crate) mod begin;
pub(crate) mod complete;
