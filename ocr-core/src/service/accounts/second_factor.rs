//! The second factor: how it is added, asked for and removed.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::{
    AccountService,
    password::session_of,
    totp::{self, base32},
};
use crate::{
    Error, ErrorKind, Result,
    account_store::{Account, AttemptLimit, AuditAction, AuditOrigin, SecondFactor, TokenHash, no_account},
    id::UserId,
    model::Principal,
};

/// Number of recovery codes.
const RECOVERY_CODES: usize = 10;
/// Bytes of one.
const RECOVERY_BYTES: usize = 10;
/// Maximum number of bytes of a code that somebody sends.
const MAX_SENT: usize = 64;

/// A second factor that its owner has still to confirm. It is shown this once.
#[derive(Debug, Clone)]
pub struct NewSecondFactor {
    /// The secret in base 32, to be typed into an app.
    pub secret: SecretString,
    /// The address that an app reads: `otpauth:`.
    pub uri: SecretString,
}

/// Whether a second factor is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondFactorState {
    /// Whether it was added and confirmed.
    pub active: bool,
    /// Recovery codes that were not used yet.
    pub recovery_left: usize,
}

impl AccountService {
    /// Whether whoever signed in with a session is asked for a second factor.
    ///
    /// # Errors
    /// `PermissionDenied` for whoever signed in with a key or an access token, here and below.
    pub async fn second_factor(&self, principal: &Principal) -> Result<SecondFactorState> {
        session_of(principal)?;
        let factor = self.store.second_factor(principal.user).await?;
        let factor = factor.filter(|factor| factor.confirmed);
        Ok(SecondFactorState {
            active: factor.is_some(),
            recovery_left: factor.map_or(0, |factor| factor.recovery.len()),
        })
    }

    /// Makes a second factor, which is not asked for before it is confirmed. An earlier one that was not is forgotten.
    ///
    /// # Errors
    /// `PermissionDenied` when the password is wrong, `RateLimited` after too many tries, `Conflict` when there is one.
    pub async fn add_second_factor(
        &self,
        principal: &Principal,
        password: &SecretString,
    ) -> Result<NewSecondFactor> {
        self.proven(principal, password).await?;
        let present = self.store.second_factor(principal.user).await?;
        if present.as_ref().is_some_and(|factor| factor.confirmed) {
            let message = "there is a second factor already; remove it first";
            return Err(Error::new(ErrorKind::Conflict, message));
        }
        let secret = totp::new_secret(self.secrets.as_ref())?;
        let mut factor = SecondFactor::new(secret.clone());
        factor.version = present.as_ref().map_or(0, |present| present.version + 1);
        let version = present.map(|present| present.version);
        let user = principal.user;
        if !self
            .store
            .replace_second_factor(user, version, Some(factor), None)
            .await?
        {
            return Err(outrun());
        }
        Ok(NewSecondFactor {
            secret: totp::shown(&secret)?.into(),
            uri: totp::uri(&secret, &principal.login)?.into(),
        })
    }

    /// Confirms a second factor with a code of its app, and gives recovery codes, which are shown this once. From now on it
    /// is asked for.
    ///
    /// # Errors
    /// `PermissionDenied` when the code is wrong, `RateLimited` after too many tries, `NotFound` when none was made,
    /// `Conflict` when it is confirmed already.
    pub async fn confirm_second_factor(
        &self,
        principal: &Principal,
        code: &SecretString,
        origin: &AuditOrigin,
    ) -> Result<Vec<SecretString>> {
        session_of(principal)?;
        let user = principal.user;
        let attempts = self.count_code(user).await?;
        let missing = || Error::new(ErrorKind::NotFound, "add a second factor first");
        let factor = self.store.second_factor(user).await?.ok_or_else(missing)?;
        if factor.confirmed {
            return Err(Error::new(
                ErrorKind::Conflict,
                "the second factor is confirmed already",
            ));
        }
        let wrong = || Error::new(ErrorKind::PermissionDenied, "the code is wrong");
        let typed = totp::typed(code.expose_secret()).ok_or_else(wrong)?;
        let now = self.platform.clock.now();
        let step = totp::step_of(&factor.secret, typed, now, factor.last_step)?.ok_or_else(wrong)?;
        let mut codes = Vec::with_capacity(RECOVERY_CODES);
        for _ in 0..RECOVERY_CODES {
            codes.push(self.recovery_code()?);
        }
        let hashes = codes.iter().map(|code| recovery_hash(code)).collect();
        let entry = self.entry(origin, AuditAction::SecondFactorAdded, user.to_string());
        let version = Some(factor.version);
        let confirmed = Some(factor.confirmed(step, hashes));
        if !self
            .store
            .replace_second_factor(user, version, confirmed, Some(entry))
            .await?
        {
            return Err(outrun());
        }
        self.store.forgive(attempts, Vec::new()).await?;
        Ok(codes.into_iter().map(SecretString::from).collect())
    }

    /// Removes one's own second factor.
    ///
    /// # Errors
    /// `PermissionDenied` when the password is wrong, `RateLimited` after too many tries, `NotFound` when there is none.
    pub async fn remove_second_factor(
        &self,
        principal: &Principal,
        password: &SecretString,
        origin: &AuditOrigin,
    ) -> Result<()> {
        self.proven(principal, password).await?;
        self.drop_second_factor(principal.user, origin).await
    }

    /// Removes the second factor of somebody who lost it: for administrators, and for operators at the machine.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub async fn drop_second_factor(&self, user: UserId, origin: &AuditOrigin) -> Result<()> {
        self.store.account(user).await?.ok_or_else(no_account)?;
        // Again when a code was used at the same moment.
        for _ in 0..3 {
            let missing = || Error::new(ErrorKind::NotFound, "there is no second factor");
            let factor = self.store.second_factor(user).await?.ok_or_else(missing)?;
            let entry = self.entry(origin, AuditAction::SecondFactorRemoved, user.to_string());
            let version = Some(factor.version);
            if self
                .store
                .replace_second_factor(user, version, None, Some(entry))
                .await?
            {
                return Ok(());
            }
        }
        Err(outrun())
    }

    /// Looks at the second factor of somebody whose password was right. It does nothing where there is none.
    ///
    /// # Errors
    /// `PermissionDenied` when a code is asked for and there is none, `Unauthenticated` when it is wrong or was used,
    /// `RateLimited` after too many tries.
    pub(super) async fn second_factor_passed(
        &self,
        account: &Account,
        code: Option<&SecretString>,
        origin: &AuditOrigin,
    ) -> Result<()> {
        let factor = self.store.second_factor(account.id).await?;
        let Some(factor) = factor.filter(|factor| factor.confirmed) else {
            return Ok(());
        };
        let asked = || {
            Error::new(
                ErrorKind::PermissionDenied,
                "a code of the second factor is needed",
            )
        };
        let code = code.ok_or_else(asked)?.expose_secret();
        let attempts = self.count_code(account.id).await?;
        if self.code_taken(account, factor, code, origin).await? {
            return self.store.forgive(attempts, Vec::new()).await;
        }
        self.note(origin, AuditAction::SecondFactorFailed, &account.login)
            .await?;
        Err(Error::new(
            ErrorKind::Unauthenticated,
            "the code is wrong, or was used already",
        ))
    }

    /// Whether `code` was good, which it is not again.
    async fn code_taken(
        &self,
        account: &Account,
        factor: SecondFactor,
        code: &str,
        origin: &AuditOrigin,
    ) -> Result<bool> {
        let version = Some(factor.version);
        let (next, entry) = if let Some(typed) = totp::typed(code) {
            let now = self.platform.clock.now();
            let step = totp::step_of(&factor.secret, typed, now, factor.last_step)?;
            (step.map(|step| factor.used(step)), None)
        } else if code.len() <= MAX_SENT {
            let origin = AuditOrigin::new(Some(account.id), &origin.address);
            let entry = self.entry(&origin, AuditAction::RecoveryCodeUsed, account.id.to_string());
            (factor.without(&recovery_hash(code)), Some(entry))
        } else {
            (None, None)
        };
        match next {
            // Of two who send the same code at once, one comes first.
            Some(next) => {
                let store = &self.store;
                store
                    .replace_second_factor(account.id, version, Some(next), entry)
                    .await
            }
            None => Ok(false),
        }
    }

    /// Counts an attempt at a code, from wherever: there are few of them. Says what to forget after a success.
    async fn count_code(&self, user: UserId) -> Result<Vec<String>> {
        let key = format!("code:{user}");
        let limit = AttemptLimit::new(&key, 5, Duration::from_mins(1));
        let wait = self.store.attempt(vec![limit], self.platform.clock.now()).await?;
        if wait.is_zero() {
            return Ok(vec![key]);
        }
        let message = "there were too many attempts; wait a moment";
        Err(Error::new(ErrorKind::RateLimited, message).with_retry_after(wait))
    }

    /// A new recovery code: 80 random bits, in four groups.
    fn recovery_code(&self) -> Result<String> {
        let mut bytes = [0; RECOVERY_BYTES];
        self.secrets.fill(&mut bytes)?;
        let letters: Vec<char> = base32(&bytes).chars().collect();
        let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
        Ok(groups.join("-"))
    }
}

/// What is kept of a recovery code, however it was typed.
fn recovery_hash(code: &str) -> TokenHash {
    let letters: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    TokenHash::of(&letters)
}

fn outrun() -> Error {
    Error::new(
        ErrorKind::Conflict,
        "the second factor was changed at the same moment; try again",
    )
}
