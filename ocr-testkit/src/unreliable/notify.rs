//! A notifier that fails at set intervals.

use async_trait::async_trait;
use ocr_core::{
    Result,
    notify::{Event, EventStream, Notifier, NotifierCapabilities},
    store::Scope,
};

use super::Unreliable;

#[async_trait]
impl<P: Notifier + ?Sized> Notifier for Unreliable<P> {
    fn name(&self) -> &'static str {
        self.inner().name()
    }

    fn capabilities(&self) -> NotifierCapabilities {
        self.inner().capabilities()
    }

    async fn check(&self) -> Result<()> {
        self.through("check", self.inner().check()).await
    }

    async fn publish(&self, events: Vec<Event>) -> Result<()> {
        self.through("publish", self.inner().publish(events)).await
    }

    async fn subscribe(&self, scope: Scope) -> Result<EventStream> {
        self.through("subscribe", self.inner().subscribe(scope)).await
    }
}
