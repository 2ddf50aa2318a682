//! A platform with a service and a worker, and the words to drive them.

use std::{num::NonZeroUsize, time::Duration};

use bytes::Bytes;
use ocr_core::{
    Result,
    id::{TaskId, UserId},
    model::{Task, TaskStatus},
    platform::Policies,
    service::{OcrService, SubmitRequest},
    store::{Created, Scope},
    worker::Worker,
};
use ocr_testkit::{FakeEngine, MemoryPlatform, samples};

/// Bytes that are a PDF to everybody here.
pub(crate) const PDF: &[u8] = b"%PDF-1.7 and whatever follows";

/// A platform with a service, a worker and a user.
pub(crate) struct Drive {
    pub(crate) parts: MemoryPlatform,
    pub(crate) engine: FakeEngine,
    pub(crate) service: OcrService,
    pub(crate) worker: Worker,
    pub(crate) user: UserId,
}

impl Drive {
    pub(crate) fn new(engine: FakeEngine) -> Self {
        let parts = MemoryPlatform::new().with_engine(engine.clone());
        Self::over(parts, engine)
    }

    pub(crate) fn over(parts: MemoryPlatform, engine: FakeEngine) -> Self {
        let platform = parts.platform.clone();
        Self {
            service: OcrService::new(platform.clone()),
            worker: Worker::new(platform, NonZeroUsize::MIN),
            parts,
            engine,
            user: samples::user(),
        }
    }

    pub(crate) fn scope(&self) -> Scope {
        Scope::owner(self.user)
    }

    pub(crate) async fn try_submit(&self, request: SubmitRequest) -> Result<Created> {
        let body = Bytes::from_static(PDF).into();
        self.service.submit(self.user, request, body).await
    }

    pub(crate) async fn submit(&self) -> TaskId {
        let request = SubmitRequest::new("scan.pdf");
        self.try_submit(request).await.unwrap().into_task().id
    }

    pub(crate) async fn task(&self, id: TaskId) -> Task {
        self.service.get(self.scope(), id).await.unwrap()
    }

    pub(crate) async fn status(&self, id: TaskId) -> TaskStatus {
        self.task(id).await.status()
    }

    /// Lets time pass on the platform's clock.
    pub(crate) fn pass(&self, duration: Duration) {
        self.parts.clock.advance(duration);
    }

    /// Longer than any delay between attempts and any lease.
    pub(crate) fn pass_delays(&self) {
        self.pass(Policies::default().retry_max_delay * 2);
    }

    /// Works until nothing is ready.
    pub(crate) async fn drain(&self) {
        self.worker.drain().await.unwrap();
    }
}
