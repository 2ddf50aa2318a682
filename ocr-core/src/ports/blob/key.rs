//! Keys of objects.

use std::{fmt, str::FromStr};

use crate::{Error, ErrorKind};

/// The key of an object: segments joined by `/`. Parsed, so that it can never leave its root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobKey(String);

impl BlobKey {
    /// Longest key in bytes; the limit of S3 is 1024, our column holds 512.
    pub const MAX_LEN: usize = 512;

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BlobKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let segment_ok = |segment: &str| {
            !segment.is_empty()
                && segment.len() <= 255
                && segment != "."
                && segment != ".."
                && segment
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        };
        if text.len() <= Self::MAX_LEN && text.split('/').all(segment_ok) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::new(ErrorKind::InvalidInput, "the blob key is malformed"))
        }
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_cannot_leave_their_root() {
        for bad in [
            "", "/a", "a/", "a//b", "../a", "a/..", "a/./b", "a\\b", "a b", "a\0", "C:/a", "ü",
        ] {
            assert!(bad.parse::<BlobKey>().is_err(), "{bad:?}");
        }
        assert!("uploads/0190/0191_scan-1.pdf".parse::<BlobKey>().is_ok());
    }

    proptest! {
        #[test]
        fn a_parsed_key_stays_inside(text in ".{0,40}") {
            if let Ok(key) = text.parse::<BlobKey>() {
                let path = std::path::Path::new(key.as_str());
                prop_assert!(path.is_relative());
                prop_assert!(path.components().all(|c| matches!(c, std::path::Component::Normal(_))));
            }
        }
    }
}
