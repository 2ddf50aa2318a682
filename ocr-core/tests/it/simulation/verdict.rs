//! What must be so at the end of a run.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use futures::TryStreamExt;
use ocr_core::{
    Result,
    blob::{BlobStore, GetOptions},
    id::TaskId,
    model::{Task, TaskStatus},
    queue::{Queue, QueueDepth},
    service::OcrService,
    store::{Change, ChangeCursor, ChangeLog, ChangeOperation, Outbox, Scope},
};

use super::{
    clients::{Accepted, Receipts, Whim},
    documents::Document,
    news::{Believed, Follower},
    world::World,
};

/// Maximum number of changes of a run.
const MAX_CHANGES: usize = 10_000;
/// Maximum number of bytes of a document.
const MAX_BYTES: u64 = 1_000;

/// Everything that is wrong; nothing, if it is as it must be.
pub(super) async fn complaints(
    world: &Arc<World>,
    receipts: &Receipts,
    followers: &[Arc<Follower>],
) -> Result<Vec<String>> {
    let mut complaints = receipts.complaints();
    complaints.extend(world.store.stale_writes());
    let tasks = world.tasks().await?;
    let changes = world
        .store
        .changes(Scope::system(), ChangeCursor::default(), MAX_CHANGES)
        .await?;
    let accepted = receipts.accepted();
    complaints.extend(lost(&accepted, &tasks));
    complaints.extend(doubled(&accepted, &tasks, &changes));
    for task in &tasks {
        complaints.extend(wrong_content(world, task).await?);
    }
    complaints.extend(left_over(world, &tasks).await?);
    for follower in followers {
        complaints.extend(misled(follower, &tasks));
    }
    Ok(complaints)
}

/// Whether nothing waits or is at work.
pub(super) async fn all_ended(world: &World) -> Result<bool> {
    let tasks = world.tasks().await?;
    Ok(tasks
        .iter()
        .all(|task| task.deleted_at.is_some() || task.status().is_terminal()))
}

/// Documents that were accepted and are not where they must be.
fn lost(accepted: &[Accepted], tasks: &[Task]) -> Vec<String> {
    let mut complaints = Vec::new();
    for accepted in accepted {
        let Some(task) = tasks.iter().find(|task| task.id == accepted.task) else {
            complaints.push(format!("lost: {accepted:?}"));
            continue;
        };
        let read = if accepted.document.is_readable() {
            TaskStatus::Completed
        } else {
            TaskStatus::Failed
        };
        let is_right = match accepted.whim {
            Whim::Deletes => task.deleted_at.is_some(),
            Whim::Cancels => [read, TaskStatus::Cancelled].contains(&task.status()),
            Whim::Restores if task.deleted_at.is_some() => true,
            Whim::Waits | Whim::Restores | Whim::Retries => task.status() == read,
        };
        // A server that was frozen over a repeated deletion may delete once more what was restored.
        let is_there = task.deleted_at.is_none() || accepted.whim == Whim::Deletes || accepted.deletions > 1;
        if !is_right || !is_there {
            let (status, deleted) = (task.status(), task.deleted_at);
            complaints.push(format!("{accepted:?} is {status}, deleted at {deleted:?}"));
        }
    }
    for task in tasks {
        if task.deleted_at.is_none() && !task.status().is_terminal() {
            complaints.push(format!("stuck: {} is {:?}", task.id, task.state));
        }
    }
    complaints
}

/// Documents that were read or stored more often than somebody asked for.
fn doubled(accepted: &[Accepted], tasks: &[Task], changes: &[Change]) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut completions: BTreeMap<TaskId, usize> = BTreeMap::new();
    for change in changes {
        if change.operation == ChangeOperation::Update
            && change.status == Some(TaskStatus::Completed)
            && let Some(task) = change.task
        {
            *completions.entry(task).or_default() += 1;
        }
    }
    for (task, times) in completions {
        let known = accepted.iter().find(|accepted| accepted.task == task);
        let allowed = 1 + known.map_or(0, |accepted| accepted.retries);
        if times > allowed {
            complaints.push(format!("doubled: {task} was completed {times} times"));
        }
    }
    // A key whose task was put in the trash is free again, and a server may still be at an upload with it.
    if accepted
        .iter()
        .all(|accepted| !matches!(accepted.whim, Whim::Deletes | Whim::Restores))
        && tasks.len() > accepted.len()
    {
        complaints.push(format!("{} uploads made {} tasks", accepted.len(), tasks.len()));
    }
    complaints
}

/// What is stored of a task and does not fit what was uploaded.
async fn wrong_content(world: &World, task: &Task) -> Result<Vec<String>> {
    let platform = world.undisturbed();
    let blob = platform
        .blobs
        .get(task.file.key.parse()?, GetOptions::default())
        .await?;
    let bytes = blob.body.collect(MAX_BYTES).await?;
    let Some(document) = Document::of(&bytes) else {
        return Ok(vec![format!("the file of {} is another one", task.id)]);
    };
    let mut complaints = Vec::new();
    if let (Some(summary), None) = (&task.result, task.deleted_at) {
        let result = OcrService::new(platform).result(Scope::system(), task.id).await?;
        if result.text != document.text() {
            complaints.push(format!("the text of {} is {:?}", task.id, result.text));
        }
        if (result.task_id, result.processing_time_ms) != (task.id, summary.processing_time_ms) {
            complaints.push(format!("the result of {} is that of another attempt", task.id));
        }
    }
    if (task.status() == TaskStatus::Completed) != task.result.is_some() {
        complaints.push(format!(
            "{} is {} and has a result of {:?}",
            task.id,
            task.status(),
            task.result
        ));
    }
    Ok(complaints)
}

/// Messages, work and bytes that nobody needs any more.
async fn left_over(world: &World, tasks: &[Task]) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    let unsent = world.store.lease_outbox(100, Duration::ZERO).await?;
    if !unsent.is_empty() {
        complaints.push(format!("{} messages were not sent: {unsent:?}", unsent.len()));
    }
    let depth = world.queue.depth().await?;
    if depth != QueueDepth::default() {
        complaints.push(format!("the queue still holds {depth:?}"));
    }
    let stored = world.blobs.list(String::new()).await?;
    let stored: BTreeSet<String> = stored.map_ok(|meta| meta.key.to_string()).try_collect().await?;
    let results = tasks.iter().filter_map(|task| task.result.as_ref());
    let needed: BTreeSet<String> = tasks
        .iter()
        .map(|task| task.file.key.clone())
        .chain(results.map(|result| result.key.clone()))
        .collect();
    if stored != needed {
        let orphans: Vec<&String> = stored.difference(&needed).collect();
        let missing: Vec<&String> = needed.difference(&stored).collect();
        complaints.push(format!("orphans {orphans:?}, missing blobs {missing:?}"));
    }
    Ok(complaints)
}

/// What a client believes that is not so.
fn misled(follower: &Follower, tasks: &[Task]) -> Option<String> {
    let own = tasks.iter().filter(|task| task.owner == follower.owner);
    let truth: Believed = own
        .map(|task| (task.id, task.deleted_at.is_none().then_some(task.status())))
        .collect();
    let believed = follower.believes();
    (believed != truth).then(|| format!("a client believes {believed:?}, but it is {truth:?}"))
}
