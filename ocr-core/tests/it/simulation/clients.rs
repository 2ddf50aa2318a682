//! Clients: they upload until they are answered, and some change their mind.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use ocr_core::{
    ErrorKind, Result,
    id::{TaskId, UserId},
    model::Task,
    service::{OcrService, SubmitRequest},
    store::Scope,
};

use super::{
    documents::{DOCUMENTS, Document},
    world::World,
};

/// How often a client tries something before it says that the platform does not work.
const TRIES: usize = 60;

/// What a client does with a document that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whim {
    /// Nothing.
    Waits,
    /// Cancels it.
    Cancels,
    /// Deletes it.
    Deletes,
    /// Deletes it and takes it back.
    Restores,
    /// Has it read again once it has ended.
    Retries,
}

/// A document that was accepted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Accepted {
    pub(super) owner: UserId,
    pub(super) task: TaskId,
    pub(super) document: Document,
    pub(super) whim: Whim,
    /// How often the client asked for it to be read again, whatever the answer was.
    pub(super) retries: usize,
    /// How often the client asked for it to be deleted.
    pub(super) deletions: usize,
}

/// What clients were told.
#[derive(Debug, Default)]
pub(super) struct Receipts {
    accepted: Mutex<Vec<Accepted>>,
    complaints: Mutex<Vec<String>>,
}

impl Receipts {
    pub(super) fn accepted(&self) -> Vec<Accepted> {
        self.accepted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn complaints(&self) -> Vec<String> {
        self.complaints
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn complain(&self, what: String) {
        self.complaints
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(what);
    }
}

/// Uploads one document of `owner` and does with it what comes to mind.
pub(super) async fn upload(world: Arc<World>, receipts: Arc<Receipts>, owner: UserId, number: usize) {
    let dice = &world.weather.dice;
    tokio::time::sleep(dice.millis(0, 4_000)).await;
    let document = Document(dice.below(DOCUMENTS));
    let key = format!("upload {number}");
    let submitted = repeat(&world, move |service| {
        let request = SubmitRequest::new("scan.pdf").with_idempotency_key(Some(key.clone()));
        async move { service.submit(owner, request, document.bytes().into()).await }
    });
    let task = match submitted.await {
        Ok(created) => created.into_task().id,
        Err(error) => return receipts.complain(format!("{document:?} was never accepted: {error}")),
    };
    let whim = match dice.below(10) {
        0 => Whim::Cancels,
        1 => Whim::Deletes,
        2 => Whim::Restores,
        3 => Whim::Retries,
        _ => Whim::Waits,
    };
    let mut accepted = Accepted {
        owner,
        task,
        document,
        whim,
        retries: 0,
        deletions: 0,
    };
    if let Err(error) = follow_whim(&world, &mut accepted).await {
        receipts.complain(format!("{accepted:?}: {error}"));
    }
    receipts
        .accepted
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(accepted);
}

async fn follow_whim(world: &Arc<World>, accepted: &mut Accepted) -> Result<()> {
    let (scope, task) = (Scope::owner(accepted.owner), accepted.task);
    tokio::time::sleep(world.weather.dice.millis(0, 3_000)).await;
    match accepted.whim {
        Whim::Waits => Ok(()),
        // It may have ended before.
        Whim::Cancels => settled(repeat(world, move |service| cancel(service, scope, task)).await),
        Whim::Deletes => settled(repeat(world, move |service| delete(service, scope, task)).await),
        Whim::Restores => {
            let calls = AtomicUsize::new(0);
            let answer = repeat(world, |service| {
                calls.fetch_add(1, Ordering::Relaxed);
                delete(service, scope, task)
            });
            settled(answer.await)?;
            accepted.deletions = calls.into_inner();
            tokio::time::sleep(world.weather.dice.millis(0, 2_000)).await;
            settled(repeat(world, move |service| restore(service, scope, task)).await)
        }
        Whim::Retries => {
            for _ in 0..TRIES {
                tokio::time::sleep(Duration::from_millis(400)).await;
                accepted.retries += 1;
                if world
                    .ask(move |service| retry(service, scope, task))
                    .await
                    .is_ok()
                {
                    return Ok(());
                }
            }
            Ok(())
        }
    }
}

/// A task that is not in the state for what was asked, as after an answer that was lost, is no complaint.
fn settled(answer: Result<Task>) -> Result<()> {
    match answer {
        Err(error) if !matches!(error.kind(), ErrorKind::Conflict | ErrorKind::NotFound) => Err(error),
        _ => Ok(()),
    }
}

async fn cancel(service: OcrService, scope: Scope, task: TaskId) -> Result<Task> {
    service.cancel(scope, task).await
}

async fn delete(service: OcrService, scope: Scope, task: TaskId) -> Result<Task> {
    service.delete(scope, task).await
}

async fn restore(service: OcrService, scope: Scope, task: TaskId) -> Result<Task> {
    service.restore(scope, task).await
}

async fn retry(service: OcrService, scope: Scope, task: TaskId) -> Result<Task> {
    service.retry(scope, task).await
}

/// Asks one server after another until one gives an answer that will not change by waiting.
async fn repeat<T, F, Fut>(world: &Arc<World>, question: F) -> Result<T>
where
    T: Send + 'static,
    F: Fn(OcrService) -> Fut,
    Fut: Future<Output = Result<T>> + Send + 'static,
{
    let mut tries = 0;
    loop {
        tries += 1;
        match world.ask(&question).await {
            Err(error) if error.is_transient() && tries < TRIES => {
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
            answer => return answer,
        }
    }
}
