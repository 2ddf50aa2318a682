//! What engines learn from: lines that people corrected.

use ocr_core::{
    corrections::Operation,
    id::TaskId,
    pagination::PageRequest,
    service::{CorrectedAt, TrainingPage},
    store::Scope,
};
use ocr_testkit::{FakeEngine, samples};

use crate::drive::Drive;

/// Two documents of two pages: "the tota1 amount" and "is 12".
async fn read() -> (Drive, TaskId, TaskId) {
    let drive = Drive::new(FakeEngine::new(["the tota1 amount", "is 12"]));
    let (first, second) = (drive.submit().await, drive.submit().await);
    drive.drain().await;
    (drive, first, second)
}

async fn set(drive: &Drive, at: CorrectedAt, word: u32, text: &str) {
    let operation = Operation::SetText {
        word,
        text: text.into(),
    };
    let corrected = drive.service.correct(drive.scope(), at, vec![operation]).await;
    corrected.unwrap();
}

async fn learned(drive: &Drive, id: TaskId, page: u32) -> Option<TrainingPage> {
    drive
        .service
        .training_page(drive.scope(), id, page)
        .await
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn corrected_lines_are_learned_with_what_was_read() {
    let (drive, first, _) = read().await;
    set(&drive, CorrectedAt::new(first, 1, 0), 1, "total").await;
    let page = learned(&drive, first, 1).await.unwrap();
    assert_eq!(page.engine, "fake");
    let [line] = &page.lines[..] else {
        panic!("one line: {page:?}")
    };
    assert_eq!(
        (line.index, line.text.as_str(), line.read.as_str()),
        (0, "the total amount", "the tota1 amount")
    );
    let original = drive.service.original_pages(drive.scope(), first, 1, 1).await;
    let original = original.unwrap().remove(0);
    assert_eq!(page.width, original.width);
    assert_eq!(
        Some(line.polygon),
        original.lines().next().map(|line| line.polygon)
    );
    assert_eq!(learned(&drive, first, 2).await.unwrap().lines, []);
    assert_eq!(learned(&drive, first, 3).await, None, "there is no such page");
}

#[tokio::test(start_paused = true)]
async fn a_confirmed_line_is_learned_until_that_is_undone() {
    let (drive, first, _) = read().await;
    set(&drive, CorrectedAt::new(first, 2, 0), 1, "12").await;
    let page = learned(&drive, first, 2).await.unwrap();
    assert_eq!(page.lines.len(), 1, "{page:?}");
    let at = CorrectedAt::new(first, 2, 1);
    drive.service.undo_correction(drive.scope(), at).await.unwrap();
    assert_eq!(learned(&drive, first, 2).await.unwrap().lines, []);
}

#[tokio::test(start_paused = true)]
async fn corrected_documents_are_found_by_their_owner() {
    let (drive, first, second) = read().await;
    set(&drive, CorrectedAt::new(second, 2, 0), 1, "13").await;
    set(&drive, CorrectedAt::new(second, 1, 0), 1, "total").await;
    let all = PageRequest::first(50).unwrap();
    let listed = drive
        .service
        .corrected_documents(drive.scope(), all.clone())
        .await
        .unwrap();
    let found: Vec<(TaskId, &[u32])> = listed
        .items
        .iter()
        .map(|document| (document.task.id, &document.pages[..]))
        .collect();
    assert_eq!(found, [(second, &[1, 2][..])]);
    assert_ne!(first, second);
    let stranger = Scope::owner(samples::user());
    let foreign = drive.service.corrected_documents(stranger, all).await.unwrap();
    assert_eq!(foreign.items, []);
    let hidden = drive.service.training_page(stranger, second, 1).await.unwrap();
    assert_eq!(hidden, None);
}
