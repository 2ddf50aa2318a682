//! The recogniser of the guide keeps the contract, as the guide says.

use std::sync::Arc;

use ocr_book_examples::InkDetector;
use ocr_testkit::{harness::no_guard, recognizer::RecognizerFixture};

fn fresh() -> RecognizerFixture {
    RecognizerFixture {
        recognizer: Arc::new(InkDetector),
        reads: false,
        guard: no_guard(),
    }
}

ocr_testkit::recognizer_conformance!(fresh);
