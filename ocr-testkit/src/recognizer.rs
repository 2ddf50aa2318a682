//! What every [`PageRecognizer`] must do, clause by clause.

use std::{collections::BTreeSet, fmt, sync::Arc};

use ocr_core::{
    ErrorKind,
    model::{Feature, PageText, TextOrigin},
    page::{PageImage, PageRecognizer, PixelFormat, RecognizeOptions},
};

use crate::{
    documents::Typeset,
    engine::{is_consistent, is_normalised},
    harness::{Guard, no_guard, not_offered, with_guard},
};

/// A sentence that any reader of Latin print can read.
const SENTENCE: &str = "The quick brown fox jumps over the lazy dog";

/// A local engine.
#[non_exhaustive]
pub struct RecognizerFixture {
    /// The engine.
    pub recognizer: Arc<dyn PageRecognizer>,
    /// Whether it reads; a fake may not.
    pub reads: bool,
    /// Keeps what it needs alive.
    pub guard: Guard,
}

impl fmt::Debug for RecognizerFixture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecognizerFixture")
            .field("recognizer", &self.recognizer)
            .field("reads", &self.reads)
            .finish_non_exhaustive()
    }
}

impl RecognizerFixture {
    /// A local engine that reads Latin print; nothing needs to be kept alive.
    pub fn new(recognizer: Arc<dyn PageRecognizer>) -> Self {
        Self {
            recognizer,
            reads: true,
            guard: no_guard(),
        }
    }

    /// The same, reading or not; a fake may not.
    #[must_use]
    pub fn with_reads(mut self, reads: bool) -> Self {
        self.reads = reads;
        self
    }

    with_guard!();

    fn read(&self, image: &PageImage) -> PageText {
        self.recognizer
            .recognize_page(image, &RecognizeOptions::default())
            .unwrap()
    }

    /// Asserts that an image is read or refused, and that what is read is in order.
    fn survives(&self, image: &PageImage) {
        match self
            .recognizer
            .recognize_page(image, &RecognizeOptions::default())
        {
            Ok(page) => is_page_of(&page, image),
            Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidInput, "{image:?}: {error:?}"),
        }
    }
}

/// An image whose pixels `paint` gives, by x, y and channel.
fn image(width: u32, height: u32, format: PixelFormat, paint: impl Fn(usize) -> u8) -> PageImage {
    let bytes = width as usize * height as usize * format.channels();
    let pixels: Vec<u8> = (0..bytes).map(paint).collect();
    PageImage::new(width, height, format, pixels).expect("as many bytes as it takes")
}

fn noise(index: usize) -> u8 {
    ((index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8
}

fn is_page_of(page: &PageText, image: &PageImage) {
    assert_eq!(page.number, 1, "the caller numbers pages");
    let (width, height) = match page.rotation {
        90 | 270 => (image.height(), image.width()),
        _ => (image.width(), image.height()),
    };
    if page.skew == 0.0 {
        assert_eq!((page.width, page.height), (width, height), "{image:?}");
    }
    is_normalised(page);
    is_consistent(page);
}

fn letter() -> PageImage {
    Typeset::card().page_of_lines(&[SENTENCE, "", "Invoice 4711, total 199.95"])
}

/// Small, thin and odd images in both formats are read or refused, never a panic.
pub fn odd_sizes_are_survived(fixture: &RecognizerFixture) {
    let sizes = [
        (0, 0),
        (0, 9),
        (1, 1),
        (1, 700),
        (700, 1),
        (2, 3),
        (7, 7),
        (31, 33),
        (65, 640),
        (2_000, 9),
    ];
    for (width, height) in sizes {
        for format in [PixelFormat::Gray8, PixelFormat::Rgb8] {
            fixture.survives(&image(width, height, format, |_| 255));
            fixture.survives(&image(width, height, format, noise));
        }
    }
}

/// A page without text is `Empty`, not an error.
pub fn a_page_without_text_is_empty(fixture: &RecognizerFixture) {
    for format in [PixelFormat::Gray8, PixelFormat::Rgb8] {
        let page = fixture.read(&image(400, 300, format, |_| 255));
        assert_eq!(page.source, TextOrigin::Empty, "{page:?}");
        assert_eq!(page.plain_text(), "");
    }
}

/// Black pages, noise and hard edges are read or refused, never a panic.
pub fn pages_of_noise_are_survived(fixture: &RecognizerFixture) {
    fixture.survives(&image(400, 300, PixelFormat::Gray8, |_| 0));
    fixture.survives(&image(300, 400, PixelFormat::Rgb8, noise));
    fixture.survives(&image(401, 299, PixelFormat::Gray8, |index| {
        if index % 2 == 0 { 0 } else { 255 }
    }));
}

/// Resolutions that cannot be are no harm.
pub fn odd_resolutions_are_survived(fixture: &RecognizerFixture) {
    for dpi in [0.0, -1.0, 1.0, 1e9, f32::NAN, f32::INFINITY] {
        fixture.survives(&letter().with_dpi(Some(dpi)));
    }
}

/// Number, size, boxes, confidences and words are in order.
pub fn a_page_is_described(fixture: &RecognizerFixture) {
    let image = letter();
    is_page_of(&fixture.read(&image), &image);
}

/// The same image and options give the same answer.
pub fn the_answer_is_the_same_each_time(fixture: &RecognizerFixture) {
    let timeless = |page: PageText| page.with_elapsed_ms(0);
    let image = letter();
    let first = timeless(fixture.read(&image));
    assert_eq!(timeless(fixture.read(&image)), first);
}

/// Pages are read by several threads at once, and not mixed up.
pub fn threads_do_not_disturb_each_other(fixture: &RecognizerFixture) {
    let image = letter();
    let alone = fixture.read(&image).plain_text();
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| fixture.read(&image).plain_text()))
            .collect();
        for reader in readers {
            assert_eq!(reader.join().unwrap(), alone);
        }
    });
}

/// Clean print is read: most of its words, in their order.
pub fn clean_print_is_read(fixture: &RecognizerFixture) {
    if !fixture.reads {
        return not_offered("reading");
    }
    let read = fixture.read(&letter()).plain_text().to_lowercase();
    let words: Vec<&str> = read.split_whitespace().collect();
    let found = SENTENCE
        .to_lowercase()
        .split(' ')
        .filter(|word| words.contains(word))
        .count();
    assert!(found >= 6, "{found} of 9 words in {read:?}");
}

/// Name and version are given.
pub fn the_recognizer_says_what_it_is(fixture: &RecognizerFixture) {
    let name = fixture.recognizer.name();
    assert!(
        !name.is_empty() && name == name.to_lowercase() && name.len() <= 20,
        "{name:?}"
    );
    assert!(!fixture.recognizer.capabilities().version.is_empty());
}

/// Capabilities are the same each time, and name each language and feature once.
pub fn capabilities_are_fixed(fixture: &RecognizerFixture) {
    let capabilities = fixture.recognizer.capabilities();
    assert_eq!(fixture.recognizer.capabilities(), capabilities);
    let features: BTreeSet<Feature> = capabilities.features.iter().copied().collect();
    assert_eq!(features.len(), capabilities.features.len(), "{capabilities:?}");
    let languages: BTreeSet<&String> = capabilities.languages.iter().collect();
    assert_eq!(languages.len(), capabilities.languages.len(), "{capabilities:?}");
    assert!(languages.iter().all(|tag| !tag.trim().is_empty()));
}

/// What is declared can be asked for; what is not is `Unsupported`.
pub fn features_are_found_or_refused(fixture: &RecognizerFixture) {
    let recognizer = &fixture.recognizer;
    let declared = recognizer.capabilities().features;
    let image = letter();
    for feature in Feature::ALL {
        let options = RecognizeOptions::new().with_features(vec![feature]);
        let read = recognizer.recognize_page(&image, &options);
        if declared.contains(&feature) {
            is_page_of(&read.unwrap(), &image);
        } else {
            assert_eq!(read.unwrap_err().kind(), ErrorKind::Unsupported, "{feature}");
        }
    }
}

/// Expands to one test for each clause of the [`PageRecognizer`] contract.
///
/// Takes a path to a `fn() -> RecognizerFixture`. Put it in a module of its own for each engine.
#[macro_export]
macro_rules! recognizer_conformance {
    (@ $fresh:expr, $($clause:ident)+) => {
        $(
            #[test]
            fn $clause() {
                $crate::recognizer::$clause(&$fresh());
            }
        )+
    };
    ($fresh:expr) => {
        $crate::recognizer_conformance! { @ $fresh,
            odd_sizes_are_survived
            a_page_without_text_is_empty
            pages_of_noise_are_survived
            odd_resolutions_are_survived
            a_page_is_described
            the_answer_is_the_same_each_time
            threads_do_not_disturb_each_other
            clean_print_is_read
            the_recognizer_says_what_it_is
            capabilities_are_fixed
            features_are_found_or_refused
        }
    };
}
