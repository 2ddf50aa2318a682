//! Quotas: what is accepted, what waits for money, and what is told of it.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use ocr_core::{
    ErrorKind,
    account_store::AuditOrigin,
    memory::MemoryAccountStore,
    model::{Quota, Quotas, TaskStatus},
    platform::Policies,
    service::{EstimateRequest, NewUpload, SubmitRequest},
    usage_store::UsageAmounts,
};
use ocr_testkit::{FakeEngine, MemoryPlatform, harness::refused};

use crate::drive::{Drive, PDF};

const DAY: Duration = Duration::from_hours(24);

/// A platform where `quotas` hold for everybody and `budget` for all together.
fn drive_with(engine: FakeEngine, quotas: Quotas, budget: Quotas) -> Drive {
    let policies = Policies::default()
        .with_reuse_results(false)
        .with_quotas(quotas)
        .with_budget(budget);
    let parts = MemoryPlatform::new()
        .with_engine(engine.clone())
        .with_policies(policies);
    Drive::over(parts, engine)
}

fn limited(quota: Quota, limit: u64) -> Drive {
    let quotas = Quotas::default().with(quota, limit);
    drive_with(FakeEngine::new(["one", "two"]), quotas, Quotas::default())
}

fn scan() -> SubmitRequest {
    SubmitRequest::new("scan.pdf")
}

#[tokio::test(start_paused = true)]
async fn documents_of_a_day_are_accepted_up_to_the_last_and_again_the_next_day() {
    let drive = limited(Quota::DocumentsPerDay, 2);
    let id = drive.submit().await;
    drive.submit().await;
    let error = drive.try_submit(scan()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::QuotaExceeded);
    assert!(error.message().contains("documents_per_day"), "{error}");
    assert!(error.retry_after().unwrap() <= DAY);
    drive.drain().await;
    drive.service.delete(drive.scope(), id).await.unwrap();
    refused(drive.try_submit(scan()).await, ErrorKind::QuotaExceeded);
    drive.pass(DAY);
    drive.submit().await;
}

#[tokio::test(start_paused = true)]
async fn a_repeated_request_gives_its_task_although_the_quota_is_full() {
    let drive = limited(Quota::DocumentsPerDay, 1);
    let keyed = |key: &str| scan().with_idempotency_key(key.to_owned());
    let first = drive.try_submit(keyed("once")).await.unwrap().into_task().id;
    let again = drive.try_submit(keyed("once")).await.unwrap().into_task().id;
    assert_eq!(again, first);
    refused(drive.try_submit(keyed("twice")).await, ErrorKind::QuotaExceeded);
}

#[tokio::test(start_paused = true)]
async fn of_many_at_once_only_as_many_are_accepted_as_there_may_be() {
    let drive = limited(Quota::OpenTasks, 3);
    let all = futures::future::join_all((0..20).map(|_| drive.try_submit(scan()))).await;
    let accepted = all.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(accepted, 3);
    drive.drain().await;
    drive.submit().await;
}

#[tokio::test(start_paused = true)]
async fn a_file_that_never_fits_is_too_large_and_one_that_does_waits() {
    let size = PDF.len() as u64;
    let drive = limited(Quota::BytesPerDay, size);
    drive.submit().await;
    refused(drive.try_submit(scan()).await, ErrorKind::QuotaExceeded);
    let large = Bytes::from([PDF, PDF].concat());
    let outcome = drive.service.submit(drive.user, scan(), large.into()).await;
    refused(outcome, ErrorKind::TooLarge);
}

#[tokio::test(start_paused = true)]
async fn uploads_that_do_not_fit_are_refused_when_they_begin() {
    let size = PDF.len() as u64;
    let quotas = Quotas::default()
        .with(Quota::DocumentsPerDay, 1_u64)
        .with(Quota::BytesPerDay, size);
    let drive = drive_with(FakeEngine::new(["one"]), quotas, Quotas::default());
    let direct = async |size| {
        let upload = NewUpload::new("scan.pdf", size, "application/pdf");
        drive.service.begin_upload(drive.user, upload).await
    };
    let parts = async |size| drive.service.begin_parts(drive.user, size).await;
    // Beyond the quotas a store in memory has no URL to give.
    refused(direct(size).await, ErrorKind::Unsupported);
    parts(size).await.unwrap();
    refused(direct(size + 1).await, ErrorKind::TooLarge);
    refused(parts(size + 1).await, ErrorKind::TooLarge);
    drive.submit().await;
    refused(direct(size).await, ErrorKind::QuotaExceeded);
    refused(parts(size).await, ErrorKind::QuotaExceeded);
    drive.pass(DAY);
    parts(size).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn who_has_read_enough_pages_reads_nothing_again() {
    let drive = limited(Quota::PagesPerMonth, 2);
    let id = drive.submit().await;
    drive.drain().await;
    refused(
        drive.service.retry(drive.scope(), id).await,
        ErrorKind::QuotaExceeded,
    );
    let more = Quotas::default().with(Quota::PagesPerMonth, None::<u64>);
    drive.service.set_quotas(drive.user, more).await.unwrap();
    drive.service.retry(drive.scope(), id).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_document_that_costs_more_than_is_left_is_parked_and_goes_on_when_there_is_money() {
    let engine = FakeEngine::new(["one", "two"]).charging(1_500);
    let quotas = Quotas::default().with(Quota::SpendPerDay, 5_000_u64);
    let drive = drive_with(engine, quotas, Quotas::default());
    let first = drive.submit().await;
    drive.drain().await;
    assert_eq!(drive.status(first).await, TaskStatus::Completed);
    let second = drive.submit().await;
    drive.drain().await;
    let parked = drive.task(second).await;
    assert_eq!((parked.status(), parked.state.failures), (TaskStatus::Pending, 0));
    let reason = parked.state.failure.expect("a reason");
    assert_eq!(reason.code, "quota_exceeded");
    assert!(reason.message.contains("spend_per_day"), "{}", reason.message);
    assert_eq!(
        drive.engine.pages_read().len(),
        2,
        "nothing of the second was paid"
    );
    // Looked at again and again, it costs nothing and stays.
    for _ in 0..3 {
        drive.pass(Policies::default().budget_recheck);
        drive.drain().await;
    }
    assert_eq!(drive.status(second).await, TaskStatus::Pending);
    let more = Quotas::default().with(Quota::SpendPerDay, 6_000_u64);
    drive.service.set_quotas(drive.user, more).await.unwrap();
    drive.pass(Policies::default().budget_recheck);
    drive.drain().await;
    assert_eq!(drive.status(second).await, TaskStatus::Completed);
    let third = drive.submit().await;
    drive.drain().await;
    assert_eq!(drive.status(third).await, TaskStatus::Pending);
    drive.pass(DAY);
    drive.drain().await;
    assert_eq!(drive.status(third).await, TaskStatus::Completed, "a new day");
}

#[tokio::test(start_paused = true)]
async fn the_budget_of_the_platform_stops_everybody_but_not_engines_that_charge_nothing() {
    let engine = FakeEngine::new(["one"]).charging(1_500);
    let budget = Quotas::default().with(Quota::SpendPerMonth, 0_u64);
    let drive = drive_with(engine, Quotas::default(), budget);
    let free = FakeEngine::new(["one"]).named("free");
    drive.parts.platform.engines.add(Arc::new(free));
    let parked = drive.submit().await;
    let options = ocr_core::model::TaskOptions::default().with_engine("free".to_owned());
    let read = drive.try_submit(scan().with_options(options)).await;
    let read = read.unwrap().into_task().id;
    drive.drain().await;
    assert_eq!(drive.status(parked).await, TaskStatus::Pending);
    let reason = drive.task(parked).await.state.failure.expect("a reason");
    assert_eq!(reason.message, "the budget of this server is used up");
    assert_eq!(drive.status(read).await, TaskStatus::Completed);
}

#[tokio::test(start_paused = true)]
async fn usage_is_told_with_what_is_left() {
    let engine = FakeEngine::new(["one", "two"]).charging(1_500);
    let quotas = Quotas::default().with(Quota::PagesPerMonth, 10_u64);
    let drive = drive_with(engine, quotas, Quotas::default());
    drive.submit().await;
    drive.drain().await;
    drive.submit().await;
    let report = drive.service.usage(drive.user).await.unwrap();
    let total = report.today.total;
    assert_eq!((total.documents, total.pages, total.cost_micros), (2, 2, 3_000));
    assert_eq!(total.bytes, 2 * PDF.len() as u64);
    assert_eq!(report.today.engines["fake"].documents, 1);
    assert_eq!(report.quotas.len(), Quota::ALL.len());
    let status = |quota| *report.quotas.iter().find(|status| status.quota == quota).unwrap();
    let pages = status(Quota::PagesPerMonth);
    assert_eq!((pages.used, pages.remaining()), (2, Some(8)));
    assert_eq!(status(Quota::OpenTasks).used, 1);
    drive.pass(32 * DAY);
    let later = drive.service.usage(drive.user).await.unwrap();
    assert_eq!(later.month.total.documents, 0, "another month");
}

#[tokio::test(start_paused = true)]
async fn pages_of_a_document_that_fails_are_used() {
    let engine = FakeEngine::new(["one", "two"]);
    let failing = engine.clone().failing_at_page(2, ErrorKind::Corrupt, "broken");
    let drive = Drive::new(failing);
    let id = drive.submit().await;
    drive.drain().await;
    assert_eq!(drive.status(id).await, TaskStatus::Failed);
    let used = drive.service.usage(drive.user).await.unwrap().today;
    assert_eq!((used.total.pages, used.engines["fake"].documents), (1, 0));
    drive.parts.platform.engines.add(Arc::new(engine));
    drive.service.redrive(drive.scope(), id).await.unwrap();
    drive.drain().await;
    let used = drive.service.usage(drive.user).await.unwrap().today;
    assert_eq!((used.total.pages, used.engines["fake"].documents), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn what_reading_costs_is_known_before() {
    let engine = FakeEngine::new(["one"]).charging(1_500);
    let quotas = Quotas::default().with(Quota::SpendPerDay, 150_000_u64);
    let drive = drive_with(engine, quotas, Quotas::default());
    let free = FakeEngine::new(["one"]).named("free");
    drive.parts.platform.engines.add(Arc::new(free));
    let estimate = async |request| drive.service.estimate(drive.user, request).await;
    let all = estimate(EstimateRequest::new(100)).await.unwrap();
    assert_eq!((all.cost_micros, all.fits), (Some(150_000), Some(true)));
    let more = estimate(EstimateRequest::new(101)).await.unwrap();
    assert_eq!((more.cost_micros, more.fits), (Some(151_500), Some(false)));
    let request = EstimateRequest::new(101).with_engine("free".to_owned());
    let nothing = estimate(request).await.unwrap();
    assert_eq!((nothing.cost_micros, nothing.fits), (Some(0), Some(true)));
    refused(estimate(EstimateRequest::new(0)).await, ErrorKind::InvalidInput);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_document_comes_out_of_the_trash_when_there_is_room_for_it() {
    let drive = limited(Quota::OpenTasks, 1);
    let id = drive.submit().await;
    drive.service.delete(drive.scope(), id).await.unwrap();
    drive.submit().await;
    let restored = drive.service.restore(drive.scope(), id).await;
    refused(restored, ErrorKind::QuotaExceeded);
    drive.drain().await;
    drive.service.restore(drive.scope(), id).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn who_is_forgotten_used_nothing() {
    let engine = FakeEngine::new(["one", "two"]);
    let mut parts = MemoryPlatform::new().with_engine(engine.clone());
    let accounts = Arc::new(MemoryAccountStore::default());
    parts.platform = parts.platform.clone().with_account_store(accounts);
    let drive = Drive::over(parts, engine);
    drive.submit().await;
    drive.drain().await;
    let limits = Quotas::default().with(Quota::OpenTasks, 3_u64);
    drive.service.set_quotas(drive.user, limits).await.unwrap();
    let operator = AuditOrigin::new(None, "");
    assert_eq!(drive.service.erase_user(drive.user, &operator).await.unwrap(), 1);
    let used = drive.service.usage(drive.user).await.unwrap();
    assert_eq!(used.month.total, UsageAmounts::default());
    assert!(drive.service.quotas(drive.user).await.unwrap().is_empty());
}
