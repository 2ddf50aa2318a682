//! One delivery from the queue: claim, read, store, settle.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use futures::StreamExt;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::{
    budget,
    keeper::{LeaseKeeper, hold},
    outcome,
    recognized::{Beginning, Recognized},
    reuse::{same_pages, take_over},
    stop::Stop,
};
use crate::{
    Error, ErrorKind, Result,
    clock::later,
    duties::give_up_overdue,
    engine::{Checkpoint, DocumentSource, OcrContext, OcrRequest, PageStream},
    id::TaskId,
    model::{AttemptNote, EngineInfo, Progress, Task, Transition, Usage},
    notify::TaskUpdate,
    platform::Platform,
    queue::{Lease, LeaseToken, Nack},
    store::{Actor, Scope, Write},
    trace::TraceContext,
};

/// How long a delivery waits whose task could not be claimed because the store failed.
const STORE_FAILED_DELAY: Duration = Duration::from_secs(5);

/// Handles one delivery to its end, within the trace it carries. Never returns an error: each outcome is
/// stored, or the reconciler finds the task later.
pub(super) async fn process(platform: &Platform, worker: &str, lease: Lease, hard_stop: CancellationToken) {
    let trace = lease
        .item
        .trace
        .unwrap_or_else(|| TraceContext::begin(&*platform.ids));
    let span = tracing::info_span!("task", task = %lease.item.task_id, trace = %trace.trace_id());
    let work = deliver(platform, worker, lease, hard_stop).instrument(span);
    trace.within(work).await;
}

async fn deliver(platform: &Platform, worker: &str, lease: Lease, hard_stop: CancellationToken) {
    let task = match claim(platform, worker, lease.item.task_id).await {
        Ok(task) => task,
        Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::NotFound) => {
            tracing::debug!(task = %lease.item.task_id, %error, "nothing to do for a delivery");
            let delay = unclaimed(platform, lease.item.task_id).await;
            release(platform, lease.token, delay).await;
            return;
        }
        Err(error) => {
            tracing::warn!(?error, task = %lease.item.task_id, "a task could not be claimed");
            let delay = match error.kind() {
                ErrorKind::StorageFull => platform.policies.storage_full_delay,
                _ => STORE_FAILED_DELAY,
            };
            release(platform, lease.token, Some(delay)).await;
            return;
        }
    };
    let keeper = LeaseKeeper::start(platform, lease.token, task.fence());
    publish(platform, &task, TaskUpdate::started(task.id)).await;
    platform.wake();
    let outcome = attempt_task(platform, &task, keeper.lost(), &hard_stop).await;
    drop(keeper);
    let delay = outcome::settle(platform, &task, outcome).await;
    release(platform, lease.token, delay).await;
}

/// After what delay the delivery of a task is to be repeated that could not be claimed; `None` when the queue is done
/// with it: it was a duplicate, of a task that runs, has ended or is deleted.
async fn unclaimed(platform: &Platform, id: TaskId) -> Option<Duration> {
    let task = platform.store.task(Scope::system(), id).await.ok()??;
    let now = platform.clock.now();
    if task.deleted_at.is_some() {
        return None;
    }
    if task.state.is_overdue(now) {
        if let Err(error) = give_up_overdue(platform, id).await {
            tracing::debug!(?error, task = %id, "a task whose deadline has passed is left to the reconciler");
        }
        return None;
    }
    // Its worker is silent, and the lease of the queue ran out a little before that of the store: whoever waits for
    // the other one takes the task over as soon as it may. One whose lease is over and that nobody may claim is left to
    // the reconciler.
    let until = task.state.silent_until(platform.policies.lease, now)?;
    let left = (until - now).to_std().ok()?;
    (!left.is_zero()).then_some(left)
}

async fn claim(platform: &Platform, worker: &str, id: TaskId) -> Result<Task> {
    let lease = platform.policies.lease;
    let name = (!worker.is_empty()).then(|| worker.to_owned());
    let note = AttemptNote::default().with_worker(name);
    let claim = platform.store.transition(
        Scope::system(),
        id,
        Transition::Claim { lease },
        Write::by(Actor::Worker).with_note(note),
    );
    claim.await
}

/// Takes the delivery off the queue, or puts it back for after `delay`.
async fn release(platform: &Platform, token: LeaseToken, delay: Option<Duration>) {
    let result = match delay {
        None => platform.queue.ack(vec![token]).await.map(drop),
        Some(delay) => platform.queue.nack(token, Nack::Reschedule(delay)).await,
    };
    match result {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::LeaseLost => {}
        Err(error) => tracing::warn!(?error, task = %token.task, "a delivery could not be given back"),
    }
}

/// Reads the document, stores its pages and completes the task, until done, no longer ours, out of time
/// or told to stop. The result is written under the lease too: a large one over a slow line takes longer
/// than a lease lasts.
async fn attempt_task(
    platform: &Platform,
    task: &Task,
    lost: &CancellationToken,
    hard_stop: &CancellationToken,
) -> Result<(), Stop> {
    let cancel = CancellationToken::new();
    let _stop_engine = cancel.clone().drop_guard();
    let limit = platform.policies.max_attempt_time;
    let deadline = task
        .state
        .deadline
        .map(|deadline| deadline - platform.clock.now());
    let left = deadline.map(|left| left.to_std().unwrap_or_default());
    let error = tokio::select! {
        biased;
        () = lost.cancelled() => Error::new(ErrorKind::LeaseLost, "the task is no longer ours"),
        () = hard_stop.cancelled() => Error::new(ErrorKind::Cancelled, "the worker is shutting down"),
        () = tokio::time::sleep(left.unwrap_or(limit)), if left.is_some() => return Err(Stop::Deadline),
        () = tokio::time::sleep(limit) => Error::new(
            ErrorKind::Timeout,
            format!("reading this document took longer than {} s", limit.as_secs()),
        ),
        outcome = read_and_complete(platform, task, cancel) => return outcome.map_err(Stop::Failed),
    };
    Err(Stop::Failed(error))
}

async fn read_and_complete(platform: &Platform, task: &Task, cancel: CancellationToken) -> Result<()> {
    let recognized = match take_over(platform, task).await? {
        Some(recognized) => recognized,
        None => read(platform, task, cancel).await?,
    };
    outcome::complete(platform, task, recognized).await
}

async fn read(platform: &Platform, task: &Task, cancel: CancellationToken) -> Result<Recognized> {
    // Begun and ended by our own clock: the store's may be another.
    let started = platform.clock.now();
    let engine = platform.engines.choose(task.options.engine.as_deref())?;
    let done = platform.store.page_numbers(task.id).await?;
    let file = &task.file;
    let request = OcrRequest {
        document: DocumentSource::new(
            platform.blobs.clone(),
            file.key.parse()?,
            file.size,
            file.sha256.clone(),
        ),
        media_type: file.media_type,
        languages: task.options.languages.clone(),
        pages: task.options.pages.clone(),
        skip: done.clone(),
        features: task.options.features.clone(),
        queries: task.options.queries.clone(),
        text_layer: task.options.text_layer,
    };
    let deadline = later(platform.clock.now(), platform.policies.max_attempt_time);
    let checkpoint = Checkpoint::of_task(Arc::clone(&platform.store), task.fence()).await?;
    let context = OcrContext {
        cancel,
        deadline: Some(deadline),
        checkpoint: checkpoint.scoped(engine.name()),
        same_pages: same_pages(platform, task),
    };
    let capabilities = engine.capabilities();
    let billed = billed_pages(&checkpoint).await;
    if capabilities.charges() && billed == 0 {
        // Before the document is opened: it may wait for long, and is looked at again and again.
        budget::check(platform, task.owner, 1).await?;
    }
    let stream = engine.recognize(request, context).await?;
    if capabilities.charges() {
        // What was paid for is fetched whatever is left.
        let unpaid = stream.total.saturating_sub(billed.max(done.len() as u32));
        let price = capabilities
            .price_of_page(&task.options.features)
            // Without a price for these together, a limit holds as if it were the dearest.
            .or_else(|| capabilities.prices.iter().map(|price| price.cost_micros).max())
            .unwrap_or_default();
        let cost_micros = price.saturating_mul(unpaid.into());
        budget::check(platform, task.owner, cost_micros).await?;
    }
    let (engine, beginning) = store_pages(platform, task, done, stream).await?;
    let usage = checkpoint.usage().await;
    let started = beginning.of_attempt(started, !usage.is_empty());
    Ok(Recognized {
        engine,
        usage,
        started,
        same_as: None,
    })
}

/// Pages that were paid for in earlier attempts.
async fn billed_pages(checkpoint: &Checkpoint) -> u32 {
    let usage = checkpoint.usage().await;
    usage.into_values().sum::<Usage>().billed_pages
}

/// Stores pages as they come, and tells how far we are. Who read, and when that began.
async fn store_pages(
    platform: &Platform,
    task: &Task,
    stored: Vec<u32>,
    mut stream: PageStream,
) -> Result<(EngineInfo, Beginning)> {
    let mut beginning = Beginning::default();
    // Numbers, not a count: a page told twice must not stand for one that is missing.
    let mut stored: BTreeSet<u32> = stored.into_iter().collect();
    let mut done = stored.len() as u32;
    report(
        platform,
        task,
        Progress {
            pages_done: done,
            pages_total: stream.total,
        },
    )
    .await?;
    while let Some(page) = stream.pages.next().await {
        let page = page?;
        beginning.page(platform.clock.now(), page.elapsed_ms);
        let span = tracing::debug_span!("page", number = page.number);
        stored.insert(page.number);
        platform
            .store
            .put_pages(task.fence(), vec![page])
            .instrument(span)
            .await?;
        done = stored.len() as u32;
        report(
            platform,
            task,
            Progress {
                pages_done: done,
                pages_total: stream.total.max(done),
            },
        )
        .await?;
    }
    if done < stream.total {
        let message = format!("the engine read {done} of {} pages", stream.total);
        return Err(Error::new(ErrorKind::Internal, message));
    }
    Ok((stream.engine, beginning))
}

async fn report(platform: &Platform, task: &Task, progress: Progress) -> Result<()> {
    hold(platform, task, Some(progress)).await?;
    publish(platform, task, TaskUpdate::progressed(task.id, progress)).await;
    Ok(())
}

/// Publishes an event directly. It may be lost; nothing depends on it.
async fn publish(platform: &Platform, task: &Task, update: TaskUpdate) {
    let event = platform.task_event(task.owner, update);
    if let Err(error) = platform.notifier.publish(vec![event]).await {
        tracing::debug!(?error, task = %task.id, "an update was not published");
    }
}
