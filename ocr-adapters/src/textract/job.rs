//! A document that is read as a job: started once, whatever happens, waited for, and fetched whole.

use std::{collections::BTreeMap, time::Instant};

use aws_sdk_textract::types::{JobStatus, Warning};
use futures::{StreamExt, stream};
use ocr_core::{
    Error, ErrorKind, Result,
    digest::sha256_hex,
    model::{PageText, Usage},
};
use ocr_vision::pages::{Tolerance, forgiving};

use super::{
    blocks,
    client::{Answer, Channel, JobPart, JobRef, NewJob},
    config::{Completion, PollPolicy, SqsPolicy},
    errors::{Fault, FaultKind},
    in_flight::Outcome,
    notes::{JobNote, Notes},
    page_run::{PageRun, Pages, Survey, elapsed, size_of, unreachable_object},
    pagination,
    poller::Pauses,
    service::Service,
    token::TokenParts,
};

/// Failures in a row of asking for a job before the attempt ends; the job goes on meanwhile.
const MAX_FAILURES: u32 = 5;
/// Jobs that failed or were lost before the document is no more given to one.
const ENOUGH_JOBS: u32 = 2;
/// In place of the code of a warning that has none.
const NO_REASON: &str = "no reason given";
/// The service forgets jobs after this many days.
const DAYS_KEPT: i64 = 7;

impl PageRun {
    /// What a job must read and look for to be the one of this document.
    pub(super) fn fingerprint(&self) -> String {
        let parts = &self.0;
        let features = format!("{:?}\0{:?}", parts.wanted.features, parts.wanted.queries);
        sha256_hex(format!("{}\0{features}", parts.request.document.sha256()))
    }

    /// Reads as a job: the one that is noted, or a new one. Page by page where that costs less, or where jobs
    /// cannot read the document.
    pub(super) async fn by_job(self, mut notes: Notes, survey: Survey) -> Result<Pages> {
        let started = Instant::now();
        loop {
            match self.outcome(&mut notes).await {
                Ok(answer) => {
                    self.bill_job(&mut notes, answer.pages).await?;
                    return Ok(self.pages(notes, &answer, &survey, elapsed(started)));
                }
                Err(Trouble::Gone) => {
                    if let Some(job) = &notes.job {
                        tracing::warn!(job = job.id, started_at = %job.started_at, "Textract forgot a job");
                    }
                    notes.lose_job();
                    self.0.checkpoint.save(&notes).await?;
                    // Another job would bill the pages that are stored.
                    if self.is_read_in_part() && self.fits_single_pages() {
                        return Ok(self.all_by_pages(notes));
                    }
                }
                Err(Trouble::Failed(message)) => {
                    let error = Error::new(ErrorKind::Unavailable, "Textract gave up on this document")
                        .with_context("job", notes.job.as_ref().map_or("", |job| &job.id))
                        .with_context("message", message)
                        .at("textract", "job");
                    notes.lose_job();
                    self.0.checkpoint.save(&notes).await?;
                    if notes.restarts < ENOUGH_JOBS || !self.fits_single_pages() {
                        return Err(error);
                    }
                    tracing::warn!(?error, "jobs cannot read a document; its pages are drawn");
                    return Ok(self.all_by_pages(notes));
                }
                Err(Trouble::Refused(fault)) if self.fits_single_pages() => {
                    tracing::warn!(?fault, "Textract does not take a file; its pages are drawn");
                    return Ok(self.all_by_pages(notes));
                }
                Err(Trouble::Refused(fault)) => return Err(fault.into_error("start")),
                Err(Trouble::Other(error)) => return Err(error),
            }
        }
    }

    /// The answer of the job that is noted, or of a new one.
    async fn outcome(&self, notes: &mut Notes) -> Result<Answer, Trouble> {
        let room = match &notes.job {
            Some(_) => self.0.service.calls.room_if_any().await,
            None => Some(self.start(notes).await?),
        };
        let job = notes.job.clone().ok_or_else(unreachable_object)?;
        let answer = self.answer(&job).await;
        drop(room);
        answer
    }

    /// Whether pages of the document are stored, or not wanted.
    fn is_read_in_part(&self) -> bool {
        self.0.unread.len() < self.0.open.page_count() as usize
    }

    /// Whether as many questions are asked as are answered about a page that is sent by itself.
    pub(super) fn fits_single_pages(&self) -> bool {
        self.0.wanted.queries.len() <= self.0.service.config.limits.sync_queries
    }

    /// Reads all pages that are wanted and not stored, one by one.
    fn all_by_pages(self, notes: Notes) -> Pages {
        let unread = self.0.unread.clone();
        self.by_pages(notes, Vec::new(), unread)
    }

    /// Starts a job and notes it. What identifies the request is noted before, so that whoever repeats it
    /// after a crash sends the same token and gets the same job.
    async fn start(&self, notes: &mut Notes) -> Result<super::quota::JobRoom, Trouble> {
        let parts = &self.0;
        let (bucket, key) = self.object().ok_or_else(unreachable_object)?;
        let calls = &parts.service.calls;
        let room = calls.room().await.map_err(|fault| fault.into_error("start"))?;
        parts.checkpoint.save(notes).await?;
        let channel = self.sqs().map(|policy| Channel {
            topic_arn: policy.topic_arn.clone(),
            role_arn: policy.role_arn.clone(),
        });
        let token = TokenParts {
            identity: parts.checkpoint.identity(),
            restarts: notes.restarts,
            sha256: parts.request.document.sha256(),
            object: (&bucket, &key),
            features: &parts.wanted.features,
            queries: &parts.wanted.queries,
            topic: channel.as_ref().map_or("", |channel| &channel.topic_arn),
            role: channel.as_ref().map_or("", |channel| &channel.role_arn),
        };
        let job = NewJob {
            token: token.token(),
            tag: tag(parts.checkpoint.identity()),
            wanted: parts.wanted.clone(),
            bucket,
            key,
            channel,
        };
        let started = calls
            .work(parts.wanted.start(), || calls.api.start(job.clone()))
            .await
            .map_err(|fault| {
                if matches!(fault.kind, FaultKind::ObjectUnreadable | FaultKind::Denied) {
                    tracing::error!(?fault, "Textract cannot be used as it is configured");
                }
                if fault.refuses_file() {
                    Trouble::Refused(fault)
                } else {
                    Trouble::Other(fault.into_error("start"))
                }
            })?;
        notes.job = Some(JobNote {
            id: started,
            analysis: parts.wanted.is_analysis(),
            fingerprint: self.fingerprint(),
            started_at: parts.service.clock.now(),
            billed: false,
        });
        parts.checkpoint.save(notes).await?;
        Ok(room)
    }

    /// Waits for the end of a job and fetches all of its answer.
    async fn answer(&self, job: &JobNote) -> Result<Answer, Trouble> {
        let reference = JobRef {
            id: job.id.clone(),
            analysis: job.analysis,
        };
        let age = self.0.service.clock.now() - job.started_at;
        if age.num_days() >= DAYS_KEPT {
            return Err(Trouble::Gone);
        }
        let first = self.ended(&reference, age).await?;
        match first.status {
            JobStatus::Succeeded | JobStatus::PartialSuccess => {}
            _ => return Err(Trouble::Failed(first.message.unwrap_or_default())),
        }
        let collected = pagination::collect(first, |token| self.part(&reference, Some(token))).await;
        collected.map_err(Trouble::Other)
    }

    /// The first part of the answer of a job, once it has ended.
    async fn ended(&self, job: &JobRef, age: chrono::TimeDelta) -> Result<JobPart, Trouble> {
        let service = &self.0.service;
        let policy = self.polling();
        let mut pauses = Pauses::new(policy, &job.id);
        let mut failures = 0;
        // Of a job that was taken over nobody knows how it is.
        let mut pause = (age.to_std().unwrap_or_default() < policy.first).then(|| pauses.next());
        loop {
            if let Some(pause) = pause.take() {
                match (&service.completions, self.sqs()) {
                    (Some(completions), Some(_)) => {
                        let _ = tokio::time::timeout(pause, completions.ended(&job.id)).await;
                    }
                    _ => tokio::time::sleep(pause).await,
                }
            }
            pause = Some(pauses.next());
            let asked = service
                .calls
                .ask(job.get(), || service.calls.api.get(job, None))
                .await;
            match asked {
                Ok(part) if part.status == JobStatus::InProgress => failures = 0,
                Ok(part) => return Ok(part),
                Err(fault) if fault.kind == FaultKind::JobGone => return Err(Trouble::Gone),
                Err(fault) if fault.is_throttling() => {}
                Err(fault) if is_passing(&fault) && failures < MAX_FAILURES => failures += 1,
                Err(fault) => return Err(Trouble::Other(fault.into_error("get"))),
            }
        }
    }

    /// A later part of the answer of a job that has ended.
    async fn part(&self, job: &JobRef, token: Option<String>) -> Result<JobPart> {
        let calls = &self.0.service.calls;
        let mut failures = 0;
        loop {
            let asked = calls.ask(job.get(), || calls.api.get(job, token.clone())).await;
            match asked {
                Ok(part) => return Ok(part),
                Err(fault) if fault.is_throttling() => {}
                Err(fault) if is_passing(&fault) && failures < MAX_FAILURES => failures += 1,
                // The place in the answer is not known any more. The answer is: it is fetched from its beginning.
                Err(fault) if fault.kind == FaultKind::BadRequest => {
                    let message = "Textract did not go on with its answer";
                    return Err(Error::new(ErrorKind::Unavailable, message)
                        .with_source(fault.into_error("get"))
                        .at("textract", "get"));
                }
                Err(fault) => return Err(fault.into_error("get")),
            }
        }
    }

    /// Notes what a job costs, once: the service bills every page it read, wanted or not.
    async fn bill_job(&self, notes: &mut Notes, pages: u32) -> Result<()> {
        let parts = &self.0;
        let Some(job) = notes.job.as_mut().filter(|job| !job.billed) else {
            return Ok(());
        };
        job.billed = true;
        let usage: Usage = parts.service.usage(&parts.wanted, pages);
        parts.checkpoint.charge(usage, notes).await
    }

    /// The pages that are wanted and not stored: those the job has read, then those it has not, which are asked for
    /// again.
    fn pages(self, notes: Notes, answer: &Answer, survey: &Survey, elapsed_ms: u64) -> Pages {
        let mut all = blocks::pages(&answer.blocks, |number| size_of(survey, number));
        let unread = &self.0.unread;
        let share = elapsed_ms / unread.len().max(1) as u64;
        let tolerance = Tolerance::of(self.0.total, unread.len());
        let mut pages: Vec<Outcome> = Vec::new();
        let mut left_out = BTreeMap::new();
        for number in unread {
            let codes = codes(&answer.warnings, *number);
            let is_read = |page: &PageText| !is_left_out(page, &answer.warnings);
            let Some(mut page) = all.remove(number).filter(is_read) else {
                left_out.insert(*number, reason(&codes));
                continue;
            };
            let trouble = |code: &str| format!("Textract had trouble with this page: {code}");
            page.warnings.extend(codes.into_iter().map(trouble));
            page.engine = Some(Service::reader(answer.model.as_deref()));
            page.elapsed_ms = share;
            pages.push((*number, Ok(page)));
        }
        let pages = stream::iter(pages);
        if left_out.is_empty() {
            return forgiving(pages, tolerance).boxed();
        }
        tracing::warn!(pages = left_out.len(), "Textract left pages of a document out");
        forgiving(pages.chain(self.ask_again(notes, left_out)), tolerance).boxed()
    }

    fn sqs(&self) -> Option<&SqsPolicy> {
        match &self.0.service.config.completion {
            Completion::Sqs(policy) => Some(policy),
            Completion::Poll(_) => None,
        }
    }

    fn polling(&self) -> PollPolicy {
        match &self.0.service.config.completion {
            Completion::Sqs(policy) => policy.sweep,
            Completion::Poll(policy) => *policy,
        }
    }
}

/// Why a job gave no answer.
enum Trouble {
    /// The service does not know it any more.
    Gone,
    /// The service gave up on it, and bills nothing.
    Failed(String),
    /// It was not started: the service does not take the file.
    Refused(Fault),
    Other(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// Whether asking again may help.
fn is_passing(fault: &Fault) -> bool {
    matches!(fault.kind, FaultKind::Transient | FaultKind::Timeout)
}

/// What the service says of page `number`; a warning without pages is about all of them.
fn codes(all: &[Warning], number: u32) -> Vec<&str> {
    all.iter()
        .filter(|warning| warning.pages().is_empty() || names(warning, number))
        .map(|warning| warning.error_code().unwrap_or(NO_REASON))
        .collect()
}

fn reason(codes: &[&str]) -> String {
    if codes.is_empty() {
        NO_REASON.into()
    } else {
        codes.join(", ")
    }
}

fn names(warning: &Warning, number: u32) -> bool {
    let mut pages = warning.pages().iter();
    pages.any(|page| u32::try_from(*page) == Ok(number))
}

/// Whether a page is empty because the service did not read it, and not because nothing is on it.
fn is_left_out(page: &PageText, warnings: &[Warning]) -> bool {
    let is_empty = page.blocks.is_empty() && page.fields.is_empty() && page.selections.is_empty();
    is_empty && warnings.iter().any(|warning| names(warning, page.number))
}

/// The identity, in the characters and length the service takes.
fn tag(identity: &str) -> String {
    let taken = |character: &char| character.is_ascii_alphanumeric() || "_.-:".contains(*character);
    identity.chars().filter(taken).take(64).collect()
}
