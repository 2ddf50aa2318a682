//! Links with which somebody else can read a document: made, listed, revoked and opened.

use std::time::Duration;

use secrecy::SecretString;

use super::{
    AccountService, Secret, SharedDocument, shared_document::VISIT_LIFETIME, sign_in::network,
    written::normalised_password,
};
use crate::{
    Error, ErrorKind, Result,
    account_store::{AttemptLimit, AuditAction},
    builder::builder,
    clock::later,
    formats::choose,
    id::{ShareId, TaskId},
    password_hasher::PasswordMatch,
    service::OcrService,
    share_store::{Share, ShareStore, ShareVisit},
    store::{Actor, Scope, Write},
};

/// Maximum number of links in one answer.
const MAX_LISTED: usize = 500;
/// Passwords for one link from one address that need not wait, and how long the others wait at most.
const HERE: (u32, Duration) = (5, Duration::from_mins(1));
/// The same for one link from everywhere.
const LINK: (u32, Duration) = (20, Duration::from_secs(5));
/// Maximum number of openings that a link can be limited to.
const MAX_OPENS: u32 = 1_000_000;

/// The use cases of links with which somebody else can read a document. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ShareService {
    documents: OcrService,
    accounts: AccountService,
}

/// A link that somebody wants.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NewShare {
    /// For how long it works, at least a minute.
    pub lifetime: Duration,
    /// What else whoever opens it has to know, 8 to 256 characters.
    pub password: Option<SecretString>,
    /// Maximum number of times it is opened, 1 to 1,000,000; without a maximum when absent.
    pub max_opens: Option<u32>,
    /// Names of the formats in which the result can be saved.
    pub formats: Vec<String>,
}

impl NewShare {
    /// A link that works for `lifetime`, without a password, to look at only.
    pub const fn new(lifetime: Duration) -> Self {
        Self {
            lifetime,
            password: None,
            max_opens: None,
            formats: Vec::new(),
        }
    }
}

builder!(NewShare {
    with_password(password: impl Into<Option<SecretString>>) "The same with this password."
    with_max_opens(max_opens: impl Into<Option<u32>>) "The same, opened at most so many times."
    with_formats(formats: Vec<String>) "The same, with these formats to be saved."
});

/// A link that was made. Its secret is shown this once.
#[derive(Debug, Clone)]
pub struct ShareInvitation {
    /// The secret that the link holds.
    pub secret: Secret,
    /// What is kept of it.
    pub share: Share,
}

/// A link that was opened.
#[derive(Debug)]
pub struct OpenedShare {
    /// The secret with which whoever opened it reads on.
    pub secret: Secret,
    /// What they may read.
    pub document: SharedDocument,
}

impl ShareService {
    /// Links to what `documents` has, protected by what `accounts` protects passwords with.
    pub const fn new(documents: OcrService, accounts: AccountService) -> Self {
        Self { documents, accounts }
    }

    /// Makes a link to a document.
    ///
    /// # Errors
    /// `NotFound` for a document that is not in `scope`; `InvalidInput` for a lifetime beyond
    /// [`Policies::max_share_time`](crate::platform::Policies::max_share_time), a format that there is not, or a password or
    /// number that can be none; `Conflict` when there are too many; `Unsupported` where no links are made.
    pub async fn share(&self, scope: Scope, task: TaskId, wanted: NewShare) -> Result<ShareInvitation> {
        let store = self.store()?;
        self.check(&wanted)?;
        let owner = self.documents.get(scope, task).await?.owner;
        let password = match &wanted.password {
            Some(password) => Some(self.accounts.hashed(password).await?),
            None => None,
        };
        let secret = Secret::new(self.accounts.secrets.as_ref(), "")?;
        let platform = &self.accounts.platform;
        let (id, now) = (ShareId(platform.ids.next()), platform.clock.now());
        let end = later(now, wanted.lifetime);
        let share = Share::new(id, task, owner, secret.hash(), now, end)
            .with_password(password)
            .with_max_opens(wanted.max_opens)
            .with_formats(wanted.formats);
        let (write, after) = self
            .documents
            .audited(Write::by(scope), AuditAction::ShareCreated, &[task]);
        store.create_share(scope, share.clone(), write).await?;
        self.documents.record_after(after).await;
        Ok(ShareInvitation { secret, share })
    }

    fn check(&self, wanted: &NewShare) -> Result<()> {
        let invalid = |message: String| Err(Error::new(ErrorKind::InvalidInput, message));
        let most = self.accounts.platform.policies.max_share_time;
        if most.is_zero() {
            return Err(Error::new(ErrorKind::Unsupported, "no links are made here"));
        }
        if wanted.lifetime < Duration::from_mins(1) || wanted.lifetime > most {
            return invalid(format!(
                "a link works for at least a minute and at most {} hours",
                most.as_secs() / 3600
            ));
        }
        if wanted
            .max_opens
            .is_some_and(|opens| !(1..=MAX_OPENS).contains(&opens))
        {
            return invalid(format!(
                "a link is opened 1 to {MAX_OPENS} times, or without a maximum"
            ));
        }
        let all = self.documents.formats();
        for (number, format) in wanted.formats.iter().enumerate() {
            choose(&all, format)?;
            if wanted.formats.iter().take(number).any(|other| other == format) {
                return invalid(format!("{format} is named twice"));
            }
        }
        Ok(())
    }

    /// Links to documents in `scope`, or to one of them, newest first, at most 500.
    ///
    /// # Errors
    /// `Unsupported` where no links are kept.
    pub async fn shares(&self, scope: Scope, task: Option<TaskId>) -> Result<Vec<Share>> {
        self.store()?.shares(scope, task, MAX_LISTED).await
    }

    /// Revokes a link: nobody can read with it any more, whoever has opened it either.
    ///
    /// # Errors
    /// `NotFound` when there is none in `scope`; `Unsupported` where no links are kept.
    pub async fn revoke(&self, scope: Scope, id: ShareId) -> Result<Share> {
        let share = self.store()?.delete_share(scope, id, Write::by(scope)).await?;
        // After it: which document it was to is known by then.
        self.documents
            .record_change(Actor::from(scope), AuditAction::ShareRevoked, share.task)
            .await;
        Ok(share)
    }

    /// Opens a link, from `address`. It is counted, and recorded as of whoever asks.
    ///
    /// # Errors
    /// `NotFound`, the same for every reason, when the link does not work: it never did, its time or number is over, it was
    /// revoked, or its document is gone. `PasswordRequired` without the password or with another one, `RateLimited` with the
    /// time to wait after too many of those, and when too many visit it.
    pub async fn open(
        &self,
        id: ShareId,
        token: &str,
        password: Option<&SecretString>,
        address: &str,
    ) -> Result<OpenedShare> {
        let store = self.store().map_err(|_| no_link())?;
        let token = Secret::sent(token).map_err(|_| no_link())?.hash();
        let now = self.accounts.platform.clock.now();
        let share = store.share(id, token.clone(), now).await?;
        let share = share.ok_or_else(no_link)?;
        self.check_owner(&share).await?;
        self.documents
            .get(Scope::owner(share.owner), share.task)
            .await
            .map_err(gone)?;
        self.check_password(&share, password, address).await?;
        let secret = Secret::new(self.accounts.secrets.as_ref(), "")?;
        let visit = ShareVisit::new(secret.hash(), later(now, VISIT_LIFETIME).min(share.expires_at));
        let (write, after) =
            self.documents
                .audited(Write::by(Actor::System), AuditAction::ShareOpened, &[share.task]);
        let opened = store.open_share(id, token, visit, now, write).await?;
        let share = opened.ok_or_else(no_link)?;
        self.documents.record_after(after).await;
        let document = SharedDocument::new(self.documents.clone(), share);
        Ok(OpenedShare { secret, document })
    }

    /// What whoever has opened a link may read.
    ///
    /// # Errors
    /// `NotFound` when they have not, or the link does not work any more.
    pub async fn visited(&self, id: ShareId, visit: &str) -> Result<SharedDocument> {
        let store = self.store().map_err(|_| no_link())?;
        let visit = Secret::sent(visit).map_err(|_| no_link())?.hash();
        let now = self.accounts.platform.clock.now();
        let share = store.visited_share(id, visit, now).await?;
        let share = share.ok_or_else(no_link)?;
        self.check_owner(&share).await?;
        Ok(SharedDocument::new(self.documents.clone(), share))
    }

    /// What an account that is disabled gave away ends with the next request, as its sessions do.
    async fn check_owner(&self, share: &Share) -> Result<()> {
        let account = self.accounts.store.account(share.owner).await?;
        if account.is_some_and(|account| account.disabled) {
            return Err(no_link());
        }
        Ok(())
    }

    /// Whoever tries passwords waits longer and longer, by the rules of those who sign in.
    async fn check_password(
        &self,
        share: &Share,
        password: Option<&SecretString>,
        address: &str,
    ) -> Result<()> {
        let Some(hash) = &share.password else {
            return Ok(());
        };
        let asked = "this link asks for its password";
        let password = password.ok_or_else(|| Error::new(ErrorKind::PasswordRequired, asked))?;
        let wrong = || {
            Error::new(
                ErrorKind::PasswordRequired,
                "this is not the password of the link",
            )
        };
        let password = normalised_password(password).map_err(|_| wrong())?;
        let link = format!("share:{}", share.id);
        let here = format!("{link} {}", network(address));
        let limits = vec![
            AttemptLimit::new(&here, HERE.0, HERE.1),
            AttemptLimit::new(&link, LINK.0, LINK.1),
        ];
        let accounts = &self.accounts;
        let wait = accounts
            .store
            .attempt(limits, accounts.platform.clock.now())
            .await?;
        if !wait.is_zero() {
            let message = "there were too many attempts; wait a moment";
            // Whole seconds, and never none.
            let wait = Duration::from_secs(wait.as_secs() + 1);
            return Err(Error::new(ErrorKind::RateLimited, message).with_retry_after(wait));
        }
        if accounts.hasher.verify(password, hash.clone()).await? == PasswordMatch::No {
            self.documents.record_refusal(share.task).await;
            return Err(wrong());
        }
        accounts.store.forgive(vec![here, link], Vec::new()).await
    }

    fn store(&self) -> Result<&dyn ShareStore> {
        let store = self.accounts.platform.shares.as_deref();
        store.ok_or_else(|| Error::new(ErrorKind::Unsupported, "no links are kept here"))
    }
}

/// One answer for whatever is wrong with a link.
fn no_link() -> Error {
    Error::new(
        ErrorKind::NotFound,
        "this link does not work, or does not work any more",
    )
}

/// A document that is gone is no reason of its own.
fn gone(error: Error) -> Error {
    if error.kind() == ErrorKind::NotFound {
        no_link()
    } else {
        error
    }
}
