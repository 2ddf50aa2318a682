//! The engine of AWS, from settings.

use std::sync::Arc;

use anyhow::Result;
use ocr_core::engine::OcrEngine;

use crate::config::Settings;

/// The engine of AWS; `None` unless the settings ask for it.
///
/// # Errors
/// When it cannot be set up, or this program was built without it. Nothing is sent yet.
#[cfg(feature = "textract")]
pub async fn textract(settings: &Settings) -> Result<Option<Arc<dyn OcrEngine>>> {
    use ocr_adapters::{
        local::PageSource,
        textract::{Completion, SqsPolicy, TextractConfig, TextractEngine},
    };
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
    let config = TextractConfig {
        endpoint: textract.endpoint.clone(),
        credentials: settings.aws.credentials(),
        bucket: settings.textract_bucket(),
        quotas: config.quotas.shared_between(textract.processes),
        completion: messages.unwrap_or(config.completion),
        ..config
    };
    let processes = super::page_processes(settings, &["page-process"], super::PICTURE_PROCESSES)?;
    let pages = PageSource::in_processes(processes);
    let engine = TextractEngine::connect(config, pages, Arc::new(SystemClock)).await?;
    Ok(Some(Arc::new(engine)))
}

/// Refuses where the settings ask for it: this program was built without the engine of AWS.
///
/// # Errors
/// When the settings ask for it.
#[cfg(not(feature = "textract"))]
pub async fn textract(settings: &Settings) -> Result<Option<Arc<dyn OcrEngine>>> {
    if settings.textract.enabled {
        return Err(crate::compose::not_built("Textract", "textract"));
    }
    Ok(None)
}
