//! From the JSON of the service to the result model.

use ocr_core::{
    engine::OcrContext,
    model::{BlockKind, CellKind, Feature, MediaType, PageText, Point},
};
use ocr_testkit::documents::{Typeset, png};
use serde_json::{Value, json};

use super::{
    answers::{at_once, block, line, related, with},
    config, elsewhere, engine, read,
    service::FakeService,
};

/// The page the engine makes of an answer with these blocks.
async fn mapped(blocks: &[Value]) -> PageText {
    let service = FakeService::start().await;
    let engine = engine(config(&service)).await;
    service.will_say("AnalyzeDocument", &at_once(blocks));
    let mut request = elsewhere(MediaType::Png, &png(&Typeset::card().page("a page"))).await;
    request.features = vec![Feature::Tables];
    let mut pages = read(&engine, request, OcrContext::default()).await.unwrap();
    assert_eq!(pages.len(), 1);
    pages.remove(0)
}

fn kinds(page: &PageText) -> Vec<(BlockKind, String)> {
    page.blocks
        .iter()
        .map(|block| (block.kind, block.plain_text()))
        .collect()
}

#[tokio::test]
async fn lines_and_words_keep_their_places_and_confidences() {
    let mut blocks = line("l", "Hello world", [0.1, 0.2, 0.5, 0.05]);
    blocks[1]["Confidence"] = json!(50.0);
    blocks[1]["TextType"] = json!("HANDWRITING");
    let page = mapped(&blocks).await;
    let line = page.lines().next().expect("a line");
    assert_eq!(line.text, "Hello world");
    assert_eq!(line.polygon.0[0], Point::new(0.1, 0.2));
    let words: Vec<(&str, f32)> = line
        .words
        .iter()
        .map(|word| (word.text.as_str(), word.confidence))
        .collect();
    assert_eq!(words, [("Hello", 0.5), ("world", 0.995)]);
    assert!((page.confidence.expect("words") - 0.747_5).abs() < 1e-3);
    assert_eq!(page.rotation, 0);
}

#[tokio::test]
async fn columns_are_read_one_after_the_other() {
    let mut blocks = Vec::new();
    let text = "some words of a long line of prose";
    for row in 0..8_u8 {
        let top = 0.1 + 0.03 * f32::from(row);
        blocks.extend(line(
            &format!("a{row}"),
            &format!("left{row} {text}"),
            [0.05, top, 0.42, 0.02],
        ));
        blocks.extend(line(
            &format!("b{row}"),
            &format!("right{row} {text}"),
            [0.53, top, 0.42, 0.02],
        ));
    }
    let page = mapped(&blocks).await;
    let firsts: Vec<String> = page.lines().map(|line| line.words[0].text.clone()).collect();
    let left = (0..8).map(|row| format!("left{row}"));
    let right = (0..8).map(|row| format!("right{row}"));
    assert_eq!(firsts, left.chain(right).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_page_that_lies_on_its_side_is_turned() {
    // Text that runs from the top to the bottom of the stored page.
    let corners = json!([
        {"X": 0.5, "Y": 0.1}, {"X": 0.5, "Y": 0.9}, {"X": 0.4, "Y": 0.9}, {"X": 0.4, "Y": 0.1},
    ]);
    let mut blocks = line("l", "sideways", [0.4, 0.1, 0.1, 0.8]);
    for block in &mut blocks {
        block["Geometry"]["Polygon"] = corners.clone();
    }
    let upright = mapped(&line("l", "upright", [0.1, 0.1, 0.5, 0.1])).await;
    let page = mapped(&blocks).await;
    assert_eq!(page.rotation, 270);
    assert_eq!((page.width, page.height), (upright.height, upright.width));
    let word = page.words().next().expect("a word");
    let [top_left, top_right, bottom_right, _] = word.polygon.0;
    assert!(
        top_left.x < top_right.x && top_right.y < bottom_right.y,
        "{word:?}"
    );
}

/// A cell with the words of a line, which are below the cell too.
fn cell(id: &str, place: [u32; 4], line: &[Value]) -> Value {
    let [row, column, row_span, column_span] = place;
    let words: Vec<&str> = line
        .iter()
        .skip(1)
        .map(|word| word["Id"].as_str().unwrap())
        .collect();
    let fields = json!({
        "RowIndex": row, "ColumnIndex": column, "RowSpan": row_span, "ColumnSpan": column_span,
    });
    let cell = with(block("CELL", id, [0.1, 0.1, 0.2, 0.05]), &fields);
    if words.is_empty() {
        cell
    } else {
        related(cell, "CHILD", &words)
    }
}

fn table_blocks() -> Vec<Value> {
    let texts = [
        ("t", "Prices of fruit", 0.1, 0.05),
        ("h1", "Fruit", 0.1, 0.12),
        ("h2", "Price", 0.6, 0.12),
        ("c1", "Two apples", 0.1, 0.17),
        ("c2", "1.50", 0.6, 0.17),
        ("s", "Sum of all", 0.1, 0.22),
        ("n", "in dollars", 0.1, 0.27),
    ];
    let lines: Vec<Vec<Value>> = texts
        .iter()
        .map(|(id, text, left, top)| line(id, text, [*left, *top, 0.3, 0.03]))
        .collect();
    let header = json!({"EntityTypes": ["COLUMN_HEADER"]});
    let merged = json!({
        "RowIndex": 3, "ColumnIndex": 1, "RowSpan": 1, "ColumnSpan": 2, "EntityTypes": ["TABLE_SUMMARY"],
    });
    let tick = with(
        block("SELECTION_ELEMENT", "tick", [0.6, 0.22, 0.02, 0.02]),
        &json!({"SelectionStatus": "SELECTED"}),
    );
    let table = block("TABLE", "table", [0.05, 0.1, 0.9, 0.16]);
    let table = related(table, "CHILD", &["k1", "k2", "k3", "k4", "k5", "k6"]);
    let table = related(table, "MERGED_CELL", &["m"]);
    let table = related(table, "TABLE_TITLE", &["title"]);
    let table = related(table, "TABLE_FOOTER", &["footer"]);
    let title = related(
        block("TABLE_TITLE", "title", [0.1, 0.05, 0.3, 0.03]),
        "CHILD",
        &["t.0", "t.1", "t.2"],
    );
    let footer = related(
        block("TABLE_FOOTER", "footer", [0.1, 0.27, 0.3, 0.03]),
        "CHILD",
        &["n.0", "n.1"],
    );
    let mut blocks = vec![
        table,
        title,
        footer,
        with(cell("k1", [1, 1, 1, 1], &lines[1]), &header),
        with(cell("k2", [1, 2, 1, 1], &lines[2]), &header),
        cell("k3", [2, 1, 1, 1], &lines[3]),
        cell("k4", [2, 2, 1, 1], &lines[4]),
        cell("k5", [3, 1, 1, 1], &lines[5]),
        related(cell("k6", [3, 2, 1, 1], &[]), "CHILD", &["tick"]),
        related(
            with(block("MERGED_CELL", "m", [0.1, 0.2, 0.8, 0.05]), &merged),
            "CHILD",
            &["k5", "k6"],
        ),
        tick,
    ];
    blocks.extend(lines.into_iter().flatten());
    blocks
}

#[tokio::test]
async fn tables_have_cells_with_spans_and_their_text_is_read_once() {
    let mut blocks = line("before", "Before the table", [0.1, 0.01, 0.5, 0.02]);
    blocks.extend(table_blocks());
    blocks.extend(line("after", "After the table", [0.1, 0.5, 0.5, 0.02]));
    let page = mapped(&blocks).await;
    let order: Vec<BlockKind> = page.blocks.iter().map(|block| block.kind).collect();
    assert_eq!(
        order,
        [BlockKind::Paragraph, BlockKind::Table, BlockKind::Paragraph]
    );
    assert_eq!(page.lines().count(), 9, "each line is in one block");
    let table = page.blocks[1].table.as_ref().expect("a table");
    assert_eq!((table.rows, table.columns), (3, 2));
    assert_eq!(table.title.as_deref(), Some("Prices of fruit"));
    assert_eq!(table.footer.as_deref(), Some("in dollars"));
    let cells: Vec<(u32, u32, u32, CellKind, &str)> = table
        .cells
        .iter()
        .map(|cell| {
            (
                cell.row,
                cell.column,
                cell.column_span,
                cell.kind,
                cell.text.as_str(),
            )
        })
        .collect();
    let expected = [
        (1, 1, 1, CellKind::ColumnHeader, "Fruit"),
        (1, 2, 1, CellKind::ColumnHeader, "Price"),
        (2, 1, 1, CellKind::Data, "Two apples"),
        (2, 2, 1, CellKind::Data, "1.50"),
        (3, 1, 2, CellKind::Summary, "Sum of all"),
    ];
    assert_eq!(cells, expected);
    assert_eq!(table.cells[4].selected, Some(true));
    assert_eq!(page.selections.len(), 1);
}

#[tokio::test]
async fn forms_have_keys_with_values_and_check_boxes() {
    let name = line("k", "Full name:", [0.1, 0.1, 0.2, 0.03]);
    let value = line("v", "Jane Doe", [0.4, 0.1, 0.2, 0.03]);
    let agree = line("a", "I agree", [0.1, 0.2, 0.2, 0.03]);
    let key = |id: &str, value: &str, words: &[&str]| {
        let key = with(
            block("KEY_VALUE_SET", id, [0.1, 0.1, 0.2, 0.03]),
            &json!({"EntityTypes": ["KEY"]}),
        );
        related(related(key, "VALUE", &[value]), "CHILD", words)
    };
    let of = |id: &str, children: &[&str]| {
        let value = block("KEY_VALUE_SET", id, [0.4, 0.1, 0.2, 0.03]);
        related(with(value, &json!({"EntityTypes": ["VALUE"]})), "CHILD", children)
    };
    let tick = with(
        block("SELECTION_ELEMENT", "tick", [0.05, 0.2, 0.02, 0.02]),
        &json!({"SelectionStatus": "NOT_SELECTED"}),
    );
    let mut blocks = vec![
        key("name", "name-value", &["k.0", "k.1"]),
        of("name-value", &["v.0", "v.1"]),
        key("agree", "agree-value", &["a.0", "a.1"]),
        of("agree-value", &["tick"]),
        key("alone", "lost", &["k.0"]),
        tick,
    ];
    blocks.extend([name, value, agree].into_iter().flatten());
    let page = mapped(&blocks).await;
    let fields: Vec<(&str, &str, Option<bool>)> = page
        .fields
        .iter()
        .map(|field| (field.key.as_str(), field.value.as_str(), field.selected))
        .collect();
    let expected = [
        ("Full name:", "Jane Doe", None),
        ("I agree", "", Some(false)),
        ("Full", "", None),
    ];
    assert_eq!(fields, expected, "what is missing from an answer is left out");
    assert!(!page.selections[0].selected);
    assert_eq!(page.plain_text().matches("Jane Doe").count(), 1);
}

#[tokio::test]
async fn layout_gives_kinds_and_the_order_of_reading() {
    let mut blocks = Vec::new();
    for (index, kind) in [
        "PAGE_NUMBER",
        "TITLE",
        "SECTION_HEADER",
        "TEXT",
        "FOOTER",
        "HEADER",
        "KEY_VALUE",
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("l{index}");
        let area = [0.1, 0.9 - 0.1 * index as f32, 0.5, 0.05];
        blocks.extend(line(&id, &kind.to_lowercase(), area));
        let part = block(&format!("LAYOUT_{kind}"), &format!("part{index}"), area);
        blocks.push(related(part, "CHILD", &[&id]));
    }
    let figure = block("LAYOUT_FIGURE", "figure", [0.7, 0.1, 0.2, 0.2]);
    let items = ["i0", "i1"];
    for (index, id) in items.into_iter().enumerate() {
        let area = [0.1, 0.02 + 0.03 * index as f32, 0.5, 0.02];
        blocks.extend(line(&format!("{id}l"), &format!("item {index}"), area));
        blocks.push(related(
            block("LAYOUT_TEXT", id, area),
            "CHILD",
            &[&format!("{id}l")],
        ));
    }
    blocks.push(related(
        block("LAYOUT_LIST", "list", [0.1, 0.02, 0.5, 0.1]),
        "CHILD",
        &items,
    ));
    blocks.push(figure);
    blocks.extend(line("stray", "not in any part", [0.1, 0.97, 0.5, 0.02]));
    let page = mapped(&blocks).await;
    let expected = [
        (BlockKind::PageNumber, "page_number"),
        (BlockKind::Title, "title"),
        (BlockKind::Heading, "section_header"),
        (BlockKind::Paragraph, "text"),
        (BlockKind::Footer, "footer"),
        (BlockKind::Header, "header"),
        (BlockKind::KeyValue, "key_value"),
        (BlockKind::List, "item 0\nitem 1"),
        (BlockKind::Figure, ""),
        (BlockKind::Paragraph, "not in any part"),
    ]
    .map(|(kind, text)| (kind, text.to_owned()));
    assert_eq!(kinds(&page), expected);
}

#[tokio::test]
async fn a_table_of_the_layout_gets_the_cells_of_the_table_it_covers() {
    let mut blocks = table_blocks();
    let lines = ["t", "h1", "h2", "c1", "c2", "s", "n"];
    blocks.push(related(
        block("LAYOUT_TABLE", "part", [0.05, 0.04, 0.9, 0.3]),
        "CHILD",
        &lines,
    ));
    let page = mapped(&blocks).await;
    assert_eq!(page.blocks.len(), 1);
    assert_eq!(
        page.blocks[0].table.as_ref().map(|table| table.cells.len()),
        Some(5)
    );
    assert_eq!(page.lines().count(), 7);
}

#[tokio::test]
async fn signatures_and_answers_are_kept_with_their_places() {
    let query = |id: &str, text: &str| with(block("QUERY", id, [0.0; 4]), &json!({"Query": {"Text": text}}));
    let answer = with(
        block("QUERY_RESULT", "r", [0.2, 0.3, 0.1, 0.1]),
        &json!({"Text": "Jane Doe", "Confidence": 80.0}),
    );
    let weaker = with(
        block("QUERY_RESULT", "w", [0.2, 0.3, 0.1, 0.1]),
        &json!({"Text": "John", "Confidence": 20.0}),
    );
    let blocks = [
        block("SIGNATURE", "s", [0.5, 0.8, 0.3, 0.1]),
        related(query("q", "Who signed?"), "ANSWER", &["w", "r"]),
        query("nothing", "When?"),
        answer,
        weaker,
    ];
    let page = mapped(&blocks).await;
    assert_eq!(kinds(&page), [(BlockKind::Signature, String::new())]);
    assert_eq!(page.blocks[0].confidence, Some(0.995));
    assert_eq!(page.blocks[0].polygon.0[0], Point::new(0.5, 0.8));
    let answers: Vec<(&str, Option<&str>)> = page
        .answers
        .iter()
        .map(|answer| (answer.query.as_str(), answer.text.as_deref()))
        .collect();
    assert_eq!(answers, [("Who signed?", Some("Jane Doe")), ("When?", None)]);
    assert_eq!(page.raw, Vec::<Value>::new());
}

#[tokio::test]
async fn what_has_no_name_here_is_kept_as_it_came() {
    let novel = related(block("HOLOGRAM", "h", [0.1, 0.2, 0.3, 0.4]), "SHINES_ON", &["l"]);
    let mut blocks = line("l", "text", [0.1, 0.1, 0.1, 0.1]);
    blocks.push(with(
        novel,
        &json!({"Text": "glitter", "EntityTypes": ["UNHEARD_OF"]}),
    ));
    let page = mapped(&blocks).await;
    assert_eq!(page.raw.len(), 1);
    let raw = &page.raw[0];
    assert_eq!(raw["BlockType"], "HOLOGRAM");
    assert_eq!(raw["Text"], "glitter");
    assert_eq!(raw["EntityTypes"], json!(["UNHEARD_OF"]));
    assert_eq!(raw["Relationships"], json!([{"Type": "SHINES_ON", "Ids": ["l"]}]));
    assert!(raw["Geometry"]["BoundingBox"]["Left"].is_number());
    assert_eq!(page.plain_text(), "text");
}

#[tokio::test]
async fn odd_answers_are_survived() {
    let circle = related(block("LAYOUT_LIST", "a", [0.0, 0.0, 1.0, 1.0]), "CHILD", &["a"]);
    let outside = line("l", "outside", [-0.5, 0.9, 3.0, 0.5]);
    let mut huge = block("CELL", "c", [0.0; 4]);
    huge["RowIndex"] = json!(-7);
    huge["ColumnSpan"] = json!(2_000_000_000);
    let table = related(block("TABLE", "t", [0.0; 4]), "CHILD", &["c", "missing"]);
    let nameless = json!({"BlockType": "LINE"});
    let blocks = [vec![circle, huge, table, nameless, json!({})], outside].concat();
    let page = mapped(&blocks).await;
    for word in page.words() {
        let inside = |point: &Point| (0.0..=1.0).contains(&point.x) && (0.0..=1.0).contains(&point.y);
        assert!(word.polygon.0.iter().all(inside), "{word:?}");
    }
    assert_eq!(page.words().count(), 1);
}
