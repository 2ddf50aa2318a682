//! `ocr-server admin dead-letters`: tasks that failed although their document is not to blame.

use anyhow::Result;
use ocr_core::{
    clock::Timestamp,
    id::{TaskId, UserId},
    model::{AttemptEnd, DeadLetterCause, Task},
    pagination::{MAX_PAGE_SIZE, PageRequest},
    service::OcrService,
    store::{Scope, TaskFilter},
};

use crate::cli::{DeadLetterAction, DeadLetterFilter};

/// Does what is asked on behalf of the operator: among the dead letters of everybody, or of one user.
pub(super) async fn run(service: &OcrService, action: DeadLetterAction) -> Result<()> {
    match action {
        DeadLetterAction::List { filter } => list(service, filter).await,
        DeadLetterAction::Show { task } => show(service, &task).await,
        DeadLetterAction::Redrive {
            tasks,
            all,
            filter,
            limit,
        } => {
            if all {
                redrive_all(service, filter, limit).await
            } else {
                redrive(service, &tasks).await
            }
        }
    }
}

/// The scope and the filter of the model.
fn wanted(filter: DeadLetterFilter) -> Result<(Scope, TaskFilter)> {
    let scope = match filter.user {
        Some(user) => Scope::owner(user.parse::<UserId>()?),
        None => Scope::system(),
    };
    let wanted = TaskFilter::default()
        .with_failure_code(filter.code)
        .with_name_contains(filter.name);
    Ok((scope, wanted))
}

async fn list(service: &OcrService, filter: DeadLetterFilter) -> Result<()> {
    let (scope, filter) = wanted(filter)?;
    let mut cursor = None;
    loop {
        let request = PageRequest::first(MAX_PAGE_SIZE)?.after(cursor);
        let page = service.dead_letters(scope, filter.clone(), request).await?;
        for task in &page.items {
            println!("{}", line(task));
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

/// A dead letter in a line: since when, which task, whose, why, and the last error.
fn line(task: &Task) -> String {
    let cause = DeadLetterCause::of(&task.state).map_or("", DeadLetterCause::as_str);
    let failure = task.state.failure.as_ref();
    let (code, message) = failure.map_or(("", ""), |failure| {
        (failure.code.as_str(), failure.message.as_str())
    });
    format!(
        "{}\t{}\t{}\t{cause}\t{code}\t{}\t{}",
        task.updated_at.to_rfc3339(),
        task.id,
        task.owner,
        one_line(&task.file.filename),
        one_line(message),
    )
}

fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

async fn show(service: &OcrService, task: &str) -> Result<()> {
    let (task, cause) = service
        .dead_letter(Scope::system(), task.parse::<TaskId>()?)
        .await?;
    println!("{}", line(&task));
    println!(
        "cause {}, {} failures of {}, {} crashes of {}",
        cause.as_str(),
        task.state.failures,
        task.state.max_attempts,
        task.state.crashes,
        task.state.max_crashes
    );
    let engine = task.options.engine.as_deref().unwrap_or("default");
    let charged = task.history.charged_in_all();
    println!(
        "engine {engine}, charged {} pages, {} USD",
        charged.billed_pages,
        dollars(charged.cost_micros)
    );
    for attempt in &task.history.attempts {
        let end = attempt.end.map_or("running", AttemptEnd::as_str);
        let ended = attempt.ended_at.as_ref().map(Timestamp::to_rfc3339);
        let failure = attempt.failure.as_ref();
        println!(
            "attempt {}\t{}\t{}\t{end}\tworker {}\tengine {}\t{} USD\t{}",
            attempt.number,
            attempt.started_at.to_rfc3339(),
            ended.as_deref().unwrap_or("-"),
            attempt.worker.as_deref().unwrap_or("-"),
            attempt.engine.as_deref().unwrap_or("-"),
            dollars(attempt.usage.cost_micros),
            failure.map_or_else(String::new, |failure| one_line(&failure.message)),
        );
    }
    Ok(())
}

/// Millionths of a dollar as dollars.
fn dollars(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

async fn redrive(service: &OcrService, tasks: &[String]) -> Result<()> {
    for task in tasks {
        let task = service.redrive(Scope::system(), task.parse::<TaskId>()?).await?;
        println!("{} is {}", task.id, task.status());
    }
    Ok(())
}

async fn redrive_all(service: &OcrService, filter: DeadLetterFilter, limit: u16) -> Result<()> {
    let (scope, filter) = wanted(filter)?;
    let done = service.redrive_all(scope, filter, usize::from(limit)).await?;
    println!("redriven {}, skipped {}", done.redriven, done.skipped);
    if done.more {
        eprintln!("there are more: ask again");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_and_lines_are_written_for_people() {
        assert_eq!(dollars(1_500), "0.001500");
        assert_eq!(dollars(12_000_001), "12.000001");
        assert_eq!(one_line("a\nb\tc"), "a b c");
    }
}
