//! What can be wrong with a document, in sentences its owner can act on.

use ocr_core::{Error, ErrorKind, error::BoxError};
use thiserror::Error as ThisError;

use ocr_core::model::MediaType;

/// Why a document or one of its pages could not be read.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum DocumentError {
    /// No bytes at all.
    #[error("the file is empty")]
    Empty,
    /// The content is none of the supported types.
    #[error("this type of file is not supported; send a {} file", MediaType::names("or"))]
    UnsupportedType,
    /// A picture in HEIC or AVIF, as telephones take them.
    #[error(
        "HEIC and AVIF pictures are not supported; open the picture, save it as JPEG and send that (an iPhone takes \
         JPEG pictures with Settings, Camera, Formats, Most Compatible)"
    )]
    Heic,
    /// The type is supported, but it uses a feature that is not.
    #[error("this {} file uses {feature}, which is not supported", .document.label())]
    UnsupportedFeature {
        /// Type of the file.
        document: MediaType,
        /// The feature, as the object of "uses".
        feature: String,
    },
    /// The file does not follow its own format.
    #[error("the {} file is damaged: {reason}", .document.label())]
    Malformed {
        /// Type of the file.
        document: MediaType,
        /// What is wrong.
        reason: String,
        /// What the decoder said.
        source: Option<BoxError>,
    },
    /// A password is needed to open it.
    #[error("the PDF is protected by a password; give it, or send the PDF without one")]
    Encrypted,
    /// More bytes than [`Limits::max_bytes`](crate::Limits::max_bytes).
    #[error("the file has {bytes} bytes, more than the {limit} that are allowed")]
    TooLarge {
        /// Size of the file.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// More pages than [`Limits::max_pages`](crate::Limits::max_pages).
    #[error("the document has {found} or more pages, more than the {limit} that are allowed")]
    TooManyPages {
        /// Pages counted before giving up.
        found: u64,
        /// The limit.
        limit: u32,
    },
    /// An image is larger than [`Limits::max_page_pixels`](crate::Limits::max_page_pixels).
    #[error("an image of {width} x {height} pixels is more than the {limit} pixels that are allowed")]
    TooManyPixels {
        /// Width in pixels.
        width: u64,
        /// Height in pixels.
        height: u64,
        /// The limit.
        limit: u64,
    },
    /// All frames together are larger than
    /// [`Limits::max_document_pixels`](crate::Limits::max_document_pixels).
    #[error("the images of this document have {pixels} pixels, more than the {limit} that are allowed")]
    TooManyDocumentPixels {
        /// Pixels of all frames.
        pixels: u64,
        /// The limit.
        limit: u64,
    },
    /// Reading it would take more work or memory than is reasonable.
    #[error("the document is too complex to be read: {reason}")]
    TooComplex {
        /// What exceeds which bound.
        reason: String,
    },
    /// A page was asked for that does not exist.
    #[error("there is no page {number}; the document has {count}")]
    NoSuchPage {
        /// One-based number that was asked for.
        number: u64,
        /// Pages of the document.
        count: u32,
    },
    /// One page cannot be read.
    #[error("page {number}: {source}")]
    Page {
        /// One-based page number.
        number: u32,
        /// Why.
        source: Box<DocumentError>,
    },
    /// The file could not be read from its place.
    #[error("the file could not be read")]
    Io(#[from] std::io::Error),
}

impl DocumentError {
    /// A [`DocumentError::Malformed`].
    pub(crate) fn malformed(document: MediaType, reason: impl std::fmt::Display) -> Self {
        Self::Malformed {
            document,
            reason: reason.to_string(),
            source: None,
        }
    }

    /// The same with what a decoder said, for the log; only [`DocumentError::Malformed`] keeps it.
    pub(crate) fn caused_by(mut self, error: impl Into<BoxError>) -> Self {
        if let Self::Malformed { source, .. } = &mut self {
            *source = Some(error.into());
        }
        self
    }

    /// A [`DocumentError::UnsupportedFeature`].
    pub(crate) fn unsupported(document: MediaType, feature: impl std::fmt::Display) -> Self {
        Self::UnsupportedFeature {
            document,
            feature: feature.to_string(),
        }
    }

    /// The kind under which callers of the platform see this error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::UnsupportedType | Self::Heic => ErrorKind::UnsupportedMediaType,
            Self::UnsupportedFeature { .. } => ErrorKind::Unsupported,
            Self::TooLarge { .. } => ErrorKind::TooLarge,
            Self::Encrypted => ErrorKind::PasswordRequired,
            Self::Io(_) => ErrorKind::Unavailable,
            Self::Page { source, .. } => source.kind(),
            Self::TooManyPages { .. } => ErrorKind::TooManyPages,
            Self::TooManyPixels { .. } | Self::TooManyDocumentPixels { .. } => ErrorKind::TooManyPixels,
            Self::Empty | Self::Malformed { .. } | Self::TooComplex { .. } => ErrorKind::InvalidInput,
            Self::NoSuchPage { .. } => ErrorKind::NotFound,
        }
    }
}

impl From<DocumentError> for Error {
    fn from(error: DocumentError) -> Self {
        Self::new(error.kind(), error.to_string())
            .with_source(error)
            .at("documents", "read")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_page_error_is_that_of_its_cause() {
        let error = DocumentError::Page {
            number: 3,
            source: Box::new(DocumentError::unsupported(MediaType::Tiff, "old-style JPEG")),
        };
        assert_eq!(
            error.to_string(),
            "page 3: this TIFF file uses old-style JPEG, which is not supported"
        );
        assert_eq!(Error::from(error).kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn a_password_is_named_with_its_remedy() {
        let error = Error::from(DocumentError::Encrypted);
        assert_eq!(error.kind(), ErrorKind::PasswordRequired);
        assert!(error.message().contains("send the PDF without one"));
        assert!(!error.is_transient());
    }
}
