//! Who asks for a piece of work and from where, for the audit log.
//!
//! Whoever serves a request runs it [within](AuditOrigin::within) its origin, as within its
//! [trace](crate::trace::TraceContext). A change that the work makes names it in the audit log.

use crate::model::AuditOrigin;

tokio::task_local! {
    static CURRENT: AuditOrigin;
}

impl AuditOrigin {
    /// The origin that the present task runs within, if it does.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Runs `work` within this origin. Tasks that it spawns run within none, unless it says so.
    pub async fn within<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_knows_from_where_it_was_asked_for() {
        assert_eq!(AuditOrigin::current(), None);
        let origin = AuditOrigin::new(None, "192.0.2.1");
        let seen = origin.clone().within(async { AuditOrigin::current() }).await;
        assert_eq!(seen, Some(origin));
        assert_eq!(AuditOrigin::current(), None);
    }
}
