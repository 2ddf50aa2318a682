//! Signing in with a provider that has found out who somebody is.

use ocr_core::{
    ErrorKind, Result,
    account_store::{AuditAction, Identity, Role},
    service::{IdentifiedSignIn, SignedIn},
};

use super::{Office, PASSWORD, operator};

fn asked(subject: &str) -> IdentifiedSignIn {
    let identity = Identity::new("https://id.example", subject).unwrap();
    IdentifiedSignIn::new(identity)
        .with_names(vec!["Ada".into(), "ada@example.com".into()])
        .with_create(true)
        .with_origin("192.0.2.1", "test\n")
}

impl Office {
    async fn identified(&self, asked: IdentifiedSignIn) -> Result<SignedIn> {
        self.accounts.count_arrival(&asked.address).await?;
        self.accounts.sign_in_identified(&asked).await
    }
}

#[tokio::test]
async fn an_account_is_found_by_its_identity_and_never_by_its_name() {
    let office = Office::with("ada", Role::Admin).await;
    let first = office.identified(asked("1")).await.unwrap().principal;
    assert_eq!(
        (first.login.as_str(), first.role),
        ("ada@example.com", Role::User)
    );
    let second = office.identified(asked("2")).await.unwrap().principal;
    assert!(second.login.starts_with("ada-"), "{}", second.login);
    let renamed = asked("1").with_names(vec!["grace".into()]);
    assert_eq!(
        office.identified(renamed).await.unwrap().principal.user,
        first.user
    );
    assert_eq!(office.logged(AuditAction::SignedIn).await, 3);
    assert_eq!(office.logged(AuditAction::AccountCreated).await, 3);
}

#[tokio::test]
async fn whoever_has_no_account_is_given_none_unless_it_is_allowed() {
    let office = Office::with("ada", Role::Admin).await;
    let refused = office.identified(asked("1").with_create(false)).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::NotFound);
    let ada = office.principal("ada").await.user;
    let identity = asked("1").identity;
    office
        .accounts
        .link_identity(ada, identity.clone(), &operator())
        .await
        .unwrap();
    let again = office.accounts.link_identity(ada, identity, &operator()).await;
    assert_eq!(again.unwrap_err().kind(), ErrorKind::AlreadyExists);
    let signed_in = office.identified(asked("1").with_create(false)).await.unwrap();
    assert_eq!(signed_in.principal.user, ada);
    office.sign_in("ada", PASSWORD).await.unwrap();
    assert_eq!(office.logged(AuditAction::SignInFailed).await, 1);
}

#[tokio::test]
async fn the_role_is_what_the_provider_says_and_a_disabled_account_stays_out() {
    let office = Office::with("ops", Role::Admin).await;
    let role = |role| asked("1").with_role(role);
    for (said, is) in [
        (Some(Role::Admin), Role::Admin),
        (None, Role::Admin),
        (Some(Role::User), Role::User),
        (None, Role::User),
    ] {
        let signed_in = office.identified(role(said)).await.unwrap();
        assert_eq!(signed_in.principal.role, is, "{said:?}");
    }
    assert_eq!(office.logged(AuditAction::RoleChanged).await, 1);
    let user = office.identified(role(None)).await.unwrap().principal.user;
    office
        .accounts
        .set_disabled(user, true, &operator())
        .await
        .unwrap();
    let refused = office.identified(role(None)).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn the_last_administrator_with_a_password_stays_one() {
    let office = Office::with("ops", Role::Admin).await;
    let ops = office.principal("ops").await.user;
    office
        .accounts
        .link_identity(ops, asked("1").identity, &operator())
        .await
        .unwrap();
    let refused = office.identified(asked("1").with_role(Some(Role::User))).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(office.principal("ops").await.role, Role::Admin);
}

#[tokio::test]
async fn arrivals_that_fail_are_slowed_and_those_that_succeed_are_not() {
    let office = Office::open().await;
    for _ in 0..60 {
        office.identified(asked("1")).await.unwrap();
    }
    for _ in 0..50 {
        office.accounts.count_arrival("192.0.2.1").await.unwrap();
    }
    let slowed = office.accounts.count_arrival("192.0.2.1").await.unwrap_err();
    assert_eq!(slowed.kind(), ErrorKind::RateLimited);
    assert!(slowed.retry_after().is_some());
    office.accounts.count_arrival("192.0.2.2").await.unwrap();
}
