//! Every memory adapter passes its suite.

use std::sync::Arc;

use ocr_core::{
    clock::ManualClock,
    memory::{
        MemoryAccountStore, MemoryBlobStore, MemoryNotifier, MemoryQueue, MemorySearchIndex, MemoryStore,
    },
};
use ocr_testkit::harness::TestTime;

mod queue {
    use super::*;
    use ocr_testkit::queue::QueueFixture;

    async fn fresh() -> QueueFixture {
        let clock = Arc::new(ManualClock::default());
        QueueFixture::new(Arc::new(MemoryQueue::new(clock.clone())), TestTime::manual(clock))
    }

    ocr_testkit::queue_conformance!(fresh);
}

mod store {
    use super::*;
    use ocr_testkit::store::StoreFixture;

    async fn fresh() -> StoreFixture {
        let clock = Arc::new(ManualClock::default());
        StoreFixture::new(Arc::new(MemoryStore::new(clock.clone())), TestTime::manual(clock))
    }

    ocr_testkit::store_conformance!(fresh);
}

mod blob {
    use super::*;
    use ocr_testkit::blob::BlobFixture;

    async fn fresh() -> BlobFixture {
        let clock = Arc::new(ManualClock::default());
        BlobFixture::new(
            Arc::new(MemoryBlobStore::new(clock.clone())),
            TestTime::manual(clock),
        )
    }

    ocr_testkit::blob_conformance!(fresh);
}

mod notifier {
    use super::*;
    use ocr_testkit::notify::NotifierFixture;

    async fn fresh() -> NotifierFixture {
        NotifierFixture::new(Arc::new(MemoryNotifier::default()))
    }

    ocr_testkit::notifier_conformance!(fresh);
}

mod corrections {
    use super::*;
    use ocr_testkit::corrections::CorrectionFixture;

    async fn fresh() -> CorrectionFixture {
        let clock = Arc::new(ManualClock::default());
        CorrectionFixture::new(Arc::new(MemoryStore::new(clock.clone())), TestTime::manual(clock))
    }

    ocr_testkit::correction_conformance!(fresh);
}

mod filings {
    use super::*;
    use ocr_testkit::filings::FilingFixture;

    async fn fresh() -> FilingFixture {
        let clock = Arc::new(ManualClock::default());
        FilingFixture::new(Arc::new(MemoryStore::new(clock.clone())), TestTime::manual(clock))
    }

    ocr_testkit::filing_conformance!(fresh);
}

mod saved_searches {
    use super::*;
    use ocr_testkit::saved_searches::SavedSearchFixture;

    async fn fresh() -> SavedSearchFixture {
        let clock = Arc::new(ManualClock::default());
        SavedSearchFixture::new(Arc::new(MemoryStore::new(clock)))
    }

    ocr_testkit::saved_search_conformance!(fresh);
}

mod shares {
    use super::*;
    use ocr_testkit::shares::ShareFixture;

    async fn fresh() -> ShareFixture {
        let clock = Arc::new(ManualClock::default());
        ShareFixture::new(Arc::new(MemoryStore::new(clock)))
    }

    ocr_testkit::share_conformance!(fresh);
}

mod same_pages {
    use super::*;
    use ocr_testkit::same_pages::SamePageFixture;

    async fn fresh() -> SamePageFixture {
        let clock = Arc::new(ManualClock::default());
        SamePageFixture::new(Arc::new(MemoryStore::new(clock.clone())), TestTime::manual(clock))
    }

    ocr_testkit::same_page_conformance!(fresh);
}

mod rate_limiter {
    use super::*;
    use ocr_core::memory::MemoryRateLimiter;
    use ocr_testkit::rate_limiter::RateLimiterFixture;

    async fn fresh() -> RateLimiterFixture {
        let clock = Arc::new(ManualClock::default());
        let limiter = MemoryRateLimiter::new(clock.clone());
        RateLimiterFixture::new(Arc::new(limiter), TestTime::manual(clock))
    }

    ocr_testkit::rate_limiter_conformance!(fresh);
}

mod usage {
    use super::*;
    use ocr_testkit::usage::UsageFixture;

    async fn fresh() -> UsageFixture {
        let clock = Arc::new(ManualClock::default());
        UsageFixture::new(Arc::new(MemoryStore::new(clock.clone())), TestTime::manual(clock))
    }

    ocr_testkit::usage_conformance!(fresh);
}

mod search {
    use super::*;
    use ocr_testkit::search::SearchFixture;

    async fn fresh() -> SearchFixture {
        SearchFixture::new(Arc::new(MemorySearchIndex::default()))
    }

    ocr_testkit::search_conformance!(fresh);
}

mod accounts {
    use super::*;
    use ocr_testkit::accounts::AccountFixture;

    async fn fresh() -> AccountFixture {
        AccountFixture::new(Arc::new(MemoryAccountStore::default()))
    }

    ocr_testkit::account_conformance!(fresh);
}
