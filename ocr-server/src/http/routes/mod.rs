//! Handlers, one file an operation.

pub(crate) mod blobs;
pub(crate) mod changes;
pub(crate) mod error_catalogue;
pub(crate) mod live;
pub(crate) mod start_page;
pub(crate) mod status;
pub(crate) mod tasks;
pub(crate) mod uploads;
