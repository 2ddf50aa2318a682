//! What every run has in common: clients that upload and follow meanwhile, and the judgement afterwards.

use std::{ops::RangeInclusive, time::Duration};

use anyhow::{Context as _, Result};
use tokio::{sync::watch, task::JoinHandle, time::sleep};

use super::{
    checker::{self, Verdict},
    observe,
    report::{self, Injected, Totals},
    uploads::{self, Phase, Uploads},
};
use crate::{
    client::Client,
    follower::{Follower, Way},
    stack::Stack,
};

/// How long what was not acknowledged is repeated after the last fault.
const FINISH: Duration = Duration::from_mins(1);
/// How long reading may take after that.
const SETTLE: Duration = Duration::from_mins(3);

/// Clients of a run that is under way.
#[derive(Debug)]
pub(super) struct Trial {
    client: Client,
    events: Follower,
    phase: watch::Sender<Phase>,
    uploading: JoinHandle<(Uploads, Option<Follower>)>,
}

impl Trial {
    /// Begins to upload documents of so many `pages` to the servers of `stack`, and to follow what becomes of them.
    pub(super) fn begin(seed: u64, stack: &Stack, pages: RangeInclusive<usize>) -> Result<Self> {
        let client = Client::new(format!("00000000-0000-4000-8000-{seed:012x}"))?;
        let follow = |way| Follower::start(way, client.clone(), stack.bases.clone());
        let (socket, events) = (follow(Way::Socket), follow(Way::Events));
        let (phase, watched) = watch::channel(Phase::Upload);
        let bases = stack.bases.clone();
        let uploading = tokio::spawn(uploads::run(client.clone(), bases, seed, pages, socket, watched));
        Ok(Self {
            client,
            events,
            phase,
            uploading,
        })
    }

    /// Ends all faults and uploads, waits until everything has settled, and says what is wrong. `injected` is what
    /// was done meanwhile, if that were faults of the schedule.
    pub(super) async fn conclude(self, stack: &Stack, injected: &[Injected]) -> Result<Totals> {
        let Self {
            client,
            events,
            phase,
            uploading,
        } = self;
        phase.send_replace(Phase::Finish);
        let ended = stack.heal().await?;
        stack.wait_until_ready().await?;
        tokio::spawn(async move {
            sleep(FINISH).await;
            phase.send_replace(Phase::Stop);
        });
        let (uploads, socket) = uploading.await?;
        let socket = socket.context("a client still runs")?;
        let base = stack.bases.first().context("no server")?;
        let settled = observe::settle(&client, base, SETTLE).await;
        let followers = [("socket", &socket), ("events", &events)];
        let history = observe::history(&client, base, uploads.submitted.clone(), &followers).await?;
        let verdict = checker::judge(&history);
        let rows = client.tasks(base).await?;
        let before = observe::stored(&rows, stack).await?;
        stack.collect_orphans().await?;
        let after = observe::stored(&rows, stack).await?;
        if !injected.is_empty() {
            print!("{}", report::of_faults(injected, &uploads.requests));
        }
        println!("  uploads: {}", report::answers(&uploads.requests));
        println!("  settled within {:.1} s after the faults", settled.as_secs_f64());
        println!(
            "  {} of {} blobs belonged to no task; after collection {} do, and {} of those that tasks refer to are missing",
            before.orphans, before.blobs, after.orphans, after.missing
        );
        for (name, follower) in followers {
            let belief = follower.belief();
            println!(
                "  {name}: {} connections, told {} times that something was missed",
                belief.connections, belief.lags
            );
        }
        let other = complaints(&verdict, injected, &uploads, &ended) + after.orphans + after.missing;
        let totals = Totals::of(injected, &verdict, other);
        if !injected.is_empty() {
            println!("  {}", totals.line());
        }
        Ok(totals)
    }
}

/// Prints what is wrong; how much of it the verdict does not count.
fn complaints(verdict: &Verdict, injected: &[Injected], uploads: &Uploads, ended: &[String]) -> usize {
    for line in verdict.lines() {
        println!("  {line}");
    }
    if verdict.refused > 0 {
        println!(
            "  {} documents were never accepted, minutes after the last fault",
            verdict.refused
        );
    }
    let survivors = report::survivors(injected);
    if survivors > 0 {
        println!("  {survivors} page processes outlived their worker");
    }
    let defects = report::defects(&uploads.requests);
    if defects > 0 {
        println!("  {defects} uploads were answered with 500");
    }
    for name in ended {
        println!("  {name} ended without being killed");
    }
    verdict.refused + survivors + defects + ended.len()
}
