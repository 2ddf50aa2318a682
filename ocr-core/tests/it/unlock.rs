//! Documents that open with a password.

use std::{io, sync::Arc};

use ocr_core::{
    Error, ErrorKind, Result,
    blob::{BlobStore, GetOptions},
    formats::{DocumentFormats, FormatInfo, FormatInput, RenditionOptions},
    model::TaskStatus,
    service::Password,
    store::{Scope, TaskStore},
};
use ocr_testkit::{FakeEngine, MemoryPlatform};

use crate::drive::Drive;

const OPEN: &[u8] = b"%PDF-1.7 without its password";

/// Opens everything with one password.
#[derive(Debug)]
struct Sesame;

impl DocumentFormats for Sesame {
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
        if password == "sesame" {
            Ok(OPEN.to_vec())
        } else {
            Err(Error::new(ErrorKind::PasswordRequired, "another password"))
        }
    }
}

fn drive() -> Drive {
    let engine = FakeEngine::new(["text"]).failing_at_page(1, ErrorKind::PasswordRequired, "locked");
    let mut parts = MemoryPlatform::new().with_engine(engine.clone());
    parts.platform = parts.platform.with_formats(Arc::new(Sesame));
    Drive::over(parts, engine)
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
