#![doc = include_str!("../README.md")]
// Labels items with the features they need, where docs.rs builds this.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod csv;
mod direction;
mod docx;
mod format;
mod json;
mod layout_text;
mod markdown;
mod median;
mod placed;
mod printable;
mod registry;
mod tables;
mod text;
mod words;
mod xlsx;

pub use docx::{Docx, DocxPositioned};
pub use format::{Format, WriteError};
pub use json::Json;
pub use layout_text::LayoutText;
pub use markdown::Markdown;
pub use registry::Formats;
pub use tables::Tables;
pub use text::Text;
pub use words::Words;
pub use xlsx::Xlsx;
