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
    /// `image/bmp`
    #[serde(rename = "image/bmp")]
    Bmp,
    /// `image/gif`
    #[serde(rename = "image/gif")]
    Gif,
    /// `image/jp2`: JPEG 2000, in a JP2 file or as a bare code stream.
    #[serde(rename = "image/jp2")]
    Jpeg2000,
}

impl MediaType {
    /// Every supported type.
    pub const ALL: [Self; 8] = [
        Self::Pdf,
        Self::Png,
        Self::Jpeg,
        Self::Tiff,
        Self::Webp,
        Self::Bmp,
        Self::Gif,
        Self::Jpeg2000,
    ];

    /// The names of all supported types as one says them: `PDF, PNG, JPEG` and so on, the last one after `conjunction`.
    pub fn names(conjunction: &str) -> String {
        let labels = Self::ALL.map(Self::label);
        let [first @ .., last] = &labels;
        format!("{} {conjunction} {last}", first.join(", "))
    }

    /// The MIME type: `application/pdf`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Tiff => "image/tiff",
            Self::Webp => "image/webp",
            Self::Bmp => "image/bmp",
            Self::Gif => "image/gif",
            Self::Jpeg2000 => "image/jp2",
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
            Self::Bmp => "BMP",
            Self::Gif => "GIF",
            Self::Jpeg2000 => "JPEG 2000",
        }
    }

    /// Endings of the names of such files, in lower case and without a dot, the usual one first. They are for those who
    /// choose files; what a file is, its content says.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Tiff => &["tif", "tiff"],
            Self::Webp => &["webp"],
            Self::Bmp => &["bmp"],
            Self::Gif => &["gif"],
            Self::Jpeg2000 => &["jp2", "j2k", "jpx", "jpf", "j2c"],
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
                    format!("only {} files can be read", Self::names("and")),
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
