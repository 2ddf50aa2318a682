//! Keyset pagination: opaque cursors bound to the filter they were made for.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Error, ErrorKind, Result, clock::Timestamp};

/// Maximum number of items a page may hold.
pub const MAX_PAGE_SIZE: u16 = 100;

/// How much of a list is wanted, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    limit: u16,
    after: Option<Cursor>,
}

impl PageRequest {
    /// The first `limit` items; `InvalidInput` unless `limit` is in 1..=100.
    pub fn first(limit: u16) -> Result<Self> {
        if (1..=MAX_PAGE_SIZE).contains(&limit) {
            Ok(Self { limit, after: None })
        } else {
            Err(Error::new(
                ErrorKind::InvalidInput,
                format!("limit must be between 1 and {MAX_PAGE_SIZE}"),
            ))
        }
    }

    /// The items that follow `cursor`.
    pub fn after(mut self, cursor: Option<Cursor>) -> Self {
        self.after = cursor;
        self
    }

    /// Number of items wanted, 1..=100.
    pub fn limit(&self) -> u16 {
        self.limit
    }

    /// Position to continue from.
    pub fn cursor(&self) -> Option<&Cursor> {
        self.after.as_ref()
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page starts; `None` at the end.
    pub next: Option<Cursor>,
}

/// A position in a list ordered by `(created_at, id)` descending. Opaque to clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

#[derive(Serialize, Deserialize)]
struct ItemPlace {
    at: Timestamp,
    id: Uuid,
}

impl Cursor {
    /// The position behind the item `(at, id)` in a list made with `filter`.
    pub fn new(at: Timestamp, id: Uuid, filter: &str) -> Self {
        Self(encode(ItemPlace { at, id }, filter))
    }

    /// Takes a cursor a client sent back; it is checked when it is used.
    pub fn from_client(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text to hand to clients.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where to continue. `InvalidInput` if the cursor was not made by us for a list with `filter`.
    pub fn decode(&self, filter: &str) -> Result<(Timestamp, Uuid)> {
        decode(&self.0, filter).map(|ItemPlace { at, id }| (at, id))
    }
}

/// A position in a list whose order nothing but the list itself knows: how many items come before it. What is added
/// before it meanwhile moves it. Opaque to clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetCursor(String);

#[derive(Serialize, Deserialize)]
struct OffsetPlace {
    offset: usize,
}

impl OffsetCursor {
    /// The position behind the first `offset` items of a list made with `filter`.
    pub fn new(offset: usize, filter: &str) -> Self {
        Self(encode(OffsetPlace { offset }, filter))
    }

    /// Takes a cursor a client sent back; it is checked when it is used.
    pub fn from_client(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text to hand to clients.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Items to pass over. `InvalidInput` if the cursor was not made by us for a list with `filter`.
    pub fn decode(&self, filter: &str) -> Result<usize> {
        decode(&self.0, filter).map(|OffsetPlace { offset }| offset)
    }
}

const CURSOR_VERSION: u8 = 1;

/// What a cursor holds: a place, and the list it is a place of.
#[derive(Serialize, Deserialize)]
struct Key<P> {
    v: u8,
    #[serde(flatten)]
    place: P,
    filter: String,
}

fn encode<P: Serialize>(place: P, filter: &str) -> String {
    let key = Key {
        v: CURSOR_VERSION,
        place,
        filter: fingerprint(filter),
    };
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&key).unwrap_or_default())
}

fn decode<P: DeserializeOwned>(text: &str, filter: &str) -> Result<P> {
    let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| foreign_cursor())?;
    let key: Key<P> = serde_json::from_slice(&json).map_err(|_| foreign_cursor())?;
    if key.v == CURSOR_VERSION && key.filter == fingerprint(filter) {
        Ok(key.place)
    } else {
        Err(foreign_cursor())
    }
}

fn foreign_cursor() -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        "the cursor is not valid for this list; start again without it",
    )
}

fn fingerprint(filter: &str) -> String {
    let digest = Sha256::digest(filter.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest[..8])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cursor_is_bound_to_its_filter() {
        let at = Timestamp::default();
        let cursor = Cursor::new(at, Uuid::from_u128(7), "pending");
        assert_eq!(cursor.decode("pending").unwrap(), (at, Uuid::from_u128(7)));
        assert_eq!(
            cursor.decode("failed").unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
    }

    #[test]
    fn an_offset_is_bound_to_its_filter() {
        let cursor = OffsetCursor::new(20, "invoice");
        assert_eq!(cursor.decode("invoice").unwrap(), 20);
        assert_eq!(
            cursor.decode("receipt").unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
        assert!(OffsetCursor::from_client("?").decode("").is_err());
    }

    #[test]
    fn limits_are_checked() {
        assert!(PageRequest::first(0).is_err());
        assert!(PageRequest::first(101).is_err());
        assert_eq!(PageRequest::first(100).unwrap().limit(), 100);
    }

    proptest! {
        #[test]
        fn forged_cursors_are_refused_not_believed(text in ".*") {
            prop_assert!(Cursor::from_client(text).decode("").is_err());
        }
    }
}
