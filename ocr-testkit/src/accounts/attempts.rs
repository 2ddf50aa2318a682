//! Attempts to sign in.

use std::time::Duration;

use ocr_core::account_store::AttemptLimit;

use super::fixture::{AccountFixture, in_seconds, start};

fn limits() -> Vec<AttemptLimit> {
    vec![
        AttemptLimit::new("login:ada", 2, Duration::from_secs(8)),
        AttemptLimit::new("address:192.0.2.1", 5, Duration::from_secs(8)),
    ]
}

/// After the free ones each attempt waits for longer; those that do not wait count for nothing; a success forgives.
pub async fn attempts_are_slowed_and_forgiven(fixture: &AccountFixture) {
    let attempt = async |second| {
        let wait = fixture.store.attempt(limits(), in_seconds(second)).await;
        wait.unwrap().as_secs()
    };
    assert_eq!([attempt(0).await, attempt(0).await], [0, 0]);
    assert_eq!([attempt(0).await, attempt(0).await], [1, 1], "nothing is counted");
    assert_eq!([attempt(1).await, attempt(1).await], [0, 2]);
    assert_eq!(attempt(3).await, 0);
    let (account, address) = ("login:ada".to_owned(), "address:192.0.2.1".to_owned());
    fixture
        .store
        .forgive(vec![account.clone()], vec![address.clone()])
        .await
        .unwrap();
    assert_eq!([attempt(3).await, attempt(3).await], [0, 0]);
    assert_eq!(attempt(3).await, 1, "by account and by address");
    fixture
        .store
        .forgive(vec![account, address, "unknown".into()], vec!["unknown".into()])
        .await
        .unwrap();
    assert_eq!(attempt(3).await, 0);
    let elsewhere = vec![AttemptLimit::new("login:grace", 0, Duration::from_secs(8))];
    assert!(
        fixture.store.attempt(elsewhere, start()).await.unwrap().is_zero(),
        "the first one never waits"
    );
}

/// Attempts that have to wait leave nothing behind, wherever they come from.
pub async fn attempts_that_wait_are_not_kept(fixture: &AccountFixture) {
    let attempt = async |address: &str| {
        let limits = vec![
            AttemptLimit::new("login:ada", 1, Duration::from_secs(8)),
            AttemptLimit::new(format!("address:{address}"), 5, Duration::from_secs(8)),
        ];
        fixture.store.attempt(limits, start()).await.unwrap().is_zero()
    };
    assert!(attempt("192.0.2.1").await);
    for address in ["192.0.2.2", "192.0.2.3", "192.0.2.1"] {
        assert!(!attempt(address).await, "{address}");
    }
    let forgotten = fixture.store.forget_expired(in_seconds(3600)).await.unwrap();
    assert_eq!(forgotten, 2, "the account and one address");
}

/// Of many at once no more pass than of those that come one after the other.
pub async fn of_many_attempts_at_once_few_pass(fixture: &AccountFixture) {
    let attempts = (0..20).map(|_| fixture.store.attempt(limits(), start()));
    let waits = futures::future::join_all(attempts).await;
    let passed = waits.into_iter().filter(|wait| wait.as_ref().unwrap().is_zero());
    assert_eq!(passed.count(), 2);
}
