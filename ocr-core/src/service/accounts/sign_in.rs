//! Signing in and out.

use std::{net::IpAddr, time::Duration};

use secrecy::SecretString;

use super::{
    AccountService, Secret,
    refresh_token::RefreshToken,
    secret,
    written::{normalised_login, normalised_password},
};
use crate::{
    Error, ErrorKind, Result,
    account_store::{
        Account, AccountChange, AttemptLimit, AuditAction, AuditOrigin, KeyScope, PasswordHash, Session,
    },
    clock::{Timestamp, later},
    digest::sha256_hex,
    id::SessionId,
    model::{Credential, Principal},
    password_hasher::PasswordMatch,
};

/// Maximum time between two uses of a session.
pub(super) const IDLE: Duration = Duration::from_hours(7 * 24);
/// Maximum time from signing in to the end of the session: 30 days.
pub const SESSION_LIFETIME: Duration = Duration::from_hours(30 * 24);
/// Maximum number of characters kept of what a browser calls itself.
const MAX_AGENT: usize = 120;

/// Attempts at one account from one address that need not wait, and how long the others wait at most.
const HERE: (u32, Duration) = (5, Duration::from_mins(1));
/// The same for one account from everywhere: short, or anybody could keep its owner out.
const ACCOUNT: (u32, Duration) = (20, Duration::from_secs(5));
/// The same for one address, which many people may share.
const ADDRESS: (u32, Duration) = (50, Duration::from_secs(10));

/// Somebody who wants to sign in.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// Their name or e-mail address.
    pub login: String,
    /// Their password.
    pub password: SecretString,
    /// From where.
    pub address: String,
    /// What their browser calls itself.
    pub agent: String,
    /// A code of their second factor, or a recovery code.
    pub code: Option<SecretString>,
}

/// A sign-in that succeeded.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The secret that the browser holds from now on.
    pub secret: Secret,
    /// Who signed in.
    pub principal: Principal,
}

/// Who holds a session that begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// A browser, with the secret of the session.
    Browser,
    /// A program, with tokens that may be used for this. The secret of the session is given to nobody.
    Program(KeyScope),
}

/// A session that has begun.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) signed_in: SignedIn,
    /// The first refresh token, for a program.
    pub(super) refresh: Option<RefreshToken>,
}

/// Where a session begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// The network address.
    pub(super) address: &'a str,
    /// What the browser or the program calls itself.
    pub(super) agent: &'a str,
}

impl<'a> Place<'a> {
    pub(super) fn of(asked: &'a SignIn) -> Self {
        Self {
            address: &asked.address,
            agent: &asked.agent,
        }
    }

    fn short_agent(self) -> String {
        let shown = self.agent.chars().filter(|character| !character.is_control());
        shown.take(MAX_AGENT).collect()
    }
}

impl AccountService {
    /// Signs somebody in.
    ///
    /// It takes as long, and is answered alike, whether the account does not exist, is disabled, has no password, or has
    /// another one.
    ///
    /// # Errors
    /// `Unauthenticated` when name and password do not belong together, `RateLimited` with the time to wait after too
    /// many failures, `InvalidInput` for a name or password that can be none. Once the password was right:
    /// `PermissionDenied` when a code of the second factor is needed too, `Unauthenticated` when it is wrong.
    pub async fn sign_in(&self, asked: &SignIn) -> Result<SignedIn> {
        let begun = self.sign_in_as(asked, Holder::Browser).await?;
        Ok(begun.signed_in)
    }

    /// Signs in a browser, or a program that is to be given tokens.
    pub(super) async fn sign_in_as(&self, asked: &SignIn, holder: Holder) -> Result<Begun> {
        let login = normalised_login(&asked.login)?;
        let password = normalised_password(&asked.password)?;
        let origin = AuditOrigin::new(None, &asked.address);
        let (forget, undo) = self.count_attempt(&login, &origin.address).await?;
        let (mut account, mut found) = self.verified(&login, &password, &origin).await?;
        self.second_factor_passed(&account, asked.code.as_ref(), &origin)
            .await?;
        let place = Place::of(asked);
        let mut begun = self.begin_session(&account, place, holder).await;
        if is_outrun(&begun) {
            // Another sign-in may have made the hash anew. After a change of the password, this one is wrong now.
            (account, found) = self.verified(&login, &password, &origin).await?;
            begun = self.begin_session(&account, place, holder).await;
        }
        if is_outrun(&begun) {
            return Err(wrong());
        }
        let begun = begun?;
        self.tidy_up(&account, password, found, (forget, undo)).await;
        Ok(begun)
    }

    /// The account whose password this is, and how well its hash matches.
    async fn verified(
        &self,
        login: &str,
        password: &SecretString,
        origin: &AuditOrigin,
    ) -> Result<(Account, PasswordMatch)> {
        let account = self.store.account_of(login.to_owned()).await?;
        let hash = account.as_ref().and_then(|account| account.password.clone());
        let real = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        let found = self.hasher.verify(password.clone(), hash).await?;
        // A name that nobody has may be a password that was typed into the wrong field: it is not kept.
        let known = account
            .as_ref()
            .map_or("", |account| account.login.as_str())
            .to_owned();
        let account = account.filter(|account| real && !account.disabled && found != PasswordMatch::No);
        let Some(account) = account else {
            self.note(origin, AuditAction::SignInFailed, known).await?;
            return Err(wrong());
        };
        Ok((account, found))
    }

    /// What follows a sign-in and does not undo it when it fails: the attempt is forgiven, an old hash made anew.
    async fn tidy_up(
        &self,
        account: &Account,
        password: SecretString,
        found: PasswordMatch,
        (forget, undo): (Vec<String>, Vec<String>),
    ) {
        if let Err(error) = self.store.forgive(forget, undo).await {
            tracing::warn!(%error, "an attempt to sign in goes on to count");
        }
        let Some(from) = account
            .password
            .clone()
            .filter(|_| found == PasswordMatch::Outdated)
        else {
            return;
        };
        if let Err(error) = self.rehash(account, password, from).await {
            tracing::warn!(%error, "a password is kept under old parameters");
        }
    }

    /// Counts an attempt, and says which counters to forget and which to lessen after a success.
    async fn count_attempt(&self, login: &str, address: &str) -> Result<(Vec<String>, Vec<String>)> {
        // As a digest: a name that nobody has may be a password that was typed into the wrong field.
        let login = sha256_hex(login);
        let address = network(address);
        let here = format!("here:{login} {address}");
        let account = format!("account:{login}");
        let from = from(&address);
        let limits = vec![
            AttemptLimit::new(&here, HERE.0, HERE.1),
            AttemptLimit::new(&account, ACCOUNT.0, ACCOUNT.1),
            AttemptLimit::new(&from, ADDRESS.0, ADDRESS.1),
        ];
        let wait = self.store.attempt(limits, self.platform.clock.now()).await?;
        if wait.is_zero() {
            return Ok((vec![here, account], vec![from]));
        }
        Err(too_many(&address, wait))
    }

    /// Counts an attempt from an address that names no account, such as what comes back from a provider of sign-ins. It
    /// counts as failed until somebody has signed in.
    ///
    /// # Errors
    /// `RateLimited` with the time to wait after too many failures from this address.
    pub async fn count_arrival(&self, address: &str) -> Result<()> {
        let address = network(address);
        let limit = AttemptLimit::new(from(&address), ADDRESS.0, ADDRESS.1);
        let wait = self.store.attempt(vec![limit], self.platform.clock.now()).await?;
        if wait.is_zero() {
            return Ok(());
        }
        Err(too_many(&address, wait))
    }

    /// Forgives what [`AccountService::count_arrival`] counted last; a sign-in stands although it fails.
    pub(super) async fn forgive_arrival(&self, address: &str) {
        let undo = vec![from(&network(address))];
        if let Err(error) = self.store.forgive(Vec::new(), undo).await {
            tracing::warn!(%error, "an attempt to sign in goes on to count");
        }
    }

    /// Keeps the password under the present parameters.
    async fn rehash(&self, account: &Account, password: SecretString, from: PasswordHash) -> Result<()> {
        let salt = secret::salt(self.secrets.as_ref())?;
        let to = self.hasher.hash(password, salt).await?;
        let change = AccountChange::Rehashed { from, to };
        self.store
            .change_account(account.id, change, None)
            .await
            .map(drop)
    }

    /// Begins a session of `account`, unless it has another password by now.
    pub(super) async fn begin_session(
        &self,
        account: &Account,
        place: Place<'_>,
        holder: Holder,
    ) -> Result<Begun> {
        let secret = Secret::new(self.secrets.as_ref(), "")?;
        let now = self.platform.clock.now();
        let id = SessionId(self.platform.ids.next());
        let (refresh, chain) = match holder {
            Holder::Browser => (None, None),
            Holder::Program(scope) => {
                let (token, chain) = self.first_refresh_token(account, id, scope)?;
                (Some(token), Some(chain))
            }
        };
        let session = Session::new(id, account.id, secret.hash(), now, expiry(now, now))
            .with_agent(place.short_agent())
            .with_address(place.address)
            .with_refresh(chain);
        let origin = AuditOrigin::new(Some(account.id), place.address);
        let entry = match holder {
            Holder::Browser => self.entry(&origin, AuditAction::SignedIn, &account.login),
            Holder::Program(_) => self.entry(&origin, AuditAction::TokensIssued, id.to_string()),
        };
        let verified = account.password.clone();
        self.store
            .create_session(session.clone(), verified, entry)
            .await?;
        let principal = Principal::in_session(&session, account);
        Ok(Begun {
            signed_in: SignedIn { secret, principal },
            refresh,
        })
    }

    /// Ends the session somebody signed in with.
    ///
    /// # Errors
    /// `InvalidInput` for whoever signed in with a key; `NotFound` when it has ended already.
    pub async fn sign_out(&self, principal: &Principal, origin: &AuditOrigin) -> Result<()> {
        let Credential::Session(id) = principal.credential else {
            let message = "a key does not sign out; revoke it";
            return Err(Error::new(ErrorKind::InvalidInput, message));
        };
        let entry = self.entry(origin, AuditAction::SignedOut, id.to_string());
        self.store.end_session(principal.user, id, entry).await?;
        self.endings.announce();
        Ok(())
    }
}

/// What attempts from an address are counted under.
fn from(address: &str) -> String {
    format!("address:{address}")
}

fn too_many(address: &str, wait: Duration) -> Error {
    // Not in the audit log: those who do not wait must not fill it.
    tracing::warn!(%address, "too many attempts to sign in");
    let message = "there were too many attempts to sign in; wait a moment";
    // Whole seconds, and never none.
    let wait = Duration::from_secs(wait.as_secs() + 1);
    Error::new(ErrorKind::RateLimited, message).with_retry_after(wait)
}

/// What counts as one address: of IPv6 the first half, all of whose addresses one machine can have.
pub(super) fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(v6)) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        _ => address.to_owned(),
    }
}

/// When a session that began at `created_at` and is used at `now` ends by itself.
pub(super) fn expiry(created_at: Timestamp, now: Timestamp) -> Timestamp {
    later(created_at, SESSION_LIFETIME).min(later(now, IDLE))
}

/// Whether the account was disabled, or got another hash, after the password was verified.
fn is_outrun(begun: &Result<Begun>) -> bool {
    matches!(begun, Err(error) if error.kind() == ErrorKind::NotFound)
}

/// One answer for whatever is wrong.
pub(super) fn wrong() -> Error {
    Error::new(ErrorKind::Unauthenticated, "the name or the password is wrong")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_is_one_address() {
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:2"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("192.0.2.1"), "192.0.2.1");
        assert_eq!(network(""), "");
    }

    #[test]
    fn a_session_ends_after_a_week_of_rest_or_a_month() {
        let start = Timestamp::default();
        let day = |days: u64| later(start, Duration::from_hours(days * 24));
        assert_eq!(expiry(start, start), day(7));
        assert_eq!(expiry(start, day(20)), day(27));
        assert_eq!(expiry(start, day(29)), day(30));
    }
}
