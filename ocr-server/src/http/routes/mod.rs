//! Handlers, one file an operation.

pub(crate) mod accounts;
pub(crate) mod activity;
pub(crate) mod blobs;
pub(crate) mod changes;
pub(crate) mod dead_letters;
pub(crate) mod engines;
pub(crate) mod error_catalogue;
pub(crate) mod filings;
pub(crate) mod formats;
pub(crate) mod live;
pub(crate) mod oidc;
pub(crate) mod page;
pub(crate) mod review;
pub(crate) mod same;
pub(crate) mod saved_searches;
pub(crate) mod search;
pub(crate) mod shares;
pub(crate) mod status;
pub(crate) mod tasks;
pub(crate) mod trash;
pub(crate) mod uploads;
pub(crate) mod usage;
