//! What happens while a password is compared.

use std::sync::atomic::Ordering;

use ocr_core::{
    ErrorKind,
    account_store::{AuditAction, Role},
};
use ocr_testkit::harness::refused;
use secrecy::SecretString;

use super::{Office, PASSWORD, operator};

#[tokio::test]
async fn a_sign_in_under_way_does_not_outlive_its_password() {
    let office = Office::with("ada", Role::User).await;
    let ada = office.accounts.account_named("ada").await.unwrap();
    let turn = office.hasher.turn.lock().await;
    let reset = async {
        office.compared(1).await;
        let link = office.accounts.reset_link(ada.id, &operator()).await.unwrap();
        let new = SecretString::from("battery staple");
        let chosen = office.accounts.reset_password(link.expose(), &new, "").await;
        chosen.unwrap();
        drop(turn);
    };
    let (late, ()) = tokio::join!(office.sign_in("ada", PASSWORD), reset);
    refused(late, ErrorKind::Unauthenticated);
    assert_eq!(office.logged(AuditAction::SignedIn).await, 0);
    assert_eq!(office.logged(AuditAction::SignInFailed).await, 1);
    office.sign_in("ada", "battery staple").await.unwrap();
}

#[tokio::test]
async fn of_two_sign_ins_at_once_neither_fails_because_the_other_makes_the_hash_anew() {
    let office = Office::with("ada", Role::User).await;
    office.hasher.parameters.store(7, Ordering::Relaxed);
    let turn = office.hasher.turn.lock().await;
    let both = async {
        office.compared(2).await;
        drop(turn);
    };
    let (one, other, ()) = tokio::join!(
        office.sign_in("ada", PASSWORD),
        office.sign_in("ada", PASSWORD),
        both
    );
    for signed_in in [one, other] {
        let secret = signed_in.unwrap().secret;
        office.accounts.by_session(&secret).await.unwrap();
    }
    let account = office.accounts.account_named("ada").await.unwrap();
    assert!(account.password.unwrap().as_str().starts_with("7$"));
}

#[tokio::test]
async fn of_two_changes_of_one_password_at_once_one_is_made() {
    let office = Office::with("ada", Role::User).await;
    let ada = office.principal("ada").await;
    let before = office.hasher.verified.load(Ordering::Relaxed);
    let turn = office.hasher.turn.lock().await;
    let both = async {
        office.compared(before + 2).await;
        drop(turn);
    };
    let change = async |new: &str| {
        let (present, new) = (SecretString::from(PASSWORD), SecretString::from(new));
        let accounts = &office.accounts;
        accounts.change_password(&ada, &present, &new, &operator()).await
    };
    let (one, other, ()) = tokio::join!(change("battery staple"), change("staple battery"), both);
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    refused(one.and(other), ErrorKind::PermissionDenied);
    assert_eq!(office.logged(AuditAction::PasswordChanged).await, 1);
}
