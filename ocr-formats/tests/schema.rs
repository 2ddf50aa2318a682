//! The JSON that is written, against the published schema of it.
//!
//! The schema uses a dozen keywords, which are checked here in a page of code. A crate that knows all of JSON Schema
//! brings regular expressions, Unicode domains and some forty other crates, and takes longer to compile than this one.

use ocr_core::{
    ErrorKind,
    formats::FormatInput,
    model::{
        Answer, Block, BlockKind, Cell, DocumentText, EngineInfo, Field, Line, PageText, Polygon, SamePage,
        Selection, Table, TextOrigin, Usage, Word,
    },
};
use ocr_formats::{Format, Json};
use serde_json::{Value, json};

const SCHEMA: &str = include_str!("../../docs/reference/result-document.v1.schema.json");

/// Keywords that say nothing about what is valid.
const NOTES: [&str; 6] = ["$schema", "$id", "$defs", "title", "description", "format"];

struct Schema {
    root: Value,
    /// Whether what the schema does not name is an error, to find what it has forgotten.
    closed: bool,
}

impl Schema {
    fn published(closed: bool) -> Self {
        let root = serde_json::from_str(SCHEMA).unwrap();
        Self { root, closed }
    }

    /// What is wrong with `value`, each with the path to it.
    fn errors(&self, value: &Value) -> Vec<String> {
        let mut errors = Vec::new();
        self.check(&self.root, value, "", &mut errors);
        errors
    }

    fn check(&self, schema: &Value, value: &Value, path: &str, errors: &mut Vec<String>) {
        for (keyword, wanted) in schema.as_object().unwrap() {
            let fits = match keyword.as_str() {
                "$ref" => {
                    let target = self
                        .root
                        .pointer(wanted.as_str().unwrap().trim_start_matches('#'));
                    self.check(target.unwrap(), value, path, errors);
                    true
                }
                "type" => match wanted {
                    Value::Array(kinds) => kinds.iter().any(|kind| is_of(value, kind)),
                    kind => is_of(value, kind),
                },
                "const" => value == wanted,
                "enum" => wanted.as_array().unwrap().contains(value),
                "minimum" => value
                    .as_f64()
                    .is_none_or(|number| number >= wanted.as_f64().unwrap()),
                "maximum" => value
                    .as_f64()
                    .is_none_or(|number| number <= wanted.as_f64().unwrap()),
                "minItems" => length(value).is_none_or(|length| length >= wanted.as_u64().unwrap()),
                "maxItems" => length(value).is_none_or(|length| length <= wanted.as_u64().unwrap()),
                "required" => has_all(value, wanted),
                "dependentRequired" => {
                    let mut rules = wanted.as_object().unwrap().iter();
                    rules.all(|(key, wanted)| value.get(key).is_none() || has_all(value, wanted))
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(wanted, item, &format!("{path}/{index}"), errors);
                    }
                    true
                }
                "properties" | "additionalProperties" => {
                    self.check_properties(schema, value, path, errors);
                    true
                }
                note => {
                    // A keyword that is not known here would be ignored, and nobody would know.
                    assert!(NOTES.contains(&note), "{note}");
                    true
                }
            };
            if !fits {
                errors.push(format!("{path}: {keyword} {wanted}"));
            }
        }
    }

    fn check_properties(&self, schema: &Value, value: &Value, path: &str, errors: &mut Vec<String>) {
        for (key, property) in value.as_object().into_iter().flatten() {
            let path = format!("{path}/{key}");
            let known = schema.get("properties").and_then(|known| known.get(key));
            match known.or_else(|| schema.get("additionalProperties")) {
                Some(schema) => self.check(schema, property, &path, errors),
                None if self.closed => errors.push(format!("{path}: not in the schema")),
                None => {}
            }
        }
    }
}

fn is_of(value: &Value, kind: &Value) -> bool {
    match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("{other}"),
    }
}

fn length(value: &Value) -> Option<u64> {
    value.as_array().map(|items| items.len() as u64)
}

fn has_all(value: &Value, wanted: &Value) -> bool {
    let mut keys = wanted.as_array().unwrap().iter();
    !value.is_object() || keys.all(|key| value.get(key.as_str().unwrap()).is_some())
}

/// A document that uses every field of the model.
fn everything() -> DocumentText {
    let polygon = Polygon::from_box(0.1, 0.2, 0.9, 0.25);
    let line = Line::new("a", polygon, 0.5, vec![Word::new("a", polygon, 0.5)]);
    let cell = Cell::new(1, 1, "a", polygon, 0.5).with_selected(true);
    let table = Table::new(1, 1, vec![cell])
        .with_title("title".to_owned())
        .with_footer("notes".to_owned());
    let block = Block::new(BlockKind::Table, polygon, vec![line])
        .with_table(table)
        .with_confidence(0.75);
    let field = Field::new("Name:", polygon, 0.25)
        .with_value("a")
        .with_value_polygon(polygon)
        .with_selected(false);
    let answer = Answer::new("What is it?")
        .with_text("a".to_owned())
        .with_polygon(polygon)
        .with_confidence(0.5);
    let page = PageText::empty(1, 10, 20)
        .with_dpi(299.9)
        .with_rotation(90)
        .with_skew(-1.25)
        .with_source(TextOrigin::Ocr)
        .with_engine(EngineInfo::new("other", "2"))
        .with_language("de-CH".to_owned())
        .with_confidence(0.5)
        .with_blocks(vec![block])
        .with_fields(vec![field])
        .with_selections(vec![Selection::new(true, polygon, 0.5)])
        .with_answers(vec![answer])
        .with_raw(vec![json!({"BlockType": "NOVEL"})])
        .with_elapsed_ms(321)
        .with_warnings(vec!["the resolution was clamped".to_owned()])
        .with_digest("0f".repeat(32))
        .with_same_as(SamePage::new(
            "0190a1b2-0000-7000-8000-000000000001".parse().unwrap(),
            3,
        ));
    let failed = PageText::empty(2, 1, 1).with_error(ErrorKind::InvalidInput);
    let pages = vec![page, failed];
    DocumentText::new(EngineInfo::new("fake", "1"), pages)
        .with_usage([("other".to_owned(), Usage::new(1, 1_500))].into())
}

fn written(document: &DocumentText) -> Value {
    let mut bytes = Vec::new();
    Json.write(FormatInput::new(document), &mut bytes).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// The example of the reference, which is a whole result document.
fn example() -> Value {
    let page = include_str!("../../docs/reference/result-format.md");
    let json = page
        .split("```json\n")
        .nth(1)
        .and_then(|rest| rest.split("\n```").next());
    serde_json::from_str(json.unwrap()).unwrap()
}

#[test]
fn what_is_written_fits_the_schema_and_the_schema_names_all_of_it() {
    let golden = serde_json::from_str(include_str!("golden/document.json")).unwrap();
    let schema = Schema::published(true);
    for document in [golden, written(&everything()), example()] {
        assert_eq!(schema.errors(&document), Vec::<String>::new());
    }
}

#[test]
fn every_field_of_the_model_is_in_the_document_that_uses_them_all() {
    // Where the model gains a field, this document gets it too, and then the schema.
    let text = written(&everything()).to_string();
    let schema = Schema::published(false).root;
    let of = |part: &str| {
        schema
            .pointer(&format!("/$defs/{part}/properties"))
            .unwrap()
            .clone()
    };
    let parts = [
        "engine",
        "usage",
        "page",
        "block",
        "line",
        "word",
        "table",
        "cell",
        "field",
        "selection",
        "answer",
    ];
    for (key, _) in parts
        .iter()
        .flat_map(|part| of(part).as_object().unwrap().clone())
    {
        assert!(text.contains(&format!("\"{key}\":")), "{key}");
    }
}

#[test]
fn every_kind_is_in_the_schema() {
    let schema = Schema::published(true);
    let kinds = [
        BlockKind::Paragraph,
        BlockKind::Title,
        BlockKind::Heading,
        BlockKind::Header,
        BlockKind::Footer,
        BlockKind::PageNumber,
        BlockKind::List,
        BlockKind::Table,
        BlockKind::KeyValue,
        BlockKind::Figure,
        BlockKind::Signature,
    ];
    for kind in kinds {
        let mut document = everything();
        document.pages[0].blocks[0].kind = kind;
        assert_eq!(schema.errors(&written(&document)), Vec::<String>::new());
    }
}

#[test]
fn what_is_wrong_is_found_and_what_is_new_is_let_through() {
    let wrong = |change: fn(&mut Value)| {
        let mut document = written(&everything());
        change(&mut document);
        Schema::published(false).errors(&document).len()
    };
    assert_eq!(wrong(|document| document["version"] = 2.into()), 1);
    assert_eq!(wrong(|document| document["pages"][0]["rotation"] = 45.into()), 1);
    assert_eq!(
        wrong(|document| document["pages"][0]["confidence"] = 1.5.into()),
        1
    );
    assert_eq!(
        wrong(|document| document["pages"][0]["blocks"][0]["polygon"] = json!([[0, 0]])),
        1
    );
    assert_eq!(wrong(|document| document["taskId"] = "a".into()), 1);
    assert_eq!(wrong(|document| *document = json!([])), 1);
    assert_eq!(wrong(|document| document["pages"][0]["novel"] = true.into()), 0);
}
