//! What the platform needs of the world, each as one trait: adapters implement them.

pub mod access_token_signer;
pub mod account_store;
pub mod blob;
pub mod correction_store;
pub mod engine;
pub mod filing_store;
pub mod formats;
pub mod notify;
pub mod page;
pub mod page_renderer;
pub mod password_hasher;
pub mod queue;
pub mod rate_limiter;
pub mod same_page_store;
pub mod saved_search_store;
pub mod search_index;
pub mod share_store;
pub mod store;
pub mod usage_store;
