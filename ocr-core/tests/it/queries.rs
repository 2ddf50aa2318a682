//! What a page asks of the platform: places in the queue, and numbers of what was read.

use ocr_core::{
    ErrorKind,
    model::{TaskOptions, TaskStatus},
};
use ocr_testkit::FakeEngine;

use crate::drive::Drive;

#[tokio::test(start_paused = true)]
async fn waiting_tasks_know_their_place() {
    let drive = Drive::new(FakeEngine::new(["text"]));
    let mut waiting = Vec::new();
    for _ in 0..3 {
        waiting.push(drive.submit().await);
        drive.parts.clock.advance(std::time::Duration::from_millis(5));
    }
    let positions = drive.service.queue_positions().await.unwrap();
    let places: Vec<usize> = waiting.iter().map(|id| positions[id]).collect();
    assert_eq!(places, [1, 2, 3]);
    drive.drain().await;
    assert_eq!(drive.status(waiting[0]).await, TaskStatus::Completed);
    assert!(drive.service.queue_positions().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_copy_is_read_beside_its_original() {
    let drive = Drive::new(FakeEngine::new(["text"]));
    let original = drive.submit().await;
    drive.drain().await;
    let options = TaskOptions::default().with_pages(Some("1".parse().unwrap()));
    let copy = drive
        .service
        .copy(drive.scope(), original, options.clone())
        .await
        .unwrap();
    let copy = copy.into_task();
    assert_ne!(copy.id, original);
    assert_eq!(copy.options, options.clone().with_read_again(true));
    drive.drain().await;
    let file = drive.task(original).await.file;
    assert_eq!(drive.task(copy.id).await.file.sha256, file.sha256);
    drive.service.delete(drive.scope(), original).await.unwrap();
    assert_eq!(drive.status(copy.id).await, TaskStatus::Completed);
    let unknown = TaskOptions::default().with_engine(Some("nosuch".into()));
    let refused = drive
        .service
        .copy(drive.scope(), copy.id, unknown)
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    let missing = drive
        .service
        .copy(drive.scope(), original, options)
        .await
        .unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
}

#[tokio::test(start_paused = true)]
async fn activity_counts_what_was_read_and_when() {
    let drive = Drive::new(FakeEngine::new(["two words", "and three more"]));
    drive.submit().await;
    drive.drain().await;
    drive.parts.clock.advance(std::time::Duration::from_hours(25));
    drive.submit().await;
    drive.drain().await;
    drive.submit().await;
    let activity = drive.service.activity(drive.scope(), 7).await.unwrap();
    let days: Vec<(u32, u32, u64, u64)> = activity
        .days
        .iter()
        .map(|day| (day.completed, day.failed, day.pages, day.words))
        .collect();
    assert_eq!(days, [(1, 0, 2, 5), (1, 0, 2, 5)]);
    assert!(activity.days[0].day < activity.days[1].day && !activity.sampled);
    assert_eq!(activity.engines.len(), 1);
    assert_eq!((activity.engines[0].documents, activity.engines[0].pages), (2, 4));
    let today = drive.service.activity(drive.scope(), 1).await.unwrap();
    assert_eq!(today.days.len(), 1, "{today:?}");
}
