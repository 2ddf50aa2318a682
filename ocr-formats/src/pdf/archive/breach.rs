//! Reasons why a file is no PDF/A.

use ocr_core::{Error, ErrorKind};

/// Whether there is a breach.
pub(super) type Checked = Result<(), PdfABreach>;

/// What keeps a PDF from becoming PDF/A-2b; numbers are clauses of ISO 19005-2. It is the source of the `Unsupported`
/// with which [`PdfA`](crate::PdfA) refuses a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PdfABreach {
    /// It is signed, and would have to be written anew (6.4.3).
    #[error("it is signed, and PDF/A has to be written anew, which ends a signature")]
    Signed,
    /// A part of it cannot be read or is larger than what is looked through.
    #[error("a part of it cannot be checked: {0}")]
    Unreadable(&'static str),
    /// It does something by itself or when something is clicked (6.5).
    #[error("it has an action that PDF/A forbids: {0}")]
    Action(String),
    /// It carries other files (6.8).
    #[error("it carries other files")]
    EmbeddedFiles,
    /// Data lies outside of it, as that of a stream or a picture of another file (6.1.7, 6.2.9).
    #[error("a part of it lies outside of the file")]
    External,
    /// A filter that PDF/A forbids, or whose result cannot be checked (6.1.7, 6.2.8.3).
    #[error("it has data in an encoding that PDF/A forbids or that cannot be checked: {0}")]
    Filter(String),
    /// A font is not inside the file (6.2.11.4).
    #[error("the font {0} is not embedded")]
    Font(String),
    /// Colours of a device that no output intent describes (6.2.4.3).
    #[error("its colours in {0} are described by no output intent")]
    Color(&'static str),
    /// An output intent of it cannot be kept beside that of PDF/A (6.2.3).
    #[error("it has an output intent that is not fit for PDF/A")]
    OutputIntent,
    /// A form of XFA, or one whose fields readers have to draw (6.4.1, 6.4.2).
    #[error("it has a form that PDF/A forbids")]
    Form,
    /// An annotation of a kind, or in a state, that PDF/A forbids (6.3).
    #[error("it has an annotation that PDF/A forbids: {0}")]
    Annotation(String),
    /// Layers that can be switched on and off, which are not checked (6.9).
    #[error("it has layers that can be switched on and off")]
    Layers,
    /// Something else that the norm forbids.
    #[error("it has something that PDF/A forbids: {0}")]
    Forbidden(&'static str),
}

impl From<PdfABreach> for Error {
    fn from(breach: PdfABreach) -> Self {
        let message = format!("this PDF cannot become PDF/A-2b: {breach}");
        Self::new(ErrorKind::Unsupported, message).with_source(breach)
    }
}
