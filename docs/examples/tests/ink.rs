//! The recogniser of the guide keeps the contract, as the guide says.

use std::sync::Arc;

use ocr_book_examples::InkDetector;
use ocr_testkit::recognizer::RecognizerFixture;

fn fresh() -> RecognizerFixture {
    RecognizerFixture::new(Arc::new(InkDetector)).with_reads(false)
}

ocr_testkit::recognizer_conformance!(fresh);
