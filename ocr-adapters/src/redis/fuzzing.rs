//! Private parsers for the fuzz targets of this workspace. No part of the API.

pub use super::notify::fuzzing::messages;

/// Reads the ids of an item of the queue.
pub fn item(task: &str, user: &str, file: &str) {
    // Either outcome is right.
    let _ = super::queue::item(task, user, file);
}
