//! What pages have from the nodes of the tree above them (ISO 32000-1, 7.7.3.4).

use lopdf::{Document, Object, ObjectId};

/// How many parents a page may have; more is a circle.
const MAX_PARENTS: usize = 64;

/// What a page says under `key`, or the nearest of its parents that does.
pub(super) fn inherited<'a>(file: &'a Document, page: ObjectId, key: &[u8]) -> Option<&'a Object> {
    let mut node = file.get_dictionary(page).ok()?;
    for _ in 0..MAX_PARENTS {
        if let Ok(value) = node.get(key) {
            return Some(value);
        }
        node = node.get_deref(b"Parent", file).ok()?.as_dict().ok()?;
    }
    None
}
