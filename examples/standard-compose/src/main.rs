#![doc = include_str!("../README.md")]

mod compose;
mod engine;
mod services;

use std::{num::NonZeroUsize, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use futures::StreamExt;
use ocr_core::{
    duties::run_duties,
    id::{IdGenerator, RandomIds, TaskId, UserId},
    model::TaskStatus,
    notify::{EventBody, EventStream, Received},
    service::{OcrService, SubmitRequest},
    store::Scope,
    worker::Worker,
};
use ocr_testkit::documents::text_pdf;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use services::Services;

const TEXT: &str = "Hello from Postgres, Redis and S3";
/// Longest time the document may take.
const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::main]
async fn main() -> Result<()> {
    let services = Services::from_environment_or_own().await?;
    let (platform, database) = compose::platform(&services).await?;
    let (service, owner) = (OcrService::new(platform.clone()), UserId(RandomIds.next()));

    // These two may as well run in other processes.
    let (stop, running) = (CancellationToken::new(), TaskTracker::new());
    running.spawn(run_duties(platform.clone(), stop.clone()));
    let (worker, until) = (Worker::new(platform.clone(), NonZeroUsize::MIN), stop.clone());
    running.spawn(async move { worker.run(until).await });

    // Subscribe before submitting, so that no event is missed.
    let events = platform.notifier.subscribe(Scope::owner(owner)).await?;
    let request = SubmitRequest::new("hello.pdf");
    let task = service.submit(owner, request, text_pdf(&[TEXT]).into()).await?;
    let id = task.into_task().id;
    tokio::time::timeout(PATIENCE, ended(events, &service, owner, id))
        .await
        .context("the document takes too long")??;

    let result = service.result(Scope::owner(owner), id).await?;
    for page in &result.document.pages {
        println!("page {}: {}", page.number, page.plain_text());
    }
    ensure!(result.text == TEXT, "that is not what was written");

    stop.cancel();
    running.close();
    running.wait().await;
    database.close().await;
    Ok(())
}

/// Prints what is told of the task until it has ended. Events are hints: after a gap, the store is asked.
async fn ended(mut events: EventStream, service: &OcrService, owner: UserId, id: TaskId) -> Result<()> {
    while let Some(received) = events.next().await {
        let status = match received {
            Received::Event(event) => match event.body {
                EventBody::TaskUpdate(update) if update.task_id == id => {
                    println!("{}", update.message);
                    update.status
                }
                _ => continue,
            },
            _ => service.get(Scope::owner(owner), id).await?.state.status,
        };
        match status {
            TaskStatus::Completed => return Ok(()),
            TaskStatus::Pending | TaskStatus::Processing => {}
            other => bail!("the document is {other}"),
        }
    }
    bail!("the events ended")
}
