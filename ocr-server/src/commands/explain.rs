//! `ocr-server explain`: why a task waits or has failed.

use std::process::ExitCode;

use anyhow::Result;
use ocr_core::{id::TaskId, service::OcrService, store::Scope};

use crate::{compose, config::Settings};

/// Prints what holds the task, and what happens next. It is asked of the databases; a server may run meanwhile.
pub(super) async fn run(settings: &Settings, task: &str) -> Result<ExitCode> {
    let id: TaskId = task.parse()?;
    let composition = compose::open(settings).await?;
    let service = OcrService::new(composition.platform.clone());
    let explained = service.explain(Scope::system(), id).await;
    composition.close().await;
    let explained = explained?;
    let state = &explained.task.state;
    println!("{}: {}", state.status, explained.message);
    println!("next: {}", explained.next);
    println!(
        "attempt {}, {} failures of {}, {} crashes of {}",
        state.attempt, state.failures, state.max_attempts, state.crashes, state.max_crashes
    );
    if let Some(deadline) = state.deadline {
        println!("deadline: {}", deadline.to_rfc3339());
    }
    Ok(ExitCode::SUCCESS)
}
