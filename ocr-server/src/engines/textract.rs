//! The engine of AWS, from settings.

#[cfg(feature = "textract")]
use std::path::Path;
use std::sync::Arc;

#[cfg(feature = "textract")]
use anyhow::Context;
use anyhow::Result;
#[cfg(feature = "textract")]
use ocr_adapters::textract::{PriceBook, QuotaProfile};
use ocr_core::engine::OcrEngine;

#[cfg(feature = "textract")]
use crate::config::QuotaSettings;
use crate::config::Settings;

/// The engine of AWS; `None` unless the settings ask for it.
///
/// # Errors
/// When it cannot be set up, or this program was built without it. Nothing is sent yet.
#[cfg(feature = "textract")]
pub async fn textract(settings: &Settings) -> Result<Option<Arc<dyn OcrEngine>>> {
    use ocr_adapters::textract::{Completion, SqsPolicy, TextractConfig, TextractEngine};
    use ocr_core::clock::SystemClock;

    let textract = &settings.textract;
    if !textract.enabled {
        return Ok(None);
    }
    let messages = textract.messages.as_ref().map(|messages| {
        Completion::Sqs(SqsPolicy::new(
            &messages.topic_arn,
            &messages.role_arn,
            &messages.queue_url,
        ))
    });
    let config = TextractConfig::in_region(settings.aws.region.clone());
    let quotas = quotas(&textract.quota, config.quotas).shared_between(textract.processes);
    let mut config = config
        .with_endpoint(textract.endpoint.clone())
        .with_credentials(settings.aws.credentials())
        .with_bucket(settings.textract_bucket())
        .with_quotas(quotas)
        .with_prices(prices(textract.prices_file.as_deref())?)
        .with_pages_this_month(textract.pages_this_month)
        .with_page_repeats(textract.page_repeats);
    if let Some(messages) = messages {
        config = config.with_completion(messages);
    }
    let opener = super::opener(settings)?;
    let engine = TextractEngine::connect(config, opener, Arc::new(SystemClock)).await?;
    Ok(Some(Arc::new(engine)))
}

/// The quotas that are set, else those of the region.
#[cfg(feature = "textract")]
fn quotas(set: &QuotaSettings, region: QuotaProfile) -> QuotaProfile {
    region
        .with_detect_text(set.detect_text.unwrap_or(region.detect_text))
        .with_analyze(set.analyze.unwrap_or(region.analyze))
        .with_start_text(set.start_text.unwrap_or(region.start_text))
        .with_start_analysis(set.start_analysis.unwrap_or(region.start_analysis))
        .with_get_text(set.get_text.unwrap_or(region.get_text))
        .with_get_analysis(set.get_analysis.unwrap_or(region.get_analysis))
        .with_jobs(set.jobs.unwrap_or(region.jobs))
}

#[cfg(feature = "textract")]
fn prices(file: Option<&Path>) -> Result<PriceBook> {
    let Some(path) = file else {
        return Ok(PriceBook::default());
    };
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    PriceBook::parse(&text).with_context(|| format!("{} cannot be used", path.display()))
}

/// Refuses where the settings ask for it: this program was built without the engine of AWS.
///
/// # Errors
/// When the settings ask for it.
#[cfg(not(feature = "textract"))]
pub async fn textract(settings: &Settings) -> Result<Option<Arc<dyn OcrEngine>>> {
    if settings.textract.enabled {
        return Err(crate::build_features::not_built("Textract", "textract"));
    }
    Ok(None)
}
