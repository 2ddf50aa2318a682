//! Identities: UUIDv7 newtypes, so that a task is never mistaken for a file, and their source.

use std::{
    fmt,
    str::FromStr,
    sync::atomic::{AtomicU64, Ordering},
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Error, ErrorKind};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                Uuid::parse_str(text).map(Self).map_err(|_| {
                    Error::new(ErrorKind::InvalidInput, concat!("the ", $what, " is not a UUID"))
                })
            }
        }
    };
}

id!(
    /// Owner of files and tasks.
    UserId,
    "user id"
);
id!(
    /// An uploaded file.
    FileId,
    "file id"
);
id!(
    /// A recognition task.
    TaskId,
    "task id"
);
id!(
    /// An event told to subscribers.
    EventId,
    "event id"
);
id!(
    /// A sign-in that has not ended.
    SessionId,
    "session id"
);
id!(
    /// A key with which a program signs in.
    KeyId,
    "key id"
);
id!(
    /// A key with which access tokens are signed.
    SigningKeyId,
    "signing key id"
);
id!(
    /// An access token.
    AccessTokenId,
    "access token id"
);
id!(
    /// An entry of the audit log; later entries have greater ids.
    AuditId,
    "audit id"
);

id!(
    /// A search that a user saved.
    SavedSearchId,
    "saved search id"
);
id!(
    /// A link with which somebody else can read a document.
    ShareId,
    "share id"
);

/// Makes new identities.
pub trait IdGenerator: fmt::Debug + Send + Sync + 'static {
    /// An identity never given before.
    fn next(&self) -> Uuid;
}

/// Time-ordered random identities (UUIDv7, RFC 9562).
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl IdGenerator for RandomIds {
    #[expect(clippy::disallowed_methods, reason = "the one place that may make random ids")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// 1, 2, 3, ... for tests.
#[derive(Debug, Default)]
pub struct SequentialIds(AtomicU64);

impl IdGenerator for SequentialIds {
    fn next(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed) + 1))
    }
}
