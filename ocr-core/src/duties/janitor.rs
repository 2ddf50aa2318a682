//! The janitor: purges tasks whose time in the trash is over, deletes unreferenced blobs, shortens the
//! change log, and forgets sessions that have expired.

use std::time::Duration;

use futures::StreamExt;
use tokio_util::sync::CancellationToken;

use crate::{
    Result,
    blob::BlobKey,
    clock::Timestamp,
    platform::Platform,
    service::{INCOMING, RENDITIONS, remove_blobs, useless_renditions},
};

/// How often.
const INTERVAL: Duration = Duration::from_mins(10);
/// Tasks or keys handled at once.
const BATCH: usize = 200;
/// Orphans that are removed in one round.
const MAX_ORPHANS: usize = 10_000;
/// Where blobs are that a row refers to.
const PREFIXES: [&str; 4] = ["uploads/", "results/", INCOMING, RENDITIONS];
/// Changes forgotten at once.
const CHANGES: usize = 2000;

pub(super) async fn run(platform: &Platform, shutdown: &CancellationToken) {
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
        clean_up(platform).await;
    }
}

/// One round of the janitor, for programs that choose its times themselves: purges tasks whose time in the trash is over,
/// deletes unreferenced blobs, shortens the change log, and forgets sessions that have expired. What fails is logged
/// and left for the next round.
///
/// May be dropped at any await point, and run in several processes at once.
pub async fn clean_up(platform: &Platform) {
    if let Err(error) = purge_trash(platform).await {
        tracing::warn!(?error, "the trash could not be emptied");
    }
    if let Err(error) = collect_orphans(platform).await {
        tracing::warn!(?error, "orphaned blobs could not be collected");
    }
    if let Err(error) = forget_changes(platform).await {
        tracing::warn!(?error, "old changes could not be forgotten");
    }
    if let Some(accounts) = &platform.account_store
        && let Err(error) = accounts.forget_expired(platform.clock.now()).await
    {
        tracing::warn!(?error, "expired sessions could not be forgotten");
    }
}

/// Removes tasks whose time in the trash is over. Blobs are deleted first: after a crash the row is still
/// there, and the next round tries again. A task whose blobs cannot be removed stays for the next round and
/// does not keep the others.
pub(super) async fn purge_trash(platform: &Platform) -> Result<()> {
    loop {
        let tasks = platform.store.purgeable(BATCH).await?;
        let mut emptied = Vec::with_capacity(tasks.len());
        for task in &tasks {
            match remove_blobs(platform, task).await {
                Ok(()) => emptied.push(task.id),
                Err(error) => tracing::warn!(?error, task = %task.id, "blobs of a deleted task stay for now"),
            }
        }
        let all = emptied.len() == tasks.len();
        if !emptied.is_empty() {
            platform.store.purge(emptied).await?;
        }
        // What stayed would be found again at once.
        if tasks.len() < BATCH || !all {
            return Ok(());
        }
    }
}

/// Shortens the change log to what clients that come back may ask for.
pub(super) async fn forget_changes(platform: &Platform) -> Result<()> {
    let age = platform.policies.change_retention;
    loop {
        let forgotten = platform.store.forget_changes(age, CHANGES);
        if forgotten.await? < CHANGES {
            return Ok(());
        }
    }
}

/// Removes blobs older than the grace time that no row refers to; of very many some stay for the next round. What fails
/// under one prefix does not keep the others.
pub(super) async fn collect_orphans(platform: &Platform) -> Result<usize> {
    let oldest = platform.clock.now() - platform.policies.orphan_grace;
    let mut removed = 0;
    let mut failed = None;
    for prefix in PREFIXES {
        let outcome = match orphans_under(platform, prefix, oldest, MAX_ORPHANS).await {
            Ok(orphans) => remove_orphans(platform, orphans).await,
            Err(error) => Err(error),
        };
        match outcome {
            Ok(count) => removed += count,
            Err(error) => {
                tracing::warn!(?error, prefix, "orphaned blobs were left for the next round");
                failed.get_or_insert(error);
            }
        }
    }
    failed.map_or(Ok(removed), Err)
}

/// Blobs older than `age` that no row refers to, 10,000 at most: what failures and crashes leave behind, and the janitor
/// removes. An upload that is on its way has its blob before it has a row, so that the blob is among them when `age` is
/// shorter than the upload takes.
///
/// # Errors
/// What the store or the blob store says when it cannot be asked.
pub async fn orphans(platform: &Platform, age: Duration) -> Result<Vec<BlobKey>> {
    let oldest = platform.clock.now() - age;
    let mut orphans = Vec::new();
    for prefix in PREFIXES {
        let left = MAX_ORPHANS.saturating_sub(orphans.len());
        orphans.extend(orphans_under(platform, prefix, oldest, left).await?);
    }
    Ok(orphans)
}

/// Removes those of `orphans` that still no row refers to, and says how many: since they were found a task may have been
/// created for one. May be dropped at any await point.
///
/// # Errors
/// What the store or the blob store says; what was removed before stays removed.
pub async fn remove_orphans(platform: &Platform, orphans: Vec<BlobKey>) -> Result<usize> {
    let mut removed = 0;
    for keys in orphans.chunks(BATCH) {
        let is_rendition = |key: &BlobKey| key.as_str().starts_with(RENDITIONS);
        let (renditions, others): (Vec<BlobKey>, Vec<BlobKey>) = keys.iter().cloned().partition(is_rendition);
        let mut still = unreferenced(platform, others).await?;
        still.extend(useless_renditions(platform, renditions).await?);
        if !still.is_empty() {
            removed += still.len();
            remove(platform, still).await?;
        }
    }
    Ok(removed)
}

/// At most `limit` blobs under `prefix` that are older than `oldest` and that no row refers to.
async fn orphans_under(
    platform: &Platform,
    prefix: &str,
    oldest: Timestamp,
    limit: usize,
) -> Result<Vec<BlobKey>> {
    let mut orphans = Vec::new();
    if limit == 0 {
        return Ok(orphans);
    }
    let blobs = platform.blobs.list(prefix.into()).await?;
    let mut old = blobs
        .filter_map(|meta| async move { meta.ok().filter(|meta| meta.modified_at < oldest) })
        .map(|meta| meta.key)
        .chunks(BATCH)
        .boxed();
    while let Some(keys) = old.next().await {
        orphans.extend(if prefix == RENDITIONS {
            useless_renditions(platform, keys).await?
        } else {
            unreferenced(platform, keys).await?
        });
        if orphans.len() >= limit {
            orphans.truncate(limit);
            break;
        }
    }
    Ok(orphans)
}

/// Which of these keys no row refers to.
async fn unreferenced(platform: &Platform, keys: Vec<BlobKey>) -> Result<Vec<BlobKey>> {
    let texts = keys.iter().map(ToString::to_string).collect();
    let known = platform.store.referenced_keys(texts).await?;
    let is_known = |key: &BlobKey| known.iter().any(|known| known == key.as_str());
    Ok(keys.into_iter().filter(|key| !is_known(key)).collect())
}

async fn remove(platform: &Platform, orphans: Vec<BlobKey>) -> Result<()> {
    for key in &orphans {
        tracing::info!(%key, "removing a blob that nothing refers to");
    }
    platform.blobs.delete(orphans).await
}
