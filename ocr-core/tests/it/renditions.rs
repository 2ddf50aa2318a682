//! Results in other formats: made once, kept with their result, and gone with it.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::TryStreamExt;
use ocr_core::{
    ErrorKind, Result,
    blob::{BlobKey, BlobStore},
    corrections::Operation,
    duties::{clean_up, run_duties},
    formats::{DocumentFormats, FormatInfo, FormatInput, RenditionOptions},
    service::{CorrectedAt, OcrService},
};
use ocr_testkit::{FakeEngine, MemoryPlatform, Unreliable, unreliable::Disruption};
use tokio_util::sync::CancellationToken;

use crate::drive::Drive;

/// Writes the text in capitals, and counts how often.
#[derive(Debug, Default)]
struct Capitals(AtomicUsize);

impl DocumentFormats for Capitals {
    fn list(&self) -> Vec<FormatInfo> {
        vec![FormatInfo::new("capitals", "text/plain", "txt")]
    }

    fn write(
        &self,
        _name: &str,
        input: FormatInput<'_>,
        options: &RenditionOptions,
        output: &mut dyn io::Write,
    ) -> Result<()> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let text = options.apply(input.document.clone()).plain_text().to_uppercase();
        output.write_all(text.as_bytes()).expect("memory");
        Ok(())
    }
}

/// Says how long the file is that was read.
#[derive(Debug)]
struct Length;

impl DocumentFormats for Length {
    fn list(&self) -> Vec<FormatInfo> {
        vec![FormatInfo::new("length", "text/plain", "txt").with_original()]
    }

    fn write(
        &self,
        _name: &str,
        input: FormatInput<'_>,
        _options: &RenditionOptions,
        output: &mut dyn io::Write,
    ) -> Result<()> {
        let length = input.original.map(<[u8]>::len);
        write!(output, "{length:?}").expect("memory");
        Ok(())
    }
}

fn drive(engine: FakeEngine) -> (Drive, Arc<Capitals>) {
    let formats = Arc::new(Capitals::default());
    let mut parts = MemoryPlatform::new().with_engine(engine.clone());
    parts.platform = parts.platform.with_formats(formats.clone());
    (Drive::over(parts, engine), formats)
}

async fn text(service: &OcrService, drive: &Drive, id: ocr_core::id::TaskId, pages: Option<&str>) -> String {
    let options = RenditionOptions::new().with_pages(pages.map(|pages| pages.parse().unwrap()));
    let rendition = service
        .rendition(drive.scope(), id, "capitals", options)
        .await
        .unwrap();
    assert_eq!(rendition.filename, "scan.txt");
    let bytes = rendition.blob.body.collect(1000).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

async fn kept(drive: &Drive) -> Vec<BlobKey> {
    let listed = drive.parts.blobs.list("renditions/".into()).await.unwrap();
    listed.map_ok(|meta| meta.key).try_collect().await.unwrap()
}

async fn duties(drive: &Drive) {
    let shutdown = CancellationToken::new();
    let duties = tokio::spawn(run_duties(drive.parts.platform.clone(), shutdown.clone()));
    tokio::time::sleep(Duration::from_hours(1)).await;
    shutdown.cancel();
    duties.await.unwrap();
}

/// Counts how often blobs are listed.
#[derive(Debug, Default)]
struct Listings(AtomicUsize);

#[async_trait]
impl Disruption for Listings {
    async fn before(&self, operation: &'static str) -> Result<()> {
        if operation == "list" {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
        Ok(())
    }

    async fn after(&self, _operation: &'static str) -> Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_of_use_is_known_without_a_list_of_results() {
    let listings = Arc::new(Listings::default());
    let engine = FakeEngine::new(["one"]);
    let mut parts = MemoryPlatform::new().with_engine(engine.clone());
    parts.platform = parts.platform.with_formats(Arc::new(Capitals::default()));
    let counted = Unreliable::disrupted(parts.blobs.clone(), listings.clone());
    parts.platform.blobs = Arc::new(counted);
    let drive = Drive::over(parts, engine);
    let listed_in_a_round = async || {
        drive.pass(Duration::from_hours(48));
        let before = listings.0.load(Ordering::SeqCst);
        clean_up(&drive.parts.platform).await;
        listings.0.load(Ordering::SeqCst) - before
    };
    let none = listed_in_a_round().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(drive.submit().await);
    }
    drive.drain().await;
    for id in &ids {
        text(&drive.service, &drive, *id, None).await;
    }
    assert_eq!(listed_in_a_round().await, none);
    assert_eq!(kept(&drive).await.len(), 3);
    // One that took more attempts than are asked for is found as well.
    for _ in 0..9 {
        drive.service.retry(drive.scope(), ids[0]).await.unwrap();
        drive.drain().await;
    }
    text(&drive.service, &drive, ids[0], None).await;
    assert_eq!(listed_in_a_round().await, none + 1);
    assert_eq!(kept(&drive).await.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_rendition_is_made_once() {
    let (drive, formats) = drive(FakeEngine::new(["one", "two"]));
    let id = drive.submit().await;
    let early = drive
        .service
        .rendition(drive.scope(), id, "capitals", RenditionOptions::new())
        .await;
    assert_eq!(early.unwrap_err().kind(), ErrorKind::Conflict);
    drive.drain().await;
    for _ in 0..3 {
        assert_eq!(text(&drive.service, &drive, id, None).await, "ONE\u{c}TWO");
    }
    assert_eq!(formats.0.load(Ordering::SeqCst), 1);
    // Another choice is another rendition.
    assert_eq!(text(&drive.service, &drive, id, Some("2")).await, "TWO");
    assert_eq!(formats.0.load(Ordering::SeqCst), 2);
    assert_eq!(kept(&drive).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_format_that_builds_on_the_file_is_given_it() {
    let engine = FakeEngine::new(["one"]);
    let mut parts = MemoryPlatform::new().with_engine(engine.clone());
    parts.platform = parts.platform.with_formats(Arc::new(Length));
    let drive = Drive::over(parts, engine);
    let id = drive.submit().await;
    drive.drain().await;
    let size = drive.service.get(drive.scope(), id).await.unwrap().file.size;
    let rendition = drive
        .service
        .rendition(drive.scope(), id, "length", RenditionOptions::new())
        .await
        .unwrap();
    let text = rendition.blob.body.collect(100).await.unwrap();
    assert_eq!(text, format!("Some({size})"));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_format_is_told_the_known_ones() {
    let (drive, _) = drive(FakeEngine::new(["one"]));
    let id = drive.submit().await;
    drive.drain().await;
    let error = drive
        .service
        .rendition(drive.scope(), id, "docx", RenditionOptions::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.message().contains("capitals"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn another_result_has_other_renditions() {
    let (drive, formats) = drive(FakeEngine::new(["one"]));
    let id = drive.submit().await;
    drive.drain().await;
    text(&drive.service, &drive, id, None).await;
    drive.service.retry(drive.scope(), id).await.unwrap();
    assert_eq!(
        kept(&drive).await,
        [],
        "the result is gone, and what was made of it"
    );
    drive.pass(Duration::from_secs(1));
    drive.drain().await;
    assert_eq!(text(&drive.service, &drive, id, None).await, "ONE");
    assert_eq!(formats.0.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_corrected_result_has_other_renditions() {
    let (drive, formats) = drive(FakeEngine::new(["one"]));
    let id = drive.submit().await;
    drive.drain().await;
    assert_eq!(text(&drive.service, &drive, id, None).await, "ONE");
    let before = kept(&drive).await;
    let operation = Operation::SetText {
        word: 0,
        text: "two".into(),
    };
    let at = CorrectedAt::new(id, 1, 0);
    drive
        .service
        .correct(drive.scope(), at, vec![operation])
        .await
        .unwrap();
    assert_eq!(kept(&drive).await, [], "what was made before is of no use");
    assert_eq!(text(&drive.service, &drive, id, None).await, "TWO");
    assert_ne!(kept(&drive).await, before);
    let undone = drive
        .service
        .undo_correction(drive.scope(), CorrectedAt::new(id, 1, 1));
    undone.await.unwrap();
    assert_eq!(text(&drive.service, &drive, id, None).await, "ONE");
    assert_eq!(formats.0.load(Ordering::SeqCst), 3);
    drive.pass(Duration::from_hours(48));
    duties(&drive).await;
    assert_eq!(kept(&drive).await.len(), 1, "it is of use, and kept");
}

#[tokio::test(start_paused = true)]
async fn the_janitor_keeps_what_is_of_use_and_removes_the_rest() {
    let (drive, _) = drive(FakeEngine::new(["one"]));
    let (kept_task, gone) = (drive.submit().await, drive.submit().await);
    drive.drain().await;
    text(&drive.service, &drive, kept_task, None).await;
    text(&drive.service, &drive, gone, None).await;
    let of_use = kept(&drive).await;
    let (_, folder) = {
        let key = of_use[0].as_str();
        (key, key.rsplit_once('/').unwrap().0.to_owned())
    };
    for dead in [
        format!("{folder}/0000000000000000_capitals_00"),
        "renditions/u/f/odd".into(),
    ] {
        let body = bytes::Bytes::from_static(b"x").into();
        let key = dead.parse().unwrap();
        drive
            .parts
            .blobs
            .put(key, body, ocr_core::blob::PutOptions::default())
            .await
            .unwrap();
    }
    drive.pass(Duration::from_hours(48));
    duties(&drive).await;
    let mut left = kept(&drive).await;
    left.sort();
    let mut expected = of_use;
    expected.sort();
    assert_eq!(left, expected);
    drive.service.delete(drive.scope(), gone).await.unwrap();
    drive.pass(Duration::from_hours(24 * 31));
    duties(&drive).await;
    assert_eq!(kept(&drive).await.len(), 1, "removed with its task");
}
