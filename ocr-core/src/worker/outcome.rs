//! Ends an attempt: stores the result, or the transition that the failure leads to.

use std::time::Duration;

use super::{
    keeper::hold,
    policy::{Decision, decide},
    recognized::Recognized,
    stop::Stop,
};
use crate::{
    Error, Result,
    blob::PutOptions,
    model::{AttemptNote, DocumentText, Outcome, PageText, ResultSummary, Task, TaskFailure, TaskStatus},
    notify::TaskUpdate,
    platform::Platform,
    service::{ResultDocument, forget_renditions, result_key},
    store::{Actor, OutboxMessage, Scope, Write},
};

/// Pages fetched from the store at once while the result is assembled.
const PAGES_AT_ONCE: u32 = 50;

/// Writes how the attempt ended, when it did not complete the task. Returns after what delay the delivery is to be repeated; `None`
/// when the queue is done with it.
pub(super) async fn settle(platform: &Platform, task: &Task, outcome: Result<(), Stop>) -> Option<Duration> {
    let settled = match outcome {
        Ok(()) => Ok(None),
        Err(Stop::Deadline) => too_late(platform, task).await.map(|()| None),
        Err(Stop::Failed(error)) => fail(platform, task, &error).await,
    };
    platform.wake();
    settled.unwrap_or_else(|error| {
        // The lease will run out and the reconciler will count the attempt as lost.
        tracing::warn!(?error, task = %task.id, "the end of an attempt could not be written");
        None
    })
}

/// Assembles the result document, makes it durable, and completes the task.
///
/// # Errors
/// `LeaseLost` when the task is no longer ours. May be dropped at any await point: the task is then as
/// it was, or complete.
pub(super) async fn complete(platform: &Platform, task: &Task, recognized: Recognized) -> Result<()> {
    let pages = all_pages(platform, task).await?;
    let now = platform.clock.now();
    let elapsed = (now - recognized.started).num_milliseconds();
    let document = DocumentText {
        usage: recognized.usage,
        ..DocumentText::new(recognized.engine, pages)
    };
    let usage = document.total_usage();
    let result = ResultDocument::new(task, document, now, u64::try_from(elapsed).unwrap_or(0))
        .with_same_as(recognized.same_as);
    let key = result_key(task.owner, task.file.id, task.state.attempt)?;
    let summary = ResultSummary {
        key: key.to_string(),
        confidence: result.confidence,
        page_count: result.page_count,
        word_count: result.word_count,
        processing_time_ms: result.processing_time_ms,
        engine: result.document.engine.name.clone(),
        billed_pages: usage.billed_pages,
        cost_micros: usage.cost_micros,
        same_as: recognized.same_as,
    };
    let json = serde_json::to_vec(&result).map_err(|error| {
        Error::new(crate::ErrorKind::Internal, "the result could not be written").with_source(error)
    })?;
    let options = PutOptions::default().with_content_type("application/json");
    // An attempt that lost the task should not leave a blob that is to be collected.
    hold(platform, task, None).await?;
    platform
        .blobs
        .put(key, bytes::Bytes::from(json).into(), options)
        .await?;
    let update = TaskUpdate::settled(task.id, TaskStatus::Completed, "Processing completed");
    let note = AttemptNote::default()
        .with_engine(summary.engine.clone())
        .with_charged(usage);
    finish(
        platform,
        task,
        Outcome::Complete { result: summary },
        update,
        note,
    )
    .await?;
    // Nobody is given one of another result; they only take room.
    if task.state.attempt > 1
        && let Err(error) = forget_renditions(platform, task.owner, task.file.id).await
    {
        tracing::warn!(?error, task = %task.id, "renditions of an earlier result stay for now");
    }
    tracing::info!(task = %task.id, pages = result.page_count, words = result.word_count, elapsed_ms = elapsed, billed_pages = usage.billed_pages, cost_micros = usage.cost_micros, "task completed");
    Ok(())
}

async fn all_pages(platform: &Platform, task: &Task) -> Result<Vec<PageText>> {
    let numbers = platform.store.page_numbers(task.id).await?;
    let mut pages = Vec::with_capacity(numbers.len());
    for chunk in numbers.chunks(PAGES_AT_ONCE as usize) {
        if let [from, .., to] | [from @ to] = chunk {
            let read = platform.store.pages(Scope::system(), task.id, *from, *to);
            pages.extend(read.await?);
        }
    }
    Ok(pages)
}

/// Ends a task whose time was over while it was read.
async fn too_late(platform: &Platform, task: &Task) -> Result<()> {
    let failure = TaskFailure::deadline_passed();
    tracing::warn!(task = %task.id, attempt = task.state.attempt, "the deadline of a task passed while it was read");
    let update = TaskUpdate::settled(task.id, TaskStatus::Failed, failure.message.clone());
    let note = ended_note(platform, task).await?;
    finish(platform, task, Outcome::Fail { failure }, update, note).await
}

/// What is kept of an attempt that came to nothing: who read, and what that cost.
async fn ended_note(platform: &Platform, task: &Task) -> Result<AttemptNote> {
    Ok(AttemptNote::default()
        .with_engine(platform.engine_name(&task.options))
        .with_charged(platform.charged(task.id).await?))
}

async fn fail(platform: &Platform, task: &Task, error: &Error) -> Result<Option<Duration>> {
    let state = &task.state;
    let decision = decide(error, state.failures, jitter(platform), &platform.policies);
    let Decision::Apply(outcome) = decision else {
        tracing::info!(task = %task.id, "stopped work on a task that is no longer ours");
        return Ok(None);
    };
    // Whatever it was: there is no time for another attempt.
    if state.is_overdue(platform.clock.now()) {
        return too_late(platform, task).await.map(|()| None);
    }
    tracing::warn!(?error, task = %task.id, attempt = state.attempt, "an attempt ended without a result");
    let next = state.finish(state.attempt, &outcome, platform.clock.now())?;
    let update = match next.status {
        TaskStatus::Failed => {
            // Of poison the state says more than the last error.
            let message = next
                .failure
                .map_or_else(|| error.message().to_owned(), |failure| failure.message);
            TaskUpdate::settled(task.id, next.status, message)
        }
        status => TaskUpdate::settled(
            task.id,
            status,
            format!("Waiting to try again: {}", error.message()),
        ),
    };
    let delay = match &outcome {
        Outcome::Reschedule { delay, .. }
        | Outcome::Release { delay, .. }
        | Outcome::Park { delay, .. }
        | Outcome::Crash { delay, .. }
            if next.status == TaskStatus::Pending =>
        {
            Some(*delay)
        }
        _ => None,
    };
    let note = ended_note(platform, task).await?;
    finish(platform, task, outcome, update, note).await?;
    Ok(delay)
}

/// Writes how the attempt ended, with an event that tells of it.
async fn finish(
    platform: &Platform,
    task: &Task,
    outcome: Outcome,
    update: TaskUpdate,
    note: AttemptNote,
) -> Result<()> {
    let event = OutboxMessage::Event(platform.task_event(task.owner, update));
    let write = Write::by(Actor::Worker).with_message(event).with_note(note);
    let finish = platform.store.finish(task.fence(), outcome, write);
    finish.await.map(drop)
}

/// A number in 0..=1 from the random tail of a fresh id.
fn jitter(platform: &Platform) -> f64 {
    let tail = platform.ids.next().as_u128() as u32;
    f64::from(tail) / f64::from(u32::MAX)
}
