//! Whose objects a call may see.

use crate::id::UserId;

/// Whose objects a call may see. Calls for lists, changes, events and single tasks all take one, so no call
/// can forget it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Scope {
    owner: Option<UserId>,
}

impl Scope {
    /// One owner's tasks and events; the trash is hidden.
    pub const fn owner(user: UserId) -> Self {
        Self { owner: Some(user) }
    }

    /// The platform itself: everything.
    pub const fn system() -> Self {
        Self { owner: None }
    }

    /// Whether something of `owner` may be seen.
    pub fn covers(self, owner: UserId) -> bool {
        self.owner.is_none_or(|wanted| wanted == owner)
    }

    /// The one owner it is limited to; `None` for the platform itself.
    pub const fn owner_id(self) -> Option<UserId> {
        self.owner
    }

    /// Whether it is the platform itself.
    pub const fn is_system(self) -> bool {
        self.owner.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{IdGenerator, RandomIds};

    #[test]
    fn an_owner_sees_their_own_and_the_platform_sees_all() {
        let (one, other) = (UserId(RandomIds.next()), UserId(RandomIds.next()));
        assert!(Scope::owner(one).covers(one) && !Scope::owner(one).covers(other));
        assert!(Scope::system().covers(one) && Scope::system().is_system());
        assert_eq!(Scope::owner(one).owner_id(), Some(one));
    }
}
