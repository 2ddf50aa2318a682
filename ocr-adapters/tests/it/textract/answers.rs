//! Answers in the shape the service gives them.

use serde_json::{Value, json};

/// Left, top, width and height as shares of the page.
pub(crate) type Area = [f32; 4];

/// A block with an id on page 1.
pub(crate) fn block(kind: &str, id: &str, area: Area) -> Value {
    let [left, top, width, height] = area;
    let (right, bottom) = (left + width, top + height);
    json!({
        "BlockType": kind,
        "Id": id,
        "Confidence": 99.5,
        "Geometry": {
            "BoundingBox": {"Left": left, "Top": top, "Width": width, "Height": height},
            "Polygon": [
                {"X": left, "Y": top}, {"X": right, "Y": top},
                {"X": right, "Y": bottom}, {"X": left, "Y": bottom},
            ],
        },
    })
}

/// The block with more fields.
pub(crate) fn with(mut block: Value, fields: &Value) -> Value {
    for (name, value) in fields.as_object().expect("fields") {
        block[name] = value.clone();
    }
    block
}

/// The block with a relation to others.
pub(crate) fn related(mut block: Value, kind: &str, ids: &[&str]) -> Value {
    let relation = json!({"Type": kind, "Ids": ids});
    match block["Relationships"].as_array_mut() {
        Some(relations) => relations.push(relation),
        None => block["Relationships"] = json!([relation]),
    }
    block
}

/// A line at `area` with its words side by side; ids are `id` and `id.0`, `id.1`, ...
pub(crate) fn line(id: &str, text: &str, area: Area) -> Vec<Value> {
    let [left, top, width, height] = area;
    let texts: Vec<&str> = text.split(' ').collect();
    let share = width / texts.len() as f32;
    let ids: Vec<String> = (0..texts.len()).map(|index| format!("{id}.{index}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let whole = related(
        with(block("LINE", id, area), &json!({"Text": text})),
        "CHILD",
        &ids,
    );
    let words = texts.iter().zip(&ids).enumerate().map(|(index, (text, id))| {
        let area = [left + share * index as f32, top, share * 0.9, height];
        let fields = json!({"Text": text, "TextType": "PRINTED"});
        with(block("WORD", id, area), &fields)
    });
    std::iter::once(whole).chain(words).collect()
}

/// Blocks of one page with these lines, one below the other.
pub(crate) fn page_blocks(number: u32, lines: &[&str]) -> Vec<Value> {
    let mut blocks = vec![block("PAGE", &format!("p{number}"), [0.0, 0.0, 1.0, 1.0])];
    for (index, text) in lines.iter().enumerate() {
        let area = [0.1, 0.1 + 0.05 * index as f32, 0.8, 0.03];
        blocks.extend(line(&format!("p{number}l{index}"), text, area));
    }
    for block in &mut blocks {
        block["Page"] = json!(number);
    }
    blocks
}

/// The answer of an operation that reads at once.
pub(crate) fn at_once(blocks: &[Value]) -> Value {
    let mut blocks = blocks.to_vec();
    for block in &mut blocks {
        // The service does not number the only page.
        block.as_object_mut().expect("a block").remove("Page");
    }
    json!({
        "DocumentMetadata": {"Pages": 1},
        "Blocks": blocks,
        "DetectDocumentTextModelVersion": "1.0",
        "AnalyzeDocumentModelVersion": "1.0",
    })
}

/// A part of the answer of a job that has ended.
pub(crate) fn part(status: &str, pages: u32, blocks: &[Value], next: Option<&str>) -> Value {
    json!({
        "JobStatus": status,
        "DocumentMetadata": {"Pages": pages},
        "Blocks": blocks,
        "NextToken": next,
        "DetectDocumentTextModelVersion": "1.0",
        "AnalyzeDocumentModelVersion": "1.0",
    })
}

/// The answer about a job that runs.
pub(crate) fn in_progress() -> Value {
    json!({"JobStatus": "IN_PROGRESS"})
}
