#![doc = include_str!("../README.md")]

#[cfg(feature = "fs")]
pub mod fs;
#[cfg(any(feature = "ppocr", feature = "textract"))]
mod layout;
#[cfg(feature = "local")]
pub mod local;
#[cfg(feature = "models")]
pub mod models;
#[cfg(feature = "ppocr")]
pub mod ppocr;
#[cfg(feature = "sqlite")]
pub mod sqlite;
#[cfg(feature = "tesseract")]
pub mod tesseract;
#[cfg(feature = "textract")]
pub mod textract;
