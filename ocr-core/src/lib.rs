#![doc = include_str!("../README.md")]
// Labels items with the features they need, where docs.rs builds this.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod audit_origin;
mod builder;
pub mod clock;
pub mod corrections;
pub mod digest;
pub mod duties;
pub mod error;
pub mod id;
pub mod layers;
pub mod memory;
pub mod model;
pub mod pagination;
pub mod platform;
mod ports;
pub mod search;
pub mod service;
pub mod trace;
pub mod worker;

pub use error::{Error, ErrorKind, Result};
pub use ports::{
    access_token_signer, account_store, blob, correction_store, engine, filing_store, formats, notify, page,
    page_renderer, password_hasher, queue, rate_limiter, same_page_store, saved_search_store, search_index,
    share_store, store, usage_store,
};
