//! `/api/tasks`

pub(crate) mod audit;
pub(crate) mod cancel;
pub(crate) mod copy;
pub(crate) mod corrections;
pub(crate) mod delete;
pub(crate) mod download;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod export_list;
mod fields;
pub(crate) mod get;
pub(crate) mod list;
mod list_filters;
pub(crate) mod page_image;
pub(crate) mod pages;
pub(crate) mod restore;
pub(crate) mod result;
pub(crate) mod retry;
mod spool;
pub(crate) mod text;
pub(crate) mod unlock;
pub(crate) mod upload;
