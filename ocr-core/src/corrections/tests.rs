//! What corrections do to a page.

use chrono::DateTime;
use proptest::prelude::*;

use super::{
    Action, CarriedEdit, Entry, Fate, MAX_ENTRIES, MAX_LOG_BYTES, MAX_VALUE_CHARS, Operation, PageLog, base,
    carry_over, correct, record, redo, undo,
};
use crate::{
    ErrorKind,
    clock::Timestamp,
    model::{Block, BlockKind, Cell, Field, Line, PageText, Polygon, Table, TextOrigin, Word},
};

const NOW: Timestamp = DateTime::UNIX_EPOCH;

/// A page of these blocks of lines, each word in a box of its own: a line is 0.05 high, a letter 0.01 wide.
fn page(blocks: &[&[&str]]) -> PageText {
    let mut top = 0.0;
    let blocks = blocks.iter().map(|lines| {
        let lines: Vec<Line> = lines
            .iter()
            .map(|text| {
                let line = line(text, top);
                top += 0.05;
                line
            })
            .collect();
        let outline = Polygon::enclosing(lines.iter().map(|line| &line.polygon));
        Block::new(BlockKind::Paragraph, outline, lines)
    });
    let blocks = blocks.collect();
    let mut page = PageText::empty(1, 1000, 1000)
        .with_source(TextOrigin::Ocr)
        .with_blocks(blocks);
    page.update_confidence();
    page
}

fn line(text: &str, top: f32) -> Line {
    let mut left = 0.0;
    let words = text.split(' ').map(|word| {
        let right = left + word.chars().count() as f32 * 0.01;
        let polygon = Polygon::from_box(left, top, right, top + 0.04);
        left = right + 0.01;
        Word::new(word, polygon, 0.5)
    });
    let words: Vec<Word> = words.collect();
    let outline = Polygon::enclosing(words.iter().map(|word| &word.polygon));
    Line::new(text, outline, 0.5, words)
}

fn set(word: u32, text: &str) -> Operation {
    Operation::SetText {
        word,
        text: text.into(),
    }
}

/// The log after `operations`.
fn log(page: &PageText, operations: Vec<Operation>) -> PageLog {
    let log = PageLog::new(page.number, Vec::new());
    let entries = record(page, &log, operations, None, NOW).unwrap();
    PageLog::new(page.number, entries)
}

fn extended(log: &PageLog, more: impl IntoIterator<Item = Entry>) -> PageLog {
    let entries = log.entries.iter().cloned().chain(more).collect();
    PageLog::new(log.page, entries)
}

/// The text of the page after `operations`.
fn text(page: &PageText, operations: Vec<Operation>) -> String {
    correct(page, &log(page, operations)).page.plain_text()
}

#[test]
fn a_word_says_what_a_person_wrote() {
    let page = page(&[&["the tota1 amount", "is 12"]]);
    let corrected = correct(&page, &log(&page, vec![set(1, "total")]));
    assert_eq!(corrected.page.plain_text(), "the total amount\nis 12");
    let word = corrected.page.words().nth(1).unwrap();
    assert!(word.confidence > 0.99 && word.polygon == page.words().nth(1).unwrap().polygon);
    assert_eq!(corrected.changed.len(), 1);
    assert_eq!(
        (corrected.changed[0].index, corrected.changed[0].original.as_str()),
        (1, "tota1")
    );
    assert!(corrected.page.confidence > page.confidence);
    assert!(corrected.can_undo && !corrected.can_redo);
}

#[test]
fn a_word_that_is_confirmed_is_sure_and_not_changed() {
    let page = page(&[&["the total"]]);
    let corrected = correct(&page, &log(&page, vec![set(1, "total")]));
    assert_eq!(corrected.changed, []);
    let confidences: Vec<f32> = corrected.page.words().map(|word| word.confidence).collect();
    assert!(confidences[0] < 0.6 && confidences[1] > 0.99, "{confidences:?}");
}

#[test]
fn a_text_layer_with_corrections_is_the_files_in_part() {
    let page = page(&[&["the tota1 amount"]]).with_source(TextOrigin::TextLayer);
    let corrected = correct(&page, &log(&page, vec![set(1, "total")]));
    assert_eq!(corrected.page.source, TextOrigin::Mixed);
    assert_eq!(
        correct(&page, &log(&page, vec![])).page.source,
        TextOrigin::TextLayer
    );
}

#[test]
fn what_stands_between_words_is_kept() {
    let mut page = page(&[&["a b c"]]);
    page.blocks[0].lines[0].text = "a  b—c.".into();
    assert_eq!(text(&page, vec![set(1, "x")]), "a  x—c.");
    assert_eq!(text(&page, vec![Operation::DeleteWord { word: 0 }]), "b—c.");
    page.blocks[0].lines[0].text = "something else".into();
    assert_eq!(text(&page, vec![set(1, "x")]), "a x c");
    assert_eq!(text(&page, vec![]), "something else");
}

#[test]
fn words_are_split_and_joined() {
    let page = page(&[&["thetotal a mount"]]);
    let split = Operation::SplitWord {
        word: 0,
        parts: vec!["the".into(), "total".into()],
    };
    let join = Operation::JoinWords {
        word: 2,
        count: 2,
        text: None,
    };
    let corrected = correct(&page, &log(&page, vec![split, join]));
    assert_eq!(corrected.page.plain_text(), "the total amount");
    let words: Vec<&Word> = corrected.page.words().collect();
    let (first, second) = (words[0].polygon.bounds(), words[1].polygon.bounds());
    assert!(first.left.abs() < 1e-4 && first.right < second.left && (second.right - 0.08).abs() < 1e-4);
    let joined = words[2].polygon.bounds();
    assert!((joined.left - 0.09).abs() < 1e-4 && (joined.right - 0.16).abs() < 1e-4);
    let originals: Vec<&str> = corrected
        .changed
        .iter()
        .map(|word| word.original.as_str())
        .collect();
    assert_eq!(originals, ["thetotal", "thetotal", "a mount"]);
}

#[test]
fn words_of_two_lines_are_not_joined() {
    let page = page(&[&["one two", "three"]]);
    let join = |word, count| {
        let operation = Operation::JoinWords {
            word,
            count,
            text: None,
        };
        record(&page, &PageLog::new(1, vec![]), vec![operation], None, NOW)
    };
    for refused in [join(1, 2), join(2, 2), join(9, 2)] {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}

#[test]
fn what_is_deleted_can_be_restored_to_its_place() {
    let page = page(&[&["one two three", "four"], &["five"]]);
    let gone = log(
        &page,
        vec![
            Operation::DeleteWord { word: 1 },
            Operation::DeleteLine { line: 1 },
            Operation::DeleteWord { word: 2 },
        ],
    );
    let corrected = correct(&page, &gone);
    assert_eq!(corrected.page.plain_text(), "one three");
    assert_eq!(corrected.page.blocks.len(), 1, "a block without lines is none");
    let deleted: Vec<(u32, &str)> = corrected
        .deleted
        .iter()
        .map(|one| (one.edit, one.text.as_str()))
        .collect();
    assert_eq!(deleted, [(1, "two"), (2, "four"), (3, "five")]);
    let back = (1..=3).map(|edit| Operation::Restore { edit }).collect();
    let restored = extended(&gone, record(&page, &gone, back, None, NOW).unwrap());
    assert_eq!(correct(&page, &restored).page.plain_text(), page.plain_text());
    for edit in [0, 1, 99] {
        let again = record(&page, &restored, vec![Operation::Restore { edit }], None, NOW);
        assert_eq!(again.unwrap_err().kind(), ErrorKind::InvalidInput, "{edit}");
    }
}

#[test]
fn lines_are_moved() {
    let page = page(&[&["one", "two"], &["three"]]);
    let moved = |line, before| text(&page, vec![Operation::MoveLine { line, before }]);
    assert_eq!(moved(0, 0), "one\ntwo\n\nthree");
    assert_eq!(moved(0, 1), "one\ntwo\n\nthree");
    assert_eq!(moved(0, 2), "two\n\none\nthree");
    assert_eq!(moved(0, 3), "two\n\nthree\none");
    assert_eq!(moved(2, 0), "three\none\ntwo");
    assert_eq!(moved(1, 0), "two\none\n\nthree");
    assert_eq!(
        moved(1, 2),
        "one\n\ntwo\nthree",
        "a line becomes part of the block of the next one"
    );
    assert_eq!(
        moved(2, 3),
        "one\ntwo\n\nthree",
        "the last line stays in its block"
    );
}

#[test]
fn a_word_is_added_to_its_line_or_stands_alone() {
    let page = page(&[&["one three"], &["four"]]);
    let add = |text: &str, left: f32, top: f32| Operation::AddWord {
        text: text.into(),
        polygon: Polygon::from_box(left, top, left + 0.03, top + 0.04),
    };
    assert_eq!(
        text(&page, vec![add("two", 0.032, 0.002)]),
        "one two three\n\nfour"
    );
    assert_eq!(text(&page, vec![add("two", 0.1, 0.0)]), "one three two\n\nfour");
    assert_eq!(
        text(&page, vec![add("far", 0.6, 0.0)]),
        "one three\n\nfar\n\nfour"
    );
    assert_eq!(
        text(&page, vec![add("low", 0.0, 0.5)]),
        "one three\n\nfour\n\nlow"
    );
    let empty = PageText::empty(1, 100, 100).with_error(ErrorKind::InvalidInput);
    let corrected = correct(&empty, &log(&empty, vec![add("only", 0.1, 0.1)]));
    assert_eq!(corrected.page.plain_text(), "only");
    assert_eq!(corrected.page.source, TextOrigin::Ocr);
    assert_eq!(corrected.page.error, None, "somebody has read it");
    assert_eq!(corrected.changed[0].original, "");
}

/// A page with a table of one row, whose cells are "12 EUR" and "" to the right of it, and a field.
fn form() -> PageText {
    let mut page = page(&[&["12 EUR"]]);
    let cells = vec![
        Cell::new(1, 1, "12 EUR", Polygon::from_box(0.0, 0.0, 0.1, 0.045), 0.5),
        Cell::new(1, 2, "", Polygon::from_box(0.1, 0.0, 0.2, 0.045), 0.5),
    ];
    page.blocks[0].kind = BlockKind::Table;
    page.blocks[0].table = Some(Table::new(1, 2, cells));
    let field = Field::new("Price", Polygon::from_box(0.3, 0.0, 0.4, 0.04), 0.5)
        .with_value("12 EUR")
        .with_value_polygon(Some(Polygon::from_box(0.0, 0.0, 0.1, 0.045)));
    page.with_fields(vec![field])
}

#[test]
fn cells_and_fields_say_what_their_words_say() {
    let page = form();
    let corrected = correct(&page, &log(&page, vec![set(0, "13")])).page;
    let table = corrected.blocks[0].table.as_ref().unwrap();
    assert_eq!(table.cells[0].text, "13 EUR");
    assert_eq!(corrected.fields[0].value, "13 EUR");
    assert_eq!(table.cells[1].text, "");
}

#[test]
fn words_say_what_their_cell_or_field_says() {
    let page = form();
    let cell = |column, text: &str| Operation::SetCell {
        block: 0,
        row: 1,
        column,
        text: text.into(),
    };
    for (operations, line, cells) in [
        (vec![cell(1, "13 CHF")], "13 CHF", ["13 CHF", ""]),
        (vec![cell(1, "13")], "13", ["13", ""]),
        (vec![cell(1, "1 3 CHF")], "1 3 CHF", ["1 3 CHF", ""]),
        (vec![cell(2, "x y")], "12 EUR\nx y", ["12 EUR", "x y"]),
        (vec![cell(1, "")], "", ["", ""]),
    ] {
        let corrected = correct(&page, &log(&page, operations)).page;
        assert_eq!(corrected.plain_text(), line);
        let table = corrected.blocks[0].table.as_ref().unwrap();
        let texts: Vec<&str> = table.cells.iter().map(|cell| cell.text.as_str()).collect();
        assert_eq!(texts, cells);
    }
    let field = Operation::SetField {
        field: 0,
        value: "9 EUR".into(),
    };
    let corrected = correct(&page, &log(&page, vec![field])).page;
    assert_eq!(
        (
            corrected.plain_text().as_str(),
            corrected.fields[0].value.as_str()
        ),
        ("9 EUR", "9 EUR")
    );
}

#[test]
fn edits_are_undone_and_redone_one_by_one() {
    let page = page(&[&["a b"]]);
    let mut log = log(&page, vec![set(0, "x"), set(1, "y")]);
    let step = |log: &PageLog, back: bool| {
        let entry = if back {
            undo(&page, log, None, NOW)
        } else {
            redo(&page, log, None, NOW)
        };
        entry.map(|entry| extended(log, [entry]))
    };
    let texts = |log: &PageLog| correct(&page, log).page.plain_text();
    assert_eq!(step(&log, false).unwrap_err().kind(), ErrorKind::InvalidInput);
    for (back, wanted) in [
        (true, "x b"),
        (true, "a b"),
        (false, "x b"),
        (false, "x y"),
        (true, "x b"),
    ] {
        log = step(&log, back).unwrap();
        assert_eq!(texts(&log), wanted);
    }
    let edit = record(&page, &log, vec![set(1, "z")], None, NOW).unwrap();
    log = extended(&log, edit);
    assert_eq!((texts(&log).as_str(), log.version()), ("x z", 8));
    assert!(
        step(&log, false).is_err(),
        "what was undone is forgotten by an edit"
    );
}

#[test]
fn edits_of_another_text_do_not_apply_and_are_offered_once() {
    let old = page(&[&["the tota1 amount", "is 12 Euro", "stray"]]);
    let log = log(
        &old,
        vec![
            set(1, "total"),
            set(4, "13"),
            Operation::DeleteLine { line: 2 },
            set(2, "sum"),
        ],
    );
    let new = page(&[&["the total amount", "is 12 Euro,", "strange"]]);
    let before = correct(&new, &log);
    assert_eq!(
        (before.page == new, before.earlier, before.can_undo),
        (true, 4, false)
    );
    let (entries, carried) = carry_over(&new, &log, None, NOW).unwrap();
    let fates: Vec<Fate> = carried.iter().map(|one: &CarriedEdit| one.fate).collect();
    assert_eq!(
        fates,
        [Fate::AlreadyRead, Fate::Carried, Fate::NotFound, Fate::Carried]
    );
    assert_eq!(entries[0].action, Action::CarryOver);
    let log = extended(&log, entries);
    let after = correct(&new, &log);
    assert_eq!(after.page.plain_text(), "the total sum\nis 13 Euro,\nstrange");
    assert_eq!(after.earlier, 0);
    assert_eq!(log.version(), 7);
}

#[test]
fn the_same_text_read_again_keeps_its_corrections() {
    let mut page = page(&[&["one two"]]);
    let log = log(&page, vec![set(0, "first")]);
    page.elapsed_ms = 7;
    page.blocks[0].lines[0].words[0].confidence = 0.25;
    assert_eq!(correct(&page, &log).page.plain_text(), "first two");
    assert_ne!(base(&page), base(&PageText::empty(1, 10, 10)));
}

#[test]
fn a_log_has_a_maximum_size() {
    let page = form();
    let cell = |letters: usize| Operation::SetCell {
        block: 0,
        row: 1,
        column: 2,
        text: "x".repeat(letters),
    };
    let log = log(
        &page,
        vec![cell(MAX_VALUE_CHARS); MAX_LOG_BYTES / MAX_VALUE_CHARS / 2],
    );
    let refused = |log: &PageLog, operation| record(&page, log, vec![operation], None, NOW).unwrap_err();
    assert_eq!(
        refused(&log, cell(MAX_VALUE_CHARS)).kind(),
        ErrorKind::InvalidInput
    );
    record(&page, &log, vec![set(0, "13")], None, NOW).unwrap();
    let full = vec![Entry::new(1, NOW, None, "", Action::Undo); MAX_ENTRIES];
    let full = PageLog::new(1, full);
    assert_eq!(refused(&full, set(0, "13")).kind(), ErrorKind::InvalidInput);
    assert_eq!(
        undo(&page, &full, None, NOW).unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
}

fn operation() -> impl Strategy<Value = Operation> {
    let index = 0..12_u32;
    let word = "[a-z]{1,6}";
    prop_oneof![
        (index.clone(), word).prop_map(|(word, text)| Operation::SetText { word, text }),
        (index.clone(), prop::collection::vec(word, 2..4))
            .prop_map(|(word, parts)| Operation::SplitWord { word, parts }),
        (index.clone(), 2..4_u32).prop_map(|(word, count)| Operation::JoinWords {
            word,
            count,
            text: None
        }),
        index.clone().prop_map(|word| Operation::DeleteWord { word }),
        (0..5_u32, 0..6_u32).prop_map(|(line, before)| Operation::MoveLine { line, before }),
        (0..5_u32).prop_map(|line| Operation::DeleteLine { line }),
        (1..10_u32).prop_map(|edit| Operation::Restore { edit }),
    ]
}

proptest! {
    #[test]
    fn whatever_is_done_can_be_undone(operations in prop::collection::vec(operation(), 0..20)) {
        let page = page(&[&["the total amount", "of all"], &["is 12 Euro"], &["end"]]);
        let mut log = PageLog::new(1, Vec::new());
        let mut pages = vec![page.clone()];
        for operation in operations {
            // What the page has not is refused, and nothing is changed by it.
            let Ok(entries) = record(&page, &log, vec![operation], None, NOW) else { continue };
            log = extended(&log, entries);
            pages.push(correct(&page, &log).page);
        }
        let done = log.clone();
        for wanted in pages.iter().rev() {
            let now = correct(&page, &log);
            prop_assert_eq!(&now.page, wanted);
            if now.can_undo {
                log = extended(&log, [undo(&page, &log, None, NOW).unwrap()]);
            }
        }
        for wanted in &pages {
            prop_assert_eq!(&correct(&page, &log).page, wanted);
            if correct(&page, &log).can_redo {
                log = extended(&log, [redo(&page, &log, None, NOW).unwrap()]);
            }
        }
        prop_assert_eq!(correct(&page, &log).page, correct(&page, &done).page);
    }

    #[test]
    fn on_a_page_that_is_alike_every_edit_is_carried_over(operations in prop::collection::vec(operation(), 0..12)) {
        let old = page(&[&["the total amount", "of all"], &["is 12 Euro"], &["end"]]);
        let mut log = PageLog::new(1, Vec::new());
        for operation in operations {
            let Ok(entries) = record(&old, &log, vec![operation], None, NOW) else { continue };
            log = extended(&log, entries);
        }
        // Another text by its field alone.
        let field = Field::new("key", Polygon::from_box(0.9, 0.9, 0.95, 0.95), 1.0);
        let new = old.clone().with_fields(vec![field.clone()]);
        let (entries, carried) = carry_over(&new, &log, None, NOW).unwrap();
        for one in &carried {
            let no_move = matches!(one.edit.operation, Operation::MoveLine { .. }) && one.fate == Fate::AlreadyRead;
            prop_assert!(one.fate == Fate::Carried || no_move, "{one:?}");
        }
        let wanted = correct(&old, &log).page.with_fields(vec![field]);
        prop_assert_eq!(correct(&new, &extended(&log, entries)).page, wanted);
    }

    #[test]
    fn a_page_without_edits_is_as_it_was_read(words in prop::collection::vec("\\PC{0,8}", 1..5), text in "\\PC{0,30}") {
        let mut page = page(&[&["a"]]);
        let line = &mut page.blocks[0].lines[0];
        line.words = words.iter().map(|word| Word::new(word.as_str(), line.polygon, 0.5)).collect();
        line.text = text;
        let draft = super::draft::Draft::new(page.clone());
        prop_assert_eq!(draft.finish(), page);
    }
}
