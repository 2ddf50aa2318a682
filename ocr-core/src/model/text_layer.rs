//! What becomes of text that a document has already.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, Result};

/// What is read of a page that has text of its own: its text layer, or its picture. Pages without text are recognised in
/// any case, and where something beyond the text is asked for, all pages are. The names are those of OCRmyPDF where
/// they mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TextLayerMode {
    /// The layer where what it says can be seen and makes sense, with the words of pictures; else the picture. An old
    /// recognition, which is invisible, is not used.
    #[default]
    Auto,
    /// The picture of each page, whatever text it has.
    Force,
    /// The layer of each page that has one, an old recognition too; no picture on such a page is read.
    Skip,
    /// The picture of each page that is not text alone, but for words that can be seen as text, which are kept. An old
    /// recognition is replaced.
    Redo,
}

impl TextLayerMode {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::Auto, Self::Force, Self::Skip, Self::Redo];

    /// The name stored and sent: `auto`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Force => "force",
            Self::Skip => "skip",
            Self::Redo => "redo",
        }
    }

    /// Whether it is what is done when nobody says otherwise.
    pub fn is_auto(&self) -> bool {
        *self == Self::Auto
    }
}

impl fmt::Display for TextLayerMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for TextLayerMode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let known = Self::ALL.into_iter().find(|mode| mode.as_str() == text.trim());
        known.ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join(", ");
            Error::new(
                ErrorKind::InvalidInput,
                format!("text layers are used in one of these ways: {names}"),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_are_stored() {
        for mode in TextLayerMode::ALL {
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.as_str());
            assert_eq!(mode.as_str().parse::<TextLayerMode>().unwrap(), mode);
        }
        let error = "always".parse::<TextLayerMode>().unwrap_err();
        assert!(error.message().contains("auto, force, skip, redo"), "{error:?}");
    }
}
