//! Seals the entries of the audit log, and removes those whose time is over.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{
    Result,
    account_store::{AccountStore, AuditAction, AuditEntry, AuditLevel, AuditOrigin},
    id::AuditId,
    platform::Platform,
};

/// How often, where what is done with documents is recorded.
const INTERVAL: Duration = Duration::from_secs(1);
/// How often, where only accounts are.
const SELDOM: Duration = Duration::from_mins(1);
/// How often entries are removed whose time is over.
const PRUNE_INTERVAL: Duration = Duration::from_hours(1);
/// Entries sealed at once.
const BATCH: usize = 500;

pub(super) async fn run(platform: &Platform, shutdown: &CancellationToken) {
    let Some(log) = platform.account_store.clone() else {
        return;
    };
    let interval = match platform.policies.audit {
        AuditLevel::Off => SELDOM,
        AuditLevel::Changes | AuditLevel::All => INTERVAL,
    };
    let mut until_pruned = Duration::ZERO;
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(interval) => {}
        }
        if let Err(error) = seal_all(log.as_ref()).await {
            tracing::warn!(?error, "entries of the audit log could not be sealed");
        }
        until_pruned = until_pruned.saturating_sub(interval);
        if until_pruned.is_zero() {
            until_pruned = PRUNE_INTERVAL;
            if let Err(error) = prune(platform, log.as_ref()).await {
                tracing::warn!(?error, "old entries of the audit log could not be removed");
            }
        }
    }
}

/// Seals what is not sealed yet.
async fn seal_all(log: &dyn AccountStore) -> Result<()> {
    while log.seal_entries(BATCH).await? == BATCH {}
    Ok(())
}

/// Removes entries whose time is over.
async fn prune(platform: &Platform, log: &dyn AccountStore) -> Result<()> {
    let Some(retention) = platform.policies.audit_retention else {
        return Ok(());
    };
    let now = platform.clock.now();
    loop {
        let origin = AuditOrigin::default();
        let entry = AuditEntry::new(
            AuditId(platform.ids.next()),
            now,
            origin,
            AuditAction::AuditPruned,
        );
        // An entry that tells of what was removed is never itself older than what is kept.
        if log.prune_entries(now - retention, entry).await? == 0 {
            return Ok(());
        }
    }
}
