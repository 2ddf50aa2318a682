//! Stops before money is spent that nobody has given.

use crate::{
    Error, ErrorKind, Result,
    clock::Timestamp,
    id::UserId,
    model::{Quota, QuotaStatus},
    platform::Platform,
    service::Used,
    store::Scope,
};

/// Refuses with `QuotaExceeded` what charges up to `cost_micros` for a document of `owner` and does not fit in what is
/// left of the money of the owner or of the platform, today and this month.
///
/// What documents cost that are begun at the same moment is not known to each other: together they may spend more.
pub(super) async fn check(platform: &Platform, owner: UserId, cost_micros: u64) -> Result<()> {
    let Some(store) = &platform.usage else {
        return Ok(());
    };
    let policies = &platform.policies;
    let own = store.quotas(owner).await?.over(&policies.quotas);
    let now = platform.clock.now();
    for (scope, limits) in [(Scope::owner(owner), &own), (Scope::system(), &policies.budget)] {
        let spends = |quota: &Quota| quota.is_spend() && limits.limit(*quota).is_some();
        let limited: Vec<Quota> = Quota::ALL.into_iter().filter(spends).collect();
        if limited.is_empty() {
            continue;
        }
        let used = Used::in_scope(store.as_ref(), scope, now).await?;
        let short = limited
            .into_iter()
            .map(|quota| QuotaStatus::new(quota, limits.limit(quota), used.of(quota), now))
            .filter(|status| status.refuses(cost_micros))
            // Of several the one is told for which it waits the longest.
            .max_by_key(|status| status.resets_at);
        if let Some(status) = short {
            return Err(if scope.is_system() {
                budget_exceeded(&status, now)
            } else {
                status.exceeded(now)
            });
        }
    }
    Ok(())
}

/// What an owner is told when the money of the platform is spent: how much it spends is not theirs to know.
fn budget_exceeded(status: &QuotaStatus, now: Timestamp) -> Error {
    let told = status.exceeded(now);
    tracing::warn!(
        quota = %status.quota,
        limit = status.limit,
        used = status.used,
        "the budget of all owners together is used up"
    );
    let error = Error::new(ErrorKind::QuotaExceeded, "the budget of this server is used up");
    match told.retry_after() {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    }
}
