//! What other programs may put into Redis: items of the queue, and messages on its channels.

use ocr_adapters::redis::fuzzing;

use crate::{Seed, Target};

pub(crate) const TARGET: Target = Target {
    name: "redis-messages",
    run: redis_messages,
    seeds,
    words: &[
        b"\"taskId\":",
        b"\"userId\":",
        b"\"fileId\":",
        b"\"status\":\"processing\"",
        b"\"progress\":",
        b"\"type\":\"db_change\"",
        b"\"data\":{",
        b"\"operation\":\"DELETE\"",
        b"\"cursor\":",
        b"\"at\":\"2026-01-01T00:00:00Z\"",
        b"11111111-1111-1111-1111-111111111111",
        b"1e308",
        b"-0.0",
        b"null",
    ],
    mutations: 6000,
};

/// Reads `bytes` as a message of each channel and, split at lines, as the ids of an item.
///
/// # Panics
/// When a message that was read cannot be written, or says something else when read again.
pub fn redis_messages(bytes: &[u8]) {
    fuzzing::messages(bytes);
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let mut line = || lines.next().unwrap_or_default();
    fuzzing::item(line(), line(), line());
}

fn seeds() -> Vec<Seed> {
    const ID: &str = "11111111-1111-1111-1111-111111111111";
    let seed = |name, text: String| (name, text.into_bytes());
    vec![
        seed("item", format!("{ID}\n{ID}\n{ID}")),
        seed(
            "item-in-braces",
            format!("{{{ID}}}\nurn:uuid:{ID}\n{}", ID.replace('-', "")),
        ),
        seed(
            "update",
            format!(
                r#"{{"taskId":"{ID}","userId":"{ID}","status":"processing","message":"Processing","progress":50}}"#
            ),
        ),
        seed(
            "update-of-ours",
            format!(
                r#"{{"taskId":"{ID}","userId":"{ID}","status":"failed","message":"","progress":49.9,"id":"{ID}","at":"2026-01-02T03:04:05.678Z"}}"#
            ),
        ),
        seed(
            "change",
            format!(
                r#"{{"type":"db_change","data":{{"table":"tasks","operation":"UPDATE","record_id":"{ID}","user_id":"{ID}","status":"completed"}}}}"#
            ),
        ),
        seed(
            "change-of-a-row",
            format!(
                r#"{{"type":"db_change","data":{{"table":"pages","operation":"DELETE","record_id":"{ID}","user_id":"{ID}","status":null,"task_id":"{ID}","id":"{ID}","at":"2026-01-02T03:04:05Z"}}}}"#
            ),
        ),
    ]
}
