//! Signing in, one's own account, and looking after those of others.

pub(crate) mod audit;
pub(crate) mod audit_export;
pub(crate) mod export;
pub(crate) mod keys;
pub(crate) mod links;
pub(crate) mod own;
pub(crate) mod password;
pub(crate) mod second_factor;
pub(crate) mod sign_in;
pub(crate) mod tokens;
pub(crate) mod users;
mod views;
