//! `chaos --failpoints`: a process ends before and after each step of a document, and starts again.

use std::{
    ops::RangeFrom,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use fastrand::Rng;
use tokio::time::sleep;

use super::{
    Plan,
    boundaries::{Act, BOUNDARIES, Boundary},
    checker::{self, Submitted},
    keep_unless_good,
    kills::settings,
    observe::{self, fingerprint},
    report::Totals,
};
use crate::{
    client::{Answer, Client},
    documents::Document,
    process::Process,
    stack::{Member, Profile, Role, Stack},
    table,
};

/// Tells a server where to end.
const VARIABLE: &str = "OCR_TEST_FAILPOINT";
/// Pages of each document.
const PAGES: usize = 3;
/// Longest time until a process has come to the place.
const REACH: Duration = Duration::from_mins(1);
/// Time after which another document is sent: somebody else may have done what a process was to do.
const ANOTHER: Duration = Duration::from_secs(8);
/// How long it may take until everything has settled again.
const SETTLE: Duration = Duration::from_secs(90);
/// Time before a repetition.
const AGAIN: Duration = Duration::from_millis(200);

/// What clients have sent and deleted.
struct Clients {
    client: Client,
    bases: Vec<String>,
    random: Rng,
    submitted: Vec<Submitted>,
    numbers: RangeFrom<usize>,
}

/// Ends processes at each side of each step.
pub(super) async fn run(plan: &Plan, profile: Profile) -> Result<Totals> {
    println!(
        "{} profile, the end of a process before and after {} steps, --seed {}",
        profile.name(),
        BOUNDARIES.len(),
        plan.seed
    );
    let mut stack = Stack::start(&plan.program, profile, &settings()).await?;
    let outcome = judged(plan, &stack, profile).await;
    keep_unless_good(plan, &mut stack, &outcome);
    outcome
}

async fn judged(plan: &Plan, stack: &Stack, profile: Profile) -> Result<Totals> {
    let mut clients = Clients {
        client: Client::new(format!("00000000-0000-4000-9000-{:012x}", plan.seed))?,
        bases: stack.bases.clone(),
        random: Rng::with_seed(plan.seed),
        submitted: Vec::new(),
        numbers: 1..,
    };
    let mut rows = Vec::new();
    let (mut reached, mut missed) = (0, 0);
    for boundary in &BOUNDARIES {
        let mut row = vec![boundary.name.to_owned()];
        for after in [false, true] {
            let place = boundary.place(after, profile);
            let ended = clients.end_at(stack, boundary, &place).await;
            let ended = ended.with_context(|| place.clone())?;
            reached += usize::from(ended);
            missed += usize::from(!ended);
            row.push(if ended { "ended" } else { "never reached" }.to_owned());
        }
        rows.push(row);
    }
    print!("{}", table::text(&["step", "before", "after"], rows));
    let totals = clients.conclude(stack, missed).await?;
    let totals = Totals {
        kills: reached,
        faults: reached,
        ..totals
    };
    println!("  {}", totals.line());
    Ok(totals)
}

/// Ends a process that may have ended.
async fn stop(process: &mut Process) -> Result<()> {
    match process.pid() {
        Some(_) => process.kill().await,
        None => Ok(()),
    }
}

impl Clients {
    /// Has every process of a role end at `place`, leads one there, and starts them again. Whether one came there.
    async fn end_at(&mut self, stack: &Stack, boundary: &Boundary, place: &str) -> Result<bool> {
        let mut purged = None;
        if boundary.act == Act::Purge {
            let document = self.document();
            let task = self.accepted(&document).await?;
            self.settle().await;
            purged = Some(task);
        }
        let able = |member: &&Member| [boundary.role, Role::Everything].contains(&member.role);
        let members: Vec<&Member> = stack.members.iter().filter(able).collect();
        for member in &members {
            let mut process = member.process.lock().await;
            stop(&mut process).await?;
            process.start_again_with(&[(VARIABLE, place.to_owned())])?;
        }
        let (has_ended, unanswered) = self.lead(&members, purged.as_deref()).await?;
        for member in &members {
            let mut process = member.process.lock().await;
            stop(&mut process).await?;
            process.start_again()?;
        }
        stack.wait_until_ready().await?;
        // Whoever got no answer asks again, as any client would.
        for (at, document) in unanswered {
            let task = self.accepted(&document).await?;
            self.submitted[at].accepted.insert(task);
        }
        if let Some(task) = &purged {
            self.purged(task).await?;
        }
        self.settle().await;
        Ok(has_ended)
    }

    /// Does what leads to the place until a process has ended there. Whether one has, and the documents that were not
    /// accepted, with their places among those that were sent.
    async fn lead(
        &mut self,
        members: &[&Member],
        purged: Option<&str>,
    ) -> Result<(bool, Vec<(usize, Document)>)> {
        let mut unanswered = Vec::new();
        let begun = Instant::now();
        let mut sent: Option<Instant> = None;
        let mut has_ended = false;
        while !has_ended && begun.elapsed() < REACH {
            match purged {
                Some(task) => {
                    self.purge_once(task).await;
                }
                None if sent.is_none_or(|sent| sent.elapsed() > ANOTHER) => {
                    sent = Some(Instant::now());
                    let document = self.document();
                    unanswered.push((self.note(&document), document));
                }
                None => {}
            }
            let mut left = Vec::new();
            for (at, document) in unanswered {
                match self.send(&document).await {
                    Some(task) => {
                        self.submitted[at].accepted.insert(task);
                    }
                    None => left.push((at, document)),
                }
            }
            unanswered = left;
            sleep(AGAIN).await;
            for member in members {
                has_ended |= member.process.lock().await.pid().is_none();
            }
        }
        Ok((has_ended, unanswered))
    }

    /// A new document.
    fn document(&mut self) -> Document {
        // Numbers do not end.
        let number = self.numbers.next().unwrap_or_default();
        Document::new(number, PAGES, &mut self.random)
    }

    /// Notes that a document is sent; its place among all.
    fn note(&mut self, document: &Document) -> usize {
        self.submitted.push(Submitted {
            name: document.name.clone(),
            text: document.text.clone(),
            sha256: fingerprint(&document.bytes),
            ..Submitted::default()
        });
        self.submitted.len() - 1
    }

    /// Sends a document to one of the servers; the task, if it was accepted.
    async fn send(&mut self, document: &Document) -> Option<String> {
        let base = &self.bases[self.random.usize(..self.bases.len())];
        let bytes = document.bytes.clone();
        let key = Some(document.name.as_str());
        match self.client.upload(base, &document.name, bytes, key).await.0 {
            Answer::Accepted(task) => Some(task),
            _ => None,
        }
    }

    /// Sends a document until it is accepted.
    async fn accepted(&mut self, document: &Document) -> Result<String> {
        let begun = Instant::now();
        while begun.elapsed() < REACH {
            if let Some(task) = self.send(document).await {
                return Ok(task);
            }
            sleep(AGAIN).await;
        }
        bail!("{} was not accepted within {} s", document.name, REACH.as_secs())
    }

    /// Puts a task in the trash and takes it away from there; what the last answer was.
    async fn purge_once(&mut self, task: &str) -> Option<u16> {
        let base = &self.bases[self.random.usize(..self.bases.len())];
        self.client.delete(base, &format!("/api/tasks/{task}")).await;
        self.client.delete(base, &format!("/api/trash/{task}")).await
    }

    /// The same until there is no such task.
    async fn purged(&mut self, task: &str) -> Result<()> {
        let begun = Instant::now();
        while self.purge_once(task).await != Some(404) {
            if begun.elapsed() > REACH {
                bail!("task {task} could not be deleted within {} s", REACH.as_secs());
            }
            sleep(AGAIN).await;
        }
        Ok(())
    }

    async fn settle(&self) {
        if let Some(base) = self.bases.first() {
            observe::settle(&self.client, base, SETTLE).await;
        }
    }

    /// Says what is wrong, places that nobody came to among it.
    async fn conclude(self, stack: &Stack, missed: usize) -> Result<Totals> {
        let base = self.bases.first().context("no server")?;
        let ended = stack.heal().await?;
        stack.wait_until_ready().await?;
        let history = observe::history(&self.client, base, self.submitted.clone(), &[]).await?;
        let verdict = checker::judge(&history);
        let rows = self.client.tasks(base).await?;
        stack.collect_orphans().await?;
        let stored = observe::stored(&rows, stack).await?;
        for line in verdict.lines() {
            println!("  {line}");
        }
        for name in &ended {
            println!("  {name} ended without being told to");
        }
        println!(
            "  after collection {} of {} blobs belong to no task, and {} of those that tasks refer to are missing",
            stored.orphans, stored.blobs, stored.missing
        );
        if missed > 0 {
            println!(
                "  {missed} places were never reached: was the server built with the feature failpoints?"
            );
        }
        let other = missed + ended.len() + verdict.refused + stored.orphans + stored.missing;
        Ok(Totals::of(&[], &verdict, other))
    }
}
