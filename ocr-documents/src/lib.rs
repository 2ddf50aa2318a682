#![doc = include_str!("../README.md")]
// Labels items with the features they need, where docs.rs builds this.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod cut;
mod density;
mod document;
mod encode;
mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod ifd;
mod inspector;
mod jpeg_2000;
mod limits;
mod orientation;
mod page;
mod pdf;
mod picture;
mod pixels;
mod png;
mod resample;
mod sniff;
mod stored;
mod tiff;

pub use cut::cut;
pub use document::Document;
pub use encode::{encode_jpeg, encode_png};
pub use error::DocumentError;
pub use inspector::Inspector;
pub use limits::Limits;
pub use orientation::turned;
pub use page::{MixedPage, PageContent, PageFacts};
pub use resample::{preview, resize};
pub use sniff::{SNIFF_BYTES, detect, sniff};
pub use stored::{StoredColors, StoredEncoding, StoredImage};
