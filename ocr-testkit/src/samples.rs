//! Tasks, pages and events with everything filled in, each with identities of its own.

use chrono::DateTime;
use ocr_core::{
    clock::Timestamp,
    id::{EventId, FileId, IdGenerator, RandomIds, TaskId, UserId},
    model::{
        Answer, Block, BlockKind, Cell, CellKind, EngineInfo, Field, Idempotency, Line, MediaType, NewTask,
        PageSource, PageText, Polygon, ResultSummary, Selection, StoredFile, Table, Task, TaskFailure,
        TaskOptions, TaskStatus, Word,
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
    NewItem::from(QueueItem {
        task_id: task_id(),
        user_id: owner,
        file_id: file_id(),
    })
}

/// Several items of `owner`.
pub fn items(owner: UserId, count: usize) -> Vec<NewItem> {
    (0..count).map(|_| item(owner)).collect()
}

/// A task to be created for `owner`, plain and without a key.
pub fn new_task(owner: UserId) -> NewTask {
    let id = file_id();
    let stored_filename = format!("{id}_scan.pdf");
    NewTask {
        id: task_id(),
        owner,
        file: StoredFile {
            id,
            filename: "scan.pdf".into(),
            key: format!("uploads/{owner}/{stored_filename}"),
            stored_filename,
            media_type: MediaType::Pdf,
            size: 4711,
            sha256: ocr_core::digest::sha256_hex(id.0.as_bytes()),
            bucket: "documents".into(),
            version_id: None,
            created_at: moment(),
        },
        options: TaskOptions::default(),
        max_attempts: 3,
        idempotency: None,
    }
}

/// The same with a key under which it may be repeated.
pub fn keyed_task(owner: UserId, key: &str, fingerprint: &str) -> NewTask {
    NewTask {
        idempotency: Some(Idempotency {
            key: key.into(),
            fingerprint: fingerprint.into(),
            not_before: DateTime::UNIX_EPOCH,
        }),
        ..new_task(owner)
    }
}

/// What the queue carries for `task`.
pub fn queue_item(task: &NewTask) -> NewItem {
    NewItem::from(QueueItem {
        task_id: task.id,
        user_id: task.owner,
        file_id: task.file.id,
    })
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
    Event {
        id: EventId(RandomIds.next()),
        at: moment(),
        owner,
        body: EventBody::TaskUpdate(TaskUpdate::settled(task, TaskStatus::Pending, message)),
    }
}

/// The result of `task`.
pub fn summary(task: &Task) -> ResultSummary {
    ResultSummary {
        key: format!("results/{}/{}_result.json", task.owner, task.file.id),
        confidence: Some(0.917_3),
        page_count: 3,
        word_count: 1_234,
        processing_time_ms: 5_678,
        engine: "fake".into(),
        billed_pages: 3,
        cost_micros: 4_500,
    }
}

/// A failure with `message`.
pub fn failure(message: &str) -> TaskFailure {
    TaskFailure {
        code: "unavailable".into(),
        message: message.into(),
    }
}

/// A table of one cell with every field set.
fn table(text: &str, polygon: Polygon) -> Table {
    Table {
        rows: 2,
        columns: 3,
        cells: vec![Cell {
            row: 1,
            column: 2,
            row_span: 2,
            column_span: 1,
            kind: CellKind::ColumnHeader,
            text: text.into(),
            selected: Some(true),
            polygon,
            confidence: 0.123_456_7,
        }],
        title: Some("Title".into()),
        footer: Some("Footer".into()),
    }
}

/// Page `number` with every field set, one line of `text`.
pub fn page(number: u32, text: &str) -> PageText {
    let polygon = Polygon::from_box(0.1, 0.2, 0.912_345_6, 0.25);
    let words = text
        .split_whitespace()
        .map(|word| Word {
            text: word.into(),
            polygon,
            confidence: 0.987_654_3,
        })
        .collect();
    PageText {
        number,
        width: 2480,
        height: 3508,
        dpi: Some(299.999),
        rotation: 90,
        skew: -1.25,
        source: PageSource::Ocr,
        engine: Some(EngineInfo {
            name: "fake".into(),
            version: "1".into(),
        }),
        language: Some("de-CH".into()),
        confidence: Some(0.987_654_3),
        blocks: vec![Block {
            table: Some(table(text, polygon)),
            confidence: Some(0.75),
            ..Block::new(
                BlockKind::Table,
                polygon,
                vec![Line {
                    text: text.into(),
                    polygon,
                    confidence: 0.5,
                    words,
                }],
            )
        }],
        fields: vec![Field {
            key: "Name:".into(),
            key_polygon: polygon,
            value: text.into(),
            value_polygon: Some(polygon),
            selected: Some(false),
            confidence: 0.25,
        }],
        selections: vec![Selection {
            selected: true,
            polygon,
            confidence: 0.125,
        }],
        answers: vec![Answer {
            query: "What is it?".into(),
            text: Some(text.into()),
            polygon: Some(polygon),
            confidence: 0.625,
        }],
        raw: vec![serde_json::json!({"BlockType": "NOVEL", "Confidence": 12.5})],
        elapsed_ms: 321,
        warnings: vec!["the resolution was clamped".into()],
    }
}

/// Text in many scripts, at least `bytes` long, without the NUL that some databases cannot hold.
pub fn long_text(bytes: usize) -> String {
    const PIECE: &str = "Straße № 7, ¡señor! — 東京都, Ελλάδα, «Привет», עברית العربية, 👩‍👩‍👧, e\u{301}\u{10ffff}\t\"'\\%_\u{1}\r\n";
    PIECE.repeat(bytes / PIECE.len() + 1)
}
