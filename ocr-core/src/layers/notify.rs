//! The notifier by its calls.

use async_trait::async_trait;

use super::Layered;
use crate::{
    Result,
    notify::{Event, EventStream, Notifier, NotifierCapabilities},
    store::Scope,
};

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: Notifier + ?Sized> Notifier for Layered<P> {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn capabilities(&self) -> NotifierCapabilities {
        self.inner.capabilities()
    }

    async fn check(&self) -> Result<()> {
        self.calls.repeated("check", || self.inner.check()).await
    }

    async fn publish(&self, events: Vec<Event>) -> Result<()> {
        self.calls.once("publish", self.inner.publish(events)).await
    }

    async fn subscribe(&self, scope: Scope) -> Result<EventStream> {
        let subscribe = || self.inner.subscribe(scope);
        self.calls.repeated("subscribe", subscribe).await
    }
}
