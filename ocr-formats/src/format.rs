//! A format.

use std::{fmt, io};

use ocr_core::{formats::FormatInfo, model::DocumentText};

/// A format in which a document can be written.
///
/// ```
/// use std::io;
///
/// use ocr_core::{formats::FormatInfo, model::DocumentText};
/// use ocr_formats::{Format, Formats};
///
/// /// The number of words, and nothing else.
/// #[derive(Debug)]
/// struct Count;
///
/// impl Format for Count {
///     fn info(&self) -> FormatInfo {
///         FormatInfo::new("count", "text/plain", "count")
///     }
///     fn write(&self, document: &DocumentText, output: &mut dyn io::Write) -> io::Result<()> {
///         writeln!(output, "{}", document.word_count())
///     }
/// }
///
/// let formats = Formats::standard().with(Count);
/// assert!(formats.names().contains(&"count".to_owned()));
/// ```
pub trait Format: fmt::Debug + Send + Sync + 'static {
    /// Its name, media type, extension of files, and version.
    fn info(&self) -> FormatInfo;

    /// Writes `document`, which has the wanted pages only. The same document gives the same bytes.
    ///
    /// # Errors
    /// What `output` fails with; nothing in a document keeps it from being written.
    fn write(&self, document: &DocumentText, output: &mut dyn io::Write) -> io::Result<()>;
}
