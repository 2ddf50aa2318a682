//! Messages for the fuzz targets of this workspace. No part of the API.

use std::sync::Arc;

use ocr_core::{clock::ManualClock, id::SequentialIds};

use super::{
    Stamp,
    message::{Channel, read, written},
};

/// Reads `text` as a message of each channel.
///
/// # Panics
/// When an event that was read cannot be written, or is another when it is read again.
pub fn messages(text: &[u8]) {
    let stamp = Stamp {
        clock: Arc::new(ManualClock::default()),
        ids: Arc::new(SequentialIds::default()),
    };
    for channel in Channel::ALL {
        let Ok(event) = read(channel, text, &stamp) else {
            continue;
        };
        let (told, text) = written(event).expect("there is a message for it");
        assert_eq!(told, channel, "{text}");
        let again = read(channel, text.as_bytes(), &stamp).expect("what is written can be read");
        assert_eq!(written(again).map(|(_, text)| text), Some(text));
    }
}
