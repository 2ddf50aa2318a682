//! Fields of forms, check boxes, and answers to questions.

use aws_sdk_textract::types::{Block, BlockType, EntityType, RelationshipType, SelectionStatus};
use ocr_core::model::{Answer, Field, Polygon, Selection};

use super::{View, confidence, is, tables::selected};

/// Keys with their values.
pub(super) fn fields(blocks: &[&Block], view: &View<'_>) -> Vec<Field> {
    blocks
        .iter()
        .filter(|block| is(block, &BlockType::KeyValueSet))
        .filter(|block| block.entity_types().contains(&EntityType::Key))
        .map(|key| field(key, view))
        .collect()
}

fn field(key: &Block, view: &View<'_>) -> Field {
    let values = view.index.related(key, &RelationshipType::Value);
    let texts: Vec<String> = values
        .iter()
        .map(|value| view.index.text(value))
        .filter(|text| !text.is_empty())
        .collect();
    let polygons: Vec<Polygon> = values
        .iter()
        .filter_map(|value| view.orientation.known_polygon(value))
        .collect();
    Field::new(
        view.index.text(key),
        view.orientation.polygon(key),
        confidence(key),
    )
    .with_value(texts.join(" "))
    .with_value_polygon(match polygons.as_slice() {
        [] => None,
        [one] => Some(*one),
        several => Some(Polygon::enclosing(several)),
    })
    .with_selected(values.iter().find_map(|value| selected(value, view)))
}

/// Check boxes and radio buttons.
pub(super) fn selections(blocks: &[&Block], view: &View<'_>) -> Vec<Selection> {
    blocks
        .iter()
        .filter(|block| is(block, &BlockType::SelectionElement))
        .map(|block| {
            Selection::new(
                block.selection_status == Some(SelectionStatus::Selected),
                view.orientation.polygon(block),
                confidence(block),
            )
        })
        .collect()
}

/// What the page says to each question. The service repeats the question on every page.
pub(super) fn answers(blocks: &[&Block], view: &View<'_>) -> Vec<Answer> {
    let questions = blocks.iter().filter(|block| is(block, &BlockType::Query));
    questions
        .filter_map(|block| {
            let query = block.query.as_ref()?.text.clone();
            let results = view.index.related(block, &RelationshipType::Answer);
            let best = results
                .into_iter()
                .max_by(|a, b| confidence(a).total_cmp(&confidence(b)));
            Some(match best {
                Some(result) => Answer::new(query)
                    .with_text(result.text.clone())
                    .with_polygon(view.orientation.known_polygon(result))
                    .with_confidence(confidence(result)),
                None => Answer::new(query).with_confidence(0.0),
            })
        })
        .collect()
}
