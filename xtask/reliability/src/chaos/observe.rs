//! What is there at the end, asked from outside.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use anyhow::Result;
use sha2::{Digest as _, Sha256};
use tokio::time::sleep;

use super::checker::{Found, History, Submitted, View};
use crate::{
    client::{BEGINNING, Client, OPEN, Row},
    documents::words_of,
    follower::Follower,
    stack::Stack,
};

/// Time between two looks.
const LOOK: Duration = Duration::from_millis(500);
/// How long followers may take to hear of the end.
const HEARING: Duration = Duration::from_secs(30);

/// Waits until no task is open, `limit` at the maximum. How long it took.
pub(crate) async fn settle(client: &Client, base: &str, limit: Duration) -> Duration {
    let begun = Instant::now();
    while begun.elapsed() < limit {
        if let Ok(counts) = client.counts(base).await {
            let open = OPEN.map(|status| counts.get(status).copied().unwrap_or(0));
            if open == [0, 0] {
                break;
            }
        }
        sleep(LOOK).await;
    }
    begun.elapsed()
}

/// Everything the API tells of the run.
pub(crate) async fn history(
    client: &Client,
    base: &str,
    submitted: Vec<Submitted>,
    followers: &[(&str, &Follower)],
) -> Result<History> {
    let (changes, _) = client.changes(base, BEGINNING).await?;
    let mut completions: BTreeMap<&str, usize> = BTreeMap::new();
    let mut results: BTreeMap<&str, usize> = BTreeMap::new();
    for change in &changes {
        let Some(task) = change.task_id.as_deref() else {
            continue;
        };
        match (
            change.table.as_str(),
            change.operation.as_str(),
            change.status.as_deref(),
        ) {
            ("tasks", "UPDATE", Some("completed")) => *completions.entry(task).or_default() += 1,
            ("results", "INSERT", _) => *results.entry(task).or_default() += 1,
            _ => {}
        }
    }
    let mut found = Vec::new();
    for row in client.tasks(base).await? {
        let mut task = Found {
            completions: completions.get(row.id.as_str()).copied().unwrap_or(0),
            results: results.get(row.id.as_str()).copied().unwrap_or(0),
            ..Found::default()
        };
        if row.status == "completed" {
            task.text = words_of(&client.text(base, &row.id).await?);
            // A file that cannot be had is not the one that was sent.
            let original = client.original(base, &row.id).await.unwrap_or_default();
            task.sha256 = fingerprint(&original);
        }
        (task.task, task.name, task.status, task.error) = (row.id, row.filename, row.status, row.error_code);
        found.push(task);
    }
    let views = views(&found, followers).await;
    Ok(History {
        submitted,
        found,
        views,
    })
}

/// What followers believe, once they had the time to hear of everything.
async fn views(found: &[Found], followers: &[(&str, &Follower)]) -> Vec<View> {
    let truth: BTreeMap<String, String> = found
        .iter()
        .map(|found| (found.task.clone(), found.status.clone()))
        .collect();
    let begun = Instant::now();
    let all_know = || {
        followers
            .iter()
            .all(|(_, follower)| follower.belief().tasks == truth)
    };
    while begun.elapsed() < HEARING && !all_know() {
        sleep(LOOK).await;
    }
    let view = |(name, follower): &(&str, &Follower)| View {
        follower: (*name).to_owned(),
        tasks: follower.belief().tasks,
    };
    followers.iter().map(view).collect()
}

/// What is stored, against what tasks refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stored {
    /// All blobs.
    pub(crate) blobs: usize,
    /// Those that no task refers to.
    pub(crate) orphans: usize,
    /// Those that a task refers to and that are not there.
    pub(crate) missing: usize,
}

/// Compares the blobs of `stack` with what `rows` refer to.
pub(crate) async fn stored(rows: &[Row], stack: &Stack) -> Result<Stored> {
    let known: BTreeSet<&str> = rows.iter().flat_map(Row::keys).collect();
    Ok(compare(&known, &stack.blobs().await?))
}

fn compare(known: &BTreeSet<&str>, stored: &[String]) -> Stored {
    let there: BTreeSet<&str> = stored.iter().map(String::as_str).collect();
    Stored {
        blobs: there.len(),
        orphans: there.difference(known).count(),
        missing: known.difference(&there).count(),
    }
}

/// The SHA-256 of a file.
pub(crate) fn fingerprint(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_without_a_task_and_tasks_without_a_blob_are_told_apart() {
        let known = ["a", "b"].into();
        let found = compare(&known, &["b".to_owned(), "c".to_owned(), "d".to_owned()]);
        let (blobs, orphans, missing) = (found.blobs, found.orphans, found.missing);
        assert_eq!((blobs, orphans, missing), (3, 2, 1));
    }
}
