//! Why a task waits or has failed, and what happens next.

use chrono::SecondsFormat;

use super::{MAX_POSITION, OcrService};
use crate::{
    ErrorKind, Result,
    clock::Timestamp,
    id::TaskId,
    model::{DeadLetterCause, Task, TaskStatus},
    store::Scope,
};

/// What holds a task, or what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Holding {
    /// It waits for its turn.
    Turn,
    /// It waits for the time of its next attempt.
    Delay,
    /// It waits because there is no engine.
    NoEngine,
    /// Its worker is silent: it waits until another one may take it over.
    SilentWorker,
    /// A worker reads it.
    Worker,
    /// Its deadline has passed; it is about to be given up.
    Deadline,
    /// It failed, and its document is to blame.
    Document,
    /// It failed, and its document is not to blame: it is a dead letter.
    DeadLetter,
    /// Nothing: it was read.
    Completed,
    /// Somebody stopped it.
    Cancelled,
}

impl Holding {
    /// Stable snake_case name, used in API answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Turn => "turn",
            Self::Delay => "delay",
            Self::NoEngine => "no_engine",
            Self::SilentWorker => "silent_worker",
            Self::Worker => "worker",
            Self::Deadline => "deadline",
            Self::Document => "document",
            Self::DeadLetter => "dead_letter",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Why a task waits or has failed. It says nothing of the documents of others but how many are ahead.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Explanation {
    /// The task.
    pub task: Task,
    /// What holds it.
    pub holding: Holding,
    /// Tasks that are ahead of it, of all owners, when it waits for its turn; [`MAX_POSITION`] less one means that or
    /// more.
    pub ahead: Option<usize>,
    /// When it can go on.
    pub until: Option<Timestamp>,
    /// Why it is a dead letter, when it is one.
    pub cause: Option<DeadLetterCause>,
    /// All of that in English, for people.
    pub message: String,
    /// What happens next, or what to do, in English.
    pub next: String,
}

/// What is known beside the task itself.
struct Surroundings {
    now: Timestamp,
    lease: std::time::Duration,
    position: Option<usize>,
    missing_engine: Option<String>,
}

impl OcrService {
    /// Why the task waits or has failed, and what happens next.
    ///
    /// # Errors
    /// `NotFound` when it does not exist, is in the trash or is not in `scope`.
    pub async fn explain(&self, scope: Scope, id: TaskId) -> Result<Explanation> {
        let task = self.get(scope, id).await?;
        let position = if task.status() == TaskStatus::Pending {
            let positions = self.queue_positions().await?;
            let behind = (positions.len() >= MAX_POSITION).then_some(MAX_POSITION);
            positions.get(&id).copied().or(behind)
        } else {
            None
        };
        let engine = self.platform.engines.choose(task.options.engine.as_deref());
        let surroundings = Surroundings {
            now: self.now(),
            lease: self.policies().lease,
            position,
            missing_engine: engine.err().map(|error| error.message().to_owned()),
        };
        Ok(explanation(task, surroundings))
    }

    /// Until when a task that is being read waits for another worker, because nothing is heard of its own; a time that
    /// is over when the next worker takes it over at once. `None` unless it waits so.
    pub fn takeover_at(&self, task: &Task) -> Option<Timestamp> {
        task.state.silent_until(self.policies().lease, self.now())
    }
}

/// Pure: what holds the task.
fn explanation(task: Task, around: Surroundings) -> Explanation {
    match task.status() {
        _ if task.state.is_overdue(around.now) => {
            let message = "its deadline has passed".to_owned();
            told(
                task,
                Holding::Deadline,
                message,
                "it is given up within seconds".into(),
            )
        }
        TaskStatus::Pending => waiting(task, around),
        TaskStatus::Processing => running(task, &around),
        TaskStatus::Completed => told(task, Holding::Completed, "it was read".into(), "nothing".into()),
        TaskStatus::Cancelled => told(
            task,
            Holding::Cancelled,
            "somebody stopped it".into(),
            "nothing, unless somebody has it tried again".into(),
        ),
        TaskStatus::Failed => ended(task),
    }
}

fn waiting(task: Task, around: Surroundings) -> Explanation {
    let attempt = task.state.attempt.saturating_add(1);
    if let Some(until) = task.state.run_after.filter(|at| *at > around.now) {
        let why = match &task.state.failure {
            Some(failure) if failure.code == ErrorKind::QuotaExceeded.as_str() => {
                format!("it is parked, and no attempt is lost: {}", failure.message)
            }
            Some(failure) => format!("the last attempt failed: {}", failure.message),
            None => "the last attempt was given back: what it needed was not there".into(),
        };
        let next = format!("attempt {attempt} begins {}", moment(until, around.now));
        return told(task, Holding::Delay, why, next).until(until);
    }
    if let Some(missing) = around.missing_engine {
        let next = "it is read as soon as there is an engine for it".to_owned();
        return told(task, Holding::NoEngine, missing, next);
    }
    let ahead = around.position.map(|position| position.saturating_sub(1));
    let message = match ahead {
        Some(0) => "it is the next one".to_owned(),
        Some(1) => "one document is ahead of it".to_owned(),
        Some(ahead) if ahead + 1 >= MAX_POSITION => format!("at least {ahead} documents are ahead of it"),
        Some(ahead) => format!("{ahead} documents are ahead of it"),
        None => "it waits for its turn".to_owned(),
    };
    let next = format!("attempt {attempt} begins when a worker is free");
    Explanation {
        ahead,
        ..told(task, Holding::Turn, message, next)
    }
}

fn running(task: Task, around: &Surroundings) -> Explanation {
    if let Some(until) = task.state.silent_until(around.lease, around.now) {
        let message = "it waits for another worker: nothing is heard of the one that reads it".to_owned();
        let next = format!("another worker takes it over {}", moment(until, around.now));
        return told(task, Holding::SilentWorker, message, next).until(until);
    }
    let message = match task.progress {
        Some(progress) => format!(
            "a worker reads it: {} of {} pages are done",
            progress.pages_done, progress.pages_total
        ),
        None => "a worker reads it".to_owned(),
    };
    told(
        task,
        Holding::Worker,
        message,
        "it is completed, or tried again".into(),
    )
}

fn ended(task: Task) -> Explanation {
    let failure = task.state.failure.as_ref();
    let message = failure.map_or_else(
        || "it failed, and nobody wrote why".to_owned(),
        |failure| failure.message.clone(),
    );
    let cause = DeadLetterCause::of(&task.state);
    let (holding, next) = match cause {
        None => (Holding::Document, "nothing: another attempt comes to the same"),
        Some(DeadLetterCause::Poison) => (
            Holding::DeadLetter,
            "it is set aside; redriving it may stop a worker again",
        ),
        Some(DeadLetterCause::Refused) => (
            Holding::DeadLetter,
            "it is set aside; redrive it when what it needs is there",
        ),
        Some(_) => (Holding::DeadLetter, "it is set aside until somebody redrives it"),
    };
    Explanation {
        cause,
        ..told(task, holding, message, next.into())
    }
}

fn told(task: Task, holding: Holding, message: String, next: String) -> Explanation {
    Explanation {
        task,
        holding,
        ahead: None,
        until: None,
        cause: None,
        message,
        next,
    }
}

impl Explanation {
    fn until(self, until: Timestamp) -> Self {
        Self {
            until: Some(until),
            ..self
        }
    }
}

/// A time for people: how long from `now`, and when that is.
fn moment(at: Timestamp, now: Timestamp) -> String {
    let seconds = (at - now).num_seconds();
    if seconds <= 0 {
        return "within a second".into();
    }
    format!(
        "in {seconds} s, at {}",
        at.to_rfc3339_opts(SecondsFormat::Secs, true)
    )
}
