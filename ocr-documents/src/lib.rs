//! Pages out of documents that people upload: PDF, PNG, JPEG, TIFF and WEBP, as pixels or as the exact
//! text layer of a born-digital page.
//!
//! Synchronous and pure: bytes in, pages out. Limits are checked on headers before memory is taken, but
//! for the tables in which a PDF keeps its own objects: those are expanded to find the headers, so read
//! what strangers send in a process of limited memory.
//!
//! ```no_run
//! use ocr_documents::{Document, Limits, PageContent};
//!
//! # fn main() -> Result<(), ocr_documents::DocumentError> {
//! let document = Document::open_path("scan.pdf", Limits::default())?;
//! for index in 0..document.page_count() {
//!     match document.page(index)? {
//!         PageContent::Text(text) => println!("{}", text.plain_text()),
//!         PageContent::Image(image) => println!("{} x {} pixels", image.width(), image.height()),
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod density;
mod document;
mod encode;
mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod ifd;
mod inspector;
mod limits;
mod orientation;
mod page;
mod pdf;
mod picture;
mod pixels;
mod png;
mod resample;
mod sniff;
mod tiff;

pub use document::Document;
pub use encode::{encode_jpeg, encode_png};
pub use error::DocumentError;
pub use inspector::Inspector;
pub use limits::Limits;
pub use orientation::turned;
pub use page::{PageContent, PageFacts};
pub use resample::{preview, resize};
pub use sniff::{SNIFF_BYTES, detect, sniff};
