//! Many documents at once, and a service that takes ten calls a second.

use std::{
    collections::VecDeque,
    num::NonZeroUsize,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use aws_sdk_textract::types::{Block, BlockType};
use ocr_adapters::textract::{
    Answer, Fault, FaultKind, Input, JobPart, JobRef, NewJob, QuotaProfile, TextractApi, TextractConfig,
    TextractEngine, Wanted,
};
use ocr_core::{
    clock::{Clock, ManualClock, Timestamp, later},
    duties::run_duties,
    memory::{MemoryBlobStore, MemoryNotifier, MemoryQueue, MemoryStore},
    model::TaskStatus,
    pagination::PageRequest,
    platform::{Platform, Policies},
    service::{OcrService, SubmitRequest},
    store::{Scope, TaskFilter},
    worker::Worker,
};
use ocr_documents::Limits;
use ocr_testkit::{
    documents::{Typeset, png},
    platform::MagicInspector,
    samples,
};
use ocr_vision::document::DocumentOpener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const DOCUMENTS: u64 = 500;
const CALLS_A_SECOND: usize = 10;

/// The clock of the runtime, which stands still while there is work and jumps while there is none.
#[derive(Debug)]
struct RuntimeClock {
    start: Instant,
    epoch: Timestamp,
}

impl Clock for RuntimeClock {
    fn now(&self) -> Timestamp {
        later(self.epoch, self.start.elapsed())
    }
}

/// A service that refuses the eleventh call of a second.
#[derive(Debug, Default)]
struct Busy {
    state: Mutex<BusyState>,
}

#[derive(Debug, Default)]
struct BusyState {
    recent: VecDeque<Instant>,
    answered: u64,
    refused: u64,
}

impl Busy {
    fn admit(&self) -> Result<(), Fault> {
        let now = Instant::now();
        let mut state = self.state.lock().unwrap();
        while state
            .recent
            .front()
            .is_some_and(|at| now - *at >= Duration::from_secs(1))
        {
            state.recent.pop_front();
        }
        if state.recent.len() >= CALLS_A_SECOND {
            state.refused += 1;
            return Err(Fault::new(
                FaultKind::Throttled,
                "ProvisionedThroughputExceededException",
            ));
        }
        state.recent.push_back(now);
        state.answered += 1;
        Ok(())
    }
}

#[async_trait]
impl TextractApi for Busy {
    async fn read(&self, _document: Input, _wanted: &Wanted) -> Result<Answer, Fault> {
        self.admit()?;
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        let line = Block::builder()
            .block_type(BlockType::Line)
            .text("one line of text")
            .confidence(99.0);
        Ok(Answer {
            pages: 1,
            blocks: vec![line.build()],
            ..Answer::default()
        })
    }

    async fn start(&self, _job: NewJob) -> Result<String, Fault> {
        Err(Fault::new(FaultKind::BadRequest, "no jobs here"))
    }

    async fn get(&self, _job: &JobRef, _next: Option<String>) -> Result<JobPart, Fault> {
        Err(Fault::new(FaultKind::JobGone, "no jobs here"))
    }
}

fn platform(api: Arc<Busy>) -> Platform {
    let clock = Arc::new(RuntimeClock {
        start: Instant::now(),
        epoch: ManualClock::default().now(),
    });
    // The quotas of this account are smaller than they are thought to be.
    let config =
        TextractConfig::in_region("eu-central-1").with_quotas(QuotaProfile::OTHER.with_detect_text(40.0));
    let pages = DocumentOpener::in_process(Limits::default());
    let engine = TextractEngine::new(api, None, config, pages, clock.clone());
    Platform::new(
        Arc::new(MemoryStore::new(clock.clone())),
        Arc::new(MemoryQueue::new(clock.clone())),
        Arc::new(MemoryBlobStore::new(clock.clone())),
        Arc::new(MemoryNotifier::default()),
        Arc::new(MagicInspector),
    )
    .with_clock(clock)
    .with_engine(Arc::new(engine))
    // All documents have the same bytes here.
    .with_policies(Policies::default().with_reuse_results(false))
}

#[tokio::test(start_paused = true)]
async fn five_hundred_documents_are_read_at_ten_a_second_and_no_attempt_is_counted() {
    let api = Arc::new(Busy::default());
    let platform = platform(api.clone());
    let service = OcrService::new(platform.clone());
    let owner = samples::user();
    let document = png(&Typeset::card().page("one line of text"));
    for number in 0..DOCUMENTS {
        let request = SubmitRequest::new(format!("{number}.png"));
        service
            .submit(owner, request, document.clone().into())
            .await
            .unwrap();
    }
    let shutdown = CancellationToken::new();
    let duties = tokio::spawn(run_duties(platform.clone(), shutdown.clone()));
    let worker = Worker::new(platform.clone(), NonZeroUsize::new(100).unwrap());
    let stop = shutdown.clone();
    let work = tokio::spawn(async move { worker.run(stop).await });
    let all = async {
        while service.stats(Scope::system()).await.unwrap().completed < DOCUMENTS {
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_hours(1), all)
        .await
        .expect("all are read");
    shutdown.cancel();
    work.await.unwrap();
    duties.await.unwrap();

    let (mut cursor, mut seen) = (None, 0);
    loop {
        let page = PageRequest::first(100).unwrap().after(cursor);
        let page = service
            .list(Scope::system(), TaskFilter::default(), page)
            .await
            .unwrap();
        for task in &page.items {
            assert_eq!(task.status(), TaskStatus::Completed);
            assert_eq!(task.state.failures, 0, "throttling costs no attempt");
            let result = task.result.as_ref().expect("a result");
            assert_eq!((result.billed_pages, result.cost_micros), (1, 1_500));
            seen += 1;
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let state = api.state.lock().unwrap();
    assert_eq!(
        (seen, state.answered),
        (DOCUMENTS, DOCUMENTS),
        "each is read once"
    );
    assert!(
        state.refused * 2 <= DOCUMENTS,
        "the pace follows the service: {} refusals",
        state.refused
    );
}
