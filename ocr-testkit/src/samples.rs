//! Tasks, pages and events with everything filled in, each with identities of its own.

use chrono::DateTime;
use ocr_core::{
    clock::Timestamp,
    id::{EventId, FileId, IdGenerator, RandomIds, TaskId, UserId},
    model::{
        Answer, Block, BlockKind, Cell, CellKind, EngineInfo, Field, Idempotency, Line, MediaType, NewTask,
        PageText, Polygon, ResultSummary, Selection, StoredFile, Table, Task, TaskFailure, TaskOptions,
        TaskStatus, TextOrigin, Word,
    },
    notify::{Event, EventBody, TaskUpdate},
    queue::{NewItem, QueueItem},
    store::OutboxMessage,
};

/// A user of its own.
pub fn user() -> UserId {
    UserId(RandomIds.next())
}

/// A task id of its own.
pub fn task_id() -> TaskId {
    TaskId(RandomIds.next())
}

/// A file id of its own.
pub fn file_id() -> FileId {
    FileId(RandomIds.next())
}

/// A fixed moment in whole milliseconds, which every store can hold.
pub fn moment() -> Timestamp {
    DateTime::from_timestamp_millis(1_790_000_000_123).unwrap_or_default()
}

/// Work for the queue, of `owner`.
pub fn item(owner: UserId) -> NewItem {
    NewItem::from(QueueItem::new(task_id(), owner, file_id()))
}

/// Several items of `owner`.
pub fn items(owner: UserId, count: usize) -> Vec<NewItem> {
    (0..count).map(|_| item(owner)).collect()
}

/// A task to be created for `owner`, plain and without a key.
pub fn new_task(owner: UserId) -> NewTask {
    let id = file_id();
    let stored_filename = format!("{id}_scan.pdf");
    NewTask::new(
        task_id(),
        owner,
        StoredFile::new(
            id,
            MediaType::Pdf,
            4711,
            ocr_core::digest::sha256_hex(id.0.as_bytes()),
            moment(),
        )
        .with_filename("scan.pdf")
        .with_key(format!("uploads/{owner}/{stored_filename}"))
        .with_stored_filename(stored_filename)
        .with_bucket("documents"),
    )
    .with_options(TaskOptions::default())
    .with_max_attempts(3)
}

/// The same with a key under which it may be repeated.
pub fn keyed_task(owner: UserId, key: &str, fingerprint: &str) -> NewTask {
    new_task(owner).with_idempotency(Some(Idempotency::new(key, fingerprint, DateTime::UNIX_EPOCH)))
}

/// What the queue carries for `task`.
pub fn queue_item(task: &NewTask) -> NewItem {
    NewItem::from(QueueItem::new(task.id, task.owner, task.file.id))
}

/// The two messages that tell of a new task.
pub fn messages(task: &NewTask) -> Vec<OutboxMessage> {
    vec![
        OutboxMessage::Enqueue(queue_item(task)),
        OutboxMessage::Event(task_event(task.owner, task.id, "Waiting to be processed")),
    ]
}

/// An event of `owner` about `task`.
pub fn task_event(owner: UserId, task: TaskId, message: &str) -> Event {
    Event::new(
        EventId(RandomIds.next()),
        moment(),
        owner,
        EventBody::TaskUpdate(TaskUpdate::settled(task, TaskStatus::Pending, message)),
    )
}

/// The result of `task`.
pub fn summary(task: &Task) -> ResultSummary {
    ResultSummary::new(
        format!("results/{}/{}_result.json", task.owner, task.file.id),
        "fake",
    )
    .with_confidence(Some(0.917_3))
    .with_page_count(3)
    .with_word_count(1_234)
    .with_processing_time_ms(5_678)
    .with_billed_pages(3)
    .with_cost_micros(4_500)
}

/// A failure with `message`.
pub fn failure(message: &str) -> TaskFailure {
    TaskFailure::new("unavailable", message)
}

/// A table of one cell with every field set.
fn table(text: &str, polygon: Polygon) -> Table {
    Table::new(
        2,
        3,
        vec![
            Cell::new(1, 2, text, polygon, 0.123_456_7)
                .with_row_span(2)
                .with_column_span(1)
                .with_kind(CellKind::ColumnHeader)
                .with_selected(Some(true)),
        ],
    )
    .with_title(Some("Title".into()))
    .with_footer(Some("Footer".into()))
}

/// Page `number` with every field set, one line of `text`.
pub fn page(number: u32, text: &str) -> PageText {
    let polygon = Polygon::from_box(0.1, 0.2, 0.912_345_6, 0.25);
    let words = text
        .split_whitespace()
        .map(|word| Word::new(word, polygon, 0.987_654_3))
        .collect();
    PageText::empty(number, 2480, 3508)
        .with_dpi(Some(299.999))
        .with_rotation(90)
        .with_skew(-1.25)
        .with_source(TextOrigin::Ocr)
        .with_engine(Some(EngineInfo::new("fake", "1")))
        .with_language(Some("de-CH".into()))
        .with_confidence(Some(0.987_654_3))
        .with_blocks(vec![
            Block::new(
                BlockKind::Table,
                polygon,
                vec![Line::new(text, polygon, 0.5, words)],
            )
            .with_table(Some(table(text, polygon)))
            .with_confidence(Some(0.75)),
        ])
        .with_fields(vec![
            Field::new("Name:", polygon, 0.25)
                .with_value(text)
                .with_value_polygon(Some(polygon))
                .with_selected(Some(false)),
        ])
        .with_selections(vec![Selection::new(true, polygon, 0.125)])
        .with_answers(vec![
            Answer::new("What is it?")
                .with_text(Some(text.into()))
                .with_polygon(Some(polygon))
                .with_confidence(0.625),
        ])
        .with_raw(vec![
            serde_json::json!({"BlockType": "NOVEL", "Confidence": 12.5}),
        ])
        .with_elapsed_ms(321)
        .with_warnings(vec!["the resolution was clamped".into()])
}

/// Page `number` of one paragraph with these lines, whose words are parted by spaces.
pub fn page_of_lines(number: u32, lines: &[&str]) -> PageText {
    let polygon = Polygon::from_box(0.1, 0.1, 0.9, 0.9);
    let line = |text: &&str| {
        let words = text.split_whitespace().map(|word| Word::new(word, polygon, 1.0));
        Line::new(*text, polygon, 1.0, words.collect())
    };
    let lines = lines.iter().map(line).collect();
    let mut page = PageText::empty(number, 2480, 3508)
        .with_source(TextOrigin::Ocr)
        .with_blocks(vec![Block::new(BlockKind::Paragraph, polygon, lines)]);
    page.update_confidence();
    page
}

/// Text in many scripts, at least `bytes` long, without the NUL that some databases cannot hold.
pub fn long_text(bytes: usize) -> String {
    const PIECE: &str = "Straße № 7, ¡señor! — 東京都, Ελλάδα, «Привет», עברית العربية, 👩‍👩‍👧, e\u{301}\u{10ffff}\t\"'\\%_\u{1}\r\n";
    PIECE.repeat(bytes / PIECE.len() + 1)
}
