//! Searchable PDF: what was read as an invisible layer of text on the pages that it was read from.

mod archive;
mod drawn;
mod existing;
mod font;
mod layer;
mod old_layer;
mod page_tree;
mod pictures;
mod tagged;
mod unlocked;

use std::io;

use ocr_core::{
    Error, ErrorKind,
    formats::{FormatInfo, FormatInput},
    model::MediaType,
};

use crate::{Format, WriteError};

pub use archive::PdfABreach;
pub(crate) use unlocked::unlocked;

/// Resolution in dots per inch taken for a page or picture that states none: an A4 page then has 1654 x 2339 pixels.
const DEFAULT_DPI: f32 = 200.0;

/// The resolution that is stated, if it can be one, or [`DEFAULT_DPI`].
fn stated_dpi(dpi: Option<f32>) -> f32 {
    dpi.filter(|dpi| *dpi > 1.0).unwrap_or(DEFAULT_DPI)
}

/// What a searchable PDF is besides.
#[derive(Debug, Clone, Copy, Default)]
struct Variant {
    /// Whether it is PDF/A-2b.
    archive: bool,
    /// Whether it says what its text is.
    tagged: bool,
}

/// The file that was read, with its text: selectable, searchable, each word on its picture.
///
/// - A PDF stays as it is, byte by byte; what is added is appended as an incremental update (ISO 32000-1, 7.5.6), so
///   pictures, links, bookmarks, forms, attachments, metadata and the revisions that were signed are untouched. A
///   file whose structure had to be repaired is written anew instead.
/// - Only pages that were recognised get a layer; one whose text is its own has that already. An invisible layer
///   that was there is replaced, and a word that the page draws as text is not repeated.
/// - A picture becomes a page that shows it upright as it was read. A JPEG, a PNG that is opaque and not interlaced,
///   and a Group 4 fax of one strip keep their own encoding; all else is stored without loss.
/// - Pages that were not read stay in the file as they are.
///
/// It refuses, with `Unsupported`, a PDF that is protected, also one that opens without a password, and one whose list
/// of pages is damaged.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pdf;

impl Format for Pdf {
    fn info(&self) -> FormatInfo {
        FormatInfo::new("pdf", "application/pdf", "pdf")
            .with_original()
            .with_version(2)
    }

    fn write(&self, input: FormatInput<'_>, output: &mut dyn io::Write) -> Result<(), WriteError> {
        write(input, Variant::default(), output)
    }
}

/// The same as PDF/A-2b (ISO 19005-2), for archives: everything that it needs to look the same is in the file.
///
/// - A picture becomes a PDF/A. One in the colours of print is converted to those of a display; everything else keeps
///   its encoding as in [`Pdf`].
/// - A PDF is written anew instead of being appended to, without what nothing refers to, and its metadata packet is made
///   from its document information. An output intent that is fit stays; where there is none, colours are declared to be
///   sRGB.
///
/// It refuses, with `Unsupported`, what [`Pdf`] refuses, and a PDF that breaks a rule of PDF/A which cannot be mended
/// without changing what it shows or does: the source of the error is then a [`PdfABreach`]. Whether font programs and
/// pictures are sound is not looked at; a validator such as veraPDF does that.
#[derive(Debug, Clone, Copy, Default)]
pub struct PdfA;

impl Format for PdfA {
    fn info(&self) -> FormatInfo {
        FormatInfo::new("pdf-a", "application/pdf", "pdfa.pdf").with_original()
    }

    fn write(&self, input: FormatInput<'_>, output: &mut dyn io::Write) -> Result<(), WriteError> {
        let variant = Variant {
            archive: true,
            ..Variant::default()
        };
        write(input, variant, output)
    }
}

/// The same as [`Pdf`] as tagged PDF (ISO 32000-1, 14.8): the text says of itself what it is, for screen readers and
/// for whoever takes it out.
///
/// Headings, paragraphs, lists, tables and figures are elements in reading order, headings by their size; running
/// headers, footers and page numbers, and the pictures under the text, are artifacts. Languages that are known are
/// there too. Only pages that get a layer have a structure: where a file has others, it is marked as having suspects. A
/// file that has a structure already keeps it, and gets what [`Pdf`] gives it.
#[derive(Debug, Clone, Copy, Default)]
pub struct PdfTagged;

impl Format for PdfTagged {
    fn info(&self) -> FormatInfo {
        FormatInfo::new("pdf-tagged", "application/pdf", "tagged.pdf").with_original()
    }

    fn write(&self, input: FormatInput<'_>, output: &mut dyn io::Write) -> Result<(), WriteError> {
        let variant = Variant {
            tagged: true,
            ..Variant::default()
        };
        write(input, variant, output)
    }
}

fn write(input: FormatInput<'_>, variant: Variant, output: &mut dyn io::Write) -> Result<(), WriteError> {
    let original = input.original.ok_or_else(|| {
        unsupported("a searchable PDF is made from the file that was read, which is not here")
    })?;
    let kind = ocr_documents::sniff(original);
    let bytes = if kind == Some(MediaType::Pdf) {
        existing::with_text(original, input.document, variant)?
    } else {
        pictures::as_pages(original, input.document, variant)?
    };
    output.write_all(&bytes)?;
    Ok(())
}

fn unsupported(message: &str) -> Error {
    Error::new(ErrorKind::Unsupported, message)
}

/// What cannot be built on, with the reason that the library gives.
fn unfit(error: lopdf::Error) -> Error {
    unsupported("no text can be added to this PDF: its structure cannot be read").with_source(error)
}
