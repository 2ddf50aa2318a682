//! The types of document that can be read.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind};

/// A type of document that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MediaType {
    /// `application/pdf`
    #[serde(rename = "application/pdf")]
    Pdf,
    /// `image/png`
    #[serde(rename = "image/png")]
    Png,
    /// `image/jpeg`
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// `image/tiff`
    #[serde(rename = "image/tiff")]
    Tiff,
    /// `image/webp`
    #[serde(rename = "image/webp")]
    Webp,
}

impl MediaType {
    /// Every supported type.
    pub const ALL: [Self; 5] = [Self::Pdf, Self::Png, Self::Jpeg, Self::Tiff, Self::Webp];

    /// The MIME type: `application/pdf`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Tiff => "image/tiff",
            Self::Webp => "image/webp",
        }
    }

    /// The name people use: `PDF`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Tiff => "TIFF",
            Self::Webp => "WEBP",
        }
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for MediaType {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|media_type| media_type.as_str() == text)
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::UnsupportedMediaType,
                    "only PDF, PNG, JPEG, TIFF and WEBP files can be read",
                )
            })
    }
}

/// Says what a file is from its first bytes.
pub trait ContentInspector: fmt::Debug + Send + Sync + 'static {
    /// How many leading bytes [`ContentInspector::inspect`] wants to see.
    fn head_len(&self) -> usize;

    /// The type of a file from its first bytes and the name it was given.
    ///
    /// # Errors
    /// `Unsupported` when it is none of ours, `InvalidInput` when it is empty.
    fn inspect(&self, filename: &str, head: &[u8]) -> Result<MediaType, Error>;
}
