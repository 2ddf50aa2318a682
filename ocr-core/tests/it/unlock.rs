//! Documents that open with a password.

use std::{
    fmt, io,
    sync::{Arc, Mutex, mpsc},
};

use ocr_core::{
    Error, ErrorKind, Result,
    blob::{BlobStore, GetOptions},
    formats::{DocumentFormats, FormatInfo, FormatInput, RenditionOptions},
    model::{CollectionChange, FilingChange, FilingName, TaskStatus},
    service::Password,
    store::{Scope, TaskStore},
};
use ocr_testkit::{FakeEngine, MemoryPlatform};
use tokio::sync::mpsc::unbounded_channel;

use crate::drive::Drive;

const OPEN: &[u8] = b"%PDF-1.7 without its password";

/// Opens documents as `open` does with a password.
struct Locksmith<F> {
    open: F,
}

impl<F> fmt::Debug for Locksmith<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Locksmith")
    }
}

impl<F: Fn(&str) -> Result<Vec<u8>> + Send + Sync + 'static> DocumentFormats for Locksmith<F> {
    fn list(&self) -> Vec<FormatInfo> {
        Vec::new()
    }

    fn write(
        &self,
        _name: &str,
        _input: FormatInput<'_>,
        _options: &RenditionOptions,
        _output: &mut dyn io::Write,
    ) -> Result<()> {
        Ok(())
    }

    fn unlock(&self, _original: &[u8], password: &str) -> Result<Vec<u8>> {
        (self.open)(password)
    }
}

/// A platform whose documents are locked, and opened by `open`.
fn locked(open: impl Fn(&str) -> Result<Vec<u8>> + Send + Sync + 'static) -> Drive {
    let engine = FakeEngine::new(["text"]).failing_at_page(1, ErrorKind::PasswordRequired, "locked");
    let mut parts = MemoryPlatform::new().with_engine(engine.clone());
    parts.platform = parts.platform.with_formats(Arc::new(Locksmith { open }));
    Drive::over(parts, engine)
}

fn drive() -> Drive {
    locked(|password| match password {
        "sesame" => Ok(OPEN.to_vec()),
        _ => Err(Error::new(ErrorKind::PasswordRequired, "another password")),
    })
}

#[tokio::test(start_paused = true)]
async fn a_password_opens_a_document_that_failed_for_want_of_it() {
    let drive = drive();
    let locked = drive.submit().await;
    let unlock = async |password: &str| {
        let password = Password::new(password);
        drive.service.unlock(drive.scope(), locked, password).await
    };
    let early = unlock("sesame").await.unwrap_err();
    assert_eq!(
        early.kind(),
        ErrorKind::Conflict,
        "nobody knows yet that it is locked"
    );
    drive.drain().await;
    let failed = drive.task(locked).await;
    assert_eq!(failed.status(), TaskStatus::Failed);
    assert_eq!(failed.state.failure.expect("a reason").code, "password_required");

    let wrong = unlock("open").await.unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::PasswordRequired);
    assert_eq!(drive.status(locked).await, TaskStatus::Failed, "nothing changed");

    let opened = unlock("sesame").await.unwrap().into_task();
    assert_eq!(opened.file.filename, failed.file.filename);
    let key = opened.file.key.parse().unwrap();
    let blob = drive.parts.blobs.get(key, GetOptions::default()).await.unwrap();
    assert_eq!(&blob.body.collect(1000).await.unwrap()[..], OPEN);
    let before = drive.parts.store.task(Scope::system(), locked).await.unwrap();
    assert!(before.expect("in the trash").deleted_at.is_some());
    let twice = unlock("sesame").await.unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::NotFound);
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_opens_nothing_says_so() {
    let engine = FakeEngine::new(["text"]).failing_at_page(1, ErrorKind::PasswordRequired, "locked");
    let drive = Drive::new(engine);
    let locked = drive.submit().await;
    drive.drain().await;
    let refused = drive
        .service
        .unlock(drive.scope(), locked, Password::new("sesame"));
    assert_eq!(refused.await.unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(format!("{:?}", Password::new("sesame")), "Password(..)");
}

#[tokio::test(start_paused = true)]
async fn a_document_is_opened_once_and_stays_filed() {
    let drive = drive();
    let locked = drive.submit().await;
    drive.drain().await;
    let name = |text: &str| FilingName::new(text).unwrap();
    let change = FilingChange::default()
        .with_add_labels(vec![name("tax")])
        .with_collection(CollectionChange::Enter(name("2024")))
        .with_note("call back".to_owned());
    let service = &drive.service;
    let filing = service
        .change_filing(drive.scope(), locked, change)
        .await
        .unwrap();
    let unlock = || service.unlock(drive.scope(), locked, Password::new("sesame"));
    let opened = unlock().await.unwrap().into_task().id;
    let filed = service.filings(drive.scope(), vec![opened]).await.unwrap();
    assert_eq!(filed[0].filing, filing);
    // As when the locked one could not be removed.
    service.restore(drive.scope(), locked).await.unwrap();
    let again = unlock().await.unwrap();
    assert_eq!(again.into_task().id, opened);
    let gone = service.get(drive.scope(), locked).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
    // Whoever threw the opened one away as well gets another.
    service.delete(drive.scope(), opened).await.unwrap();
    service.restore(drive.scope(), locked).await.unwrap();
    assert_ne!(unlock().await.unwrap().into_task().id, opened);
}

#[tokio::test(start_paused = true)]
async fn one_document_is_opened_at_a_time_whoever_waits_for_it() {
    let (begun, mut has_begun) = unbounded_channel::<()>();
    let (go_on, may_go_on) = mpsc::channel();
    let may_go_on = Mutex::new(may_go_on);
    // Says that it has begun, and waits until it may go on.
    let drive = locked(move |_password| {
        let _ = begun.send(());
        may_go_on.lock().unwrap().recv().unwrap();
        Ok(OPEN.to_vec())
    });
    let (first, second) = (drive.submit().await, drive.submit().await);
    drive.drain().await;
    let (service, scope) = (drive.service.clone(), drive.scope());
    let asked = tokio::spawn(async move { service.unlock(scope, first, Password::new("sesame")).await });
    has_begun.recv().await.expect("it is being opened");
    asked.abort();
    assert!(asked.await.unwrap_err().is_cancelled());
    let unlock = || {
        drive
            .service
            .unlock(drive.scope(), second, Password::new("sesame"))
    };
    let refused = unlock().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unavailable);
    for _ in 0..2 {
        go_on.send(()).unwrap();
    }
    // The work that nobody waits for any more ends at some time.
    while let Err(error) = unlock().await {
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        tokio::task::yield_now().await;
    }
}
