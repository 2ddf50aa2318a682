//! Blocks this program has no name for, kept as the service gave them.

use aws_sdk_textract::types::{Block, BlockType, EntityType, RelationshipType};
use serde_json::{Map, Value, json};

/// What is of no kind that is mapped, in the service's own names. Of a kind that is newer than the SDK only
/// the fields are left that the SDK knows.
pub(super) fn unknown(blocks: &[&Block]) -> Vec<Value> {
    blocks
        .iter()
        .filter(|block| !is_mapped(block))
        .map(|block| value(block))
        .collect()
}

fn is_mapped(block: &Block) -> bool {
    matches!(
        block.block_type,
        Some(
            BlockType::Page
                | BlockType::Line
                | BlockType::Word
                | BlockType::Table
                | BlockType::Cell
                | BlockType::MergedCell
                | BlockType::TableTitle
                | BlockType::TableFooter
                | BlockType::KeyValueSet
                | BlockType::SelectionElement
                | BlockType::Signature
                | BlockType::Query
                | BlockType::QueryResult
                | BlockType::LayoutTitle
                | BlockType::LayoutHeader
                | BlockType::LayoutFooter
                | BlockType::LayoutSectionHeader
                | BlockType::LayoutPageNumber
                | BlockType::LayoutList
                | BlockType::LayoutFigure
                | BlockType::LayoutTable
                | BlockType::LayoutKeyValue
                | BlockType::LayoutText
        )
    )
}

fn value(block: &Block) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            fields.insert(name.into(), value);
        }
    };
    put(
        "BlockType",
        block.block_type.as_ref().map(|kind| json!(kind.as_str())),
    );
    put("Id", block.id.as_ref().map(|id| json!(id)));
    put("Text", block.text.as_ref().map(|text| json!(text)));
    put("Confidence", block.confidence.map(|confidence| json!(confidence)));
    put("Page", block.page.map(|page| json!(page)));
    let entities: Vec<&str> = block.entity_types().iter().map(EntityType::as_str).collect();
    put("EntityTypes", (!entities.is_empty()).then(|| json!(entities)));
    let relations: Vec<Value> = block
        .relationships()
        .iter()
        .map(|relation| json!({"Type": relation.r#type.as_ref().map(RelationshipType::as_str), "Ids": relation.ids()}))
        .collect();
    put("Relationships", (!relations.is_empty()).then(|| json!(relations)));
    let area = block
        .geometry
        .as_ref()
        .and_then(|geometry| geometry.bounding_box());
    put(
        "Geometry",
        area.map(|area| {
            json!({"BoundingBox": {
                "Left": area.left, "Top": area.top, "Width": area.width, "Height": area.height,
            }})
        }),
    );
    Value::Object(fields)
}
