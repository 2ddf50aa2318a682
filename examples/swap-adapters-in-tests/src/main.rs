//! The application as it is run: SQLite, a directory, one process.

use std::{num::NonZeroUsize, sync::Arc};

use anyhow::{Result, ensure};
use bytes::Bytes;
use ocr_adapters::{
    fs::FsBlobStore,
    sqlite::{SqliteDatabase, SqliteQueue, SqliteStore},
};
use ocr_core::{
    Error, ErrorKind,
    clock::SystemClock,
    id::{IdGenerator, RandomIds, UserId},
    memory::MemoryNotifier,
    model::PageText,
    page::{PageImage, PageRecognizer, RecognizeOptions, RecognizerCapabilities},
    platform::Platform,
    service::OcrService,
    worker::Worker,
};
use ocr_documents::{Inspector, Limits};
use ocr_vision::LocalEngine;
use swap_adapters_in_tests::{Invoice, InvoiceDesk};

/// An invoice of ours.
const SAMPLE: &[u8] = include_bytes!("../invoice.pdf");

#[tokio::main]
async fn main() -> Result<()> {
    let file = std::env::args().nth(1);
    let document = file.as_ref().map_or_else(|| Ok(SAMPLE.to_vec()), std::fs::read)?;
    let document = Bytes::from(document);

    let (data, clock) = (tempfile::tempdir()?, Arc::new(SystemClock));
    let database = SqliteDatabase::open(&data.path().join("invoices.sqlite")).await?;
    let platform = Platform::new(
        Arc::new(SqliteStore::new(
            database.clone(),
            clock.clone(),
            Arc::new(RandomIds),
        )),
        Arc::new(SqliteQueue::new(database, clock.clone())),
        Arc::new(FsBlobStore::open(&data.path().join("invoices"), clock)?),
        Arc::new(MemoryNotifier::default()),
        Arc::new(Inspector),
    )
    .with_engine(Arc::new(engine()));

    let desk = InvoiceDesk::new(OcrService::new(platform.clone()), UserId(RandomIds.next()));
    let id = desk.take_in("2041", document.into()).await?;
    Worker::new(platform, NonZeroUsize::MIN).drain().await?;
    let invoice = desk.look_up(id).await?;
    println!("{invoice:?}");
    ensure!(
        file.is_some() || invoice == Some(Invoice::Total("93.50".into())),
        "that is not what is printed on the invoice"
    );
    Ok(())
}

/// Reads invoices that were sent as files. Put a recognizer in its place for those that were scanned.
fn engine() -> LocalEngine {
    LocalEngine::in_process(Arc::new(TextLayersOnly), 1, Limits::default())
}

#[derive(Debug)]
struct TextLayersOnly;

impl PageRecognizer for TextLayersOnly {
    fn name(&self) -> &'static str {
        "text-layer"
    }

    fn capabilities(&self) -> RecognizerCapabilities {
        RecognizerCapabilities::new("1")
    }

    fn recognize_page(&self, _image: &PageImage, _options: &RecognizeOptions) -> ocr_core::Result<PageText> {
        Err(Error::new(ErrorKind::Unsupported, "this invoice was scanned"))
    }
}
