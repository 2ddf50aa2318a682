//! Layers of invisible text that a page has from somebody else.

use lopdf::{
    Dictionary, Document, Object, ObjectId,
    content::{Content, Operation},
};

/// The text rendering mode that paints nothing (ISO 32000-1, 9.3.6).
const INVISIBLE: i64 = 3;

/// The content of `page` without the text that it shows invisibly; `None` when it shows none, or cannot be read
/// within `limit` bytes.
pub(super) fn without(file: &Document, page: ObjectId, limit: usize) -> Option<Vec<u8>> {
    let content = file.get_page_content_with_limit(page, limit).ok()?;
    let operations = Content::decode(&content).ok()?.operations;
    let forms = forms(file, page);
    let is_layer = |name: &[u8]| {
        let form = forms.and_then(|forms| forms.get_deref(name, file).ok()?.as_stream().ok());
        form.is_some_and(|form| {
            let content = form.get_plain_content_with_limit(limit).ok();
            content.is_some_and(|content| is_text_layer(&content))
        })
    };
    let before = operations.len();
    let kept = visible(operations, is_layer);
    if kept.len() == before {
        return None;
    }
    let operations = without_empty_text(kept);
    Content { operations }.encode().ok()
}

/// The form XObjects and images among the resources of a page.
pub(super) fn forms(file: &Document, page: ObjectId) -> Option<&Dictionary> {
    let (own, inherited) = file.get_page_resources(page).ok()?;
    let inherited = inherited
        .into_iter()
        .filter_map(|id| file.get_dictionary(id).ok());
    own.into_iter()
        .chain(inherited)
        .find_map(|resources| resources.get_deref(b"XObject", file).ok()?.as_dict().ok())
}

/// Whether a form does nothing but show invisible text.
fn is_text_layer(content: &[u8]) -> bool {
    let Ok(content) = Content::decode(content) else {
        return false;
    };
    let paints = |operation: &Operation| {
        matches!(
            operation.operator.as_str(),
            "Do" | "BI"
                | "sh"
                | "S"
                | "s"
                | "f"
                | "F"
                | "f*"
                | "B"
                | "B*"
                | "b"
                | "b*"
                | "Tj"
                | "TJ"
                | "'"
                | "\""
        )
    };
    let before = content.operations.len();
    let kept = visible(content.operations, |_| false);
    kept.len() < before && !kept.iter().any(paints)
}

/// The operations without those that show invisible text, and without the forms that are a layer of it.
fn visible(operations: Vec<Operation>, is_layer: impl Fn(&[u8]) -> bool) -> Vec<Operation> {
    let mut mode = 0;
    let mut saved = Vec::new();
    let keeps = |operation: &Operation| {
        match operation.operator.as_str() {
            "q" => saved.push(mode),
            "Q" => mode = saved.pop().unwrap_or(mode),
            "Tr" => {
                mode = operation
                    .operands
                    .first()
                    .and_then(|mode| mode.as_i64().ok())
                    .unwrap_or(0);
            }
            "Tj" | "TJ" | "'" | "\"" => return mode != INVISIBLE,
            "Do" => return !matches!(operation.operands.first(), Some(Object::Name(name)) if is_layer(name)),
            _ => {}
        }
        true
    };
    let mut keeps = keeps;
    operations
        .into_iter()
        .filter(|operation| keeps(operation))
        .collect()
}

/// The operations without what text objects that show nothing do: all of it where the graphics state is restored right
/// after, and else what only says where the text would be.
fn without_empty_text(operations: Vec<Operation>) -> Vec<Operation> {
    let is = |operation: &Operation, names: &[&str]| names.contains(&operation.operator.as_str());
    let mut kept: Vec<Operation> = Vec::with_capacity(operations.len());
    let mut begin = None;
    let mut operations = operations.into_iter().peekable();
    while let Some(operation) = operations.next() {
        match operation.operator.as_str() {
            "BT" => begin = Some(kept.len()),
            "Tj" | "TJ" | "'" | "\"" | "Do" | "BI" => begin = None,
            "ET" => {
                if let Some(begin) = begin.take() {
                    let is_restored = begin > 0
                        && is(&kept[begin - 1], &["q"])
                        && operations.peek().is_some_and(|next| is(next, &["Q"]));
                    if is_restored {
                        kept.truncate(begin - 1);
                        operations.next();
                        continue;
                    }
                    let state = kept.split_off(begin);
                    kept.extend(
                        state
                            .into_iter()
                            .filter(|operation| !is(operation, &["Tm", "Td", "T*"])),
                    );
                }
            }
            _ => {}
        }
        kept.push(operation);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleared(content: &str) -> String {
        let operations = Content::decode(content.as_bytes()).unwrap().operations;
        let operations = without_empty_text(visible(operations, |name| name == b"Layer"));
        let bytes = Content { operations }.encode().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn only_invisible_text_goes() {
        let page = "q BT 3 Tr (old) Tj ET Q BT (new) Tj ET /Im Do /Layer Do";
        let cleared = cleared(page);
        assert!(
            !cleared.contains("old") && !cleared.contains("Layer"),
            "{cleared}"
        );
        assert!(cleared.contains("new") && cleared.contains("/Im Do"), "{cleared}");
    }

    #[test]
    fn nothing_is_left_of_what_showed_nothing_else() {
        assert_eq!(cleared("q BT 3 Tr 1 0 0 1 5 5 Tm (old) Tj ET Q").trim(), "");
        let state = cleared("BT /F1 9 Tf 3 Tr 5 5 Td (old) Tj ET");
        assert!(state.contains("/F1 9 Tf") && !state.contains("Td"), "{state}");
    }

    #[test]
    fn a_form_of_invisible_text_alone_is_a_layer() {
        assert!(is_text_layer(b"BT 3 Tr (old) Tj ET"));
        assert!(!is_text_layer(b"BT 3 Tr (old) Tj 0 Tr (new) Tj ET"));
        assert!(!is_text_layer(b"0 0 1 1 re f"));
    }
}
