//! The local engine with its real models: `$OCR_MODELS_DIR`, else where `models pull` puts them.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use ocr_core::{
    model::PageText,
    page::{PageImage, PageRecognizer, PixelFormat, RecognizeOptions},
};
use ocr_testkit::{
    documents::{Degrade, Typeset},
    recognizer::RecognizerFixture,
    requirements::Requirement,
};
use ocr_vision::ppocr::{
    PpOcr,
    catalog::{Role, Variant, file},
};

/// Where the models are.
fn models_directory() -> PathBuf {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    std::env::var_os("OCR_MODELS_DIR").map_or_else(|| home.join(".cache/ocr-server/models"), PathBuf::from)
}

/// The engine, loaded once; `None` where its models are missing and may be.
fn engine() -> Option<Arc<PpOcr>> {
    static ENGINE: OnceLock<Result<Arc<PpOcr>, String>> = OnceLock::new();
    let loaded = ENGINE.get_or_init(|| {
        PpOcr::load(&models_directory(), Variant::default())
            .map(Arc::new)
            .map_err(|error| error.to_string())
    });
    Requirement::Models.or_skip(loaded.clone())
}

fn read(engine: &PpOcr, page: &PageImage) -> PageText {
    engine.recognize_page(page, &RecognizeOptions::default()).unwrap()
}

macro_rules! conformance {
    ($($clause:ident)+) => {
        $(
            #[test]
            fn $clause() {
                if let Some(engine) = engine() {
                    let fixture = RecognizerFixture::new(engine);
                    ocr_testkit::recognizer::$clause(&fixture);
                }
            }
        )+
    };
}

conformance! {
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

const LINES: [&str; 4] = [
    "The meeting was moved to the afternoon",
    "because the train from Hamburg is late",
    "Please bring the signed contract along",
    "and tell the office about the new time",
];

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_lowercase).collect()
}

/// How many of the expected words were read, in their order (longest common subsequence).
fn in_order(expected: &[String], read: &[String]) -> usize {
    let mut best = vec![0; read.len() + 1];
    for word in expected {
        let mut diagonal = 0;
        for (column, other) in read.iter().enumerate() {
            let above = best[column + 1];
            best[column + 1] = if word == other {
                diagonal + 1
            } else {
                above.max(best[column])
            };
            diagonal = above;
        }
    }
    best[read.len()]
}

fn assert_reads(page: &PageText, expected: &str, share: f32) {
    let (expected, read) = (words(expected), words(&page.plain_text()));
    let found = in_order(&expected, &read);
    assert!(
        found as f32 >= share * expected.len() as f32,
        "{found} of {} words in order: {read:?}",
        expected.len()
    );
}

#[test]
fn a_page_is_read_whichever_way_it_was_scanned() {
    let Some(engine) = engine() else { return };
    let upright = Typeset::card().page_of_lines(&LINES);
    for turns in 0..4_u8 {
        let page = read(
            &engine,
            &Degrade::default().with_quarter_turns(turns).apply(&upright),
        );
        assert_eq!(
            page.rotation,
            (360 - u16::from(turns) * 90) % 360,
            "after {turns} quarter turns"
        );
        assert_eq!((page.width, page.height), (upright.width(), upright.height()));
        assert_reads(&page, &LINES.join(" "), 0.8);
    }
}

#[test]
fn a_slanted_page_is_read_line_by_line() {
    let Some(engine) = engine() else { return };
    let upright = Typeset::card().page_of_lines(&LINES);
    for skew in [-8.0, 3.0, 12.0] {
        let page = read(&engine, &Degrade::default().with_skew(skew).apply(&upright));
        assert!((page.skew - skew).abs() < 1.5, "{} for {skew}", page.skew);
        assert_reads(&page, &LINES.join(" "), 0.8);
    }
}

#[test]
fn columns_are_read_one_after_the_other() {
    let Some(engine) = engine() else { return };
    let typeset = Typeset::a4().with_columns(2);
    let count = typeset.lines_in_column() * 2;
    let text: Vec<&str> = LINES.iter().copied().cycle().take(count * 2).collect();
    let lines = typeset.wrap(&text.join(" "));
    let lines = &lines[..lines.len().min(count)];
    let page = read(&engine, &typeset.page_of_lines(lines));
    assert_reads(&page, &lines.join(" "), 0.8);
}

#[test]
fn a_long_receipt_is_read_to_its_end() {
    let Some(engine) = engine() else { return };
    let piece = Typeset::card().with_dpi(150.0).page_of_lines(&LINES);
    // As many pieces under one another as make it ten times as long as wide.
    let pieces = (10 * piece.width()).div_ceil(piece.height()) as usize;
    let receipt = PageImage::new(
        piece.width(),
        piece.height() * pieces as u32,
        piece.format(),
        piece.pixels().repeat(pieces),
    );
    let page = read(&engine, &receipt.unwrap());
    assert_reads(&page, &vec![LINES.join(" "); pieces].join(" "), 0.9);
}

#[test]
fn huge_and_thin_pages_are_survived() {
    let Some(engine) = engine() else { return };
    for (width, height) in [(1, 30_000), (30_000, 1), (12_000, 9_000)] {
        for shade in [0, 255] {
            let pixels = vec![shade; width as usize * height as usize];
            let page = PageImage::new(width, height, PixelFormat::Gray8, pixels).unwrap();
            assert_eq!(
                read(&engine, &page).words().count(),
                0,
                "{width} x {height}, {shade}"
            );
        }
    }
}

/// On a platform without the library both are the same.
#[test]
fn both_runtimes_read_the_same_text() {
    let Some(engine) = engine() else { return };
    let without_library = tempfile::tempdir().unwrap();
    for role in Variant::default().roles() {
        let name = file(*role).unwrap().name;
        std::fs::copy(models_directory().join(name), without_library.path().join(name)).unwrap();
    }
    let portable = PpOcr::load(without_library.path(), Variant::default()).unwrap();
    assert_eq!(portable.runtime(), "rten");
    assert_eq!(
        portable.capabilities(),
        Variant::default().capabilities(false, false),
        "the optional models were left out"
    );
    let library =
        file(Role::OnnxRuntime).is_some_and(|library| models_directory().join(library.name).exists());
    assert_eq!(engine.runtime(), if library { "onnxruntime" } else { "rten" });
    let page = Degrade::default()
        .with_skew(0.4)
        .apply(&Typeset::card().page_of_lines(&LINES));
    let (ours, theirs) = (read(&portable, &page), read(&engine, &page));
    assert!(!ours.plain_text().is_empty());
    assert_eq!(ours.plain_text(), theirs.plain_text());
    for (one, other) in ours.words().zip(theirs.words()) {
        assert!(
            (one.confidence - other.confidence).abs() < 0.01,
            "{one:?} {other:?}"
        );
    }
}

/// A table without lines, in which a cell has two lines of text.
#[test]
fn no_word_is_lost_or_doubled_where_the_model_of_tables_is_there() {
    const LINES: [&str; 6] = [
        "Item      Count   Note          Price",
        "bolt      12      returned      71.20",
        "                  in autumn          ",
        "nail      7       none          63.10",
        "wire      31      none          18.40",
        "screw     5       stored        44.90",
    ];
    let Some(engine) = engine() else { return };
    let entry = file(Role::TableStructure).unwrap();
    let path = models_directory().join(entry.name);
    let found = path
        .is_file()
        .then_some(())
        .ok_or_else(|| format!("{} is missing", entry.name));
    if Requirement::Models.or_skip(found).is_none() {
        return;
    }
    let page = read(&engine, &Typeset::card().page_of_lines(&LINES));
    let mut words: Vec<&str> = page.words().map(|word| word.text.as_str()).collect();
    words.sort_unstable();
    let mut wanted: Vec<&str> = LINES.iter().flat_map(|line| line.split_whitespace()).collect();
    wanted.sort_unstable();
    assert_eq!(words, wanted);
}
