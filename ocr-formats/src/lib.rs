#![doc = include_str!("../README.md")]
// Labels items with the features they need, where docs.rs builds this.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod alto;
mod cells;
mod csv;
mod direction;
mod docx;
mod format;
mod hocr;
mod html;
mod json;
mod kinds;
mod language;
mod layout_text;
mod lists;
mod markdown;
mod median;
mod page_xml;
mod pairs;
mod pdf;
mod pieces;
mod pixels;
mod placed;
mod printable;
mod registry;
mod tables;
mod text;
mod words;
mod writing;
mod xlsx;
mod xml;

pub use alto::Alto;
pub use csv::CsvWriter;
pub use docx::{Docx, DocxPositioned};
pub use format::{Format, WriteError};
pub use hocr::Hocr;
pub use html::Html;
pub use json::Json;
pub use layout_text::LayoutText;
pub use markdown::Markdown;
pub use page_xml::PageXml;
pub use pdf::{Pdf, PdfA, PdfABreach, PdfTagged};
pub use registry::Formats;
pub use tables::Tables;
pub use text::Text;
pub use words::Words;
pub use xlsx::Xlsx;
