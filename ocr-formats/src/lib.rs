#![doc = include_str!("../README.md")]
// Labels items with the features they need, where docs.rs builds this.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod csv;
mod format;
mod json;
mod markdown;
mod pdf;
mod registry;
mod tables;
mod text;
mod words;

pub use format::{Format, WriteError};
pub use json::Json;
pub use markdown::Markdown;
pub use pdf::Pdf;
pub use registry::Formats;
pub use tables::Tables;
pub use text::Text;
pub use words::Words;
