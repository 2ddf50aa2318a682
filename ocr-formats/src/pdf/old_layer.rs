//! Layers of invisible text that a page has from somebody else.

use std::{cell::RefCell, collections::BTreeMap};

use lopdf::{
    Dictionary, Document, Object, ObjectId,
    content::{Content, Operation},
};

/// The text rendering mode that paints nothing (ISO 32000-1, 9.3.6).
const INVISIBLE: i64 = 3;

/// Maximum number of bytes of a content stream that is looked through; an operation of one byte takes a hundred in
/// memory, and no page that was scanned has so many.
const MAX_CONTENT: usize = 4 << 20;

/// The content of `page` without the text that it shows invisibly; `None` when it shows none, or cannot be read and
/// written again without loss.
pub(super) fn without(file: &Document, page: ObjectId) -> Option<Vec<u8>> {
    let content = file.get_page_content_with_limit(page, MAX_CONTENT).ok()?;
    let operations = operations(&content)?;
    let forms = forms(file, page);
    // A drawing may show one form a thousand times.
    let known: RefCell<BTreeMap<Vec<u8>, bool>> = RefCell::default();
    let is_layer = |name: &[u8]| {
        let of = || {
            let form = forms?.get_deref(name, file).ok()?.as_stream().ok()?;
            let content = form.get_plain_content_with_limit(MAX_CONTENT).ok()?;
            Some(is_text_layer(&content))
        };
        let mut known = known.borrow_mut();
        *known
            .entry(name.to_vec())
            .or_insert_with(|| of().unwrap_or(false))
    };
    if mixes_text(&operations) {
        return None;
    }
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

/// The operations of `content`, each of which can be written again as it was; `None` where one cannot.
fn operations(content: &[u8]) -> Option<Vec<Operation>> {
    let operations = Content::decode_strict(content).ok()?.operations;
    // An inline picture that the library does not understand has lost its data.
    let is_whole = |operation: &Operation| {
        operation.operator != "BI"
            || operation
                .operands
                .iter()
                .any(|operand| operand.as_stream().is_ok())
    };
    operations.iter().all(is_whole).then_some(operations)
}

/// Whether text is shown invisibly, as the operations up to now say.
#[derive(Default)]
struct Visibility {
    mode: i64,
    /// The modes of the graphics states that were saved.
    saved: Vec<i64>,
}

impl Visibility {
    /// Takes in an operation.
    fn follow(&mut self, operation: &Operation) {
        match operation.operator.as_str() {
            "q" => self.saved.push(self.mode),
            "Q" => self.mode = self.saved.pop().unwrap_or(self.mode),
            "Tr" => {
                let mode = operation.operands.first().and_then(|mode| mode.as_i64().ok());
                self.mode = mode.unwrap_or(0);
            }
            _ => {}
        }
    }

    fn is_hidden(&self) -> bool {
        self.mode == INVISIBLE
    }
}

/// Whether an operation shows text.
fn shows_text(operation: &Operation) -> bool {
    matches!(operation.operator.as_str(), "Tj" | "TJ" | "'" | "\"")
}

/// Whether a text object shows visible text after invisible text: what is left of it would move.
fn mixes_text(operations: &[Operation]) -> bool {
    let (mut visibility, mut hidden) = (Visibility::default(), false);
    operations.iter().any(|operation| {
        visibility.follow(operation);
        if matches!(operation.operator.as_str(), "BT" | "Tm") {
            hidden = false;
        }
        let shows = shows_text(operation);
        hidden |= shows && visibility.is_hidden();
        shows && hidden && !visibility.is_hidden()
    })
}

/// Whether a form does nothing but show invisible text.
fn is_text_layer(content: &[u8]) -> bool {
    let Some(operations) = operations(content) else {
        return false;
    };
    let paints = |operation: &Operation| {
        const PAINTING: [&str; 12] = ["Do", "BI", "sh", "S", "s", "f", "F", "f*", "B", "B*", "b", "b*"];
        shows_text(operation) || PAINTING.contains(&operation.operator.as_str())
    };
    let before = operations.len();
    let kept = visible(operations, |_| false);
    kept.len() < before && !kept.iter().any(paints)
}

/// The operations without those that show invisible text, and without the forms that are a layer of it.
fn visible(mut operations: Vec<Operation>, is_layer: impl Fn(&[u8]) -> bool) -> Vec<Operation> {
    let mut visibility = Visibility::default();
    let keeps = |operation: &Operation| {
        visibility.follow(operation);
        match operation.operands.first() {
            _ if shows_text(operation) => !visibility.is_hidden(),
            Some(Object::Name(name)) if operation.operator == "Do" => !is_layer(name),
            _ => true,
        }
    };
    operations.retain(keeps);
    operations
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
            "Do" | "BI" => begin = None,
            _ if shows_text(&operation) => begin = None,
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
