//! Links with which somebody else can read a document, without a sign-in.

use super::{PasswordHash, TokenHash};
use crate::{
    builder::builder,
    clock::Timestamp,
    id::{ShareId, TaskId, UserId},
};

/// A link with which somebody else can read one document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Share {
    /// Its identity, which may be shown.
    pub id: ShareId,
    /// The task whose document can be read.
    pub task: TaskId,
    /// Whose document it is.
    pub owner: UserId,
    /// The secret that the link holds.
    pub token: TokenHash,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// What else whoever opens it has to know.
    pub password: Option<PasswordHash>,
    /// Maximum number of times it is opened; without a maximum when absent.
    pub max_opens: Option<u32>,
    /// Names of the formats in which the result can be saved with it; without any, it can only be looked at.
    pub formats: Vec<String>,
    /// How often it was opened.
    pub opens: u32,
    /// When it was opened last.
    pub last_opened_at: Option<Timestamp>,
}

builder!(Share {
    with_password(password: impl Into<Option<PasswordHash>>) "The same with this password."
    with_max_opens(max_opens: impl Into<Option<u32>>) "The same, opened at most so many times."
    with_formats(formats: Vec<String>) "The same, with these formats to be saved."
    with_opens(opens: u32) "The same, opened so many times."
    with_last_opened_at(last_opened_at: impl Into<Option<Timestamp>>) "The same, last opened then."
});

impl Share {
    /// A link to the document of `task` that nobody has opened, without a password and without a maximum of openings.
    pub fn new(
        id: ShareId,
        task: TaskId,
        owner: UserId,
        token: TokenHash,
        created_at: Timestamp,
        expires_at: Timestamp,
    ) -> Self {
        Self {
            id,
            task,
            owner,
            token,
            created_at,
            expires_at,
            password: None,
            max_opens: None,
            formats: Vec::new(),
            opens: 0,
            last_opened_at: None,
        }
    }

    /// Whether it can be opened at `now` by whoever knows its secret and password.
    pub fn opens_at(&self, now: Timestamp) -> bool {
        self.expires_at > now && self.max_opens.is_none_or(|most| self.opens < most)
    }
}

/// What somebody holds who has opened a link: it lets them read on without opening it again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShareVisit {
    /// The secret that their browser holds.
    pub token: TokenHash,
    /// When it stops working, if the link does not before.
    pub expires_at: Timestamp,
}

impl ShareVisit {
    /// A visit that lasts until `expires_at`.
    pub const fn new(token: TokenHash, expires_at: Timestamp) -> Self {
        Self { token, expires_at }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        clock::later,
        id::{IdGenerator, RandomIds},
    };

    #[test]
    fn a_link_opens_until_its_time_or_its_number_is_over() {
        let now = Timestamp::default();
        let share = Share::new(
            ShareId(RandomIds.next()),
            TaskId(RandomIds.next()),
            UserId(RandomIds.next()),
            TokenHash::of("secret"),
            now,
            later(now, Duration::from_secs(1)),
        );
        assert!(share.opens_at(now) && !share.opens_at(share.expires_at));
        let twice = share.with_max_opens(2).with_opens(1);
        assert!(twice.opens_at(now));
        assert!(!twice.with_opens(2).opens_at(now));
    }
}
