//! The core of an embeddable OCR platform: model, ports, use cases and worker.

pub mod error;
pub mod model;
pub mod page;

pub use error::{Error, ErrorKind, Result};
