//! A format.

use std::{fmt, io};

use ocr_core::{
    Error, ErrorKind,
    formats::{FormatInfo, FormatInput},
};

/// A format in which a document can be written.
///
/// ```
/// use std::io;
///
/// use ocr_core::formats::{FormatInfo, FormatInput};
/// use ocr_formats::{Format, Formats, WriteError};
///
/// /// The number of words, and nothing else.
/// #[derive(Debug)]
/// struct Count;
///
/// impl Format for Count {
///     fn info(&self) -> FormatInfo {
///         FormatInfo::new("count", "text/plain", "count")
///     }
///     fn write(&self, input: FormatInput<'_>, output: &mut dyn io::Write) -> Result<(), WriteError> {
///         writeln!(output, "{}", input.document.word_count())?;
///         Ok(())
///     }
/// }
///
/// let formats = Formats::standard().with(Count);
/// assert!(formats.names().contains(&"count".to_owned()));
/// ```
pub trait Format: fmt::Debug + Send + Sync + 'static {
    /// Its name, media type, extension of files, and version.
    fn info(&self) -> FormatInfo;

    /// Writes `input`, whose document has the wanted pages only. The same input gives the same bytes.
    ///
    /// # Errors
    /// What `output` fails with, and where the format builds on the original, that it is missing or unfit. Nothing
    /// in a document keeps it from being written.
    fn write(&self, input: FormatInput<'_>, output: &mut dyn io::Write) -> Result<(), WriteError>;
}

/// Why a document was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The output failed.
    #[error("the document could not be written")]
    Output(#[from] io::Error),
    /// The format cannot build on this original, or has none.
    #[error(transparent)]
    Original(#[from] Error),
}

impl From<WriteError> for Error {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Output(error) => {
                Self::new(ErrorKind::Unavailable, "the document could not be written").with_source(error)
            }
            WriteError::Original(error) => error,
        }
    }
}
