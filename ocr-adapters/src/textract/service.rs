//! What all documents share: the calls and their pace, how documents are opened, prices.

use std::sync::Arc;

use ocr_core::{
    clock::Clock,
    engine::PagePrice,
    model::{EngineInfo, Usage},
};
use ocr_vision::document::DocumentOpener;

use super::{calls::PacedApi, client::Wanted, config::TextractConfig, sqs::Completions};

/// Version of the service's interface; the models behind it change without a name.
pub(super) const VERSION: &str = "2018-06-27";
/// What all documents share.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) calls: PacedApi,
    pub(super) opener: DocumentOpener,
    pub(super) config: TextractConfig,
    pub(super) region: String,
    pub(super) completions: Option<Completions>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Service {
    /// What the service bills for `pages` pages.
    pub(super) fn usage(&self, wanted: &Wanted, pages: u32) -> Usage {
        self.config.prices.usage(
            &self.region,
            &wanted.features,
            pages,
            self.config.pages_this_month,
        )
    }

    /// What a page costs with each combination of features.
    pub(super) fn page_prices(&self) -> Vec<PagePrice> {
        let before = self.config.pages_this_month;
        self.config.prices.page_prices(&self.region, before)
    }

    /// Who read, in a version of the service's models.
    pub(super) fn reader(model: Option<&str>) -> EngineInfo {
        EngineInfo::new("textract", model.unwrap_or(VERSION))
    }
}
