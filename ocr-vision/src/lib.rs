#![doc = include_str!("../README.md")]
// Labels items with the features they need, where docs.rs builds this.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod document;
pub mod engine;
mod known;
mod mixed;
#[cfg(feature = "models")]
pub mod models;
pub mod page;
pub mod pages;
pub mod pictures;
#[cfg(feature = "ppocr")]
pub mod ppocr;
#[cfg(any(feature = "ppocr", feature = "tesseract"))]
mod rules;
pub mod sandbox;
#[cfg(feature = "tesseract")]
pub mod tesseract;

pub use engine::{LocalEngine, ReadOptions};
pub use pictures::PagePictures;
#[cfg(any(feature = "ppocr", feature = "tesseract"))]
pub use rules::find_rules;
