//! What of a file is in use.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Document, Object, ObjectId};

use super::{super::page_tree::inherited, breach::PdfABreach};

/// The objects that the trailer leads to. A name that leads nowhere is null for every reader.
pub(super) fn reachable(file: &Document) -> Result<BTreeSet<ObjectId>, PdfABreach> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Object> = file.trailer.iter().map(|(_, object)| object).collect();
    while let Some(object) = open.pop() {
        match object {
            Object::Reference(id) => {
                if let Some(object) = file.objects.get(id).filter(|_| found.insert(*id)) {
                    open.push(object);
                }
            }
            Object::Array(objects) => open.extend(objects),
            Object::Dictionary(dictionary) => open.extend(dictionary.iter().map(|(_, object)| object)),
            Object::Stream(stream) => open.extend(stream.dict.iter().map(|(_, object)| object)),
            _ => {}
        }
    }
    if found.is_empty() {
        return Err(PdfABreach::Unreadable("its catalog"));
    }
    Ok(found)
}

/// Puts the resources that a page inherits into the page: PDF/A wants them there (ISO 19005-2, 6.2.2).
pub(super) fn give_pages_their_resources(file: &mut Document) {
    for page in file.get_pages().into_values() {
        let has_none = file
            .get_dictionary(page)
            .is_ok_and(|page| !page.has(b"Resources"));
        if has_none
            && let Some(resources) = inherited(file, page, b"Resources").cloned()
            && let Ok(page) = file.get_dictionary_mut(page)
        {
            page.set("Resources", resources);
        }
    }
}

/// The name that a dictionary has under `key`.
pub(super) fn name<'a>(file: &'a Document, dictionary: &'a Dictionary, key: &[u8]) -> Option<&'a [u8]> {
    dictionary.get_deref(key, file).ok()?.as_name().ok()
}

/// What an object refers to, or itself.
pub(super) fn dereferenced<'a>(file: &'a Document, object: &'a Object) -> Option<&'a Object> {
    Some(file.dereference(object).ok()?.1)
}
