//! Access tokens and refresh tokens of programs.

use std::{sync::Arc, time::Duration};

use ocr_core::{
    Error, ErrorKind, Result,
    access_token_signer::{AccessClaims, AccessTokenSigner},
    account_store::{AuditAction, AuditOrigin, KeyScope, Role},
    clock::Timestamp,
    id::{AccessTokenId, SessionId, SigningKeyId, UserId},
    model::{PrivateKey, SigningKey},
    service::{ACCESS_TOKEN_LIFETIME, IssuedTokens, KEY_OVERLAP, NewKey, REFRESH_GRACE},
};
use ocr_testkit::harness::refused;
use secrecy::ExposeSecret;

use super::{Office, PASSWORD, asked, operator};

/// Writes what a token says, and the key that says so, one after the other.
#[derive(Debug)]
struct Plain;

impl AccessTokenSigner for Plain {
    fn public_half(&self, private: &PrivateKey) -> Result<String> {
        Ok(private.as_str().chars().rev().collect())
    }

    fn sign(&self, key: &SigningKey, claims: &AccessClaims) -> Result<String> {
        let times = [claims.issued_at, claims.expires_at].map(|time| time.timestamp());
        Ok(format!(
            "{}.{}.{}.{}.{}.{}.{}.{}",
            key.id,
            claims.id,
            claims.user,
            claims.session,
            claims.scope.as_str(),
            times[0],
            times[1],
            key.private.as_str()
        ))
    }

    fn key_named(&self, token: &str) -> Option<SigningKeyId> {
        token.split('.').next()?.parse().ok()
    }

    fn verify(&self, token: &str, key: &SigningKey) -> Result<AccessClaims> {
        let parts: Vec<&str> = token.split('.').collect();
        let [_, id, user, session, scope, issued, expires, private] = parts[..] else {
            return Err(Error::new(ErrorKind::Unauthenticated, "no token"));
        };
        if private != key.private.as_str() {
            return Err(Error::new(ErrorKind::Unauthenticated, "another key"));
        }
        let time = |text: &str| Timestamp::from_timestamp(text.parse().unwrap(), 0).unwrap();
        let session: SessionId = session.parse()?;
        let user: UserId = user.parse()?;
        let id = AccessTokenId(id.parse::<SessionId>()?.0);
        Ok(AccessClaims::new(
            id,
            user,
            session,
            scope.parse()?,
            time(issued),
            time(expires),
        ))
    }
}

async fn office() -> Office {
    let mut office = Office::with("ada", Role::User).await;
    office.accounts = office.accounts.with_access_tokens(Arc::new(Plain));
    office
}

impl Office {
    async fn tokens(&self, scope: KeyScope) -> Result<IssuedTokens> {
        let asked = asked("192.0.2.1", "ada", PASSWORD);
        self.accounts.issue_tokens(&asked, scope).await
    }

    async fn refreshed(&self, tokens: &IssuedTokens) -> Result<IssuedTokens> {
        let refresh = tokens.refresh.expose();
        self.accounts.refresh_tokens(refresh, &operator()).await
    }

    async fn works(&self, tokens: &IssuedTokens) -> bool {
        let found = self.accounts.by_access_token(tokens.access.expose_secret()).await;
        if let Err(error) = &found {
            assert_eq!(error.kind(), ErrorKind::Unauthenticated);
        }
        found.is_ok()
    }
}

fn same(one: &IssuedTokens, other: &IssuedTokens) -> bool {
    one.refresh.expose() == other.refresh.expose()
}

#[tokio::test]
async fn an_access_token_works_for_ten_minutes() {
    let office = office().await;
    let tokens = office.tokens(KeyScope::Read).await.unwrap();
    let token = tokens.access.expose_secret();
    let ada = office.accounts.by_access_token(token).await.unwrap();
    assert_eq!((ada.login.as_str(), ada.grant), ("ada", KeyScope::Read));
    refused(ada.may(KeyScope::Write), ErrorKind::PermissionDenied);
    assert_eq!(office.logged(AuditAction::TokensIssued).await, 1);
    assert_eq!(office.logged(AuditAction::SignedIn).await, 0);
    office.pass(ACCESS_TOKEN_LIFETIME.saturating_sub(Duration::from_secs(1)));
    assert!(office.works(&tokens).await);
    office.pass(Duration::from_secs(1));
    assert!(!office.works(&tokens).await);
    for odd in ["", "a.b.c", &"x.".repeat(5000)] {
        let found = office.accounts.by_access_token(odd).await;
        refused(found, ErrorKind::Unauthenticated);
    }
}

#[tokio::test]
async fn an_access_token_ends_with_its_session_and_its_account() {
    let office = office().await;
    let ada = office.principal("ada").await;
    let (one, other) = (
        office.tokens(KeyScope::Write).await.unwrap(),
        office.tokens(KeyScope::Write).await.unwrap(),
    );
    let sessions = office.accounts.sessions(&ada).await.unwrap();
    assert_eq!(sessions.len(), 3, "programs are listed with browsers");
    office
        .accounts
        .revoke_session(&ada, one.session, &operator())
        .await
        .unwrap();
    assert!(!office.works(&one).await);
    refused(office.refreshed(&one).await, ErrorKind::Unauthenticated);
    assert!(office.works(&other).await);
    office
        .accounts
        .set_disabled(ada.user, true, &operator())
        .await
        .unwrap();
    assert!(!office.works(&other).await);
    refused(office.refreshed(&other).await, ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn a_token_is_not_good_for_ones_account() {
    let office = office().await;
    let tokens = office.tokens(KeyScope::Write).await.unwrap();
    let program = office
        .accounts
        .by_access_token(tokens.access.expose_secret())
        .await
        .unwrap();
    assert!(!program.in_browser);
    let denied = ErrorKind::PermissionDenied;
    refused(office.accounts.sessions(&program).await, denied);
    refused(office.accounts.keys(&program).await, denied);
    let wanted = NewKey {
        name: "more".into(),
        scope: KeyScope::Admin,
        days: None,
        requests_per_minute: None,
    };
    let made = office.accounts.create_key(&program, &wanted, &operator()).await;
    refused(made, denied);
    let more = office
        .accounts
        .issue_tokens_in_session(&program, KeyScope::Write, &operator(), "")
        .await;
    refused(more, denied);
    let (ticket, _) = office.accounts.ticket(&program).await.unwrap();
    let live = office.accounts.by_ticket(ticket.expose()).await.unwrap();
    assert_eq!((live.grant, live.in_browser), (KeyScope::Write, false));
    office.accounts.sign_out(&program, &operator()).await.unwrap();
    assert!(!office.works(&tokens).await, "it can end itself");
}

#[tokio::test]
async fn tokens_of_scope_admin_are_for_administrators() {
    let office = office().await;
    refused(office.tokens(KeyScope::Admin).await, ErrorKind::PermissionDenied);
    let ada = office.principal("ada").await;
    let account = ada.user;
    office
        .accounts
        .set_role(account, Role::Admin, &operator())
        .await
        .unwrap();
    let tokens = office.tokens(KeyScope::Admin).await.unwrap();
    let token = tokens.access.expose_secret();
    assert!(office.accounts.by_access_token(token).await.unwrap().is_admin());
    office.employ("grace", Role::Admin).await;
    office
        .accounts
        .set_role(account, Role::User, &operator())
        .await
        .unwrap();
    let now = office.accounts.by_access_token(token).await.unwrap();
    assert!(!now.is_admin(), "the role is that of the account at this moment");
    let next = office.refreshed(&tokens).await.unwrap();
    assert_eq!(next.scope, KeyScope::Write, "others believe what a token says");
    let again = office.refreshed(&tokens).await.unwrap();
    assert!(same(&again, &next) && again.scope == KeyScope::Write);
    assert!(next.access.expose_secret().contains(".write."));
}

#[tokio::test]
async fn whoever_signed_in_with_a_browser_can_give_a_program_tokens() {
    let office = office().await;
    let ada = office.principal("ada").await;
    let origin = AuditOrigin::new(Some(ada.user), "192.0.2.1");
    let tokens = office
        .accounts
        .issue_tokens_in_session(&ada, KeyScope::Read, &origin, "script")
        .await
        .unwrap();
    assert!(office.works(&tokens).await);
    let sessions = office.accounts.sessions(&ada).await.unwrap();
    assert!(sessions.iter().any(|session| session.agent == "script"));
    office.accounts.sign_out(&ada, &operator()).await.unwrap();
    assert!(office.works(&tokens).await, "they have a session of their own");
    let more = office
        .accounts
        .issue_tokens_in_session(&ada, KeyScope::Read, &origin, "script")
        .await;
    refused(more, ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn two_who_share_a_refresh_token_get_the_same_next_one_for_a_while() {
    let office = office().await;
    let first = office.tokens(KeyScope::Write).await.unwrap();
    let (one, other) = tokio::join!(office.refreshed(&first), office.refreshed(&first));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert!(same(&one, &other) && !same(&one, &first));
    office.pass(REFRESH_GRACE.saturating_sub(Duration::from_secs(1)));
    assert!(same(&office.refreshed(&first).await.unwrap(), &one));
    assert!(office.works(&one).await);
    let third = office.refreshed(&one).await.unwrap();
    assert!(!same(&third, &one));
    assert_eq!(office.logged(AuditAction::RefreshTokenReused).await, 0);
}

#[tokio::test]
async fn a_refresh_token_that_is_used_again_later_ends_its_session() {
    for steps in 1..=2 {
        let office = office().await;
        let first = office.tokens(KeyScope::Write).await.unwrap();
        let mut present = first.clone();
        for _ in 0..steps {
            present = office.refreshed(&present).await.unwrap();
        }
        if steps == 1 {
            office.pass(REFRESH_GRACE);
        }
        let mut endings = office.accounts.endings().watch();
        endings.mark_unchanged();
        refused(office.refreshed(&first).await, ErrorKind::Unauthenticated);
        assert!(endings.has_changed().unwrap());
        refused(office.refreshed(&present).await, ErrorKind::Unauthenticated);
        assert!(!office.works(&present).await);
        assert_eq!(office.logged(AuditAction::RefreshTokenReused).await, 1);
    }
}

#[tokio::test]
async fn a_guessed_refresh_token_ends_nothing() {
    let office = office().await;
    let tokens = office.tokens(KeyScope::Write).await.unwrap();
    let written = tokens.refresh.expose();
    // The first characters name the session and its place, those behind are the secret.
    let guess = format!("{}{}", &written[..40], "A".repeat(written.len() - 40));
    for odd in ["", "ocrr_", "ocr_key", guess.as_str()] {
        let found = office.accounts.refresh_tokens(odd, &operator()).await;
        refused(found, ErrorKind::Unauthenticated);
        office.accounts.revoke_tokens(odd, &operator()).await.unwrap();
    }
    assert!(office.works(&tokens).await);
    assert!(office.refreshed(&tokens).await.is_ok());
    let found = office.accounts.by_session(&tokens.refresh).await;
    refused(found, ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn tokens_are_taken_back() {
    let office = office().await;
    let first = office.tokens(KeyScope::Write).await.unwrap();
    let second = office.refreshed(&first).await.unwrap();
    let revoke = async |tokens: &IssuedTokens| {
        let refresh = tokens.refresh.expose();
        office.accounts.revoke_tokens(refresh, &operator()).await
    };
    revoke(&first).await.unwrap();
    assert!(!office.works(&second).await);
    refused(office.refreshed(&second).await, ErrorKind::Unauthenticated);
    revoke(&second).await.unwrap();
    assert_eq!(office.logged(AuditAction::TokensRevoked).await, 1);
}

#[tokio::test]
async fn another_key_signs_while_the_old_one_is_believed() {
    let office = office().await;
    let old = office.tokens(KeyScope::Write).await.unwrap();
    let keys = office.accounts.signing_keys().await.unwrap();
    assert_eq!(keys.len(), 1, "the first one is made when it is needed");
    office
        .accounts
        .rotate_signing_keys(false, &operator())
        .await
        .unwrap();
    let signed_with = |tokens: &IssuedTokens| Plain.key_named(tokens.access.expose_secret());
    let soon = office.tokens(KeyScope::Write).await.unwrap();
    assert_eq!(signed_with(&soon), signed_with(&old), "servers must learn of it");
    office.pass(Duration::from_mins(2));
    let new = office.tokens(KeyScope::Write).await.unwrap();
    assert_ne!(signed_with(&new), signed_with(&old));
    assert!(office.works(&old).await && office.works(&new).await);
    office.pass(KEY_OVERLAP);
    assert_eq!(office.accounts.signing_keys().await.unwrap().len(), 1);
    assert_eq!(office.logged(AuditAction::SigningKeyRotated).await, 2);
}

#[tokio::test]
async fn a_key_that_somebody_else_may_have_is_not_believed_any_more() {
    let office = office().await;
    let old = office.tokens(KeyScope::Write).await.unwrap();
    office
        .accounts
        .rotate_signing_keys(true, &operator())
        .await
        .unwrap();
    assert!(!office.works(&old).await);
    let new = office.refreshed(&old).await.unwrap();
    assert!(office.works(&new).await, "its session goes on");
}

#[tokio::test]
async fn without_a_signer_programs_use_keys() {
    let office = Office::with("ada", Role::User).await;
    refused(office.tokens(KeyScope::Read).await, ErrorKind::Unsupported);
    let rotated = office.accounts.rotate_signing_keys(false, &operator()).await;
    refused(rotated, ErrorKind::Unsupported);
    let found = office.accounts.by_access_token("a.b.c").await;
    refused(found, ErrorKind::Unauthenticated);
    assert_eq!(office.accounts.signing_keys().await.unwrap(), []);
}
