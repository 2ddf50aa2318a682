//! Signing in, passwords, keys and tickets, over accounts in memory.

mod access;
mod at_once;
mod identified;
mod second_factor;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use ocr_core::{
    Error, ErrorKind, Result,
    account_store::{AuditAction, AuditFilter, AuditOrigin, KeyScope, PasswordHash, Role},
    memory::MemoryAccountStore,
    model::{Credential, Principal},
    password_hasher::{PasswordHasher, PasswordMatch, Salt, SecretSource},
    service::{AccountService, NewKey, Secret, SignIn, SignedIn},
};
use ocr_testkit::{MemoryPlatform, harness::refused};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

/// Writes passwords backwards, with the number of its parameters before them. It compares one after the other, and
/// waits while somebody else holds its turn.
#[derive(Debug, Default)]
struct Backwards {
    parameters: AtomicU32,
    verified: AtomicU32,
    /// Whether there is no room to hash for now.
    busy: AtomicBool,
    turn: Mutex<()>,
}

#[async_trait]
impl PasswordHasher for Backwards {
    async fn hash(&self, password: SecretString, _salt: Salt) -> Result<PasswordHash> {
        if self.busy.load(Ordering::Relaxed) {
            return Err(Error::new(ErrorKind::Unavailable, "try again"));
        }
        let backwards: String = password.expose_secret().chars().rev().collect();
        let parameters = self.parameters.load(Ordering::Relaxed);
        Ok(PasswordHash::new(format!("{parameters}${backwards}")))
    }

    async fn verify(&self, password: SecretString, hash: PasswordHash) -> Result<PasswordMatch> {
        self.verified.fetch_add(1, Ordering::Relaxed);
        let _turn = self.turn.lock().await;
        let (parameters, backwards) = hash.as_str().split_once('$').unwrap();
        if !password.expose_secret().chars().rev().eq(backwards.chars()) {
            return Ok(PasswordMatch::No);
        }
        let present = self.parameters.load(Ordering::Relaxed).to_string();
        Ok(if parameters == present {
            PasswordMatch::Yes
        } else {
            PasswordMatch::Outdated
        })
    }
}

/// Counts.
#[derive(Debug, Default)]
struct Counter(AtomicU64);

impl SecretSource for Counter {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        for (byte, value) in bytes.iter_mut().zip(number.iter().cycle()) {
            *byte = *value;
        }
        Ok(())
    }
}

struct Office {
    parts: MemoryPlatform,
    hasher: Arc<Backwards>,
    accounts: AccountService,
}

const PASSWORD: &str = "correct horse";

impl Office {
    async fn open() -> Self {
        let mut parts = MemoryPlatform::new();
        let store = Arc::new(MemoryAccountStore::default());
        parts.platform = parts.platform.clone().with_account_store(store);
        let hasher = Arc::new(Backwards::default());
        let secrets = Arc::new(Counter::default());
        let accounts = AccountService::new(parts.platform.clone(), hasher.clone(), secrets)
            .await
            .unwrap();
        Self {
            parts,
            hasher,
            accounts,
        }
    }

    async fn with(login: &str, role: Role) -> Self {
        let office = Self::open().await;
        office.employ(login, role).await;
        office
    }

    async fn employ(&self, login: &str, role: Role) {
        let password = SecretString::from(PASSWORD);
        let made = self
            .accounts
            .create_account(login, role, Some(&password), &operator())
            .await;
        assert!(made.unwrap().link.is_none());
    }

    async fn sign_in(&self, login: &str, password: &str) -> Result<SignedIn> {
        self.sign_in_from("192.0.2.1", login, password).await
    }

    async fn sign_in_from(&self, address: &str, login: &str, password: &str) -> Result<SignedIn> {
        let asked = asked(address, login, password);
        self.accounts.sign_in(&asked).await
    }

    async fn principal(&self, login: &str) -> Principal {
        self.sign_in(login, PASSWORD).await.unwrap().principal
    }

    async fn logged(&self, action: AuditAction) -> usize {
        let filter = AuditFilter::default().with_action(action);
        self.accounts.audit_log(filter, 100).await.unwrap().len()
    }

    /// Waits until so many passwords are compared or have been.
    async fn compared(&self, count: u32) {
        while self.hasher.verified.load(Ordering::Relaxed) < count {
            tokio::task::yield_now().await;
        }
    }

    fn pass(&self, duration: Duration) {
        self.parts.clock.advance(duration);
    }
}

fn asked(address: &str, login: &str, password: &str) -> SignIn {
    SignIn {
        login: login.into(),
        password: password.into(),
        address: address.into(),
        agent: "test\n".into(),
        code: None,
    }
}

fn operator() -> AuditOrigin {
    AuditOrigin::default()
}

#[tokio::test]
async fn whoever_signs_in_is_known_until_they_sign_out() {
    let office = Office::with("Ada@Example.org", Role::User).await;
    let ada = office.sign_in("ada@example.ORG", PASSWORD).await.unwrap();
    let known = office.accounts.by_session(&ada.secret).await.unwrap();
    assert_eq!(known, ada.principal);
    assert_eq!(
        (known.login.as_str(), known.is_admin()),
        ("ada@example.org", false)
    );
    let sessions = office.accounts.sessions(&known).await.unwrap();
    assert_eq!(sessions[0].agent, "test");
    let mut endings = office.accounts.endings().watch();
    office.accounts.sign_out(&known, &operator()).await.unwrap();
    assert!(endings.has_changed().unwrap());
    endings.mark_unchanged();
    refused(
        office.accounts.by_session(&ada.secret).await,
        ErrorKind::Unauthenticated,
    );
    for (action, count) in [
        (AuditAction::AccountCreated, 1),
        (AuditAction::SignedIn, 1),
        (AuditAction::SignedOut, 1),
    ] {
        assert_eq!(office.logged(action).await, count, "{action:?}");
    }
}

#[tokio::test]
async fn whatever_is_wrong_is_answered_alike_and_costs_the_same() {
    let office = Office::with("ada", Role::Admin).await;
    office.employ("grace", Role::User).await;
    let invited = office
        .accounts
        .create_account("joan", Role::User, None, &operator())
        .await;
    assert!(invited.unwrap().link.is_some());
    let grace = office.accounts.account_named("grace").await.unwrap();
    office
        .accounts
        .set_disabled(grace.id, true, &operator())
        .await
        .unwrap();
    let mut answers = Vec::new();
    for (login, password) in [
        ("ada", "wrong horse"),
        ("nobody", PASSWORD),
        ("grace", PASSWORD),
        ("joan", PASSWORD),
    ] {
        let before = office.hasher.verified.load(Ordering::Relaxed);
        let error = office.sign_in(login, password).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{login}");
        assert_eq!(
            office.hasher.verified.load(Ordering::Relaxed),
            before + 1,
            "{login}"
        );
        answers.push(error.to_string());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(office.logged(AuditAction::SignInFailed).await, 4);
    let log = office.accounts.audit_log(AuditFilter::default(), 100).await;
    assert!(log.unwrap().iter().all(|entry| entry.object != "nobody"));
}

#[tokio::test]
async fn failures_slow_whoever_fails_and_lock_nobody_out() {
    let office = Office::with("ada", Role::User).await;
    for _ in 0..5 {
        refused(
            office.sign_in("ada", "wrong horse").await,
            ErrorKind::Unauthenticated,
        );
    }
    let slowed = office.sign_in("ada", PASSWORD).await.unwrap_err();
    assert_eq!(slowed.kind(), ErrorKind::RateLimited);
    assert!(
        slowed
            .retry_after()
            .is_some_and(|wait| wait <= Duration::from_secs(2))
    );
    let elsewhere = office.sign_in_from("198.51.100.7", "ada", PASSWORD).await;
    assert!(elsewhere.is_ok(), "from elsewhere their owner still signs in");
    office.pass(Duration::from_secs(2));
    assert!(office.sign_in("ada", PASSWORD).await.is_ok());
    assert!(
        office.sign_in("ada", PASSWORD).await.is_ok(),
        "a success forgives"
    );
    for number in 0..60 {
        let login = format!("user-{number}");
        let _ = office.sign_in(&login, "wrong horse").await;
    }
    let spraying = office.sign_in("ada", PASSWORD).await;
    refused(spraying, ErrorKind::RateLimited);
}

#[tokio::test]
async fn a_hash_of_old_parameters_is_made_anew() {
    let office = Office::with("ada", Role::User).await;
    office.hasher.parameters.store(7, Ordering::Relaxed);
    for _ in 0..2 {
        office.sign_in("ada", PASSWORD).await.unwrap();
        let account = office.accounts.account_named("ada").await.unwrap();
        assert!(account.password.unwrap().as_str().starts_with("7$"));
    }
}

#[tokio::test]
async fn a_session_ends_when_it_rests_and_after_a_month() {
    let office = Office::with("ada", Role::User).await;
    let day = Duration::from_hours(24);
    let resting = office.sign_in("ada", PASSWORD).await.unwrap().secret;
    let used = office.sign_in("ada", PASSWORD).await.unwrap().secret;
    for _ in 0..4 {
        office.pass(6 * day);
        office.accounts.by_session(&used).await.unwrap();
    }
    refused(
        office.accounts.by_session(&resting).await,
        ErrorKind::Unauthenticated,
    );
    office.pass(6 * day);
    refused(
        office.accounts.by_session(&used).await,
        ErrorKind::Unauthenticated,
    );
}

#[tokio::test]
async fn another_password_ends_the_other_sessions() {
    let office = Office::with("ada", Role::User).await;
    let here = office.sign_in("ada", PASSWORD).await.unwrap();
    let there = office.sign_in("ada", PASSWORD).await.unwrap();
    let new = SecretString::from("battery staple");
    let change = async |present: &str, new: &SecretString| {
        let present = SecretString::from(present);
        let accounts = &office.accounts;
        accounts
            .change_password(&here.principal, &present, new, &operator())
            .await
    };
    refused(change("wrong horse", &new).await, ErrorKind::PermissionDenied);
    refused(
        change(PASSWORD, &SecretString::from("short")).await,
        ErrorKind::InvalidInput,
    );
    change(PASSWORD, &new).await.unwrap();
    office.accounts.by_session(&here.secret).await.unwrap();
    refused(
        office.accounts.by_session(&there.secret).await,
        ErrorKind::Unauthenticated,
    );
    refused(office.sign_in("ada", PASSWORD).await, ErrorKind::Unauthenticated);
    office.sign_in("ada", "battery staple").await.unwrap();
}

#[tokio::test]
async fn the_first_account_is_made_with_a_link_that_works_once() {
    let office = Office::open().await;
    let accounts = &office.accounts;
    let old = accounts.set_up_link().await.unwrap().unwrap();
    let link = accounts.set_up_link().await.unwrap().unwrap();
    let set_up = async |link: &str| accounts.set_up(link, &asked("", "Ada", PASSWORD)).await;
    refused(set_up(old.expose()).await, ErrorKind::PermissionDenied);
    refused(set_up("nonsense").await, ErrorKind::PermissionDenied);
    let short = accounts.set_up(link.expose(), &asked("", "ada", "short")).await;
    refused(short.map(|_| ()), ErrorKind::InvalidInput);
    let ada = set_up(link.expose()).await.unwrap();
    assert!(ada.principal.is_admin());
    refused(set_up(link.expose()).await, ErrorKind::PermissionDenied);
    assert!(accounts.set_up_link().await.unwrap().is_none());
}

#[tokio::test]
async fn a_link_works_until_something_was_done_with_it() {
    let office = Office::open().await;
    let accounts = &office.accounts;
    let set_up = accounts.set_up_link().await.unwrap().unwrap();
    let busy = |busy| office.hasher.busy.store(busy, Ordering::Relaxed);
    let first = asked("", "ada", PASSWORD);
    busy(true);
    let refused_for_now = accounts.set_up(set_up.expose(), &first).await;
    refused(refused_for_now, ErrorKind::Unavailable);
    busy(false);
    let ada = accounts.set_up(set_up.expose(), &first).await.unwrap();
    let reset = accounts
        .reset_link(ada.principal.user, &operator())
        .await
        .unwrap();
    let password = SecretString::from("battery staple");
    let choose = || accounts.reset_password(reset.expose(), &password, "");
    busy(true);
    refused(choose().await, ErrorKind::Unavailable);
    busy(false);
    choose().await.unwrap();
    refused(choose().await, ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn a_link_chooses_a_password_within_a_day() {
    let office = Office::open().await;
    let accounts = &office.accounts;
    let invited = accounts
        .create_account("ada", Role::User, None, &operator())
        .await
        .unwrap();
    let password = SecretString::from(PASSWORD);
    let link = invited.link.unwrap();
    let reset = async |link: &Secret| accounts.reset_password(link.expose(), &password, "").await;
    reset(&link).await.unwrap();
    refused(reset(&link).await, ErrorKind::PermissionDenied);
    let session = office.sign_in("ada", PASSWORD).await.unwrap();
    let again = accounts
        .reset_link(invited.account.id, &operator())
        .await
        .unwrap();
    reset(&again).await.unwrap();
    refused(
        accounts.by_session(&session.secret).await,
        ErrorKind::Unauthenticated,
    );
    let late = accounts
        .reset_link(invited.account.id, &operator())
        .await
        .unwrap();
    office.pass(Duration::from_hours(24));
    refused(reset(&late).await, ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn a_key_does_what_it_was_made_for_and_no_more() {
    let office = Office::with("ada", Role::User).await;
    let ada = office.principal("ada").await;
    let accounts = &office.accounts;
    let wanted = |scope, days| NewKey {
        name: "scanner".into(),
        scope,
        days,
        requests_per_minute: None,
    };
    let make = async |wanted: NewKey| accounts.create_key(&ada, &wanted, &operator()).await;
    refused(
        make(wanted(KeyScope::Admin, None)).await,
        ErrorKind::PermissionDenied,
    );
    refused(
        make(wanted(KeyScope::Read, Some(0))).await,
        ErrorKind::InvalidInput,
    );
    let read = make(wanted(KeyScope::Read, Some(1))).await.unwrap();
    assert!(read.secret.expose().starts_with(&read.key.prefix) && read.key.prefix.starts_with("ocr_"));
    let program = accounts.by_key(&read.secret).await.unwrap();
    assert_eq!(program.user, ada.user);
    program.may(KeyScope::Read).unwrap();
    refused(program.may(KeyScope::Write), ErrorKind::PermissionDenied);
    refused(
        accounts
            .create_key(&program, &wanted(KeyScope::Read, None), &operator())
            .await,
        ErrorKind::PermissionDenied,
    );
    refused(accounts.keys(&program).await, ErrorKind::PermissionDenied);
    assert!(accounts.keys(&ada).await.unwrap()[0].last_used_at.is_some());
    office.pass(Duration::from_hours(24));
    refused(accounts.by_key(&read.secret).await, ErrorKind::Unauthenticated);
    let lasting = make(wanted(KeyScope::Write, None)).await.unwrap();
    accounts.by_key(&lasting.secret).await.unwrap();
    accounts
        .revoke_key(&ada, lasting.key.id, &operator())
        .await
        .unwrap();
    refused(accounts.by_key(&lasting.secret).await, ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn a_ticket_opens_one_connection_for_half_a_minute() {
    let office = Office::with("ada", Role::User).await;
    let ada = office.principal("ada").await;
    let accounts = &office.accounts;
    let (ticket, _) = accounts.ticket(&ada).await.unwrap();
    let opened = accounts.by_ticket(ticket.expose()).await.unwrap();
    assert_eq!(opened.credential, ada.credential);
    refused(
        accounts.by_ticket(ticket.expose()).await,
        ErrorKind::Unauthenticated,
    );
    let (late, _) = accounts.ticket(&ada).await.unwrap();
    office.pass(Duration::from_secs(30));
    refused(
        accounts.by_ticket(late.expose()).await,
        ErrorKind::Unauthenticated,
    );
    let (orphan, _) = accounts.ticket(&ada).await.unwrap();
    accounts.sign_out(&ada, &operator()).await.unwrap();
    refused(
        accounts.by_ticket(orphan.expose()).await,
        ErrorKind::Unauthenticated,
    );
    refused(
        accounts.by_credential(ada.credential).await,
        ErrorKind::Unauthenticated,
    );
    assert!(matches!(ada.credential, Credential::Session(_)));
}

#[tokio::test]
async fn nobody_ends_the_sessions_of_others() {
    let office = Office::with("ada", Role::Admin).await;
    office.employ("grace", Role::User).await;
    let (ada, grace) = (office.principal("ada").await, office.principal("grace").await);
    let accounts = &office.accounts;
    let session = accounts.sessions(&ada).await.unwrap()[0].id;
    refused(
        accounts.revoke_session(&grace, session, &operator()).await,
        ErrorKind::NotFound,
    );
    refused(
        accounts.set_disabled(ada.user, true, &operator()).await,
        ErrorKind::Conflict,
    );
}
