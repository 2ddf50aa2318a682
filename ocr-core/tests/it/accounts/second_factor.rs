//! Second factors: one-time codes and recovery codes.

use std::time::Duration;

use ocr_core::{
    ErrorKind, Result,
    account_store::{AuditAction, Role},
    clock::Clock,
    model::Principal,
    service::SignedIn,
};
use ocr_testkit::{authenticator::one_time_code, harness::refused};
use secrecy::{ExposeSecret, SecretString};

use super::{Office, PASSWORD, asked, operator};

/// What an app shows for a secret.
fn code(secret: &SecretString, office: &Office) -> String {
    let seconds = office.parts.clock.now().timestamp().unsigned_abs();
    one_time_code(secret.expose_secret(), seconds)
}

impl Office {
    async fn with_code(&self, code: &str) -> Result<SignedIn> {
        let mut asked = asked("192.0.2.1", "ada", PASSWORD);
        asked.code = Some(code.into());
        self.accounts.sign_in(&asked).await
    }

    /// A second factor of ada, and her recovery codes.
    async fn enrolled(&self, ada: &Principal) -> (SecretString, Vec<SecretString>) {
        let new = self
            .accounts
            .add_second_factor(ada, &PASSWORD.into())
            .await
            .unwrap();
        let shown = code(&new.secret, self).into();
        let confirmed = self
            .accounts
            .confirm_second_factor(ada, &shown, &operator())
            .await;
        (new.secret, confirmed.unwrap())
    }
}

#[tokio::test]
async fn a_code_is_asked_for_once_the_factor_is_confirmed() {
    let office = Office::with("ada", Role::User).await;
    let ada = office.principal("ada").await;
    let wrong = SecretString::from("not it, but long enough");
    let refusal = office.accounts.add_second_factor(&ada, &wrong).await;
    refused(refusal, ErrorKind::PermissionDenied);
    let new = office
        .accounts
        .add_second_factor(&ada, &PASSWORD.into())
        .await
        .unwrap();
    assert!(new.uri.expose_secret().contains(new.secret.expose_secret()));
    assert!(office.sign_in("ada", PASSWORD).await.is_ok(), "not confirmed yet");
    let (secret, codes) = office.enrolled(&ada).await;
    assert_eq!(codes.len(), 10);
    refused(office.sign_in("ada", PASSWORD).await, ErrorKind::PermissionDenied);
    refused(
        office.sign_in("ada", "not it, but long enough").await,
        ErrorKind::Unauthenticated,
    );
    let used = code(&secret, &office);
    refused(office.with_code(&used).await, ErrorKind::Unauthenticated);
    office.pass(Duration::from_mins(2));
    let next = code(&secret, &office);
    assert!(office.with_code(&next).await.is_ok());
    refused(office.with_code(&next).await, ErrorKind::Unauthenticated);
    assert_eq!(office.logged(AuditAction::SecondFactorFailed).await, 2);
    assert_eq!(office.logged(AuditAction::SecondFactorAdded).await, 1);
}

#[tokio::test]
async fn a_recovery_code_works_once() {
    let office = Office::with("ada", Role::User).await;
    let ada = office.principal("ada").await;
    let (_, codes) = office.enrolled(&ada).await;
    let typed = codes[3].expose_secret().to_lowercase().replace('-', " ");
    assert!(office.with_code(&typed).await.is_ok());
    refused(office.with_code(&typed).await, ErrorKind::Unauthenticated);
    let state = office.accounts.second_factor(&ada).await.unwrap();
    assert_eq!((state.active, state.recovery_left), (true, 9));
    assert_eq!(office.logged(AuditAction::RecoveryCodeUsed).await, 1);
}

#[tokio::test]
async fn codes_cannot_be_guessed_from_many_addresses() {
    let office = Office::with("ada", Role::User).await;
    let ada = office.principal("ada").await;
    office.enrolled(&ada).await;
    let mut kinds = Vec::new();
    for number in 0..8 {
        let mut asked = asked(&format!("198.51.100.{number}"), "ada", PASSWORD);
        asked.code = Some("nothing".into());
        kinds.push(office.accounts.sign_in(&asked).await.unwrap_err().kind());
    }
    assert_eq!(kinds[0], ErrorKind::Unauthenticated);
    assert_eq!(kinds[7], ErrorKind::RateLimited);
}

#[tokio::test]
async fn a_second_factor_is_removed_by_its_owner_and_for_them() {
    let office = Office::with("ada", Role::User).await;
    let ada = office.principal("ada").await;
    let password = SecretString::from(PASSWORD);
    let remove = async || {
        let operator = operator();
        office
            .accounts
            .remove_second_factor(&ada, &password, &operator)
            .await
    };
    refused(remove().await, ErrorKind::NotFound);
    office.enrolled(&ada).await;
    remove().await.unwrap();
    assert!(office.sign_in("ada", PASSWORD).await.is_ok());
    office.enrolled(&ada).await;
    office
        .accounts
        .drop_second_factor(ada.user, &operator())
        .await
        .unwrap();
    assert!(office.sign_in("ada", PASSWORD).await.is_ok());
    assert_eq!(office.logged(AuditAction::SecondFactorRemoved).await, 2);
}
