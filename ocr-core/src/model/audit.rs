//! The audit log: who did what, when and from where.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{
    Error, ErrorKind, Result,
    builder::builder,
    clock::Timestamp,
    id::{AuditId, UserId},
};

/// Defines the actions with their names.
macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)?) => {
        /// What was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum AuditAction {
            $($(#[$doc])* $variant),+
        }

        impl AuditAction {
            /// Every action.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its name in databases and in the API.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }
        }

        impl FromStr for AuditAction {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(Error::new(ErrorKind::InvalidInput, "the audit log knows no such action")),
                }
            }
        }
    };
}

actions! {
    /// Somebody signed in.
    SignedIn = "signed_in",
    /// Somebody tried to, with the wrong name or password.
    SignInFailed = "sign_in_failed",
    /// Somebody signed out.
    SignedOut = "signed_out",
    /// A session was ended by its owner from elsewhere.
    SessionRevoked = "session_revoked",
    /// An account was made.
    AccountCreated = "account_created",
    /// A password was chosen.
    PasswordChanged = "password_changed",
    /// A link to choose a password was made.
    ResetLinkCreated = "reset_link_created",
    /// An account has another role.
    RoleChanged = "role_changed",
    /// An account may not sign in any more.
    AccountDisabled = "account_disabled",
    /// An account may sign in again.
    AccountEnabled = "account_enabled",
    /// An account can be signed in to with a provider.
    IdentityLinked = "identity_linked",
    /// A key was made.
    KeyCreated = "key_created",
    /// A key was revoked.
    KeyRevoked = "key_revoked",
    /// A program was given tokens.
    TokensIssued = "tokens_issued",
    /// Tokens of a program were taken back.
    TokensRevoked = "tokens_revoked",
    /// A refresh token was used again after another had taken its place: somebody else may have it. Its session ended.
    RefreshTokenReused = "refresh_token_reused",
    /// Access tokens are signed with another key.
    SigningKeyRotated = "signing_key_rotated",
    /// A second factor was added to an account, and confirmed.
    SecondFactorAdded = "second_factor_added",
    /// A second factor was removed.
    SecondFactorRemoved = "second_factor_removed",
    /// Somebody gave the right password and a wrong code.
    SecondFactorFailed = "second_factor_failed",
    /// A recovery code was used in place of one of the app.
    RecoveryCodeUsed = "recovery_code_used",
    /// Documents passed to another owner.
    DocumentsAdopted = "documents_adopted",
    /// A document was put in the trash.
    DocumentDeleted = "document_deleted",
    /// A document was taken out of the trash.
    DocumentRestored = "document_restored",
    /// A document was deleted for good.
    DocumentPurged = "document_purged",
    /// What was in the trash of a user was deleted for good.
    TrashEmptied = "trash_emptied",
    /// A document was opened with its password and is kept without its protection.
    DocumentUnlocked = "document_unlocked",
    /// What a user may use is limited in another way.
    QuotasChanged = "quotas_changed",
    /// A document was sent.
    DocumentSubmitted = "document_submitted",
    /// A document was asked to be read again.
    DocumentRetried = "document_retried",
    /// Reading a document was stopped.
    DocumentCancelled = "document_cancelled",
    /// What was read in a document was corrected.
    DocumentCorrected = "document_corrected",
    /// Labels, collection or note of a document were changed.
    DocumentFiled = "document_filed",
    /// The text or the pages of a document were looked at.
    DocumentViewed = "document_viewed",
    /// A document, or what was read in it, was saved as a file.
    DocumentDownloaded = "document_downloaded",
    /// A document was put into an archive of several.
    DocumentExported = "document_exported",
    /// A link was made with which a document can be read without a sign-in.
    LinkMade = "link_made",
    /// A link was made with which somebody else can read a document.
    ShareCreated = "share_created",
    /// A document was opened with such a link.
    ShareOpened = "share_opened",
    /// Such a link was revoked.
    ShareRevoked = "share_revoked",
    /// Somebody asked for what they may not see or do.
    AccessRefused = "access_refused",
    /// The audit log was written to a file.
    AuditExported = "audit_exported",
    /// Entries whose time was over were removed from the audit log.
    AuditPruned = "audit_pruned",
    /// All that belongs to a user was written to a file.
    UserExported = "user_exported",
    /// A user was forgotten, with all that was theirs.
    UserErased = "user_erased",
}

/// How much of what is done with documents is recorded. What is done with accounts is recorded in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum AuditLevel {
    /// Nothing.
    #[default]
    Off,
    /// What changes documents, and what is refused.
    Changes,
    /// That, and what is looked at, saved and exported.
    All,
}

impl AuditLevel {
    /// Its name in settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Changes => "changes",
            Self::All => "all",
        }
    }
}

impl FromStr for AuditLevel {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "off" => Ok(Self::Off),
            "changes" => Ok(Self::Changes),
            "all" => Ok(Self::All),
            _ => Err(Error::new(
                ErrorKind::InvalidInput,
                "choose one of off, changes, all",
            )),
        }
    }
}

/// Who does something, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct AuditOrigin {
    /// Who; nobody who has signed in, or an operator at the machine, when absent.
    pub actor: Option<UserId>,
    /// The network address they do it from; empty for an operator at the machine.
    pub address: String,
}

impl AuditOrigin {
    /// `actor` at `address`.
    pub fn new(actor: Option<UserId>, address: impl Into<String>) -> Self {
        Self {
            actor,
            address: address.into(),
        }
    }
}

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditEntry {
    /// Its identity; later entries have greater ones.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who; nobody who has signed in, or an operator at the machine, when absent.
    pub actor: Option<UserId>,
    /// What.
    pub action: AuditAction,
    /// To which account, key, session or document: an id, or the name of an account. Never a secret.
    pub object: String,
    /// The network address; empty for an operator at the machine.
    pub address: String,
}

builder!(AuditEntry {
    with_object(object: impl Into<String>) "The same about this."
});

impl AuditEntry {
    /// An entry that says what was done by whom.
    pub fn new(id: AuditId, at: Timestamp, origin: AuditOrigin, action: AuditAction) -> Self {
        Self {
            id,
            at,
            actor: origin.actor,
            action,
            object: String::new(),
            address: origin.address,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_come_back_by_their_names() {
        for action in AuditAction::ALL {
            assert_eq!(action.as_str().parse::<AuditAction>().unwrap(), *action);
            assert_eq!(serde_json::to_value(action).unwrap(), action.as_str());
        }
    }

    #[test]
    fn each_level_records_what_the_one_before_does() {
        assert!(AuditLevel::Off < AuditLevel::Changes && AuditLevel::Changes < AuditLevel::All);
        for level in [AuditLevel::Off, AuditLevel::Changes, AuditLevel::All] {
            assert_eq!(level.as_str().parse::<AuditLevel>().unwrap(), level);
        }
        assert!("some".parse::<AuditLevel>().is_err());
    }
}
