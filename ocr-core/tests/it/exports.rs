//! Many results at once.

use std::sync::Arc;

use ocr_core::{
    ErrorKind, Result,
    formats::{DocumentFormats, FormatInfo, FormatInput, RenditionOptions},
    id::TaskId,
    service::{ExportPlan, ExportRequest},
    store::Scope,
};
use ocr_testkit::{FakeEngine, MemoryPlatform, samples};

use crate::drive::Drive;

/// Two formats of one ending.
#[derive(Debug)]
struct Plain;

impl DocumentFormats for Plain {
    fn list(&self) -> Vec<FormatInfo> {
        ["plain", "capitals"]
            .map(|name| FormatInfo::new(name, "text/plain", "txt"))
            .into()
    }

    fn write(
        &self,
        _name: &str,
        _input: FormatInput<'_>,
        _options: &RenditionOptions,
        _output: &mut dyn std::io::Write,
    ) -> Result<()> {
        Ok(())
    }
}

fn drive() -> Drive {
    let engine = FakeEngine::new(["one"]);
    let mut parts = MemoryPlatform::new().with_engine(engine.clone());
    parts.platform = parts.platform.with_formats(Arc::new(Plain));
    Drive::over(parts, engine)
}

fn request(tasks: &[TaskId], formats: &[&str]) -> ExportRequest {
    let formats = formats.iter().map(|name| (*name).to_owned()).collect();
    ExportRequest::new(tasks.to_vec(), formats)
}

fn files(plan: &ExportPlan) -> Vec<(TaskId, &str)> {
    let entries = plan.entries.iter();
    entries.map(|entry| (entry.task, entry.name.as_str())).collect()
}

#[tokio::test(start_paused = true)]
async fn an_export_has_the_documents_in_the_order_asked_for_each_in_every_format() {
    let drive = drive();
    let (one, two) = (drive.submit().await, drive.submit().await);
    let request = request(&[two, one, two], &["capitals", "plain"]);
    let plan = drive.service.plan_export(drive.scope(), request.clone());
    let plan = plan.await.unwrap();
    let expected = [
        (two, "scan_capitals.txt"),
        (two, "scan_plain.txt"),
        (one, "scan (2)_capitals.txt"),
        (one, "scan (2)_plain.txt"),
    ];
    assert_eq!(files(&plan), expected);
    assert_eq!(plan.missing, []);
    // Whoever has the first document goes on with the same names.
    let rest = drive
        .service
        .plan_export(drive.scope(), request.with_after(two))
        .await
        .unwrap();
    assert_eq!(files(&rest), expected[2..]);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_or_belongs_to_others_is_missing() {
    let drive = drive();
    let (kept, gone) = (drive.submit().await, drive.submit().await);
    drive.service.delete(drive.scope(), gone).await.unwrap();
    let of_all = request(&[gone, kept], &["plain"]);
    let plan = drive.service.plan_export(drive.scope(), of_all.clone());
    let plan = plan.await.unwrap();
    assert_eq!(files(&plan), [(kept, "scan_plain.txt")]);
    assert_eq!(plan.missing, [gone]);
    let stranger = Scope::owner(samples::user());
    let refused = drive.service.plan_export(stranger, of_all).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotFound);
}

#[tokio::test(start_paused = true)]
async fn an_export_that_cannot_be_meant_is_refused() {
    let drive = drive();
    let id = drive.submit().await;
    let elsewhere = drive.submit().await;
    for wrong in [
        request(&[], &["plain"]),
        request(&[id], &[]),
        request(&[id], &["papyrus"]),
        request(&[id], &["plain"]).with_after(elsewhere),
    ] {
        let refused = drive.service.plan_export(drive.scope(), wrong).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    }
}
