//! What may be asked of an engine beyond the text.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, Result};

/// Something an engine may find beyond lines of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Feature {
    /// Tables with their cells.
    Tables,
    /// Keys with their values, and check boxes.
    Forms,
    /// Titles, headers, lists, figures and the order in which they are read.
    Layout,
    /// Signatures.
    Signatures,
    /// Answers to questions.
    Queries,
}

impl Feature {
    /// Every feature there is.
    pub const ALL: [Self; 5] = [
        Self::Tables,
        Self::Forms,
        Self::Layout,
        Self::Signatures,
        Self::Queries,
    ];

    /// The name stored and sent: `tables`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tables => "tables",
            Self::Forms => "forms",
            Self::Layout => "layout",
            Self::Signatures => "signatures",
            Self::Queries => "queries",
        }
    }

    /// Reads a list such as `tables,forms`; sorted, each once.
    ///
    /// # Errors
    /// `InvalidInput` for a name that is none.
    pub fn parse_list(text: &str) -> Result<Vec<Self>> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        let mut features = names.map(str::parse).collect::<Result<Vec<Self>>>()?;
        features.sort_unstable();
        features.dedup();
        Ok(features)
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Feature {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let known = Self::ALL.into_iter().find(|feature| feature.as_str() == text);
        known.ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|feature| feature.as_str()).collect();
            Error::new(
                ErrorKind::InvalidInput,
                format!("features are some of: {}", names.join(", ")),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_and_hold_each_feature_once() {
        let features = Feature::parse_list(" forms, tables,,forms").unwrap();
        assert_eq!(features, [Feature::Tables, Feature::Forms]);
        assert_eq!(Feature::parse_list("").unwrap(), []);
        assert!(Feature::parse_list("tables,telepathy").is_err());
    }

    #[test]
    fn names_are_those_that_are_stored() {
        for feature in Feature::ALL {
            assert_eq!(serde_json::to_value(feature).unwrap(), feature.as_str());
            assert_eq!(feature.as_str().parse::<Feature>().unwrap(), feature);
        }
    }
}
