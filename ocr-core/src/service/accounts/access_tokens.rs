//! Access tokens of programs: short-lived, signed, and renewed with refresh tokens that are used once.

use std::time::Duration;

use secrecy::SecretString;

use super::{
    AccountService, Secret, SignIn,
    identify::nobody,
    key_ring::TokenIssuer,
    password::session_of,
    refresh_token::{MAX_GENERATIONS, RefreshToken, spent},
    sign_in::{Begun, Holder, Place},
};
use crate::{
    Error, ErrorKind, Result,
    access_token_signer::AccessClaims,
    account_store::{
        Account, AuditAction, AuditOrigin, KeyScope, Lookup, RefreshChain, RefreshSalt, Role, Session,
    },
    clock::{Timestamp, later},
    digest::hex,
    id::{AccessTokenId, SessionId, UserId},
    model::Principal,
};

/// How long an access token works: 10 minutes, unless its session ends before.
pub const ACCESS_TOKEN_LIFETIME: Duration = Duration::from_mins(10);
/// How long a refresh token that was used is answered with the same next one: two who share it do not end each other's
/// session.
pub const REFRESH_GRACE: Duration = Duration::from_secs(30);
/// Maximum number of bytes of an access token that somebody sends: one of ours is shorter.
const MAX_SENT: usize = 2048;
/// How far the clock of the server that made a token may be ahead.
const SKEW: Duration = Duration::from_mins(1);

/// Tokens that a program was given.
#[derive(Debug, Clone)]
pub struct IssuedTokens {
    /// What it sends with each request.
    pub access: SecretString,
    /// When that stops working.
    pub expires_at: Timestamp,
    /// With what it asks for the next ones, once.
    pub refresh: Secret,
    /// What both may be used for.
    pub scope: KeyScope,
    /// The session they belong to.
    pub session: SessionId,
}

impl AccountService {
    /// Tokens for a program of somebody who gives name and password.
    ///
    /// # Errors
    /// As [`AccountService::sign_in`]; `PermissionDenied` for scope admin of somebody who is none, `Unsupported` where
    /// programs are given no tokens.
    pub async fn issue_tokens(&self, asked: &SignIn, scope: KeyScope) -> Result<IssuedTokens> {
        let issuer = self.issuer()?;
        let begun = self.sign_in_as(asked, Holder::Program(scope)).await?;
        self.first_tokens(issuer, &begun, scope).await
    }

    /// Tokens for a program of somebody who signed in with a browser. They have a session of their own.
    ///
    /// # Errors
    /// `PermissionDenied` for whoever signed in with a key or an access token, and for scope admin of somebody who is no
    /// administrator; `Unauthenticated` when the session has ended; `Unsupported` where programs are given no tokens.
    pub async fn issue_tokens_in_session(
        &self,
        principal: &Principal,
        scope: KeyScope,
        origin: &AuditOrigin,
        agent: &str,
    ) -> Result<IssuedTokens> {
        let issuer = self.issuer()?;
        let id = session_of(principal)?;
        let found = self
            .store
            .session(Lookup::Id(id), self.platform.clock.now())
            .await?;
        let (_, account) = found.ok_or_else(nobody)?;
        let place = Place {
            address: &origin.address,
            agent,
        };
        let begun = self
            .begin_session(&account, place, Holder::Program(scope))
            .await?;
        self.first_tokens(issuer, &begun, scope).await
    }

    /// The next tokens of a program.
    ///
    /// A refresh token is used once. Within [`REFRESH_GRACE`] after that it is answered with the same next one; later its
    /// session ends, because one of two who have it may not be its owner.
    ///
    /// # Errors
    /// `Unauthenticated` when the token does not work any more, or never did; `Conflict` when others use it at this very
    /// moment.
    pub async fn refresh_tokens(&self, refresh: &str, origin: &AuditOrigin) -> Result<IssuedTokens> {
        let issuer = self.issuer()?;
        let token = RefreshToken::sent(refresh)?;
        // Twice: when somebody else was faster, the same next one is answered.
        for _ in 0..2 {
            let now = self.platform.clock.now();
            let (session, account, chain) = self.chain_of(&token, now).await?.ok_or_else(spent)?;
            let (later_ones, present) = token.place_in(&chain).ok_or_else(spent)?;
            let scope = held(chain.scope, account.role);
            if later_ones == 0 && chain.generation < MAX_GENERATIONS {
                let next = present.next(&chain.salt);
                let rotated = chain.clone().rotated(next.generation, next.hash(), now);
                let id = session.id;
                if self.store.rotate_refresh(id, chain.generation, rotated).await? {
                    self.seen(session, &account, now).await?;
                    return self.issued(issuer, account.id, &next, scope).await;
                }
            } else if later_ones == 1 && now < later(chain.rotated_at, REFRESH_GRACE) {
                return self.issued(issuer, account.id, &present, scope).await;
            } else {
                if later_ones > 0 {
                    self.end_reused(&session, &account, origin).await?;
                }
                return Err(spent());
            }
        }
        Err(Error::new(
            ErrorKind::Conflict,
            "others use this refresh token at this moment",
        ))
    }

    /// Takes the tokens of a program back: the session of a refresh token ends, whichever of its tokens it is. What is
    /// none, or has ended, is passed over.
    pub async fn revoke_tokens(&self, refresh: &str, origin: &AuditOrigin) -> Result<()> {
        let Ok(token) = RefreshToken::sent(refresh) else {
            return Ok(());
        };
        let now = self.platform.clock.now();
        let Some((session, account, chain)) = self.chain_of(&token, now).await? else {
            return Ok(());
        };
        if token.place_in(&chain).is_none() {
            return Ok(());
        }
        let origin = AuditOrigin::new(Some(account.id), &origin.address);
        self.end_program(&session, &account, AuditAction::TokensRevoked, &origin)
            .await
    }

    /// Whoever holds an access token. Account and session are looked up each time: what has ended does not work, however
    /// long the token would.
    ///
    /// # Errors
    /// `Unauthenticated` when it is none of ours, has expired, or its session has ended.
    pub async fn by_access_token(&self, token: &str) -> Result<Principal> {
        let issuer = self.tokens.as_ref().ok_or_else(nobody)?;
        if token.len() > MAX_SENT {
            return Err(nobody());
        }
        let id = issuer.signer.key_named(token).ok_or_else(nobody)?;
        let key = self.believed_key(issuer, id).await?.ok_or_else(nobody)?;
        let claims = issuer.signer.verify(token, &key)?;
        let now = self.platform.clock.now();
        if now >= claims.expires_at || claims.issued_at > later(now, SKEW) {
            return Err(nobody());
        }
        let found = self.store.session(Lookup::Id(claims.session), now).await?;
        let (session, account) = found
            .filter(|(session, account)| session.refresh.is_some() && account.id == claims.user)
            .ok_or_else(nobody)?;
        self.seen(session, &account, now).await
    }

    /// What signs. `Unsupported` where programs are given no tokens.
    pub(super) fn issuer(&self) -> Result<&TokenIssuer> {
        let unsupported = || {
            Error::new(
                ErrorKind::Unsupported,
                "programs are given no tokens here; use a key",
            )
        };
        self.tokens.as_deref().ok_or_else(unsupported)
    }

    /// The first refresh token of a session that begins, and what is kept of it.
    pub(super) fn first_refresh_token(
        &self,
        account: &Account,
        session: SessionId,
        scope: KeyScope,
    ) -> Result<(RefreshToken, RefreshChain)> {
        if scope == KeyScope::Admin && account.role != Role::Admin {
            let message = "tokens of scope admin are for administrators";
            return Err(Error::new(ErrorKind::PermissionDenied, message));
        }
        let mut salt = [0; 32];
        self.secrets.fill(&mut salt)?;
        let token = RefreshToken::first(session, self.secrets.as_ref())?;
        let salt = RefreshSalt::new(hex(&salt));
        let chain = RefreshChain::new(scope, token.hash(), salt, self.platform.clock.now());
        Ok((token, chain))
    }

    async fn first_tokens(
        &self,
        issuer: &TokenIssuer,
        begun: &Begun,
        scope: KeyScope,
    ) -> Result<IssuedTokens> {
        let defect = || Error::new(ErrorKind::Internal, "a program was given no refresh token");
        let token = begun.refresh.as_ref().ok_or_else(defect)?;
        let user = begun.signed_in.principal.user;
        self.issued(issuer, user, token, scope).await
    }

    /// `refresh` with an access token of its session.
    async fn issued(
        &self,
        issuer: &TokenIssuer,
        user: UserId,
        refresh: &RefreshToken,
        scope: KeyScope,
    ) -> Result<IssuedTokens> {
        let key = self.signing_key(issuer).await?;
        let now = self.platform.clock.now();
        let expires_at = later(now, ACCESS_TOKEN_LIFETIME);
        let id = AccessTokenId(self.platform.ids.next());
        let claims = AccessClaims::new(id, user, refresh.session, scope, now, expires_at);
        Ok(IssuedTokens {
            access: issuer.signer.sign(&key, &claims)?.into(),
            expires_at,
            refresh: refresh.written(),
            scope,
            session: refresh.session,
        })
    }

    /// The session that a refresh token names, while it stands and belongs to a program.
    async fn chain_of(
        &self,
        token: &RefreshToken,
        now: Timestamp,
    ) -> Result<Option<(Session, Account, RefreshChain)>> {
        let found = self.store.session(Lookup::Id(token.session), now).await?;
        Ok(found.and_then(|(session, account)| {
            let chain = session.refresh.clone()?;
            Some((session, account, chain))
        }))
    }

    async fn end_reused(&self, session: &Session, account: &Account, origin: &AuditOrigin) -> Result<()> {
        tracing::warn!(session = %session.id, "a refresh token was used again; its session ends");
        // Who it was is not known: the owner, or whoever took the token.
        let origin = AuditOrigin::new(None, &origin.address);
        self.end_program(session, account, AuditAction::RefreshTokenReused, &origin)
            .await
    }

    async fn end_program(
        &self,
        session: &Session,
        account: &Account,
        action: AuditAction,
        origin: &AuditOrigin,
    ) -> Result<()> {
        // With the user: whoever is forgotten is found by it.
        let entry = self.entry(origin, action, format!("{} of {}", session.id, account.id));
        match self.store.end_session(account.id, session.id, entry).await {
            // Somebody else has ended it.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            ended => {
                self.endings.announce();
                ended
            }
        }
    }
}

/// What a token says that it may be used for: no more than its owner may do by now. Others who check it know no account.
fn held(scope: KeyScope, role: Role) -> KeyScope {
    match scope {
        KeyScope::Admin if role != Role::Admin => KeyScope::Write,
        scope => scope,
    }
}
