#![doc = include_str!("../README.md")]

pub mod blob;
pub mod clock;
pub mod digest;
pub mod engine;
pub mod error;
pub mod id;
pub mod memory;
pub mod model;
pub mod notify;
pub mod page;
pub mod pagination;
pub mod platform;
pub mod queue;
pub mod service;
pub mod store;
pub mod worker;

pub use error::{Error, ErrorKind, Result};
